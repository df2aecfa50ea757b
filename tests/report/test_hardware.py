"""The section on hardware: a row for backends that agree, the ablation, what a chip is made of."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipelines.figures.captions import what_was_run
from pipelines.hardware.variants import Variant
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.report.formatting import point_label
from pipelines.report.hardware import hardware_of
from pipelines.verdicts.hardware_tables import hardware_tables
from tests import hardware_runs as runs_of
from tests.verdicts.test_hardware_energy import profile

KNOWN = KnownMetrics(tuple(one for one in BUILT_IN.metrics if one.name in ("rate", "isi_cv")))
VARIANTS = {
    ("loihi1", "all"): runs_of.lost(0.5),
    ("loihi1", "only delays"): runs_of.lost(0.5),
    ("loihi1", "only fan_in"): runs_of.unchanged,
    ("loihi1", "without delays"): runs_of.unchanged,
    ("loihi1", "without fan_in"): runs_of.lost(0.5),
    ("gone", "all"): runs_of.unfit("2 neurons where the chip has 1 (2 times)"),
}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    made = runs_of.tables_of(VARIANTS, n_seeds=5, settings=(1.0, 1.1))
    first = made.runs.loc[made.runs["hardware"] == "loihi1", "run_id"].iloc[0]
    row = [first, "synapse_loss", "loops", "synapses", 100.0, 79.0]
    made.mapping = pd.concat([made.mapping, pd.DataFrame([row], columns=made.mapping.columns)])
    experiment = SimpleNamespace(folder=tmp_path_factory.mktemp("e"), name="e")
    made.hardware, made.hardware_verdicts = hardware_tables(
        experiment, made, lambda name: profile(per_spike_j=1e-9), KNOWN
    )
    variants = (Variant(), Variant("loihi1", "all"), Variant("gone", "all"))
    sweep = SimpleNamespace(hardware=variants)
    made.plan = SimpleNamespace(has_hardware=True, experiment=experiment, sweep=sweep)
    return made


def test_backends_that_agree_share_a_row(tables):
    section = hardware_of(tables.plan, tables, {"g": "mV", "hardware": "", "constraints": ""})
    assert [(row.label, row.where, row.verdict, row.backends) for row in section.rows] == [
        ("loihi1", "g = 1 mV", "changed", "NEST and Brian2"),
        ("gone", "g = 1 mV", "unfit", "NEST and Brian2"),
        ("loihi1", "g = 1.1 mV", "changed", "NEST and Brian2"),
        ("gone", "g = 1.1 mV", "unfit", "NEST and Brian2"),
    ]
    assert section.has_settings
    first, unfit = section.rows[:2]
    assert (first.broken_by, first.n_seeds, first.expectations) == ("delays", 5, "")
    n_spikes = tables.spikes["run_id"].value_counts()
    whole = tables.runs[(tables.runs["constraints"] == "all") & (tables.runs["g"] == 1.0)]
    mean = n_spikes.reindex(whole.loc[whole["status"] == "done", "run_id"]).mean()
    assert first.energy == f"{mean:.3g} nJ"
    assert [item.title for item in first.items] == ["Evidence", "Energy"]
    assert "2 neurons where the chip has 1" in unfit.items[0].texts[0] and unfit.energy == ""


def test_a_constraint_is_a_row_of_the_ablation(tables):
    section = hardware_of(tables.plan, tables, {"hardware": "", "constraints": ""})
    found = {
        row.constraint: (row.alone[0], row.without[0])
        for row in section.ablation
        if row.profile == "loihi1"
    }
    assert found == {"delays": ("changed", "works"), "fan_in": ("works", "changed")}
    assert "rate of exc from" in section.ablation[0].alone[1]


def test_what_a_chip_is_made_of_and_what_it_realised(tables):
    loihi, gone = hardware_of(tables.plan, tables, {}).chips
    items = {item.title: item.texts for item in loihi.items}
    assert list(items) == ["Profile", "Sources", "Not modelled"]
    assert "numbers:" in items["Profile"][1] and "Davies" in " ".join(items["Sources"])
    assert [one.constraint for one in loihi.mapped] == ["synapse_loss", "events", "events"]
    assert (loihi.mapped[0].asked, loihi.mapped[0].realised) == (100, 79)
    assert all(one.asked is None and one.realised % 1 == 0 for one in loihi.mapped[1:])
    # A profile that is no longer there costs its description alone.
    assert "no hardware profile 'gone'" in gone.items[0].texts[0] and gone.mapped == ()


def test_without_hardware_there_is_no_section():
    assert hardware_of(SimpleNamespace(has_hardware=False), None, {}) is None


def test_a_point_and_a_caption_name_the_hardware(tables):
    swept = {"g": "mV", "hardware": "", "constraints": ""}
    rows = tables.runs[tables.runs["seed"] == 1].drop_duplicates(["hardware", "constraints"])
    labels = [point_label(rows.iloc[[k]], swept) for k in range(3)]
    assert labels == [
        "g = 1 mV, ideal network, seed 1",
        "g = 1 mV, loihi1, seed 1",
        "g = 1 mV, loihi1, only delays, seed 1",
    ]
    said = what_was_run(tables.runs, swept)
    assert "20 of 140 runs do not fit their hardware" in said and "not finished" not in said
    assert "hardware profile loihi1" in said and not np.any(tables.runs["status"] == "failed")
