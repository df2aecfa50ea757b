"""Schema of an entry on one known difference between the stock backends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

RECONCILED, REFUSED, PARTLY = "reconciled", "refused", "reconciled, or refused"
AGREES = "agrees already"

SEVERITIES = {
    "S": "silently wrong",
    "R": "refuses or fails",
    "D": "off by one step",
    "C": "cosmetic",
    "-": "no difference: a control",
}

Text = Annotated[str, Field(min_length=1)]
Names = tuple[Text, ...]


class _Strict(BaseModel):
    """Immutable model that forbids unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Symptom(_Strict):
    """Effect of a difference on the results of a run on a stock backend.

    Attributes
    ----------
    explanation
        Behaviour of the stock backend, as it appears in a diagnosis.
    uses
        Names in PyNN; the difference concerns only experiments that use one of them. Empty: it
        concerns every experiment.
    causes
        Names of causes in `pipelines.diagnosis` that the difference explains.
    steps
        Number of time steps by which events must be later or longer in the run on the stock
        backend for the difference to explain a cause; 0 for any number.
    certain
        Whether it changes every experiment that uses one of `uses`, whatever the tables show.
    certain_with
        Names in PyNN; the change is also certain in experiments that use one of them together
        with one of `uses`.
    errors
        Parts of the error messages of a run on the stock backend.
    """

    explanation: Text
    uses: Names = ()
    causes: Names = ()
    steps: int = 0
    certain: bool = False
    certain_with: Names = ()
    errors: Names = ()

    @model_validator(mode="after")
    def _can_be_seen(self) -> Symptom:
        if not (self.causes or self.errors):
            raise ValueError("has neither causes nor errors, so that nothing shows it")
        return self


class Difference(_Strict):
    """One known difference between the stock backends.

    Attributes
    ----------
    name
        Unique name, to which checks refer in `Check.row`.
    script
        Action of a script that shows the difference.
    behaviour
        Behaviour of the stock module of each backend.
    right
        Correct behaviour, by the reference or PyNN's documentation.
    evidence
        Numbers measured on the stock backends.
    severity
        Keys of `SEVERITIES`.
    state
        `RECONCILED` (both backends are correct), `REFUSED` (before anything runs), `PARTLY` (one
        or the other, depending on backend or value) or `AGREES`.
    correction
        How it is corrected, or what is refused and the alternative.
    modules
        Modules of `pipelines.backends` with the correction; obsolete once stock PyNN is correct.
    stock_failures
        For each backend, the checks that its stock module fails, with a part of their detail.
    stock_failures_numpy_2
        The same, for checks that fail under NumPy 2 only.
    refused
        For each backend, the checks that the conformant module refuses.
    symptoms
        For each backend, the effect on results of its stock module, if results show it.
    """

    name: Text
    script: Text
    behaviour: Mapping[str, Text]
    right: Text
    evidence: Text
    severity: tuple[Literal["S", "R", "D", "C", "-"], ...] = Field(min_length=1)
    state: Literal["reconciled", "refused", "reconciled, or refused", "agrees already"]
    correction: str = ""
    modules: Names = ()
    stock_failures: Mapping[str, Mapping[str, str]] = {}
    stock_failures_numpy_2: Mapping[str, Mapping[str, str]] = {}
    refused: Mapping[str, Names] = {}
    symptoms: Mapping[str, Symptom] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> Difference:
        mended = {
            "stock_failures": self.stock_failures,
            "modules": self.modules,
            "correction": self.correction,
        }
        if self.state == AGREES and (given := [key for key, value in mended.items() if value]):
            raise ValueError(f"the state {AGREES!r} goes without {', '.join(given)}")
        if self.state != AGREES and (lacking := [key for key, v in mended.items() if not v]):
            raise ValueError(f"the state {self.state!r} needs {', '.join(lacking)}")
        if bool(self.refused) != (self.state in (REFUSED, PARTLY)):
            needs = "goes without" if self.refused else "needs"
            raise ValueError(f"the state {self.state!r} {needs} refused")
        return self


class Subject(_Strict):
    """The entries on one subject, in one file.

    Attributes
    ----------
    title
        Heading on the page of known differences.
    order
        Position on the page.
    differences
        The entries.
    """

    title: Text
    order: int
    differences: tuple[Difference, ...]
