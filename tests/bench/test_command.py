"""``counterpoint bench`` on the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import main

pytestmark = pytest.mark.slow

SMALL = ("--backend", "nest", "--neurons", "40", "--synapses", "300")


def _bench(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "pipelines", "bench", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )


def test_a_table_and_what_is_being_measured():
    done = _bench("run", *SMALL, "--static", "--duration", "20")
    assert done.returncode == 0
    headings, row, empty, *remarks = done.stdout.splitlines()
    assert "ours / hand-written" in headings and "stock / ours" in headings
    assert row.startswith("nest") and "the same in hand-written and stock" in row
    assert empty == "" and remarks
    assert done.stderr.splitlines() == [
        f"run: nest, 40 neurons, 300 static synapses, {code}"
        for code in ("hand-written", "ours", "stock")
    ]


def test_json():
    done = _bench("build", *SMALL, "--skip-stock", "--json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["question"] == "build"
    assert "nest-simulator" in found["versions"]["nest"]
    assert [one["size"]["plastic"] for one in found["comparisons"]] == [False, True]
    for one in found["comparisons"]:
        assert one["stock_to_ours"] is None and one["ours_to_hand_written"] > 0
        assert one["same_spikes"] == {"hand-written": True}


def test_many_projections_in_one_process_after_another():
    options = ("--backend", "nest", "--projections", "3", "--processes", "2")
    done = _bench("projections", *options)
    assert done.returncode == 0
    headings, *rows = done.stdout.split("\n\n")[0].splitlines()
    assert all(word in headings for word in ("process 2", "first / 1 projection", "last / 3"))
    assert [row.split()[:2] for row in rows] == [["nest", "1"]] * 2 + [["nest", "3"]] * 2
    assert all(row.endswith(", the same") for row in rows)
    assert len(done.stderr.splitlines()) == 4


def test_memory_of_the_microcircuit_in_json():
    options = ("--backend", "nest", "--scale", "0.01", "--duration", "5", "--json")
    done = _bench("memory", *options)
    assert done.returncode == 0
    by_hand, ours = json.loads(done.stdout)["comparisons"]
    assert (by_hand["code"], ours["code"]) == ("hand-written", "ours")
    assert by_hand["synapses"] == ours["synapses"] == 29_885
    assert ours["build_to_draw"] > 0 and by_hand["build_to_draw"] is None
    assert ours["measured"]["peak_mb"] > ours["cells_mb"] > 0


def test_drive_in_json():
    done = _bench("drive", "--backend", "nest", "--neurons", "50", "--duration", "20", "--json")
    assert done.returncode == 0
    generator, ours, independent = json.loads(done.stdout)["comparisons"]
    assert (generator["code"], generator["to_generator"]) == ("hand-written", 1.0)
    assert (ours["code"], ours["neurons"], ours["rate_hz"]) == ("ours", 50, 16_000.0)
    assert (independent["backend"], independent["code"]) == ("nest", "ours, independent")
    assert ours["run_s"] / generator["run_s"] == pytest.approx(ours["to_generator"], rel=0.1)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (
            ["buld"],
            "'buld' cannot be measured; allowed: build, run, collect, sweep, projections, memory,"
            " drive, exact; did you mean 'build'?",
        ),
        (["run", "--backend", "nets"], "did you mean 'nest'?"),
        (["run", "--repeat", "0"], "--repeat: 0; allowed: 1 and more"),
        (["run", "--duration", "-1"], "--duration: -1 ms; allowed: above 0"),
        (["run", "--neurons", "many"], "invalid int value: 'many'"),
        (["build", "--neurons", "20", "--synapses", "401"], "allowed: 1 to 400"),
        (["build", "--stock-size", "0"], "or --skip-stock"),
        (["build", "--codegen", "c"], "allowed: numpy, cython"),
        (["collect", "--spikes", "0"], "--spikes: 0 spikes"),
        (["projections", "--projections", "4", "0"], "--projections: 0; allowed: 1 and more"),
        (["projections", "--processes", "0"], "--processes: 0; allowed: 1 and more"),
        (["memory", "--scale", "1.5"], "--scale: 1.5; allowed: 0.001 to 1"),
        (["memory", "--duration", "0"], "--duration: 0 ms; allowed: above 0"),
        (["exact", "--backends", "nest", "brain2"], "did you mean 'brian2'?"),
        (["exact", "--backends", "nest"], "--backends: nest; allowed: two different ones, or more"),
        (["exact", "--spikes", "1e-1"], "invalid whole_number value: '1e-1'"),
        (["exact", "--piece", "0.25"], "--piece: 0.25 ms; allowed: multiples of 0.1 ms above 0"),
        (["exact", "--neurons", "50"], "--neurons: 50 cells are too few; allowed: 100 and more"),
    ],
)
def test_bad_input_is_one_line_and_code_2(capfd, arguments, part):
    assert main(["bench", *arguments]) == 2
    captured = capfd.readouterr()
    assert part in captured.err and captured.err.count("\n") == 1 and captured.out == ""
