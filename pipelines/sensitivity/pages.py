"""Pages of the documentation: the causes with their evidence, and the results of the study."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from pipelines.diagnosis.catalogue import kinds
from pipelines.diagnosis.cause_kind import CauseKind
from pipelines.sensitivity.fault_bench import COMPARE, TABLES, counts
from pipelines.sensitivity.fault_list import SETS
from pipelines.sensitivity.judging import WRONG
from pipelines.sensitivity.seed_study import HEALTHY_DRAWS, VERDICTS

_INTRODUCTION = """# Causes of a difference

When two runs differ, `verdicts.parquet` and `counterpoint compare` name the causes that fit. A
cause is named only if its rivals were tested on the same data and fit worse. Where the data cannot
tell several causes apart, all of them are given. `counterpoint compare` repeats both runs, records
the state of the neurons that differ first, and asks each backend what it built: it can tell apart
what tables alone cannot.

This page is made from the catalogue of causes (`pipelines/diagnosis/kinds`) and from the faults of
the sensitivity study: `counterpoint validate-validator --pages docs`.
"""

_STUDY = """# How far verdicts and causes can be trusted

Made by `counterpoint validate-validator --pages docs`. {number} kinds of fault were put into a
small simulator, or into the tables of its runs, on several networks: {cases} cases, of which
{effect} change a spike, a weight or a signal. Each was judged as a user sees it.

- *found*: the verdict is not *identical*.
- *right*: the named cause is the fault; *one of these*: it is among several that are named
  together; *vague*: a true description without a cause; *wrong*: something false is said, a number
  included; *none*: no cause is named.

The causes were written from the first set of faults. The other sets were made up one after the
other, without a look at how causes are tested, and what each showed was mended; so the numbers
below are those of known faults. For faults that nobody has tried yet, the first measurement of the
fourth set counts: of its 184 cases 85 % were right or one of these, by tables alone and by
`counterpoint compare`; 4 and 5 % were wrong.

## By set of faults
"""
_SEEDS = """
## Runs of different seeds

Share of the verdicts on a faulty and a healthy backend whose runs have different seeds, by the
strength of the fault and the number of seeds of each backend. *no fault* compares the healthy
backend with itself. Each share is of {draws} comparisons of other runs, {healthy} without a fault.

![Power by the number of seeds](pictures/power_by_seeds.png)

![Power by the strength of the fault](pictures/power_by_strength.png)

![True and false alarms](pictures/roc.png)
"""
_WORDS = {TABLES: "tables alone", COMPARE: "`counterpoint compare`"}
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


def study_page(
    bench: pd.DataFrame,
    outcomes: pd.DataFrame,
    verdicts: pd.DataFrame | None = None,
    draws: int = 20,
) -> str:
    """The page on the results of the study, in Markdown.

    Parameters
    ----------
    bench, outcomes
        Results of `fault_bench.run_bench` and `fault_bench.counts`.
    verdicts
        Result of `seed_study.shares`; None if it was left out.
    draws
        Number of comparisons for each of its shares.
    """
    there = bench[bench["effect"]]
    parts = [
        _STUDY.format(number=bench["fault"].nunique(), cases=len(bench), effect=len(there)),
        _table(_by_set(bench)),
        "\n## By kind of fault\n",
        _table(outcomes.assign(data=outcomes["data"].map(_WORDS))),
    ]
    for column, words in _WORDS.items():
        wrong = there[there[column] == WRONG]
        parts.append(f"\n## Wrong by {words}\n")
        parts.append(
            "\n".join(
                f"- {row['fault']} (network *{row['network']}*; right: {row['truth']}): named"
                f" *{row[f'causes_{column}']}*"
                for _, row in wrong.iterrows()
            )
            or "None."
        )
    if verdicts is not None:
        shares = verdicts.assign(
            **{name: verdicts[name].map("{:.0%}".format) for name in (*VERDICTS,)}
        )
        seeds = _SEEDS.format(draws=draws, healthy=HEALTHY_DRAWS * draws)
        parts += [seeds, _table(shares)]
    return "\n".join([*parts, ""])


def _by_set(bench: pd.DataFrame) -> pd.DataFrame:
    """Numbers of outcomes for each set of faults."""
    of_set = bench["fault"].map({name: key for key, names in SETS.items() for name in names})
    found = counts(bench.assign(kind=of_set)).rename(columns={"kind": "set"})
    return found.assign(data=found["data"].map(_WORDS))


def _table(frame: pd.DataFrame) -> str:
    """A table in Markdown; underscores of column names become spaces."""
    names = [str(name).replace("_", " ") for name in frame.columns]
    rows = [names, ["---"] * len(names), *frame.astype(str).to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


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
    for column, how in _WORDS.items():
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
