"""NEST: what the library has to know of it beyond PyNN's API."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.backends.protocol import Backend, KnownOfStock, Stock, Style

_CELLS = ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista")
_DRAWING = (
    "FixedProbabilityConnector", "FixedNumberPreConnector", "FixedNumberPostConnector",
    "FixedTotalNumberConnector", "DistanceDependentProbabilityConnector",
)  # fmt: skip
_STDP = ("STDPMechanism",)
_SHIFT, _OTHER_INPUT = ("constant shift", "shifted response"), "different inputs or initial values"
_RULE = ("different weight rule",)

# For the shipped experiments these were mended, in several combinations and all together; with all
# of them mended, and those of Brian2, both stock modules have the same spikes.
_KNOWN = (
    KnownOfStock(
        "default precision", "its spikes lie off the grid, with iaf_psc_exp_ps", _CELLS,
        ("spikes off the grid",)),
    KnownOfStock(
        "SpikeSourcePoisson", "it draws trains of its own", ("SpikeSourcePoisson",),
        (_OTHER_INPUT,), sure=True),
    KnownOfStock(
        "random initial v",
        "random initial potentials are drawn twice, so that what their generator draws next is"
        " another draw: potentials of the next population, connections", ("RandomDistribution",),
        (_OTHER_INPUT, "different connectivity"), sure_with=_DRAWING),
    KnownOfStock(
        "SpikeSourceArray under min_delay='auto'",
        "sources are late by the smallest delay less one step", ("SpikeSourceArray",), _SHIFT),
    KnownOfStock(
        "DC from 0", "a current that is on from the start begins at step 2",
        ("DCSource", "ACSource", "StepCurrentSource"), (*_SHIFT, "less excitable")),
    KnownOfStock(
        "dendritic_delay_fraction", "refuses every fraction but 1", _STDP,
        errors=("does not currently support axonal delays",)),
    KnownOfStock(
        "Gutig", "mu_plus and mu_minus are always 0.5", ("GutigWeightDependence",), _RULE),
    KnownOfStock(
        "weight read back", "a weight is that of the last presynaptic spike", _STDP, _RULE),
    KnownOfStock(
        "w_min other than 0", "a smallest weight other than 0 is refused", _STDP,
        errors=("Non-zero minimum weight",)),
    KnownOfStock(
        "source at t < min_delay", "a source cannot fire in the first steps",
        ("SpikeSourceArray",), errors=("spike time cannot be set to 0",)),
    KnownOfStock(
        "delay outside min/max", "a delay that setup() excludes blames a missing extension",
        errors=("NoModelAvailableError",)),
    KnownOfStock(
        "OneToOne of 1 x 1", "OneToOneConnector between single cells fails",
        ("OneToOneConnector",), errors=("nonzero on 0d arrays",)),
)  # fmt: skip


class _Nest(Backend):
    @contextmanager
    def importing(self) -> Iterator[None]:
        """No welcome, and no warning that a user can do nothing about."""
        # Read by NEST when it is first imported: no banner on every worker's output.
        os.environ.setdefault("PYNEST_QUIET", "1")
        with warnings.catch_warnings():
            # pyNN.nest looks for a compiler set-up of its optional extensions and uses a setting
            # that NEST 3.10 deprecates.
            warnings.filterwarnings("ignore", message="(?s).*(nest-config|cmake|NEST extensions)")
            warnings.filterwarnings("ignore", message="\\s*Provided for backward compatibility")
            yield

    def before_forks(self) -> None:
        """Reset NEST, so that no fork has to."""
        from pipelines.backends.nest.in_advance import reset_in_advance

        reset_in_advance()


BACKEND = _Nest(
    name="nest",
    # Okabe and Ito's blue and sky blue.
    style=Style("NEST", "#0072B2", "o", (), 1.9, 2.6),
    position=10,
    packages=("PyNN", "nest-simulator", "numpy"),
    modules=("nest",),
    stock=Stock(
        module="pyNN.nest",
        style=Style("stock NEST", "#56B4E9", "s", (1.0, 1.0), 1.9, 2.6),
        seen_in="NEST 3.10.0",
        dendritic_delay_fraction=1.0,
        known=_KNOWN,
        seed_block=2,
    ),
    by_default=True,
    seed_block=0,
    spared_imports=("pandas", "matplotlib"),
    off_grid=True,
    threads=True,
)
