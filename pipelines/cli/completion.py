"""``counterpoint completion``: completion of commands, options and names in a shell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import Any

from pipelines import backends
from pipelines.cli.bench_options import QUESTIONS
from pipelines.cli.output import write_json
from pipelines.errors import BadInput

SUMMARY = "print what makes a shell complete commands, options and names"
DESCRIPTION = """\
Print a script with which bash, zsh or fish completes the commands of counterpoint, their options,
and the names of experiments, profiles, parameters and backends. Once for each user:

bash   counterpoint completion bash > ~/.local/share/bash-completion/completions/counterpoint
zsh    counterpoint completion zsh > FOLDER/_counterpoint, with a FOLDER of your $fpath
fish   counterpoint completion fish > ~/.config/fish/completions/counterpoint.fish

Or for the shell that is open, bash and zsh: eval "$(counterpoint completion bash)\""""
EXAMPLE = 'example: counterpoint completion bash, as in eval "$(counterpoint completion bash)"'

_SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("shell", metavar="SHELL", help=" or ".join(_SHELLS))


def execute(options: argparse.Namespace) -> int:
    """Write the script of a shell."""
    import argcomplete

    if options.shell not in _SHELLS:
        raise BadInput("SHELL", f"'{options.shell}'", given=options.shell, among=_SHELLS)
    script = argcomplete.shellcode(["counterpoint"], shell=options.shell)
    if options.json:
        write_json({"shell": options.shell, "script": script})
    else:
        sys.stdout.write(script)
    return 0


def complete(parser: argparse.ArgumentParser, commands: Iterable[argparse.ArgumentParser]) -> None:
    """Answer a shell that asks for completions, and end the process.

    Parameters
    ----------
    parser
        The parser of ``counterpoint``.
    commands
        Those of its commands. What an argument takes is told by its metavar.
    """
    import argcomplete

    completers: dict[str, Callable[..., Iterable[str]]] = {
        "EXPERIMENT": _experiments,
        "PROFILE": _profiles,
        "NAME=VALUE": _parameters,
        "BACKEND": _backends,
        "NAMES": _backends,
        "SHELL": lambda **_: _SHELLS,
        "WHAT": lambda **_: QUESTIONS,
        "FOLDER": argcomplete.DirectoriesCompleter(),
        "FILE": argcomplete.FilesCompleter(),
        "SCRIPT.py": argcomplete.FilesCompleter(("py",)),
    }
    for command in commands:
        for action in command._actions:
            # Shells suppose the name of a file, which nothing else is.
            found = completers.get(str(action.metavar), argcomplete.SuppressCompleter())
            if not action.choices:
                action.completer = found  # type: ignore[attr-defined]
    argcomplete.autocomplete(parser, default_completer=argcomplete.SuppressCompleter())


def _experiments(**_: Any) -> list[str]:
    from pipelines.experiment import find_experiments

    try:
        return find_experiments()
    except BadInput:
        return []


def _backends(**_: Any) -> tuple[str, ...]:
    return backends.names()


def _profiles(parsed_args: argparse.Namespace, **_: Any) -> list[str]:
    """Profiles of the experiment that is named, or of all."""
    from pipelines.experiment import load_experiment
    from pipelines.sweep.profile import read_sweep

    named = getattr(parsed_args, "experiment", None)
    found: dict[str, None] = {}
    for name in [named] if named else _experiments():
        try:
            found |= dict.fromkeys(read_sweep(load_experiment(name)).profiles)
        except BadInput:
            continue
    return list(found)


def _parameters(parsed_args: argparse.Namespace, **_: Any) -> list[str]:
    from pipelines.experiment import describe, load_experiment

    try:
        experiment = load_experiment(parsed_args.experiment)
    except BadInput:
        return []
    return [f"{name}=" for name in describe(experiment.parameters)]
