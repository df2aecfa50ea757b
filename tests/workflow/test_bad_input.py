"""What is wrong in a setting or a sweep is said in one line, before anything runs."""

from __future__ import annotations

import pytest


def refused(project, *arguments):
    """The line that snakemake refuses with; nothing in results/ may change."""
    before = project.stamps()
    said = project.snakemake(*arguments, fails=True)
    assert project.stamps() == before
    lines = [
        line
        for line in said.splitlines()
        if not line.startswith(("Using workflow specific profile", "Assuming unrestricted"))
    ]
    assert len(lines) == 1, said
    return lines[0]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("profle=full", ["--config", "'profle'", "did you mean 'profile'?"]),
        ("profile=ful", ["sweep.yaml", "'ful'", "quick", "slow"]),
        ("profile=3", ["--config profile", "3"]),
        ("experiments=twoo", ["--config experiments", "'twoo'", "did you mean 'two'?"]),
        ("experiments=[]", ["--config experiments"]),
        ("results=experiments/one/sweep.yaml", ["--config results", "sweep.yaml is a file"]),
        ("conformance=maybe", ["--config conformance", "'maybe'", "true or false"]),
    ],
)
def test_bad_settings(project, setting, expected):
    line = refused(project, "--config", setting)
    for part in expected:
        assert part in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("i_offset: [0.5, 1.0]", "i_ofset: [0.5, 1.0]", ["i_ofset", "did you mean 'i_offset'?"]),
        ("i_offset: [0.5, 1.0]", "i_offset: [0.5, many]", ["i_offset", "many"]),
        ("i_offset: [0.5, 1.0]", "duration: [-1]", ["duration", "-1"]),
        ("    grid:", "    gird:", ["gird", "did you mean 'grid'?"]),
        ("backends: [nest]", "backends: [neuron]", ["neuron", "nest", "brian2"]),
        ("profiles:", "figures: {rastr: {}}\nprofiles:", ["rastr", "did you mean 'raster'?"]),
        ("profiles:", "figures: {heat_map: {z: a}}\nprofiles:", ["figures.heat_map", "'z'"]),
        ("profiles:", "figures: {heat_map: {}}\nprofiles:", ["figures.heat_map", "option 'x'"]),
        (
            "profiles:",
            "figures: {heat_map: {x: i_ofset, y: pause}}\nprofiles:",
            ["sweep.yaml: figures.heat_map.x", "'i_ofset'", "did you mean 'i_offset'?"],
        ),
        (
            "profiles:",
            "figures: {raster: {window: [9, 1]}}\nprofiles:",
            ["figures.raster.window: [9"],
        ),
        ("profiles:", "figures: {raster: {points: 0}}\nprofiles:", ["figures.raster.points: 0"]),
        ("neurons: [spikes]", "neuron: [spikes]", ["record.populations", "mean 'neurons'?"]),
        ("profiles:", "profiles: [", ["sweep.yaml"]),
    ],
)
def test_bad_sweeps(project, old, new, expected):
    file = project.path("experiments/one/sweep.yaml")
    good = file.read_text()
    file.write_text(good.replace(old, new))
    try:
        line = refused(project)
    finally:
        file.write_text(good)
    for part in ["experiments/one/sweep.yaml", *expected]:
        assert part in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("experiment.py", "def build(:", "experiment.py:1: not valid Python"),
        ("experiment.py", "raise KeyError('a')", "experiment.py:1: cannot be imported: KeyError"),
        ("experiment.py", "import sys\nsys.exit(0)", "experiment.py:2: cannot be imported"),
        ("experiment.py", None, "pause: is the name of a column of runs.parquet"),
    ],
)
def test_bad_code(project, file, text, expected):
    path = project.path(f"experiments/one/{file}")
    good = path.read_text() if path.exists() else None
    path.write_text(text if text is not None else good.replace("pause", "status"))
    try:
        line = refused(project)
    finally:
        path.unlink()
        if good is not None:
            path.write_text(good)
    assert expected.replace("pause", "status") in line
