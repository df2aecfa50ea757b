"""The digits, and which of them is shown when: all of it follows from the parameters."""

from functools import cache

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits

CLASSES = 10
PIXELS = 64
DARKEST = 16.0  # largest value of a pixel

TRAINING, TESTING = "training", "testing"


@cache
def images():
    """All 1,797 digits and what they are: pixels from 0 to 1, shape (n, 64), and classes."""
    pixels, classes = load_digits(return_X_y=True)
    return pixels / DARKEST, classes


def split(parameters):
    """Numbers of the training digits and of the held-out ones, which have none in common."""
    order = np.random.default_rng(parameters.split).permutation(len(images()[0]))
    last = parameters.n_training + parameters.n_test
    return order[: parameters.n_training], order[parameters.n_training : last]


def schedule(parameters):
    """What is shown, in order.

    Each pass shows the training digits in a new order, while the network learns, and then the
    held-out ones to a network that stays as it is.

    Returns
    -------
    pandas.DataFrame
        One row a stimulus: `number_of_pass` (from 1 on), `phase` and `digit`. The k-th one, from
        0 on, is shown from k to k + 1 times the duration of a stimulus.
    """
    training, held_out = split(parameters)
    rng = np.random.default_rng([parameters.split, 1])
    phases = []
    for number in range(1, parameters.n_passes + 1):
        for phase, digits in ((TRAINING, rng.permutation(training)), (TESTING, held_out)):
            phases.append(pd.DataFrame({"number_of_pass": number, "phase": phase, "digit": digits}))
    return pd.concat(phases, ignore_index=True)
