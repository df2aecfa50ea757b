"""Evidence for a verdict as a short list: what differs, causes, what was compared, margins, power.

The table `verdicts` has the evidence as one text of clauses with "; " between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.report.formatting import has_value
from pipelines.verdicts.group_verdict import margins_in_words, power_in_words
from pipelines.verdicts.verdict_names import DIFFERENT

FOUND, DIFFERS, CAUSES = "What was found", "What differs", "Known causes that fit"
REFERENCE, NOT_COMPARED, DECIDES = "The reference", "Not compared", "What would decide"
MEASURED, NOT_MEASURED = "Measured", "Not measured"
WITHIN, SECONDARY = "Different, but within the margin", "Secondary metrics that are undecided"
MARGINS, POWER = "Margins", "Power"

_WITHIN, _POWER = "means the same within ", "so many runs find "
_DECIDE = re.compile(r"\d+ seeds a backend would decide")
# Beginnings of the clauses of `pipelines.verdicts.group_verdict`, and what they are about.
_OF_GROUPS = (
    (re.compile(r"\d+ of \d+ metrics measured"), MEASURED),
    (re.compile("not measured: "), NOT_MEASURED),
    (re.compile("different, but within the margin: "), WITHIN),
    (re.compile("undecided secondary metrics: "), SECONDARY),
    (re.compile(_WITHIN), MARGINS),
    (re.compile(_POWER), POWER),
    (re.compile(rf"(more than )?{_DECIDE.pattern}"), DECIDES),
)
# Headings in the order of the page; the others come first.
_LAST = (CAUSES, REFERENCE, DECIDES, MEASURED, NOT_MEASURED, NOT_COMPARED, MARGINS, POWER)


@dataclass(frozen=True)
class Item:
    """One heading of the evidence, and what there is to say under it."""

    title: str
    texts: tuple[str, ...]


def clauses(text: str) -> list[str]:
    """Split a text at each "; " that is not inside brackets."""
    found, depth, start = [], 0, 0
    for k, letter in enumerate(text):
        depth = max(0, depth + (letter in "([") - (letter in ")]"))
        if letter == ";" and depth == 0 and text[k + 1 : k + 2] == " ":
            found.append(text[start:k])
            start = k + 2
    return [part for part in (*found, text[start:]) if part.strip()]


def is_of_draws(row: Mapping[str, Any]) -> bool:
    """Whether a row of `verdicts` is about all seeds of independent draws, not about two runs."""
    return has_value(row, "n_seeds") and not has_value(row, "statistics")


def evidence_items(
    row: Mapping[str, Any],
    comparisons: pd.DataFrame | None = None,
    known: KnownMetrics = BUILT_IN,
) -> tuple[Item, ...]:
    """List the evidence of a row of `verdicts`.

    Parameters
    ----------
    row
        Row of the table `verdicts`.
    comparisons
        Rows of the table of that name for this point and pair of backends, from which margins
        and power are told where the evidence does not.
    known
        Metrics of the experiment.
    """
    if is_of_draws(row):
        return _of_group(str(row["evidence"]), str(row["verdict"]), comparisons, known)
    text, found = str(row["evidence"]), dict[str, list[str]]()
    statistics: tuple[Item, ...] = ()
    if has_value(row, "statistics"):
        text = text.rpartition("; as statistics of ")[0] or text
        verdict, _, rest = str(row["statistics"]).partition(": ")
        first, *others = _of_group(rest, verdict, comparisons, known)
        together = (f"{verdict}: {first.texts[0]}", *first.texts[1:])
        statistics = (Item(f"All {int(row['n_seeds'])} seeds together", together), *others)
    text, causes = _split_causes(text, str(row["causes"]) if has_value(row, "causes") else "")
    title = DIFFERS if row["verdict"] == DIFFERENT else FOUND
    for clause in clauses(text):
        # It ends a sentence: what was found before it has no full stop of its own.
        head, mark, tail = clause.partition(". Not compared: ")
        is_reference = clause.startswith("the reference agrees")
        found.setdefault(REFERENCE if is_reference else title, []).append(head)
        if mark:
            found.setdefault(NOT_COMPARED, []).append(tail)
    if causes:
        found[CAUSES] = causes
    return (*_ordered(found), *statistics)


def _split_causes(text: str, names: str) -> tuple[str, list[str]]:
    """Split off the explanations of known causes, each of which begins with the cause's name."""
    labels = [name for name in names.split("; ") if name]
    starts = sorted({at for name in labels if (at := text.find(f"; {name}: ")) >= 0})
    if not starts:
        return text, labels
    stops = [*starts[1:], len(text)]
    told = [text[a + 2 : b] for a, b in zip(starts, stops, strict=True)]
    told += [name for name in labels if f"; {name}: " not in text]
    return text[: starts[0]], told


def _of_group(
    text: str, verdict: str, comparisons: pd.DataFrame | None, known: KnownMetrics
) -> tuple[Item, ...]:
    found: dict[str, list[str]] = {}
    # The margins follow the number of metrics without a semicolon.
    for clause in clauses(text.replace(f": {_WITHIN}", f"; {_WITHIN}")):
        title = next((what for start, what in _OF_GROUPS if start.match(clause)), None)
        named = title in (NOT_MEASURED, WITHIN, SECONDARY)
        words = clause.partition(": ")[2] if named else clause.removeprefix(_WITHIN)
        found.setdefault(title or (DIFFERS if verdict == DIFFERENT else FOUND), []).append(words)
    if comparisons is not None and len(comparisons):
        primary = comparisons[comparisons["primary"].fillna(True).astype(bool)]
        if MARGINS not in found and len(primary):
            words = margins_in_words(primary, known).removeprefix(_WITHIN)
            found[MARGINS] = [words]
        if POWER not in found and len(primary) and (power := power_in_words(primary)):
            found[POWER] = [power]
    return tuple(_ordered(found)) or (Item(FOUND, (text,)),)


def _ordered(found: Mapping[str, Iterable[str]]) -> list[Item]:
    def place(title: str) -> int:
        return _LAST.index(title) if title in _LAST else -1

    return [Item(title, tuple(found[title])) for title in sorted(found, key=place)]


def text_of(items: Iterable[Item], title: str) -> str:
    """What is said under a heading, as one text; "" without it."""
    return "; ".join(text for item in items if item.title == title for text in item.texts)
