"""What is known of one difference between the stock backends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines import backends

RECONCILED, REFUSED, PARTLY = "reconciled", "refused", "reconciled, or refused"
AGREES = "agrees already"

SEVERITIES = {
    "S": "silently wrong",
    "R": "refuses or fails",
    "D": "off by one step",
    "C": "cosmetic",
    "-": "no difference: a control",
}


@dataclass(frozen=True)
class Difference:
    """One row of the register.

    Attributes
    ----------
    row
        Its name; checks carry it as `Check.row`.
    construct
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
    how
        How it is mended, or what is refused and the way out.
    modules
        Modules of `pipelines.backends` that do it, which can go when stock PyNN is right.
    stock
        For each backend the checks that its stock module fails, with a part of what they say.
    stock_numpy_2
        The same, for what they fail under NumPy 2 alone.
    refused
        For each backend the checks that the conformant module refuses.
    """

    row: str
    construct: str
    behaviour: Mapping[str, str]
    right: str
    evidence: str
    severity: str
    state: str
    how: str
    modules: tuple[str, ...]
    stock: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stock_numpy_2: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def seen_in(self) -> str:
        """Versions in which the stock backends showed it."""
        where = backends.in_order({*self.stock, *self.stock_numpy_2})
        modules = [backends.get(backend).stock for backend in where]
        return ", ".join(["PyNN 0.13.0", *(stock.seen_in for stock in modules if stock)])
