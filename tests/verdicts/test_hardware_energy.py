"""Energy of a run: events times the published energy of one."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipelines.hardware.profile_model import HardwareProfile
from pipelines.verdicts.hardware_energy import energy_of, events_by_run, in_joules

SOURCE = {"title": "t", "authors": "A. Person, B. Other", "year": 2014, "published": "J 1"}


def profile(**energy):
    number = {"source": "me", "certainty": "verified"}
    return HardwareProfile(
        title="t",
        description="d",
        sources={"me": SOURCE},
        energy={name: {"value": value, **number} for name, value in energy.items()},
    )


def test_events_times_their_energies():
    found = energy_of(
        {"spikes": 100, "synaptic_events": 2000, "neuron_updates": 50.0},
        profile(per_spike_j=1e-9, per_synaptic_event_j=20e-12, per_neuron_update_j=3e-6),
    )
    assert found.joules == pytest.approx(100e-9 + 2000 * 20e-12 + 150e-6)
    assert found.source == (
        "1 nJ a spike (Person et al. 2014, verified), 20 pJ a synaptic event (Person et al. 2014,"
        " verified), 3 \N{MICRO SIGN}J a neuron update (Person et al. 2014, verified)"
    )


def test_events_without_a_published_energy_are_left_out_and_so_are_those_not_counted():
    found = energy_of({"spikes": 100, "neuron_updates": 5}, profile(per_spike_j=1e-12))
    assert found.joules == pytest.approx(1e-10) and found.source.startswith("1 pJ a spike")
    assert energy_of({"spikes": np.nan}, profile(per_spike_j=1e-12)).joules is None
    assert energy_of({"spikes": 100}, profile()) == energy_of({}, profile(per_spike_j=1.0))


def test_one_author_is_no_et_al():
    alone = profile(per_spike_j=1.0)
    sources = {"me": SimpleNamespace(authors="C. Mead", year=1990)}
    found = energy_of({"spikes": 1}, SimpleNamespace(energy=alone.energy, sources=sources))
    assert found.source == "1 J a spike (Mead 1990, verified)"


def test_events_of_all_populations_of_a_run_are_added():
    rows = [
        ("a", "events", "exc", "spikes", np.nan, 10.0),
        ("a", "events", "inh", "spikes", np.nan, 5.0),
        ("a", "synapse_loss", "exc", "spikes", 7.0, 7.0),
        ("b", "events", "exc", "spikes", np.nan, 1.0),
    ]
    columns = ["run_id", "constraint", "target", "quantity", "asked", "realised"]
    events = events_by_run(pd.DataFrame(rows, columns=columns))
    assert events["spikes"].to_dict() == {"a": 15.0, "b": 1.0}


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.5, "2.5 J"), (1e-3, "1 mJ"), (23e-12, "23 pJ"), (4e-15, "4 fJ"), (0.0, "0 fJ")],
)
def test_joules_have_a_prefix(value, text):
    assert in_joules(value) == text
