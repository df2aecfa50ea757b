"""Output of ``counterpoint compare`` for two folders."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipelines.cli.output import counted, table
from pipelines.verdicts.folder_tables import Folder
from pipelines.verdicts.result_folders import FolderComparison
from pipelines.verdicts.verdict_names import DIFFERENT, IDENTICAL, VERDICTS

# Largest number of rows of a list in the text; the JSON has all.
_MOST_LISTED = 20


def as_dict(found: FolderComparison, a: Folder, b: Folder) -> dict[str, Any]:
    """The comparison as a dictionary, for JSON.

    Parameters
    ----------
    found
        The comparison.
    a, b
        The compared folders.
    """
    counts = Counter(pair.result.verdict for pair in found.pairs)
    return {
        "folders": [str(a.path), str(b.path)],
        "paired_by": list(found.paired_by),
        "not_paired_by": _not_in_both(a, b),
        "counts": {verdict: counts[verdict] for verdict in VERDICTS},
        "pairs": [
            {"run_a": pair.run_a, "run_b": pair.run_b, "point": pair.point, **vars(pair.result)}
            for pair in found.pairs
        ],
        "only_in_a": [{"run_id": run_id, "point": point} for run_id, point in found.only_a],
        "only_in_b": [{"run_id": run_id, "point": point} for run_id, point in found.only_b],
    }


def lines(found: FolderComparison, a: Folder, b: Folder) -> list[str]:
    """Lines of text: counts of verdicts, differences with causes, and unpaired runs."""
    paired_by = ", ".join(found.paired_by) or "nothing: each folder has one run"
    text = [
        f"{counted(len(a.runs), 'run')} in {a.path}, {counted(len(b.runs), 'run')} in {b.path};"
        f" {counted(len(found.pairs), 'pair')}, by {paired_by}"
    ]
    unused = _not_in_both(a, b)
    if unused:
        text.append(f"not paired by what one folder alone has: {', '.join(unused)}")
    counts = Counter(pair.result.verdict for pair in found.pairs)
    text += table([[verdict, str(counts[verdict])] for verdict in VERDICTS], "    ")
    text += _not_compared_lines(found)
    text += _difference_lines(found)
    for path, unpaired in ((a.path, found.only_a), (b.path, found.only_b)):
        if unpaired:
            text.append(f"{counted(len(unpaired), 'run')} only in {path}:")
            rows = [[run_id, _point_text(point, tuple(point))] for run_id, point in unpaired]
            text += _shortened_table(rows)
    return text


def _not_compared_lines(found: FolderComparison) -> list[str]:
    """Lines on what was not compared, with the number of pairs if it is not all of them."""
    phrases = Counter(phrase for pair in found.pairs for phrase in pair.result.not_compared)
    if not phrases:
        return []
    rows = [
        [phrase, "" if number == len(found.pairs) else counted(number, "pair")]
        for phrase, number in phrases.most_common()
    ]
    return ["not compared:", *_shortened_table(rows)]


def _difference_lines(found: FolderComparison) -> list[str]:
    """Lines on points that are not identical or were made differently; different ones first."""
    listed = [
        pair
        for pair in found.pairs
        if pair.result.verdict != IDENTICAL or pair.result.made_differently
    ]
    pairs = sorted(listed, key=lambda pair: pair.result.verdict != DIFFERENT)
    if not pairs:
        return []
    # Only parameters that vary identify a point.
    varying = tuple(
        name for name in found.paired_by if len({str(pair.point[name]) for pair in found.pairs}) > 1
    )
    rows = [["point", "runs", "verdict", "causes, or evidence"]]
    for pair in pairs:
        why = pair.result.causes or (
            "no known cause fits" if pair.result.verdict == DIFFERENT else pair.result.evidence
        )
        where = _point_text(pair.point, varying) or "the only one"
        rows.append([where, f"{pair.run_a} {pair.run_b}", pair.result.verdict, why])
    shown = _shortened_table(rows, head=1)
    first = pairs[0]
    return [*shown, f"the first of them: {first.result.evidence}"]


def _point_text(point: dict[str, Any], names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} = {_value_text(point[name])}" for name in names)


def _value_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shortened_table(rows: list[list[str]], head: int = 0) -> list[str]:
    more = len(rows) - head - _MOST_LISTED
    shown = table(rows[: head + _MOST_LISTED], "    ")
    return [*shown, f"    and {more} more (all of them with --json)"] if more > 0 else shown


def _not_in_both(a: Folder, b: Folder) -> list[str]:
    return sorted(set(a.parameters) ^ set(b.parameters))
