"""Pages of the documentation: the causes with their evidence, and the results of the study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from pipelines.diagnosis.catalogue import kinds
from pipelines.diagnosis.cause_kind import CauseKind

_INTRODUCTION = """# Causes of a difference

When two runs differ, `verdicts.parquet` and `counterpoint compare` name the causes that fit. A
cause is named only if its rivals were tested on the same data and fit worse. Where the data cannot
tell several causes apart, all of them are given. `counterpoint compare` repeats both runs, records
the state of the neurons that differ first, and asks each backend what it built: it can tell apart
what tables alone cannot.

This page is made from the catalogue of causes (`pipelines/diagnosis/kinds`) and from the faults of
the sensitivity study: `counterpoint validate-validator --pages docs`.
"""

_PREDICTIONS = ("spikes", "weights", "signals", "digests")
# Longest evidence that is shown, in characters.
_LONGEST = 420


def causes_page(bench: pd.DataFrame) -> str:
    """The page on causes, in Markdown.

    Parameters
    ----------
    bench
        Result of `fault_bench.run_bench`, from which examples of the evidence are taken.
    """
    parts = [_INTRODUCTION]
    for kind in kinds().values():
        parts.append(_section(kind, list(_examples(kind.name, bench))))
    return "\n".join(parts)


def _section(kind: CauseKind, examples: Iterable[str]) -> str:
    lines = [f"## {kind.name}", "", f"{_capital(kind.meaning)}.", ""]
    for name in _PREDICTIONS:
        if text := getattr(kind, name):
            lines.append(f"- **{_capital(name)}:** {text}")
    lines.append(f"- **Test:** {kind.test}")
    if kind.rivals:
        lines.append(f"- **Rivals:** {', '.join(_link(name) for name in kind.rivals)}")
    for example in examples:
        lines += ["", example]
    return "\n".join([*lines, ""])


def _examples(name: str, bench: pd.DataFrame) -> Iterator[str]:
    """Evidence for a cause in the study: by tables alone, and by `counterpoint compare`."""
    for how, column in (("tables alone", "by_tables"), ("`counterpoint compare`", "by_compare")):
        said = f"said_{column}"
        good = bench[bench[column].isin(["right", "one of these"])]
        # The shortest evidence is the plainest.
        shown = good[good[said].str.startswith((f"{name}:", f"{name} or ", f"{name}, "))]
        if shown.empty:
            continue
        row = shown.loc[shown[said].str.len().idxmin()]
        yield f"Example, from {how} (fault: {row['fault']}):\n\n> {_shortened(row[said])}"


def _link(name: str) -> str:
    anchor = "".join(c for c in name.lower().replace(" ", "-") if c.isalnum() or c in "-_")
    return f"[{name}](#{anchor})"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} ..."
