"""Images of the digits and the schedule of their presentation, fixed by the parameters."""

from functools import cache

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

CLASSES = 10
PIXELS = 64
DARKEST = 16.0  # largest pixel value in the data set

TRAINING, TESTING = "training", "testing"


@cache
def images():
    """Pixels (0 to 1, shape (n, 64)) and classes (shape (n,)) of all 1,797 digits."""
    pixels, classes = load_digits(return_X_y=True)
    return pixels / DARKEST, classes


def split(parameters):
    """Indices of the training digits and of the held-out digits, without overlap."""
    order = np.random.default_rng(parameters.split).permutation(len(images()[0]))
    last = parameters.n_training + parameters.n_test
    return order[: parameters.n_training], order[parameters.n_training : last]


def schedule(parameters):
    """Schedule of the stimuli of a run.

    Each pass shows the training digits in a new order with plasticity, and then the held-out
    digits without plasticity.

    Returns
    -------
    pandas.DataFrame
        One row per stimulus: `number_of_pass` (from 1), `phase` and `digit` (index). Stimulus k
        (from 0) lasts from k to k + 1 times the duration of a stimulus.
    """
    training, held_out = split(parameters)
    rng = np.random.default_rng([parameters.split, 1])
    phases = []
    for number in range(1, parameters.n_passes + 1):
        for phase, digits in ((TRAINING, rng.permutation(training)), (TESTING, held_out)):
            phases.append(pd.DataFrame({"number_of_pass": number, "phase": phase, "digit": digits}))
    return pd.concat(phases, ignore_index=True)
