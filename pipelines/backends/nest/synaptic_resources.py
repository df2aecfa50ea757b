"""Changes of short-term plasticity in mid-run.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): at a presynaptic spike NEST computes the recovery since
the previous one with the present time constants, even if they were set in between (row "changes in
mid-run"). Written is the state at the previous spike from which NEST obtains the present state.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.short_term import tau_syn
from . import mpi_processes, short_term
from .kernel_time import has_begun, registry, schedule_write
from .pending_events import read_after_delivery
from .potentiation import NativeValues, last_arrivals, spike_steps
from .synapse_models import set_attributes, set_attributes_except, set_out_of_range


class ShortTermChanges:
    """Mixin of projections: setting of parameters and state of short-term plasticity."""

    label: str
    pre: Any
    _number: int
    _tau_syn: np.ndarray
    _synapse_blocks: Any

    def _write_short_term_parameters(self, values: dict[str, np.ndarray]) -> None:
        """Set parameters in mid-run, one value a synapse in the order of `_read`."""
        taus = self._tau_syn, self._tau_syn
        if values.keys() - {"U"}:
            self._refuse_unreachable_state(", ".join(sorted(values)), values, taus)
        schedule_write(partial(self._write_short_term, values, taus))

    def update_tau_syn(self) -> None:
        """Update the synapses after time constants of the postsynaptic cells were set.

        Raises
        ------
        Unsupported
            If no state of NEST's synapses leads to the present one.
        """
        before, after = self._tau_syn, tau_syn(self)
        if self._number and not np.array_equal(before, after):
            self._refuse_unreachable_state("tau_syn of its cells", {}, (before, after))
            schedule_write(partial(self._write_short_term, {}, (before, after)))
        self._tau_syn = after

    def _refuse_unreachable_state(
        self, what: str, values: dict[str, np.ndarray], tau_syn: tuple[np.ndarray, np.ndarray]
    ) -> None:
        """Refuse time constants with which no state in NEST leads to the present one."""
        if not has_begun() or read_after_delivery(
            partial(self._write_short_term, values, tau_syn, True)
        ):
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
        dry_run: bool = False,
    ) -> bool:
        """Write parameters of short-term plasticity, valid from the present on.

        Parameters
        ----------
        values
            New values of PyNN's parameters, by name.
        tau_syn
            Time constants (ms) of the postsynaptic cells before and after the change.
        dry_run
            Whether to write nothing.

        Returns
        -------
        bool
            Whether NEST can store the state that leads to the present one.
        """
        pre, dt = spike_steps(self.pre, recent=True), registry.timestep
        exact = True
        for handles, order, native in self._synapse_blocks(set(short_term.STATE), to_write=True):
            here = {name: value[native["row"]] for name, value in values.items()}
            last = last_arrivals(native, pre)
            # Without a spike, NEST's state is that at the start of its clock.
            last = np.where(last < 0, -registry.origin_step, last)
            taus = tau_syn[0][native["post"]], tau_syn[1][native["post"]]
            since = (registry.present_step - last) * dt
            new, one_exact = short_term.changed_state(native, here, taus, since)
            exact &= one_exact
            if not dry_run and new:
                _set_short_term([handles[k] for k in order.tolist()], new)
        return all(mpi_processes.gather(exact))

    def _write_initial(self, name: str, values: np.ndarray) -> None:
        """Do nothing: `short_term.write_initial_u` writes the state before the first step."""

    def write_initial_u(self, u: np.ndarray) -> None:
        """Set the use u of short-term plastic synapses, with all resources recovered."""
        for handles, order, native in self._synapse_blocks(set(), to_write=True):
            state = {"u": u[native["row"]], "x": np.ones(len(order)), "y": np.zeros(len(order))}
            set_attributes([handles[k] for k in order.tolist()], state)


def _set_short_term(handles: list[Any], new: NativeValues) -> None:
    """Set parameters and state of short-term plasticity; the use u may be above 1."""
    above = new["u"] > 1 if "u" in new else np.zeros(len(handles), dtype=bool)
    set_attributes_except(handles, above, new)
    for k in np.flatnonzero(above).tolist():
        set_out_of_range(handles[k], {name: value[[k]] for name, value in new.items()})
