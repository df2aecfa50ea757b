"""The entry of one known difference between the stock backends: its keys and what they mean."""

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
    """Values that are not changed, with no other keys and no conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Symptom(_Strict):
    """What a difference does to the results of a run on a stock backend.

    Attributes
    ----------
    explanation
        What the stock backend does, as the diagnosis says it.
    uses
        Names of PyNN's; an experiment that uses none of them is not concerned. Empty: every
        experiment is.
    causes
        Causes of `pipelines.diagnosis` that it explains.
    steps
        By how many time steps events must be later or longer in the run on the stock backend for
        it to explain a cause; 0 if this does not matter.
    certain
        Whether it changes every experiment that uses one of `uses`, whatever the tables show.
    certain_with
        Names of PyNN's; an experiment that uses one of them beside one of `uses` is changed, too.
    errors
        Parts of the messages with which a run on the stock backend fails.
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
        Its name; checks carry it as `Check.row`.
    script
        What a script does.
    behaviour
        For each backend what its stock module does.
    right
        Which of them is right, by the reference or PyNN's documentation.
    evidence
        Numbers that were measured on the stock backends.
    severity
        Keys of `SEVERITIES`.
    state
        `RECONCILED` (both backends give what is right), `REFUSED` (before anything runs),
        `PARTLY` (one or the other, by backend or value) or `AGREES`.
    correction
        How it is mended, or what is refused and the way out.
    modules
        Modules of `pipelines.backends` that do it, which can go when stock PyNN is right.
    stock_failures
        For each backend the checks that its stock module fails, with a part of what they say.
    stock_failures_numpy_2
        The same, for what they fail under NumPy 2 alone.
    refused
        For each backend the checks that the conformant module refuses.
    symptoms
        For each backend what the difference does to results of its stock module, if these show it.
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
    """A file of entries.

    Attributes
    ----------
    title
        Heading on the page of known differences.
    order
        Its place there.
    differences
        The entries.
    """

    title: Text
    order: int
    differences: tuple[Difference, ...]
