"""Ablation of a hardware profile: which of its constraints changed the network.

What the profile with all constraints did (metrics that differ, expectations that are lost, a
network that does not fit) is looked for with each constraint alone and with all but each. A
constraint is named if it does some of it alone; or, if none does, if all of it is gone without the
constraint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from pipelines.hardware.variants import ALL, ONLY, WITHOUT
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.labels import metric_label
from pipelines.tables.schemas import FAILED, UNFIT
from pipelines.verdicts.decision import Key
from pipelines.verdicts.hardware_verdict import (
    CHANGED,
    WORKS,
    Judged,
    from_to,
    metric_of,
    unit_of,
)
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT

NOT_TOLD_APART = "not told apart"
_WHICH, _BY = "which constraint broke it", "by ablation, "


class _Seen(Enum):
    """Whether something that all constraints together do is seen under some of them."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


_Symptom = Key | str
"""A metric that is different; the name of a lost expectation; or that the network is unfit."""


@dataclass(frozen=True)
class Blame:
    """What an ablation found.

    Attributes
    ----------
    broken_by
        Constraints that are named, separated by commas; joined by ``with`` if they change the
        network together only; empty if none is named.
    sentence
        The finding with its numbers.
    """

    broken_by: str
    sentence: str


def blame(parts: Mapping[str, Judged], known: KnownMetrics = BUILT_IN) -> Blame | None:
    """Name the constraints that changed a network.

    Parameters
    ----------
    parts
        Verdicts on one profile, setting and backend, by the column `constraints`.
    known
        Metrics of the experiment.

    Returns
    -------
    Blame or None
        None without an ablation, and where the network still works.
    """
    whole = parts.get(ALL)
    names = _constraints(parts)
    if whole is None or not names or whole.verdict == WORKS:
        return None
    if whole.verdict not in (CHANGED, UNFIT):
        return Blame("", f"{_WHICH} is {NOT_TOLD_APART}: with all of them it is {whole.verdict}")
    symptoms = _symptoms(whole)
    alone = {name: _any(parts.get(_only(name)), whole, symptoms) for name in names}
    left = {name: _left(parts.get(_without(name)), whole, symptoms) for name in names}
    words = _Words(parts, whole, symptoms, known)
    found = sorted(
        (name for name in names if alone[name] is _Seen.YES),
        key=lambda name: -words.size(name),
    )
    if found:
        return _sufficient(found, left, words)
    gone = [name for name in names if left[name] is _Seen.NO]
    if all(seen is _Seen.NO for seen in alone.values()):
        return _together(gone, words)
    if len(gone) == 1:
        return Blame(
            gone[0],
            f"{_BY}{gone[0]} broke it: without it {words.without(gone[0])}; what it does alone is"
            f" undecided",
        )
    unsure = [name for name in names if alone[name] is _Seen.UNKNOWN]
    return Blame(
        "", f"{_WHICH} is {NOT_TOLD_APART}: what {_listed(unsure)} does alone is undecided"
    )


def _sufficient(found: list[str], left: Mapping[str, _Seen], words: _Words) -> Blame:
    """Constraints of which each changes the network alone."""
    if len(found) > 1:
        said = "; ".join(f"{name} alone {words.alone(name)}" for name in found)
        return Blame(", ".join(found), f"{_BY}{_listed(found)} each broke it: {said}")
    name = found[0]
    after = words.without(name)
    if left[name] is _Seen.YES:
        after += ", as the others change it together, too"
    elif left[name] is _Seen.UNKNOWN:
        after += ", and whether the others change it, too, is undecided"
    return Blame(name, f"{_BY}{name} broke it: alone it {words.alone(name)}; without it {after}")


def _together(gone: list[str], words: _Words) -> Blame:
    """No constraint changes the network alone."""
    if not gone:
        return Blame(
            "several together",
            f"{_BY}no constraint broke it alone, and leaving out one mends it in no case: several"
            " together did",
        )
    said = "; ".join(f"without {name} {words.without(name)}" for name in gone)
    with_what = "" if len(gone) > 1 else " with others"
    return Blame(
        " with ".join(gone) + with_what,
        f"{_BY}{_listed(gone)}{with_what} broke it, only together: none does it alone; {said}",
    )


def _only(name: str) -> str:
    return f"{ONLY} {name}"


def _without(name: str) -> str:
    return f"{WITHOUT} {name}"


def _constraints(parts: Iterable[str]) -> list[str]:
    """Names of the constraints that were left alone or left out, in their order."""
    words = [part.split(" ", 1) for part in parts]
    return list(dict.fromkeys(one[1] for one in words if one[0] in (ONLY, WITHOUT)))


def _symptoms(whole: Judged) -> list[_Symptom]:
    if whole.verdict == UNFIT:
        return [UNFIT]
    return [*whole.moved, *(one.check for one in whole.kept.lost)]


def _seen(part: Judged | None, whole: Judged, symptom: _Symptom) -> _Seen:
    """Whether one thing that all constraints do is seen under some of them."""
    if part is None:
        return _Seen.UNKNOWN
    if symptom == UNFIT or part.verdict == UNFIT:
        return (
            _Seen.YES
            if symptom == part.verdict
            else _Seen.NO
            if symptom == UNFIT
            else _Seen.UNKNOWN
        )
    if isinstance(symptom, str):
        if not part.kept.total:
            return _Seen.UNKNOWN
        return _Seen.YES if symptom in {one.check for one in part.kept.lost} else _Seen.NO
    if symptom not in part.compared.found:
        return _Seen.UNKNOWN
    agreement = part.compared.agreement(symptom)
    if agreement == EQUIVALENT:
        return _Seen.NO
    if agreement != DIFFERENT:
        return _Seen.UNKNOWN
    here, there = part.compared.found[symptom], whole.compared.found[symptom]
    # What moves the other way is no part of what all constraints do.
    opposed = (
        here.difference * there.difference < 0
        and min(abs(here.difference) / here.margin, abs(there.difference) / there.margin) > 1
    )
    return _Seen.NO if opposed else _Seen.YES


def _any(part: Judged | None, whole: Judged, symptoms: Iterable[_Symptom]) -> _Seen:
    found = [_seen(part, whole, symptom) for symptom in symptoms]
    if _Seen.YES in found:
        return _Seen.YES
    return _Seen.UNKNOWN if _Seen.UNKNOWN in found else _Seen.NO


def _left(part: Judged | None, whole: Judged, symptoms: Iterable[_Symptom]) -> _Seen:
    """Whether anything that all constraints do is left without one of them."""
    return _Seen.NO if part and part.verdict == WORKS else _any(part, whole, symptoms)


class _Words:
    """What the parts of an ablation do, in words, for the symptom that tells most."""

    def __init__(
        self,
        parts: Mapping[str, Judged],
        whole: Judged,
        symptoms: list[_Symptom],
        known: KnownMetrics,
    ) -> None:
        self._parts, self._whole, self._symptoms, self._known = parts, whole, symptoms, known

    def _leading(self, name: str) -> _Symptom:
        """What the constraint alone does most; without it alone, the first thing that all do."""
        part = self._parts.get(_only(name))
        if part is None or self._symptoms == [UNFIT]:
            return self._symptoms[0]
        seen = [one for one in self._symptoms if _seen(part, self._whole, one) is _Seen.YES]
        metrics = [key for key in part.moved if key in seen]
        return next(iter([*metrics, *seen, *self._symptoms]))

    def size(self, name: str) -> float:
        """How far the constraint alone moves its leading metric, in margins."""
        symptom = self._leading(name)
        if isinstance(symptom, str):
            return float("inf")
        return self._parts[_only(name)].compared.in_margins(symptom)

    def alone(self, name: str) -> str:
        """What the constraint does alone."""
        symptom, part = self._leading(name), self._parts[_only(name)]
        if symptom == UNFIT:
            return f"makes it unfit ({part.evidence})"
        if isinstance(symptom, str):
            why = next(one.why for one in part.kept.lost if one.check == symptom)
            return f"loses the expectation '{symptom}' ({why})"
        return f"moves the {metric_of(symptom)} {from_to(part.compared, symptom, self._known)}"

    def without(self, name: str) -> str:
        """What is found without the constraint."""
        symptom, part = self._leading(name), self._parts.get(_without(name))
        if part is None or part.verdict == FAILED:
            return "it has no runs"
        if symptom == UNFIT:
            return "it does not fit either" if part.verdict == UNFIT else "it fits"
        if part.verdict == UNFIT:
            return "it does not fit"
        if isinstance(symptom, str):
            lost = symptom in {one.check for one in part.kept.lost}
            return f"'{symptom}' {'is lost, too' if lost else 'holds'}"
        one = part.compared.found.get(symptom)
        if one is None or not one.n_a:
            return f"the {metric_label(symptom[1])} has no value"
        return (
            f"the {metric_label(symptom[1])} is {one.mean_a:.3g}{unit_of(symptom[1], self._known)}"
        )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
