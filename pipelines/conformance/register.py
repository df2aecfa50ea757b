"""The register of known differences between the stock backends, and its page."""

from __future__ import annotations

from pipelines.backends import get, stock_names

from . import (
    known_cells,
    known_connectivity,
    known_neurons,
    known_plasticity,
    known_short_term,
    known_sources,
    known_states,
    suite,  # noqa: F401 - it knows all modules that define checks
)
from .check import CHECKS, Outcome
from .difference import SEVERITIES, Difference

SECTIONS: dict[str, tuple[Difference, ...]] = {
    "Time, neurons and recording": known_neurons.KNOWN,
    "Cell types": known_cells.KNOWN,
    "States and parameters of cells": known_states.KNOWN,
    "Sources and currents": known_sources.KNOWN,
    "Connectivity": known_connectivity.KNOWN,
    "Plasticity": known_plasticity.KNOWN,
    "Short-term plasticity": known_short_term.KNOWN,
}

REGISTER: dict[str, Difference] = {known.row: known for rows in SECTIONS.values() for known in rows}

_TITLE = """# Known differences between PyNN's backends

One PyNN program means two things on the stock {stock}. This page lists
every difference that is known, which side is right, and what `pipelines.backends` does about it:
the difference is *reconciled* (both backends give what is right) or *refused*, by name, with the
value and the way out, before anything runs.

It is generated from `pipelines/conformance` by `counterpoint conformance --register FILE`. Each
row is watched by checks (`counterpoint conformance CHECK`), fails one of them when its correction
is taken out (`tests/conformance/test_corrections.py`), and is still shown by the stock modules
(`tests/conformance/test_stock.py`; when it no longer is, the correction can go).
"""


def checks_of(row: str) -> tuple[str, ...]:
    """Names of the checks that watch a row, in the order of their definition."""
    return tuple(name for name, case in CHECKS.items() if case.row == row)


def is_refused(backend: str, check: str) -> bool:
    """Whether the register says that a conformant backend refuses a check."""
    known = REGISTER.get(CHECKS[check].row)
    return known is not None and check in known.refused.get(backend, ())


def is_expected(outcome: Outcome) -> bool:
    """Whether a conformant backend passes a check, or refuses it as the register says."""
    if outcome.outcome == "refused":
        return is_refused(outcome.backend, outcome.name)
    return outcome.outcome == "passed"


def page() -> str:
    """The register as a Markdown page."""
    modules = [f"`{stock.module}`" for name in stock_names() if (stock := get(name).stock)]
    lines = [_TITLE.format(stock=" and ".join(modules)), *_overview()]
    for title, rows in SECTIONS.items():
        lines += [f"## {title}", ""]
        for known in rows:
            lines += _row(known)
    return "\n".join(lines).rstrip() + "\n"


def _overview() -> list[str]:
    legend = "; ".join(f"**{key}** {meaning}" for key, meaning in SEVERITIES.items())
    lines = [f"Severity: {legend}.", "", "| difference | severity | state | checks |"]
    lines.append("|---|---|---|---|")
    for known in REGISTER.values():
        number = len(checks_of(known.row))
        lines.append(f"| {_link(known.row)} | {known.severity} | {known.state} | {number} |")
    return [*lines, ""]


def _link(row: str) -> str:
    kept = "".join(c for c in row.lower() if c.isalnum() or c in " -_")
    return f"[{row}](#{kept.replace(' ', '-')})"


def _row(known: Difference) -> list[str]:
    facts = {
        "What a script does": known.construct,
        **{
            f"Stock {get(backend).label}": known.behaviour.get(backend, "")
            for backend in stock_names().values()
        },
        "Right": known.right,
        "Evidence": known.evidence,
        "Severity": ", ".join(SEVERITIES[key] for key in known.severity.split(", ")),
        "State": known.state,
        "How": known.how,
        "By": ", ".join(f"`pipelines/backends/{module}`" for module in known.modules),
        "Seen in": known.seen_in if known.stock else "",
    }
    lines = [f"### {known.row}", ""]
    lines += [f"- {name}: {fact}" for name, fact in facts.items() if fact]
    # A backend that has no stock module has no differences from it.
    backends = tuple(stock_names().values())
    labels = [get(backend).label for backend in backends]
    lines += ["", f"| {' | '.join(['check', *(f'stock {name}' for name in labels), *labels])} |"]
    lines.append("|---" * (1 + 2 * len(backends)) + "|")
    for name in checks_of(known.row):
        stock = [_stock(known, backend, name) for backend in backends]
        ours = ["refused" if is_refused(b, name) else "passes" for b in backends]
        lines.append(f"| `{name}` | {' | '.join([*stock, *ours])} |")
    return [*lines, ""]


def _stock(known: Difference, backend: str, check: str) -> str:
    for fails, shown in (
        ("fails", known.stock.get(backend, {})),
        ("fails under NumPy 2", known.stock_numpy_2.get(backend, {})),
    ):
        if check in shown:
            text = shown[check].strip(" ,")
            return f"{fails}: {text}" if text else fails
    return "passes"
