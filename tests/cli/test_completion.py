"""Completion of commands, options and names in shells."""

import os
import shutil
import subprocess
import sys

import pytest

from pipelines.installation import python_path

# What a shell does at a tab, and how it shows the completions.
ASK = {
    "bash": """
        source <(counterpoint completion bash)
        COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
        _python_argcomplete counterpoint
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "fish": """
        counterpoint completion fish | source
        complete -C $argv[1] | cut -f 1
    """,
}


@pytest.fixture
def shell(demo, tmp_path):
    """The environment of a shell that finds this library's command."""
    programs = tmp_path / "bin"
    programs.mkdir()
    command = programs / "counterpoint"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m pipelines "$@"\n')
    command.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": python_path(), "HOME": str(tmp_path)}


def completed(shell, line, program="bash"):
    """Completions of a line, as a shell gives them."""
    arguments = [program, "-c", ASK[program], *(["bash"] if program == "bash" else []), line]
    done = subprocess.run(arguments, env=shell, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [word.strip() for word in done.stdout.split("\n") if word]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("counterpoint comp", ["compare", "completion"]),
        ("counterpoint run de", ["demo"]),
        ("counterpoint sweep --profile q", ["quick"]),
        ("counterpoint run demo --profile fu", ["full"]),
        ("counterpoint run demo --backend br", ["brian2"]),
        ("counterpoint run demo --set wei", ["weight="]),
        ("counterpoint run demo --res", ["--results"]),
        ("counterpoint run demo --results experiments/d", ["experiments/demo/"]),
        ("counterpoint completion f", ["fish"]),
        ("counterpoint bench swe", ["sweep"]),
        ("counterpoint run demo --seed ", []),
    ],
)
def test_what_a_shell_completes(shell, line, expected):
    assert completed(shell, line) == expected


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_completes_too(shell):
    assert completed(shell, "counterpoint run de", "fish") == ["demo"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_the_script_for_zsh_is_one(counterpoint):
    script = counterpoint("completion", "zsh").out
    assert script.startswith("#compdef counterpoint\n")
    subprocess.run(["zsh", "-n", "-c", script], check=True)


def test_what_cannot_be_read_completes_nothing(shell, demo):
    (demo / "experiment.py").write_text("def\n")
    assert completed(shell, "counterpoint run demo --set ") == []
    assert completed(shell, "counterpoint run de") == ["demo"]
    assert completed(shell | {"COUNTERPOINT_ROOT": "/"}, "counterpoint run d") == []


def test_completion_imports_no_simulator(shell):
    code = (
        "import atexit, os, sys\n"
        "from pipelines.cli import completion, main\n"
        "exit_now = os._exit\n"
        "def at_end(code):\n"
        "    print({'nest', 'brian2', 'pyNN', 'snakemake', 'pandas'} & {*sys.modules})\n"
        "    sys.stdout.flush()\n"
        "    exit_now(code)\n"
        "os._exit = at_end\n"
        "main(['run'])\n"
    )
    line = "counterpoint run demo --set w"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9"}
    asked["_ARGCOMPLETE_STDOUT_FILENAME"] = str(shell["HOME"]) + "/answer"
    done = subprocess.run(
        [sys.executable, "-c", code], env=shell | asked, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
    with open(asked["_ARGCOMPLETE_STDOUT_FILENAME"]) as answer:
        assert "weight=" in answer.read()


def test_another_shell_is_refused_by_name(counterpoint):
    answer = counterpoint("completion", "bsh")
    assert answer.code == 2 and "did you mean 'bash'?" in answer.err
    assert counterpoint("completion", "bash", "--json").json["shell"] == "bash"
