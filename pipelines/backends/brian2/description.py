"""Description of the Brian2 backend for the library."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from pipelines.backends.protocol import Backend, Stock, Style


class _Brian2(Backend):
    def quieten(self) -> None:
        """Stop Brian2's debug log to a temporary file, which is slow and not read."""
        from brian2.utils.logger import BrianLogger

        log = logging.getLogger("brian2")
        log.setLevel(logging.WARNING)
        # This logger warns of objects that were never run, as after a set-up without a run.
        logging.getLogger("brian2.core.base").setLevel(logging.ERROR)
        if BrianLogger.file_handler is not None:
            log.removeHandler(BrianLogger.file_handler)
            BrianLogger.file_handler.close()
            BrianLogger.file_handler = None

    def state(self) -> list[Any]:
        """References to all named objects, on which names, and so code, of new objects depend."""
        from brian2.core.names import Nameable

        return list(Nameable.__instances__())

    def restore(self, state: list[Any]) -> None:
        """Free the names of all objects but these; the others belong to no network."""
        from brian2.core.names import Nameable

        kept = {id(reference) for reference in state}
        for reference in self.state():
            if id(reference) not in kept:
                Nameable.__instances__().remove(reference)

    def choose_target(self, target: str) -> None:
        """Use NumPy code or compiled Cython code in this process."""
        import brian2

        brian2.prefs.codegen.target = target

    def compile_ahead(self, progress: Callable[[str], None]) -> None:
        """Compile the common kinds of cells and synapses."""
        from pipelines.backends.brian2.compilation import compile_kinds

        compile_kinds(self.load(), progress)


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
        seed_block=3,
    ),
    by_default=True,
    seed_block=1,
    start_runs=10_000,  # it may have to compile
    spared_imports=("pandas", "matplotlib"),
    code_targets=("numpy", "cython"),
    without_compiler="runs every step as NumPy code, many times slower, and of cells only "
    "IF_curr_exp and IF_curr_alpha",
)
