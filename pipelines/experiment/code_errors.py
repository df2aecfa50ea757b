"""Errors raised by the code of an experiment, as one line with the file and line they come from."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import BadInput, CounterpointError, UnusableCode, one_line


@dataclass
class Attempt:
    """Outcome of a block of `attempt`.

    Attributes
    ----------
    error
        The error as one line; empty if there was none.
    at_import
        Whether the module could not be used at all, which is found before anything runs, too.
    """

    error: str = ""
    at_import: bool = False


@contextmanager
def attempt(folder: Path) -> Iterator[Attempt]:
    """Carry out code of an experiment; keep its error as one line, and log its traceback.

    Parameters
    ----------
    folder
        Folder of the experiment.

    Raises
    ------
    CounterpointError
        What does not come from the experiment: a damaged table, a file that cannot be written.
    """
    made = Attempt()
    try:
        yield made
    except (Exception, SystemExit) as error:
        if isinstance(error, CounterpointError) and not isinstance(error, BadInput):
            raise
        logging.getLogger(__name__).warning("".join(traceback.format_exception(error)))
        made.error = explain(error, folder)
        made.at_import = isinstance(error, UnusableCode)


def explain(error: BaseException, folder: Path) -> str:
    """An error as one line: file and line of the experiment, then type and message.

    Parameters
    ----------
    error
        The error, raised while code of the experiment was carried out.
    folder
        Folder of the experiment.

    Examples
    --------
    ``experiments/my_network/experiment.py:12: ValueError: no such weight``. The place is left out
    if the error does not come from a file of the experiment.
    """
    text = str(error) if isinstance(error, CounterpointError) else one_line(error)
    if isinstance(error, UnusableCode):
        return text
    place = place_of(error, folder)
    return f"{place}: {text}" if place else text


def place_of(error: BaseException, folder: Path) -> str:
    """Innermost file and line of an experiment that an error comes from; empty if there is none."""
    found = [(frame.f_code.co_filename, line) for frame, line in
             traceback.walk_tb(error.__traceback__)]  # fmt: skip
    if isinstance(error, SyntaxError) and error.filename:
        found.append((error.filename, error.lineno or 1))
    for name, line in reversed(found):
        path = Path(name)
        if path.is_relative_to(folder):
            return f"{path.relative_to(folder.parent.parent).as_posix()}:{line}"
    return ""
