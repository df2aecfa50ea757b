"""What PyNN's unmodified modules are known to do: rows of the register, for naming causes.

A signature says what two runs look like; where one of them is of a stock module, a row of the
register (`pipelines/conformance/DIFFERENCES.md`) often says why. Rows are named where a signature
fits them, and, if what they are about cannot fail to matter, wherever an experiment uses it. For
the shipped experiments the differences named here were mended, in several combinations and all
together; with all of them mended both modules have the same spikes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pipelines.validation.pairs import Cause, Pair
from pipelines.versions import STOCK_BACKENDS

_NEST, _BRIAN2 = STOCK_BACKENDS
_LABELS = {_NEST: "stock NEST", _BRIAN2: "stock Brian2"}
_CELLS = ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista")
_SOURCES = ("SpikeSourceArray", "SpikeSourcePoisson")
_DRAWING = (
    "FixedProbabilityConnector", "FixedNumberPreConnector", "FixedNumberPostConnector",
    "FixedTotalNumberConnector", "DistanceDependentProbabilityConnector",
)  # fmt: skip
_STDP = ("STDPMechanism",)
_SHIFT, _OTHER_INPUT = ("constant shift", "shifted response"), "different inputs or initial values"
_RULE = ("different weight rule",)


@dataclass(frozen=True)
class Row:
    """One row of the register, as far as it can be seen in tables or errors.

    Attributes
    ----------
    name
        Of the row.
    backend
        The stock backend that is not right.
    text
        What it does.
    uses
        PyNN's names, one of which an experiment must use; empty for any experiment.
    fits
        Signatures that it explains.
    steps
        If not 0, by how many steps it must be: more in the run of this backend.
    sure
        Whether it matters wherever one of `uses` is used, whatever the tables show.
    sure_with
        The same, where one of these names is used too.
    errors
        Parts of the messages with which a run on this backend fails; there may be none.
    """

    name: str
    backend: str
    text: str
    uses: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    steps: int = 0
    sure: bool = False
    sure_with: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    def is_about(self, uses: frozenset[str]) -> bool:
        """Whether an experiment that uses these names is concerned.

        Where they are not known, it is taken to have cells, and nothing else.
        """
        return not self.uses or not (uses or frozenset(_CELLS)).isdisjoint(self.uses)

    def is_sure(self, uses: frozenset[str]) -> bool:
        """Whether it matters in an experiment that uses these names, and is about them."""
        return bool(uses) and (self.sure or not uses.isdisjoint(self.sure_with))

    def explains(self, cause: Cause, sign: int) -> bool:
        """Whether a signature is what it makes; `sign` is 1 if the second run is the stock one."""
        if cause.name not in self.fits:
            return False
        return not self.steps or cause.steps * sign == self.steps


ROWS = (
    Row("default precision", _NEST, "its spikes lie off the grid, with iaf_psc_exp_ps", _CELLS,
        ("spikes off the grid",)),
    Row("spike stamp", _BRIAN2, "a spike has the time at which its step starts, not ends",
        _CELLS, _SHIFT, -1, sure=True),
    Row("refractory period", _BRIAN2, "it lasts one step less than tau_refrac", _CELLS,
        ("refractory period", "refractory period or reset"), -1, sure=True),
    Row("SpikeSourcePoisson", _NEST, "it draws trains of its own", ("SpikeSourcePoisson",),
        (_OTHER_INPUT,), sure=True),
    Row("SpikeSourcePoisson", _BRIAN2, "it draws trains of its own", ("SpikeSourcePoisson",),
        (_OTHER_INPUT,), sure=True),
    Row("seeds", _BRIAN2, "the seed of setup() is ignored, its random trains are new each time",
        ("SpikeSourcePoisson", "NoisyCurrentSource"), (_OTHER_INPUT,), sure=True),
    Row("random initial v", _NEST,
        "random initial potentials are drawn twice, so that what their generator draws next is"
        " another draw: potentials of the next population, connections", ("RandomDistribution",),
        (_OTHER_INPUT, "different connectivity"), sure_with=_DRAWING),
    Row("source to current", _BRIAN2, "a source's spike arrives one step late", _SOURCES,
        ("shifted response",), 1, sure=True),
    Row("SpikeSourceArray under min_delay='auto'", _NEST,
        "sources are late by the smallest delay less one step", ("SpikeSourceArray",), _SHIFT),
    Row("NoisyCurrentSource", _BRIAN2, "all cells have one noise, unseeded",
        ("NoisyCurrentSource",), (_OTHER_INPUT, "one train for all"), sure=True),
    Row("DC from 0", _NEST, "a current that is on from the start begins at step 2",
        ("DCSource", "ACSource", "StepCurrentSource"), (*_SHIFT, "less excitable")),
    Row("tau_syn = tau_m", _BRIAN2, "the membrane is NaN, and never fires", ("IF_curr_exp",),
        ("silent population",)),
    Row("multapses with different weights", _BRIAN2, "all synapses of a pair get the last weight",
        ("FixedTotalNumberConnector", "FromListConnector"), ("different weights",)),
    Row("dendritic_delay_fraction", _NEST, "refuses every fraction but 1", _STDP,
        errors=("does not currently support axonal delays",)),
    Row("dendritic_delay_fraction", _BRIAN2, "refuses every fraction but 0", _STDP,
        errors=("does not currently support dendritic delays",)),
    Row("multiplicative; additive potentiation, multiplicative depression", _BRIAN2,
        "every weight dependence is additive",
        ("MultiplicativeWeightDependence", "AdditivePotentiationMultiplicativeDepression"), _RULE),
    Row("Gutig", _NEST, "mu_plus and mu_minus are always 0.5", ("GutigWeightDependence",), _RULE),
    Row("Gutig", _BRIAN2, "GutigWeightDependence fails", ("GutigWeightDependence",),
        errors=("AttributeError",)),
    Row("weight read back", _NEST, "a weight is that of the last presynaptic spike", _STDP, _RULE),
    Row("weight read back", _BRIAN2, "a weight is as it is now, not as last transmitted", _STDP,
        _RULE),
    Row("zero-lag pair", _BRIAN2, "a pair of lag 0 potentiates", _STDP, _RULE),
    Row("w_min other than 0", _NEST, "a smallest weight other than 0 is refused", _STDP,
        errors=("Non-zero minimum weight",)),
    Row("per-neuron tau_refrac", _BRIAN2, "a refractory period for each neuron is refused", _CELLS,
        errors=("Non-homogeneous refractory period",)),
    Row("source at t < min_delay", _NEST, "a source cannot fire in the first steps",
        ("SpikeSourceArray",), errors=("spike time cannot be set to 0",)),
    Row("delay outside min/max", _NEST, "a delay that setup() excludes blames a missing extension",
        errors=("NoModelAvailableError",)),
    Row("OneToOne of 1 x 1", _NEST, "OneToOneConnector between single cells fails",
        ("OneToOneConnector",), errors=("nonzero on 0d arrays",)),
)  # fmt: skip
"""Rows that tables or errors can show."""

VAGUE = (
    "more excitable", "less excitable", "what follows a spike", "threshold tie or slow growth",
    _OTHER_INPUT,
)  # fmt: skip
"""Signatures that are no more than a description, where something else says what it is."""


def names_used(path: Path) -> frozenset[str]:
    """Names that the code of an experiment takes from a module or object, PyNN's among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def named(pair: Pair, found: list[Cause]) -> list[Cause]:
    """Causes under the names of the register, where a run is of a stock module.

    Parameters
    ----------
    found
        What signatures say of the pair.

    Returns
    -------
    list of Cause
        First the rows that explain one of these causes, then what no row explains, then rows that
        are sure to matter although the tables do not show them by themselves.
    """
    known: list[Cause] = []
    explained: set[str] = set()
    sure: list[Cause] = []
    for row, sign in _rows_of(pair):
        if not row.is_about(pair.uses):
            continue
        fitting = [cause for cause in found if row.explains(cause, sign)]
        text = f"{_LABELS[row.backend]}: {row.text}"
        if fitting:
            explained.update(cause.name for cause in fitting)
            known.append(replace(fitting[0], name=row.name, explanation=text))
        elif row.is_sure(pair.uses):
            sure.append(Cause(row.name, text, 1.0))
    if not known and not sure:
        return found
    rest = [c for c in found if c.name not in explained and c.name not in VAGUE]
    return _once([*known, *rest, *sure])


def refusals(backend: str, error: str) -> list[Cause]:
    """Rows that say why a run on a stock backend failed, by its error."""
    return [
        Cause(row.name, f"{_LABELS[row.backend]} {row.text}", 1.0)
        for row in ROWS
        if row.backend == backend and any(part in error for part in row.errors)
    ]


def _rows_of(pair: Pair) -> Iterator[tuple[Row, int]]:
    for row in ROWS:
        for backend, other, sign in (
            (pair.backends[0], pair.backends[1], -1),
            (pair.backends[1], pair.backends[0], 1),
        ):
            if row.backend == backend != other:
                yield row, sign


def _once(causes: list[Cause]) -> list[Cause]:
    """Each name once: two modules may have the same row."""
    return list({cause.name: cause for cause in reversed(causes)}.values())[::-1]
