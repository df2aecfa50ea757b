"""What all commands have in common."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import __version__

SHOWN = (
    "list, new, run, sweep, compare, export, script, doctor, conformance, verify, bench, "
    "validate-validator, completion"
)
COMMANDS = SHOWN.split(", ")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(counterpoint, command):
    answer = counterpoint(command, "--help")
    assert answer.code == 0
    assert f"example: counterpoint {command}" in answer.out
    assert "--json" in answer.out


def test_the_help_lists_all_commands(counterpoint):
    answer = counterpoint("--help")
    assert answer.code == 0
    assert all(command in answer.out for command in COMMANDS)


def test_the_version(counterpoint):
    assert counterpoint("--version").out == f"counterpoint {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (
            [],
            f"no command is given; allowed: {SHOWN}",
        ),
        (
            ["lst"],
            f"'lst'; allowed: {SHOWN}; did you mean 'list'?",
        ),
        (["dcotor", "--json"], "did you mean 'doctor'?"),
        (["list", "--jsn"], "'--jsn' is not understood; allowed: -h, --help, --json; did you mean"),
        (["run"], "the following arguments are required: EXPERIMENT"),
        (["run", "demo", "--sed=3"], "'--sed=3' is not understood"),
        (["run", "demo", "--seed"], "expected one argument"),
        (["new", "a", "b"], "'b' is not understood"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_code_2(counterpoint, arguments, part):
    answer = counterpoint(*arguments)
    assert answer.code == 2 and answer.out == ""
    assert part in answer.err
    assert answer.err.count("\n") == 1


def test_python_dash_m_is_the_command(root):
    library = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", "lis"],
        cwd=root,
        env={"PYTHONPATH": str(library), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("counterpoint: there is no command 'lis'")


@pytest.mark.parametrize(
    ("raised", "code"), [(KeyboardInterrupt(), 130), (SystemExit(143), 143)], ids=["INT", "TERM"]
)
@pytest.mark.parametrize(("command", "goes_on"), [("run", True), ("list", False)])
def test_an_interruption_says_how_to_go_on(
    counterpoint, monkeypatch, raised, code, command, goes_on
):
    def interrupted(options):
        raise raised

    monkeypatch.setattr(
        f"pipelines.cli.{'list_' if command == 'list' else command}.execute", interrupted
    )
    answer = counterpoint(command, *(["demo"] if command == "run" else []))
    assert answer.code == code and answer.err.count("\n") == 1
    assert ("goes on from there" in answer.err) == goes_on
