"""The form of an entry of the catalogue of causes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CauseKind:
    """A cause that two runs may differ by: what it predicts, how it is tested, and its rivals.

    Attributes
    ----------
    name
        Name in the column `causes` and in `Cause.name`.
    meaning
        What it is, in one clause.
    spikes, weights, signals, digests
        What it predicts in each of them; empty where it predicts nothing of its own.
    test
        How it is tested, and on which data, in one or two sentences.
    rivals
        Names of other causes that predict something similar; the test must tell them apart, or
        name all of them.
    """

    name: str
    meaning: str
    spikes: str = ""
    weights: str = ""
    signals: str = ""
    digests: str = ""
    test: str = ""
    rivals: tuple[str, ...] = ()
