"""Expected outcomes of checks by the register of known differences, and the register's page."""

from __future__ import annotations

from pipelines import backends, differences
from pipelines.differences import SEVERITIES, Difference

from . import suite  # noqa: F401 - it knows all modules that define checks
from .check import CHECKS, Outcome

_TITLE = """# Known differences between PyNN's backends

One PyNN program means two things on the stock {stock}. This page lists
every difference that is known, which side is right, and what `pipelines.backends` does about it:
the difference is *reconciled* (both backends give what is right) or *refused*, by name, with the
value and the way out, before anything runs.

It is generated from `pipelines/differences` by `counterpoint conformance --register FILE`. Each
row is watched by checks (`counterpoint conformance CHECK`), fails one of them when its correction
is taken out (`tests/conformance/test_corrections.py`), and is still shown by the stock modules
(`tests/conformance/test_stock.py`; when it no longer is, the correction can go).
"""


def checks_of(row: str) -> tuple[str, ...]:
    """Names of the checks of a known difference, in the order of their definition."""
    return tuple(name for name, case in CHECKS.items() if case.row == row)


def is_refused(backend: str, check: str) -> bool:
    """Whether the register says that a conformant backend refuses a check."""
    known = differences.known().get(CHECKS[check].row)
    return known is not None and check in known.refused.get(backend, ())


def is_expected(outcome: Outcome) -> bool:
    """Whether an outcome is a pass, or a refusal that the register lists."""
    if outcome.outcome == "refused":
        return is_refused(outcome.backend, outcome.name)
    return outcome.outcome == "passed"


def page() -> str:
    """The register as a Markdown page."""
    stock = [backends.get(name).stock for name in backends.stock_names()]
    modules = [f"`{one.module}`" for one in stock if one]
    lines = [_TITLE.format(stock=" and ".join(modules)), *_overview()]
    for subject in differences.subjects():
        lines += [f"## {subject.title}", ""]
        for known in subject.differences:
            lines += _entry(known)
    return "\n".join(lines).rstrip() + "\n"


def _overview() -> list[str]:
    legend = "; ".join(f"**{key}** {meaning}" for key, meaning in SEVERITIES.items())
    lines = [f"Severity: {legend}.", "", "| difference | severity | state | checks |"]
    lines.append("|---|---|---|---|")
    for known in differences.known().values():
        number = len(checks_of(known.name))
        severity = ", ".join(known.severity)
        lines.append(f"| {_link(known.name)} | {severity} | {known.state} | {number} |")
    return [*lines, ""]


def _link(name: str) -> str:
    kept = "".join(c for c in name.lower() if c.isalnum() or c in " -_")
    return f"[{name}](#{kept.replace(' ', '-')})"


def _entry(known: Difference) -> list[str]:
    facts = {
        "What a script does": known.script,
        **{
            f"Stock {backends.get(backend).label}": known.behaviour.get(backend, "")
            for backend in backends.stock_names().values()
        },
        "Right": known.right,
        "Evidence": known.evidence,
        "Severity": ", ".join(SEVERITIES[key] for key in known.severity),
        "State": known.state,
        "How": known.correction,
        "By": ", ".join(f"`pipelines/backends/{module}`" for module in known.modules),
        "Seen in": _seen_in(known) if known.stock_failures else "",
    }
    lines = [f"### {known.name}", ""]
    lines += [f"- {name}: {fact}" for name, fact in facts.items() if fact]
    # A backend that has no stock module has no differences from it.
    compared = tuple(backends.stock_names().values())
    labels = [backends.get(backend).label for backend in compared]
    lines += ["", f"| {' | '.join(['check', *(f'stock {name}' for name in labels), *labels])} |"]
    lines.append("|---" * (1 + 2 * len(compared)) + "|")
    for name in checks_of(known.name):
        stock = [_stock(known, backend, name) for backend in compared]
        ours = ["refused" if is_refused(b, name) else "passes" for b in compared]
        lines.append(f"| `{name}` | {' | '.join([*stock, *ours])} |")
    return [*lines, ""]


def _seen_in(known: Difference) -> str:
    """Versions of PyNN and the simulators in which the difference was seen."""
    shown = backends.in_order({*known.stock_failures, *known.stock_failures_numpy_2})
    modules = [backends.get(backend).stock for backend in shown]
    return ", ".join(["PyNN 0.13.0", *(stock.seen_in for stock in modules if stock)])


def _stock(known: Difference, backend: str, check: str) -> str:
    for fails, shown in (
        ("fails", known.stock_failures.get(backend, {})),
        ("fails under NumPy 2", known.stock_failures_numpy_2.get(backend, {})),
    ):
        if check in shown:
            text = shown[check].strip(" ,")
            return f"{fails}: {text}" if text else fails
    return "passes"
