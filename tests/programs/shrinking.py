"""Leaves out of a program what its difference does not need."""

from __future__ import annotations

from collections.abc import Callable

from .program import Program


def shrink(program: Program, fails: Callable[[Program], bool]) -> Program:
    """The smallest program that still fails, found by leaving out statements but for the first.

    Parameters
    ----------
    fails
        Whether a program shows what is looked for.
    """
    size = max(len(program.statements) // 2, 1)
    while True:
        start, before = len(program.statements) - size, program
        while start > -size:
            smaller = program.without(range(max(start, 1), start + size))
            if smaller.statements != program.statements and fails(smaller):
                program = smaller
            start -= size
        if size == 1 and program == before:
            return program
        size = max(size // 2, 1)
