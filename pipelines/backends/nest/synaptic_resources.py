"""Short-term plasticity that changes in mid-run: what NEST's synapses are told of it.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): NEST lets resources recover since the last spike by the
time constants that a synapse has at the next one, whenever they were set (row "changes in
mid-run"). What is written is the state at the last spike from which NEST comes to that of now.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.short_term import tau_syn
from . import mpi_processes, short_term
from .kernel_time import has_begun, registry, write_in_time
from .pending_events import looked_ahead
from .potentiation import Held, last_arrivals, spikes_of
from .synapse_models import set_all_but, set_attributes, set_unchecked


class ChangedResources:
    """Mixin of projections: parameters and state of short-term plasticity."""

    label: str
    pre: Any
    _number: int
    _tau_syn: np.ndarray
    _parts: Any

    def _write_parameters(self, values: dict[str, np.ndarray]) -> None:
        """Set parameters in mid-run, one value a synapse in the order of `_read`."""
        taus = self._tau_syn, self._tau_syn
        if values.keys() - {"U"}:
            self._refuse_without_resources(", ".join(sorted(values)), values, taus)
        write_in_time(partial(self._write_short_term, values, taus))

    def renew_tau_syn(self) -> None:
        """Follow time constants of the postsynaptic cells that were set.

        Raises
        ------
        Unsupported
            If NEST's synapses cannot.
        """
        before, after = self._tau_syn, tau_syn(self)
        if self._number and not np.array_equal(before, after):
            self._refuse_without_resources("tau_syn of its cells", {}, (before, after))
            write_in_time(partial(self._write_short_term, {}, (before, after)))
        self._tau_syn = after

    def _refuse_without_resources(
        self, what: str, values: dict[str, np.ndarray], tau_syn: tuple[np.ndarray, np.ndarray]
    ) -> None:
        """Refuse time constants with which no state that NEST holds leads to the present one."""
        if not has_begun() or looked_ahead(partial(self._write_short_term, values, tau_syn, True)):
            return
        raise Unsupported(
            f"projection {self.label!r} at {simulator.state.t:g} ms on NEST",
            f"set({what}) so soon after a spike: no state of NEST's synapses at that spike leads to"
            " the present one",
            allowed="U at any time; time constants later, before the first run, or after reset();"
            " or another backend",
        )

    def _write_short_term(
        self,
        values: dict[str, np.ndarray],
        tau_syn: tuple[np.ndarray, np.ndarray],
        dry: bool = False,
    ) -> bool:
        """Write parameters of short-term plasticity from now on, or see whether NEST can hold it.

        `tau_syn` is that of the postsynaptic cells before and after.
        """
        pre, dt = spikes_of(self.pre, recent=True), registry.timestep
        exact = True
        for handles, order, held in self._parts(set(short_term.STATE), to_write=True):
            here = {name: value[held["row"]] for name, value in values.items()}
            last = last_arrivals(held, pre)
            # NEST counts from its own start.
            last = np.where(last < 0, -registry.origin_step, last)
            taus = tau_syn[0][held["post"]], tau_syn[1][held["post"]]
            since = (registry.present_step - last) * dt
            new, one_exact = short_term.changed(held, here, taus, since)
            exact &= one_exact
            if not dry and new:
                _set_use([handles[k] for k in order.tolist()], new)
        return all(mpi_processes.gathered(exact))

    def _write_initial(self, name: str, values: np.ndarray) -> None:
        """Nothing: the state is written before the first step (`short_term.begin`)."""

    def write_state(self, u: np.ndarray) -> None:
        """Give short-term plastic synapses a use u, and all of their resources."""
        for handles, order, held in self._parts(set(), to_write=True):
            state = {"u": u[held["row"]], "x": np.ones(len(order)), "y": np.zeros(len(order))}
            set_attributes([handles[k] for k in order.tolist()], state)


def _set_use(handles: list[Any], new: Held) -> None:
    """Set parameters of short-term plasticity, where the use at the last spike may be above 1."""
    above = new["u"] > 1 if "u" in new else np.zeros(len(handles), dtype=bool)
    set_all_but(handles, above, new)
    for k in np.flatnonzero(above).tolist():
        set_unchecked(handles[k], {name: value[[k]] for name, value in new.items()})
