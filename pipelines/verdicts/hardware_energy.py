"""Energy of a run on a chip, estimated from its events and published energies of an event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

EVENTS = "events"
"""Name of the rows of `mapping` that count events."""

PRICES = {
    "spikes": ("per_spike_j", "spike"),
    "synaptic_events": ("per_synaptic_event_j", "synaptic event"),
    "neuron_updates": ("per_neuron_update_j", "neuron update"),
}
"""Quantities of events: key of a profile's section `energy`, and the event in words."""


@dataclass(frozen=True)
class Energy:
    """Energy of a run in joules, and what the estimate rests on; None and "" without a price."""

    joules: float | None = None
    source: str = ""


def events_by_run(mapping: pd.DataFrame) -> pd.DataFrame:
    """Number of events of each run: a row a run_id, a column a quantity.

    Parameters
    ----------
    mapping
        The table `mapping`.
    """
    events = mapping[mapping["constraint"] == EVENTS]
    return events.pivot_table(
        index="run_id", columns="quantity", values="realised", aggfunc="sum", sort=False
    )


def energy_of(events: Mapping[str, float], profile: Any) -> Energy:
    """Estimate the energy of a run.

    Parameters
    ----------
    events
        Number of events by quantity; those that were not counted are left out.
    profile
        The hardware profile, whose section `energy` has the energy of an event (J).

    Returns
    -------
    Energy
        Only kinds of events with a published energy count, so that it is a lower bound; the
        source says which these are.
    """
    joules, said = 0.0, []
    for quantity, (key, event) in PRICES.items():
        price = getattr(profile.energy, key, None)
        number = events.get(quantity)
        if price is None or number is None or pd.isna(number):
            continue
        joules += float(price.value) * float(number)
        said.append(f"{in_joules(price.value)} a {event} ({_cited(price, profile)})")
    return Energy(joules, ", ".join(said)) if said else Energy()


def in_joules(value: float) -> str:
    """An energy with a prefix of three digits: ``23 pJ``."""
    prefixes = {"": 1.0, "m": 1e-3, "\N{MICRO SIGN}": 1e-6, "n": 1e-9, "p": 1e-12}
    for prefix, size in prefixes.items():
        if value >= size:
            return f"{value / size:.3g} {prefix}J"
    return f"{value / 1e-15:.3g} fJ"


def _cited(price: Any, profile: Any) -> str:
    """Source and certainty of a number: ``Benjamin et al. 2014, verified``."""
    source = profile.sources.get(price.source)
    who = price.source
    if source is not None:
        first, *others = str(source.authors).split(",")
        family = first.split()[-1] if first.split() else price.source
        who = f"{family}{' et al.' if others else ''} {source.year}"
    return f"{who}, {price.certainty}"
