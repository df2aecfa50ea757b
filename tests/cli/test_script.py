"""``counterpoint script``: existing scripts on every backend."""

import pandas as pd
import pytest

from pipelines.cli.script import arrange_arguments

SCRIPT = """
import sys

import pyNN.neuron as sim

sim.setup(timestep=0.1)
cells = sim.Population(3, sim.IF_curr_exp(i_offset=float(sys.argv[1])), label="cells")
cells.record(["spikes", "v"])
sim.run(40.0)
sim.end()
"""
PAIR = ("--backends", "nest", "reference")


@pytest.fixture
def script(root):
    path = root / "example.py"
    path.write_text(SCRIPT)
    return path


def test_a_script_is_identical_on_two_backends(counterpoint, script, root):
    answer = counterpoint("script", *PAIR, "example.py", "2.0", "--json")
    assert answer.code == 0, answer.out + answer.err
    # What stands after the script is its own.
    assert answer.out.startswith("NEST: done in ")
    same = "all 12 spikes of cells on the same steps; 1,203 samples of v of cells"
    assert f"NEST and Reference: identical: {same}" in answer.out
    assert "example.py on NEST ..." in answer.err
    runs = pd.read_parquet(root / "results/scripts/example/runs.parquet")
    assert runs["arguments"].tolist() == ["2.0 --json"] * 2

    # `compare` takes the tables, too.
    folder = root / "results" / "scripts" / "example"
    answer = counterpoint("compare", f"{folder}:nest", f"{folder}:reference", "--no-state")
    assert answer.code == 0 and answer.out.startswith("identical: all 12 spikes")


def test_a_difference_with_its_cause_and_a_figure(counterpoint, script, root):
    script.write_text(SCRIPT.replace("sim.end()", "").replace(
        "i_offset=float(sys.argv[1])",
        "i_offset=2.0, tau_refrac=2.0 if 'nest' in sim.__name__ else 3.0",
    ))  # fmt: skip
    answer = counterpoint("script", *PAIR, "--figure", "made/it.png", "example.py")
    assert answer.code == 0, answer.err
    assert "NEST and Reference: different: spikes in common: 3 of" in answer.out
    assert "on nest alone" in answer.out and "of the range, first v of cells at" in answer.out
    assert "different tau_refrac" in answer.out
    # The script has recorded v, so that the state is known.
    assert "state of neuron 0 of cells around it:" in answer.out
    assert (root / "made" / "it.png").stat().st_size > 10_000

    found = counterpoint("script", "--json", "--backends=nest,reference", "example.py").json
    (one,) = found["comparisons"]
    assert one["verdict"] == "different" and one["divergence"]["population"] == "cells"
    assert one["figure"] == str(root / "results/scripts/example/divergence_nest_reference.png")
    assert [run["backend"] for run in found["runs"]] == ["nest", "reference"]


def test_signals_that_differ_where_nothing_fires(counterpoint, script, root):
    script.write_text(SCRIPT.replace(
        "i_offset=float(sys.argv[1])", "v_rest=-65.0 if 'nest' in sys.argv[1] else -64.0"
    ))  # fmt: skip
    answer = counterpoint("script", *PAIR, "example.py", "nest")
    assert answer.code == 0, answer.err
    assert "different: no spike on either; 1 of 1 signals differ" in answer.out
    assert (root / "results/scripts/example/divergence_nest_reference.png").stat().st_size > 10_000


def test_a_script_that_fails_on_one_backend(counterpoint, script, root):
    script.write_text(SCRIPT.replace("sim.run(", "sim.nothing if 'nest' in sim.__name__ else 1\n"
                                     "sim.run(").replace("float(sys.argv[1])", "2.0"))  # fmt: skip
    answer = counterpoint("script", *PAIR, "example.py")
    assert answer.code == 1
    assert "NEST: failed: AttributeError: module" in answer.out
    assert "line 9: sim.nothing if 'nest' in sim.__name__ else 1" in answer.out
    assert "undecided: the script failed on nest\n" in answer.out
    spikes = pd.read_parquet(root / "results/scripts/example/spikes.parquet")
    assert set(spikes["run_id"]) == {"reference"}


def test_a_script_that_records_nothing(counterpoint, script):
    script.write_text(SCRIPT.replace("cells.record", "# ").replace("float(sys.argv[1])", "2.0"))
    answer = counterpoint("script", *PAIR, "example.py")
    assert answer.code == 0
    assert "undecided: the script recorded nothing" in answer.out
    assert "identical" not in answer.out


def test_the_unmodified_module_beside_it(counterpoint, script, root):
    script.write_text(SCRIPT.replace("pyNN.neuron", "pyNN.nest").replace(
        "cells.record", "cells = sim.Population(3, sim.SpikeSourcePoisson(rate=500.0, start=5.0))\n"
        "assert sim.__name__ == 'pyNN.nest'\ncells.record").replace('["spikes", "v"]', '"spikes"')
    )  # fmt: skip
    answer = counterpoint("script", "--stock", "--backends", "nest", "example.py", "2.0")
    assert answer.code == 0, answer.out
    assert "stock NEST: done" in answer.out
    assert "NEST and stock NEST: different: spikes in common" in answer.out
    assert "known causes that fit:" in answer.out
    runs = pd.read_parquet(root / "results/scripts/example/runs.parquet")
    assert runs["run_id"].tolist() == ["nest", "stock_nest"]


def test_only_neurons_that_both_recorded_are_compared(counterpoint, script):
    script.write_text(SCRIPT.replace("cells.record", "k = int('nest' in sim.__name__)\n"
                      "cells[k:k + 2].record").replace("float(sys.argv[1])", "2.0"))  # fmt: skip
    answer = counterpoint("script", *PAIR, "example.py")
    assert "identical: all 4 spikes of cells on the same steps; 401 samples of v" in answer.out
    for kind in ("spikes", "signals"):
        for where in ("nest", "reference"):
            assert f"{kind} of 1 neuron of cells (on {where} alone)" in answer.out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["missing.py"], "there is no file"),
        ([], "the following arguments are required: SCRIPT.py"),
        (["--backends", "nst", "example.py"], "did you mean 'nest'"),
        (["--backends", "reference", "--stock", "example.py"], "reference has no stock module"),
        (["--bckends", "nest", "example.py"], "'--bckends' is not understood"),
    ],
)
def test_bad_input_is_one_line_and_code_2(counterpoint, script, arguments, part):
    answer = counterpoint("script", *arguments)
    assert answer.code == 2 and part in answer.err and answer.err.count("\n") == 1


def test_names_of_backends_end_where_the_script_begins():
    given = ["script", "--backends", "a", "b", "x.py", "--backends", "c", "d"]
    assert arrange_arguments(given) == ["script", "--backends", "a,b", "x.py", *given[5:]]
    assert arrange_arguments(["script", "x.py", "--", "y"]) == ["script", "x.py", "--", "y"]
