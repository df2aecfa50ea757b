"""``counterpoint bench`` on the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.cli import main

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


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (
            ["buld"],
            "'buld' cannot be measured; allowed: build, run, collect, sweep; did you mean 'build'?",
        ),
        (["run", "--backend", "nets"], "did you mean 'nest'?"),
        (["run", "--repeat", "0"], "--repeat: 0; allowed: 1 and more"),
        (["run", "--duration", "-1"], "--duration: -1 ms; allowed: above 0"),
        (["run", "--neurons", "many"], "invalid int value: 'many'"),
        (["build", "--neurons", "20", "--synapses", "401"], "allowed: 1 to 400"),
        (["build", "--stock-size", "0"], "or --skip-stock"),
        (["build", "--codegen", "c"], "allowed: numpy, cython"),
        (["collect", "--spikes", "0"], "--spikes: 0 spikes"),
    ],
)
def test_bad_input_is_one_line_and_code_2(capfd, arguments, part):
    assert main(["bench", *arguments]) == 2
    captured = capfd.readouterr()
    assert part in captured.err and captured.err.count("\n") == 1 and captured.out == ""
