"""The command ``counterpoint``: parses the command line, runs a command, returns an exit code.

0: done. 1: not done, or a check failed; the output says why. 2: bad input, one line on stderr.
130 and 143: interrupted by Ctrl-C or by kill, with one line that says how to go on.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from pipelines import __version__
from pipelines.cli import (
    bench,
    compare,
    completion,
    conformance,
    doctor,
    export,
    list_,
    new,
    run,
    script,
    sweep,
    validate_validator,
    verify,
)
from pipelines.errors import BadInput, CounterpointError
from pipelines.execution.processes import sigterm_as_exit
from pipelines.workflow.command import SAID
from pipelines.workflow.interruption import RESUMED

_COMMANDS = {
    "list": list_,
    "new": new,
    "run": run,
    "sweep": sweep,
    "compare": compare,
    "export": export,
    "script": script,
    "doctor": doctor,
    "conformance": conformance,
    "verify": verify,
    "bench": bench,
    "validate-validator": validate_validator,
    "completion": completion,
}

DONE, NOT_DONE, BAD_INPUT, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143

# Commands that go on where they stopped, by words of the command line.
_RESUMING = ({"run"}, {"sweep"}, {"bench", "exact"})


class _Parser(argparse.ArgumentParser):
    """Argument parser that raises BadInput instead of printing its usage."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(self.prog, message, allowed=f"see '{self.prog} --help'")


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``counterpoint`` with the arguments `argv` (of the process by default).

    Returns
    -------
    int
        Exit code: 0, 1, 2 or 130, as above.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        with sigterm_as_exit():
            return _run_command(arguments)
    except BadInput as error:
        _print_error(error)
        return BAD_INPUT
    except CounterpointError as error:
        _print_error(error)
        return NOT_DONE
    except KeyboardInterrupt as interruption:
        _print_how_to_go_on(interruption, arguments)
        return INTERRUPTED
    except SystemExit as interruption:
        if interruption.code != TERMINATED:
            raise
        _print_how_to_go_on(interruption, arguments)
        return TERMINATED
    except BrokenPipeError:
        # The reader has closed the pipe, as in `counterpoint list | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_DONE


def _run_command(arguments: list[str]) -> int:
    parser, commands = _parsers()
    if "_ARGCOMPLETE" in os.environ:
        completion.complete(parser, commands.values())
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    if chosen is not None and chosen not in _COMMANDS:
        raise BadInput(
            parser.prog, f"there is no command '{chosen}'", given=chosen, among=_COMMANDS
        )
    if chosen is not None and hasattr(_COMMANDS[chosen], "arrange_arguments"):
        arguments = _COMMANDS[chosen].arrange_arguments(arguments)
    options, unknown = parser.parse_known_args(arguments)
    if options.command is None:
        raise BadInput(parser.prog, "no command is given", among=_COMMANDS)
    if unknown:
        command = commands[options.command]
        known = [text for action in command._actions for text in action.option_strings]
        among = known if unknown[0].startswith("-") else ()
        word = unknown[0].partition("=")[0]
        raise BadInput(command.prog, f"'{unknown[0]}' is not understood", given=word, among=among)
    code: int = _COMMANDS[options.command].execute(options)
    sys.stdout.flush()
    return code


def _parsers() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(
        prog="counterpoint",
        description="One PyNN experiment, played on several simulators, and compared.",
        epilog="example: counterpoint run lif_fi_curve --set i_offset=0.6",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"counterpoint {__version__}")
    group = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands = {}
    for name, module in _COMMANDS.items():
        command = group.add_parser(
            name,
            help=module.SUMMARY,
            description=module.DESCRIPTION,
            epilog=module.EXAMPLE,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.add_argument("--json", action="store_true", help="print JSON for programs")
        commands[name] = command
    return parser, commands


def _print_how_to_go_on(interruption: BaseException, arguments: Sequence[str]) -> None:
    if SAID in getattr(interruption, "__notes__", ()):
        return
    command = {*arguments[:1]}
    resumes = any(command <= words <= {*arguments} for words in _RESUMING)
    again = "interrupted; the same command starts from the beginning"
    sys.stderr.write(f"{RESUMED if resumes else again}\n")


def _print_error(error: Exception) -> None:
    line = " ".join(str(error).split())
    sys.stderr.write(f"{line}\n")
