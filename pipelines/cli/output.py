"""Output of commands: JSON for programs, or lines and tables of text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def write_json(content: Any) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(content, indent=2) + "\n")


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to stdout."""
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in lines)


def table(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Lines of text with the columns of `rows` aligned; the last column is not padded."""
    if not rows:
        return []
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append((indent + "  ".join([*cells, row[-1]])).rstrip())
    return lines


def counted(number: int, noun: str) -> str:
    """Return a number with a noun, as in "1 point" and "2 points"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def with_unit(value: Any, unit: str | None) -> str:
    """Return a value with its unit, as in "5.0 ms"; names and pure numbers have none."""
    return f"{value}" if unit in (None, "", "1") else f"{value} {unit}"
