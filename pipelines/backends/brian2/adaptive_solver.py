"""Compiled time steps of cells that NEST integrates with adaptive steps, from the files in ``cpp``.

They are compiled separately from Brian2's code, whose compiler options allow sums and products to
be reordered: here results should equal NEST's, to the last bit where possible.
"""

from __future__ import annotations

import sys
from functools import cache, partial
from importlib.resources import files
from typing import Any

import numpy as np
from brian2.codegen.runtime.cython_rt.extension_manager import cython_extension_manager
from brian2.core.base import BrianObject

from pipelines.backends.shared.compile_time import COMPILE_TIME
from pipelines.errors import BadInput, Unsupported

# C++ classes of the headers, by the names of their time steps.
_MODELS = {
    "leaky_exp": "Leaky<false>",
    "leaky_alpha": "Leaky<true>",
    "adapting": "Adapting",
    "exponential_exp": "Exponential<false>",
    "exponential_alpha": "Exponential<true>",
    "traub": "Traub",
    "quadratic": "Quadratic",
    "delta": "Delta",
    "composed_exponential": "ComposedExponential",
    "composed_leaky": "ComposedLeaky",
    "composed_currents": "ComposedCurrents",
}
_OPTIONS = [] if sys.platform == "win32" else ["-O3", "-fno-fast-math", "-ffp-contract=off"]
_ARGUMENTS = "double **columns, long n, double dt, int *spikes, int receptors"
_FUNCTION = """
def {name}(size_t columns, long n, double dt, size_t spikes, int receptors, failed):
    cdef long fired = step_{name}(<double **>columns, n, dt, <int *>spikes, receptors)
    if fired < 0:
        failed(fired)
    return fired
"""


def _cython_code() -> str:
    """Source of the Cython module: the C++ headers, and for each model a function that calls it."""
    folder = files("pipelines.backends.brian2") / "cpp"
    lines = [(folder / name).read_text("utf-8") for name in ("fehlberg.h", "cells.h", "composed.h")]
    lines += [
        f"static long step_{name}({_ARGUMENTS}) {{\n"
        f"  return step_all<{model} >(columns, n, dt, spikes, receptors);\n}}"
        for name, model in _MODELS.items()
    ]
    declared = "".join(f"    long step_{name}({_ARGUMENTS})\n" for name in _MODELS)
    functions = "".join(_FUNCTION.format(name=name) for name in _MODELS)
    text = "\n".join(lines)
    return f'cdef extern from *:\n    """\n{text}\n    """\n{declared}{functions}'


@cache
def compiled_steps() -> Any:
    """The module of compiled time steps, compiled once on a machine.

    Raises
    ------
    Unsupported
        Where there is no C++ compiler.
    """
    try:
        with COMPILE_TIME.compiling():
            return cython_extension_manager.create_extension(
                _cython_code(), extra_compile_args=_OPTIONS
            )
    except Exception as error:
        raise Unsupported(
            "cells that Brian2 has no exact solution for",
            f"their code could not be compiled ({error})",
            allowed="IF_curr_exp and IF_curr_alpha; or any cell with a C++ compiler",
        ) from error


class CompiledStep(BrianObject):
    """The time step of a group as one compiled call: integration, threshold test and reset.

    Attributes
    ----------
    group
        The Brian2 group.
    take_step
        Function without arguments that simulates one step and returns the number of spikes.
    spikespace : ndarray of int32, shape (n + 1,)
        Rows of the cells that fired in this step, and in the last element their number.
    """

    def __init__(
        self,
        group: Any,
        kind: str,
        model: str,
        columns: list[np.ndarray],
        dt: float,
        receptors: int,
    ) -> None:
        super().__init__(clock=group.clock, when="groups", name=f"{group.name}_step")
        self.group = group
        self.spikespace = group.variables["_spikespace"].get_value()
        self._kind = kind
        self._columns = columns
        self._addresses = np.array([column.ctypes.data for column in columns], dtype=np.uintp)
        self.take_step = partial(
            getattr(compiled_steps(), model),
            self._addresses.ctypes.data,
            len(columns[0]),
            dt,
            self.spikespace.ctypes.data,
            receptors,
            self._failed,
        )

    def run(self) -> None:
        self.take_step()

    def _failed(self, result: int) -> None:
        cell, fires_twice = divmod(-result - 1, 2)
        if fires_twice:
            raise Unsupported(
                f"{self._kind} with tau_refrac = 0",
                f"cell {cell} of this kind fires fires_twice in a time step",
                allowed="a smaller time step, or tau_refrac above 0",
            )
        raise BadInput(
            self._kind, f"the potential or w of cell {cell} of this kind grows without bounds"
        )
