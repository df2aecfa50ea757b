"""Compiled time steps of cells that NEST integrates with adaptive steps, from the files in ``cpp``.

They are compiled apart from Brian2's own code, whose options let a compiler reorder sums and
products: here results are to be the same as NEST's, to the last bit where that can be.
"""

from __future__ import annotations

import sys
from functools import cache, partial
from importlib.resources import files
from typing import Any

import numpy as np
from brian2.codegen.runtime.cython_rt.extension_manager import cython_extension_manager
from brian2.core.base import BrianObject

from pipelines.errors import BadInput, Unsupported

# Classes of the headers, by names that Python can have.
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


def _code() -> str:
    """The Cython module: C++ as it is, and for each model a function that calls it."""
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
def compiled() -> Any:
    """The module of compiled steps, compiled once on a machine.

    Raises
    ------
    Unsupported
        Where there is no C++ compiler.
    """
    try:
        return cython_extension_manager.create_extension(_code(), extra_compile_args=_OPTIONS)
    except Exception as error:
        raise Unsupported(
            "cells that Brian2 has no exact solution for",
            f"their code could not be compiled ({error})",
            allowed="IF_curr_exp and IF_curr_alpha; or any cell with a C++ compiler",
        ) from error


class CompiledStep(BrianObject):
    """The time step of a group: its state moves on, and its cells fire, in one compiled call.

    Attributes
    ----------
    group
        Brian2's group.
    take
        Takes the step; gives the number of cells that fire.
    space : ndarray of int32, shape (n + 1,)
        Their rows, and at the end their number.
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
        self.space = group.variables["_spikespace"].get_value()
        self._kind = kind
        self._kept = columns
        self._addresses = np.array([column.ctypes.data for column in columns], dtype=np.uintp)
        self.take = partial(
            getattr(compiled(), model),
            self._addresses.ctypes.data,
            len(columns[0]),
            dt,
            self.space.ctypes.data,
            receptors,
            self._failed,
        )

    def run(self) -> None:
        self.take()

    def _failed(self, result: int) -> None:
        cell, twice = divmod(-result - 1, 2)
        if twice:
            raise Unsupported(
                f"{self._kind} with tau_refrac = 0",
                f"cell {cell} of this kind fires twice in a time step",
                allowed="a smaller time step, or tau_refrac above 0",
            )
        raise BadInput(
            self._kind, f"the potential or w of cell {cell} of this kind grows without bounds"
        )
