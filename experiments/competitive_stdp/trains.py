"""Poisson spike trains of which a group is correlated through common spikes."""

import numpy as np


def correlated_trains(parameters, seed):
    """Spike times of every input, the first `n_correlated` of them correlated.

    All inputs have the same rate: each fires in each time step with probability ``p = rate dt``.
    An input of the group copies each spike of a common train of the same rate with probability
    ``sqrt(c)`` and has spikes of its own with probability ``p (1 - sqrt(c))`` per step, so that
    the spike counts of any two in a step have the correlation coefficient c up to terms of order
    p (Kuhn, Aertsen and Rotter 2003; Guetig et al. 2003).

    Returns
    -------
    list of ndarray
        Spike times in ms, on the time grid, one array per input.
    """
    rng = np.random.default_rng(seed)
    n_steps = round(parameters.duration / parameters.timestep)
    chance = parameters.rate * parameters.timestep * 1e-3
    share = np.sqrt(parameters.correlation)

    def independent(chance):
        return np.flatnonzero(rng.random(n_steps) < chance) + 1

    common = independent(chance)
    trains = []
    for number in range(parameters.n_inputs):
        if number < parameters.n_correlated:
            taken = common[rng.random(len(common)) < share]
            steps = np.union1d(taken, independent(chance * (1 - share)))
        else:
            steps = independent(chance)
        trains.append(np.round(steps * parameters.timestep, 10))
    return trains
