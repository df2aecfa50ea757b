"""How the numbers of one run were rounded to those of the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

How = Callable[[np.ndarray, np.ndarray], str]
"""Function of fine and coarse numbers that says how they were rounded; empty if they were not."""

_EQUAL = 1e-6
_PLACES = range(1, 10)
# Smallest number of values that rounding to few digits changes.
_FEWEST = 10


def bits_how(fine: np.ndarray, coarse: np.ndarray) -> str:
    """Numbers of 32 or 16 bits."""
    if np.array_equal(fine.astype(np.float32).astype(float), coarse, equal_nan=True):
        return "32-bit numbers"
    # A few numbers have few digits by chance.
    if np.sum(fine != coarse) >= _FEWEST:
        with np.errstate(over="ignore"):
            if np.array_equal(fine.astype(np.float16).astype(float), coarse, equal_nan=True):
                return "16-bit numbers"
    return ""


def decimals_how(fine: np.ndarray, coarse: np.ndarray) -> str:
    """Numbers with few decimals."""
    for places in _PLACES:
        if np.array_equal(np.round(coarse, places), coarse, equal_nan=True):
            by = np.abs(fine - coarse) * 10.0**places
            # A few numbers have few decimals by chance.
            enough = np.sum(by > _EQUAL) >= _FEWEST and len(np.unique(coarse)) > 1
            return f"rounded to {places} decimals" if enough and np.nanmax(by) < 0.5001 else ""
    return ""


def rounded_how(fine: np.ndarray, coarse: np.ndarray) -> str:
    """Numbers of fewer bits, or with few decimals."""
    return bits_how(fine, coarse) or decimals_how(fine, coarse)


def rounded_in_one(how: How, first: np.ndarray, second: np.ndarray, where: tuple[str, str]) -> str:
    """In words, how numbers of one run are those of the other after rounding; empty if not.

    Parameters
    ----------
    how
        Kind of rounding that is tried, in both directions.
    first, second
        Numbers of each run, in the same order.
    where
        Phrases for "in the first run" and "in the second run".
    """
    for coarse, fine, there in ((second, first, where[1]), (first, second, where[0])):
        if said := how(fine, coarse):
            return f"{said} {there}"
    return ""
