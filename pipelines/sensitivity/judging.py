"""Judgement of the causes named for a known fault, as a user would judge them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from pipelines.diagnosis.run_pair import Cause
from pipelines.sensitivity.fault import Fault

RIGHT, ONE_OF_THESE, VAGUE, WRONG, NONE = OUTCOMES = (
    "right", "one of these", "vague", "wrong", "none",
)  # fmt: skip
"""Outcomes: the cause is named; it is among named alternatives; a true description without a
cause; something false is said; nothing is said."""

DESCRIPTIONS = frozenset({
    "more excitable", "less excitable", "threshold tie", "threshold tie or slow growth",
    "silent neurons", "silent population", "first spikes either way", "first spikes differ",
    "later spikes differ", "single neurons differ", "what follows a spike",
    "different cell constants",
})  # fmt: skip
"""Names of causes that only describe what is seen."""

MEANINGS = {
    "refractory period": ("different tau_refrac",),
    "different reset potential": ("different v_reset",),
    "different threshold": ("different v_thresh",),
    "different initial state": ("different initial potential",),
    "different synaptic weight": ("different weights",),
    "different tau_syn": (
        "different tau_syn_E", "different tau_syn_I", "tau_syn_E and tau_syn_I exchanged",
    ),
    "no largest weight": ("different w_max",),
    "refractory period or reset": ("different tau_refrac", "different v_reset"),
    "different resting potential or constant current": (
        "different v_rest", "different i_offset",
    ),
    "different delay or time of input": ("different delays", "inputs delayed"),
    "different inputs or initial values": ("different inputs", "different initial potential"),
    "integration scheme": (
        "forward Euler", "exponential Euler", "Runge-Kutta of low order", "implicit integration",
        "coarser time grid", "different time step in the equations", "different order of updates",
    ),
}  # fmt: skip
"""Names that stand for others, of which they are a synonym or a choice."""

# A choice among more names than this says no more than a description.
_MOST_ALTERNATIVES = 16
# Accuracy (relative) with which a number in an explanation must be that of the fault.
_ACCURACY = 0.005
# Standard errors by which a number with an uncertainty may be off.
_ERRORS = 4.0
_NUMBER = r"[-+]?\d+(?:[\d,]*\d)?(?:\.\d+)?(?:e[-+]?\d+)?"


def judge(causes: Iterable[Cause], fault: Fault) -> str:
    """Outcome of the causes that are named for a fault; one of `OUTCOMES`.

    A cause that is named alone must be in the fault's truth or among its consequences; of several
    alternatives one must be. A false number makes the right cause wrong.
    """
    return outcome_of([judge_cause(cause, fault) for cause in causes])


def outcome_of(outcomes: Iterable[str]) -> str:
    """Outcome of several causes together, from those of each: wrong if one is."""
    found = set(outcomes)
    return next((one for one in (WRONG, RIGHT, ONE_OF_THESE, VAGUE) if one in found), NONE)


def judge_cause(cause: Cause, fault: Fault) -> str:
    """Outcome of one cause."""
    given = cause.names
    if cause.alternatives and cause.name in DESCRIPTIONS - fault.truth:
        if not fault.is_catalogued and cause.name not in fault.false:
            return VAGUE
        # A description of what is seen, with the causes that it can have.
        given = cause.alternatives
    names = list(dict.fromkeys(chain.from_iterable(map(_meaning, given))))
    true = [name for name in names if name in fault.truth]
    if true and len(names) == 1:
        return RIGHT if has_true_numbers(cause, fault) else WRONG
    if true:
        return ONE_OF_THESE if len(given) <= _MOST_ALTERNATIVES else VAGUE
    if cause.name in fault.false:
        return WRONG
    accepted = DESCRIPTIONS | fault.broad | fault.consequences
    return VAGUE if any(name in accepted for name in names) else WRONG


def has_true_numbers(cause: Cause, fault: Fault) -> bool:
    """Whether the numbers that a right cause states can be those of the fault.

    Alternatives are not checked: numbers that are true of one are not of the others.
    """
    if fault.steps is not None and cause.steps not in (0, fault.steps):
        return False
    if not fault.numbers:
        return True
    uncertain = list(_uncertain_numbers(cause.explanation))
    bounds = re.findall(rf"\(({_NUMBER}), ({_NUMBER}|inf)\]", cause.explanation)
    if any(float(low) <= one <= float(high) for low, high in bounds for one in fault.numbers):
        return True
    least = re.findall(rf"more than ({_NUMBER}),", cause.explanation)
    if any(one >= float(value) for value in least for one in fault.numbers):
        return True
    if uncertain:
        return any(_is_near(value, fault.numbers, error) for value, error in uncertain)
    stated = re.findall(_NUMBER, cause.explanation)
    return not stated or any(_is_near(value, fault.numbers) for value in stated)


def _uncertain_numbers(text: str) -> Iterator[tuple[str, float]]:
    """Numbers with an uncertainty, written as ``1.50 ± 0.02``, ``1.50 +/- 0.02`` or ``1.50(2)``."""
    for value, error in re.findall(rf"({_NUMBER})\s*(?:±|\+/-)\s*({_NUMBER})", text):
        yield value, float(error.replace(",", ""))
    for value, digits in re.findall(rf"({_NUMBER})\((\d+)\)", text):
        decimals = len(value.partition(".")[2])
        yield value, int(digits) * 10.0**-decimals


def _is_near(text: str, true: tuple[float, ...], error: float = 0.0) -> bool:
    value, allowed = float(text.replace(",", "")), _ERRORS * error
    return any(abs(value - one) <= max(allowed, _ACCURACY * abs(one)) for one in true)


def _meaning(name: str) -> tuple[str, ...]:
    return MEANINGS.get(name, (name,))
