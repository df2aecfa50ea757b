"""Brian2: what the library has to know of it beyond PyNN's API.

Brian2 numbers its objects (``neurongroup``, ``neurongroup_1``, ...) by the names of those alive,
and the names are part of the generated code, so of the key of its caches, and of the order in
which objects of one network are updated. A forked run must find them as in a process that has
done nothing yet.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pipelines.backends.protocol import Backend, KnownOfStock, Stock, Style

_CELLS = ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha", "EIF_cond_exp_isfa_ista")
_SOURCES = ("SpikeSourceArray", "SpikeSourcePoisson")
_STDP = ("STDPMechanism",)
_SHIFT, _OTHER_INPUT = ("constant shift", "shifted response"), "different inputs or initial values"
_RULE = ("different weight rule",)

# For the shipped experiments these were mended, in several combinations and all together; with all
# of them mended, and those of NEST, both stock modules have the same spikes.
_KNOWN = (
    KnownOfStock(
        "spike stamp", "a spike has the time at which its step starts, not ends", _CELLS, _SHIFT,
        -1, sure=True),
    KnownOfStock(
        "refractory period", "it lasts one step less than tau_refrac", _CELLS,
        ("refractory period", "refractory period or reset"), -1, sure=True),
    KnownOfStock(
        "SpikeSourcePoisson", "it draws trains of its own", ("SpikeSourcePoisson",),
        (_OTHER_INPUT,), sure=True),
    KnownOfStock(
        "seeds", "the seed of setup() is ignored, its random trains are new each time",
        ("SpikeSourcePoisson", "NoisyCurrentSource"), (_OTHER_INPUT,), sure=True),
    KnownOfStock(
        "source to current", "a source's spike arrives one step late", _SOURCES,
        ("shifted response",), 1, sure=True),
    KnownOfStock(
        "NoisyCurrentSource", "all cells have one noise, unseeded", ("NoisyCurrentSource",),
        (_OTHER_INPUT, "one train for all"), sure=True),
    KnownOfStock(
        "tau_syn = tau_m", "the membrane is NaN, and never fires", ("IF_curr_exp",),
        ("silent population",)),
    KnownOfStock(
        "multapses with different weights", "all synapses of a pair get the last weight",
        ("FixedTotalNumberConnector", "FromListConnector"), ("different weights",)),
    KnownOfStock(
        "dendritic_delay_fraction", "refuses every fraction but 0", _STDP,
        errors=("does not currently support dendritic delays",)),
    KnownOfStock(
        "multiplicative; additive potentiation, multiplicative depression",
        "every weight dependence is additive",
        ("MultiplicativeWeightDependence", "AdditivePotentiationMultiplicativeDepression"), _RULE),
    KnownOfStock(
        "Gutig", "GutigWeightDependence fails", ("GutigWeightDependence",),
        errors=("AttributeError",)),
    KnownOfStock(
        "weight read back", "a weight is as it is now, not as last transmitted", _STDP, _RULE),
    KnownOfStock("zero-lag pair", "a pair of lag 0 potentiates", _STDP, _RULE),
    KnownOfStock(
        "per-neuron tau_refrac", "a refractory period for each neuron is refused", _CELLS,
        errors=("Non-homogeneous refractory period",)),
)  # fmt: skip


class _Brian2(Backend):
    def quieten(self) -> None:
        """Stop the log of everything into a temporary file: it is slow, and nobody reads it."""
        from brian2.utils.logger import BrianLogger

        log = logging.getLogger("brian2")
        log.setLevel(logging.WARNING)
        # It warns of objects that no network ever held: those of a set-up that the next discards.
        logging.getLogger("brian2.core.base").setLevel(logging.ERROR)
        if BrianLogger.file_handler is not None:
            log.removeHandler(BrianLogger.file_handler)
            BrianLogger.file_handler.close()
            BrianLogger.file_handler = None

    def state(self) -> list[Any]:
        """References to all named objects."""
        return list(_named())

    def restore(self, state: list[Any]) -> None:
        """Free the names of all objects but these; no network holds the others."""
        tracker = _named()
        kept = {id(reference) for reference in state}
        for reference in list(tracker):
            if id(reference) not in kept:
                tracker.remove(reference)

    def choose_target(self, target: str) -> None:
        """Generate code for NumPy, or compile it."""
        import brian2

        brian2.prefs.codegen.target = target

    def compile_ahead(self, progress: Callable[[str], None]) -> None:
        """Compile the code of all kinds of cells and synapses."""
        from pipelines.backends.brian2.compiling import compile_kinds

        compile_kinds(self.load(), progress)


def _named() -> Any:
    """Brian2's set of all named objects."""
    from brian2.core.names import Nameable

    return Nameable.__instances__()


BACKEND = _Brian2(
    name="brian2",
    # Okabe and Ito's vermilion and purple.
    style=Style("Brian2", "#D55E00", "^", (3.0, 1.5), 0.8, 1.2),
    position=20,
    packages=("PyNN", "Brian2", "Cython", "sympy", "numpy"),
    modules=("brian2",),
    stock=Stock(
        module="pyNN.brian2",
        style=Style("stock Brian2", "#CC79A7", "D", (5.0, 1.5, 1.0, 1.5), 0.8, 1.2),
        seen_in="Brian2 2.9.0 and 2.11.0",
        dendritic_delay_fraction=0.0,
        known=_KNOWN,
        seed_block=3,
    ),
    by_default=True,
    seed_block=1,
    start_runs=10_000,  # it may have to compile
    spared_imports=("pandas", "matplotlib"),
    code_targets=("numpy", "cython"),
    without_compiler="runs every step as NumPy code, many times slower",
)
