"""Exceptions with one-line messages: place, problem, allowed values, nearest valid name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"\d[\d.e+-]*")


class CounterpointError(Exception):
    """Base of every error that is raised on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Without the arguments of a subclass, which its message no longer tells apart.
        return _restored, (type(self), self.args), self.__dict__


class BadInput(CounterpointError):
    """Something a user wrote cannot be accepted.

    Parameters
    ----------
    where
        The place: a file and key, a command-line option, a call.
    problem
        What is wrong with it, naming the value.
    allowed
        What would be accepted instead.
    given
        The name that was not recognised, where the problem is a wrong name.
    among
        The right names, searched for the one nearest to `given` and listed when
        `allowed` does not say more.
    """

    def __init__(
        self,
        where: str,
        problem: str,
        allowed: str | None = None,
        given: object = None,
        among: Iterable[str] = (),
    ) -> None:
        names = [str(name) for name in among]
        if allowed is None and names:
            allowed = ", ".join(names)
        parts = [f"{where}: {problem}"]
        if allowed is not None:
            parts.append(f"allowed: {allowed}")
        nearest = nearest_name(given, names)
        if nearest is not None:
            parts.append(f"did you mean '{nearest}'?")
        self.where = where
        self.problem = problem
        self.allowed = allowed
        self.nearest = nearest
        super().__init__("; ".join(parts))


class UnusableCode(BadInput):
    """A module of an experiment cannot be imported, or lacks what it must define."""


class Unsupported(BadInput):
    """A backend cannot do what is asked, and refuses instead of doing something else."""


class DamagedResult(CounterpointError):
    """A stored result is truncated, altered or not what its name says.

    Attributes
    ----------
    path
        The table that is damaged; None if it is the file of a run.
    """

    def __init__(self, message: str, path: Path | None = None) -> None:
        super().__init__(message)
        self.path = path


def _restored(kind: type[CounterpointError], arguments: tuple[Any, ...]) -> CounterpointError:
    error = kind.__new__(kind)
    error.args = arguments
    return error


def nearest_name(given: object, among: Iterable[str]) -> str | None:
    """Return the name closest to `given`, or None when nothing is close."""
    if given is None:
        return None
    names = list(among)
    lowered = {name.lower(): name for name in reversed(names)}
    match = get_close_matches(str(given).lower(), list(lowered), n=1, cutoff=0.5)
    return lowered[match[0]] if match else None


def one_line(error: BaseException, limit: int = 500) -> str:
    """An exception as one line: its type and message."""
    text = " ".join(str(error).split())
    line = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return line if len(line) <= limit else line[: limit - 3] + "..."


def without_numbers(text: str) -> str:
    """A text with each number as ``#``: messages that differ in numbers alone are one."""
    return _NUMBER.sub("#", text)
