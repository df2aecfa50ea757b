"""How each kind of fault is put into a module: changes of cells, synapses, inputs, connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pipelines.sensitivity.altered_module import (
    TIMING_DEPENDENCES,
    WEIGHT_DEPENDENCES,
    AlteredModule,
    scaled,
    shifted,
)

FaultInjector = Callable[[AlteredModule, float, float, int], None]
"""Puts a fault into a module: of its strength, the time step (ms) and the seed of the run."""


def cell_parameter(name: str, change: Callable[[Any, float, float], Any]) -> FaultInjector:
    """A parameter of integrate-and-fire cells."""

    def inject(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
        sim.change_cells(lambda given: {name: change(given[name], strength, timestep)})

    return inject


def synapse_argument(name: str, change: Callable[[Any, float, float], Any]) -> FaultInjector:
    """An argument of synapse types."""

    def inject(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
        sim.change_synapses(
            lambda given: {name: change(given[name], strength, timestep)} if name in given else {}
        )

    return inject


def timing_parameter(name: str) -> FaultInjector:
    """A parameter of the timing dependence."""

    def inject(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
        sim.change_stdp_components(
            TIMING_DEPENDENCES,
            lambda given: {name: scaled_by_percent(given[name], strength, timestep)},
        )

    return inject


def shifted_by_steps(value: Any, strength: float, timestep: float) -> Any:
    """Longer by some time steps."""
    return shifted(value, strength * timestep)


def shifted_by_amount(value: Any, strength: float, timestep: float) -> Any:
    """Larger by a number."""
    return shifted(value, strength)


def scaled_by_percent(value: Any, strength: float, timestep: float) -> Any:
    """Larger by some percent."""
    return scaled(value, 1 + strength / 100)


def one_step_fraction(value: Any, strength: float, timestep: float) -> Any:
    """So small a fraction of a delay that one step is left of it."""
    # Of any delay below a second this is one step, rounded up as every fraction is.
    return 1e-4


def swap_time_constants(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """The time constants of excitation and inhibition exchanged."""
    sim.change_cells(
        lambda given: {"tau_syn_E": given["tau_syn_I"], "tau_syn_I": given["tau_syn_E"]}
    )


def swap_weight_dependences(
    sim: AlteredModule, strength: float, timestep: float, seed: int
) -> None:
    """Additive for every other weight dependence, and multiplicative for additive."""
    additive, multiplicative = sim.AdditiveWeightDependence, sim.MultiplicativeWeightDependence

    def of(kind: Any) -> Callable[..., Any]:
        return lambda w_min=0.0, w_max=1.0, *_, **__: kind(w_min=w_min, w_max=w_max)

    for name in WEIGHT_DEPENDENCES:
        setattr(sim, name, of(multiplicative if name.startswith("AdditiveWeight") else additive))


def drop_connections(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Some percent of the connections missing."""

    def kept(listed: np.ndarray) -> np.ndarray:
        return listed[np.random.default_rng(1).random(len(listed)) >= strength / 100]

    sim.change_connections(kept)


def duplicate_connections(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Every connection twice."""
    sim.change_connections(lambda listed: np.concatenate([listed, listed]))


def rewire_connections(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """As many connections, from the same neurons, to others."""

    def rewired(listed: np.ndarray) -> np.ndarray:
        post = np.random.default_rng([seed, 2]).permutation(listed[:, 1])
        return np.column_stack([listed[:, :1], post, listed[:, 2:]])

    sim.change_connections(rewired)


def scale_inhibition(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Inhibitory weights alone, by some percent."""

    def change(given: Mapping[str, Any]) -> Mapping[str, Any]:
        weight = given.get("weight")
        negative = isinstance(weight, int | float) and weight < 0
        return {"weight": scaled_by_percent(weight, strength, timestep)} if negative else {}

    sim.change_synapses(change)


def shift_initial_potentials(
    sim: AlteredModule, strength: float, timestep: float, seed: int
) -> None:
    """Potentials at the start, higher by a number."""

    def change(given: Mapping[str, Any]) -> Mapping[str, Any]:
        initial = dict(given.get("initial_values") or {})
        shifted_v = {"v": shifted(initial["v"], strength)} if initial else {}
        return {"initial_values": initial | shifted_v} if initial else {}

    sim.change_populations(change)


def silence_first_neurons(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """A first neuron of each population that never reaches its threshold."""

    def raise_threshold(population: Any) -> None:
        if "v_thresh" in population.celltype.default_parameters:
            population[0:1].set(v_thresh=1e3)

    sim.change_populations(after=raise_threshold)


def delay_inputs(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Sources that fire some steps later."""
    by = strength * timestep
    sim.change_input_trains(lambda trains: [np.round(train + by, 10) for train in trains])


def add_input_spikes(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Further spikes between those that there are."""
    rng = np.random.default_rng([seed, 3])

    def with_added_spikes(train: np.ndarray) -> np.ndarray:
        number = rng.poisson(len(train) * strength / 100)
        if not len(train):
            return train
        steps = np.rint(train / timestep).astype(int)
        added = rng.integers(steps[0], steps[-1] + 1, number)
        return np.round(np.union1d(steps, added) * timestep, 10)

    sim.change_input_trains(lambda trains: [with_added_spikes(train) for train in trains])


def scale_w_max(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Another largest weight, with amplitudes that make the same steps as before."""
    factor = 1 + strength / 100
    sim.change_stdp_components(
        WEIGHT_DEPENDENCES, lambda given: {"w_max": scaled(given["w_max"], factor)}
    )
    amplitudes = ("A_plus", "A_minus")
    sim.change_stdp_components(
        TIMING_DEPENDENCES,
        lambda given: {name: scaled(given[name], 1 / factor) for name in amplitudes},
    )


def remove_w_max(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """No largest weight that anything could reach."""
    scale_w_max(sim, 9900.0, timestep, seed)


def swap_amplitudes(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Potentiation and depression exchanged."""
    sim.change_stdp_components(
        TIMING_DEPENDENCES,
        lambda given: {"A_plus": given["A_minus"], "A_minus": given["A_plus"]},
    )


def share_input_train(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """The first train for every source."""
    sim.change_input_trains(lambda trains: [trains[0]] * len(trains))


def permute_input_intervals(
    sim: AlteredModule, strength: float, timestep: float, seed: int
) -> None:
    """The intervals of every source in another order: another draw with the same statistics."""
    rng = np.random.default_rng([seed, 1])

    def permuted(train: np.ndarray) -> np.ndarray:
        if len(train) < 2:
            return train
        gaps = rng.permutation(np.diff(train))
        return np.round(train[0] + np.append(0.0, np.cumsum(gaps)), 10)

    sim.change_input_trains(lambda trains: [permuted(train) for train in trains])


def fire_off_grid(sim: AlteredModule, strength: float, timestep: float, seed: int) -> None:
    """Spikes between the steps."""
    sim.setup(timestep=timestep, rng_seed=seed, spike_precision="off_grid")
