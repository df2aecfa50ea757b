"""Corrections of short-term plasticity, taken out; see `ablations`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.conformance.ablations import part, without


@without("short-term plasticity", "brian2", "short_term_facilitation", "short_term_defaults")
def spikes_that_use_a_constant_share_of_all() -> None:
    module = part("brian2.synapse_kinds")
    write = module.short_term

    def constant(*arguments: Any, **ring: Any) -> Any:
        kind = write(*arguments, **ring)
        arrive = kind.on_pre["arrive"].replace("moved = use*recovered", "moved = 0.3")
        return replace(kind, on_pre=kind.on_pre | {"arrive": arrive})

    module.short_term = constant


@without("short-term plasticity", "nest", "short_term_depression")
def nest_s_own_tau_psc() -> None:
    module = part("nest.projections")
    module.tau_syn = lambda projection: np.full(projection.post.size, 3.0)


@without("tau_rec = tau_syn", "nest", "short_term_recovery_as_fast_as_the_current")
def equal_time_constants_for_nest() -> None:
    part("nest.short_term").separate_time_constants = lambda tau_rec, tau_syn: (tau_rec, tau_syn)
