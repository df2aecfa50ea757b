"""What the numbers of the report mean, in a sentence, and why a number is not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from pipelines.figures import style
from pipelines.report.formatting import format_count, format_number, has_value
from pipelines.verdicts.decision import ALPHA
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL

# Fewest runs of a backend of which there is a seed floor.
_FEWEST_RUNS = 2


def explain_verdict(row: Mapping[str, Any]) -> str:
    """Explain the verdict of a row of `comparisons` in a sentence."""
    p_value = f" (p = {row['p_value']:.2g})" if has_value(row, "p_value") else ""
    certain = has_value(row, "p_value") and row["p_value"] < ALPHA
    runs = min(int(row["n_a"]), int(row["n_b"]))
    power = ""
    if has_value(row, "power"):
        power = (
            f" So many runs find two equal backends equivalent in this metric with a probability"
            f" of {row['power'] * 100:.0f} %."
        )
    if row["verdict"] == IDENTICAL:
        return "The two runs have the same values."
    if not row["n_a"] or not row["n_b"]:
        return "Only one of the backends has values."
    if row["verdict"] == DIFFERENT:
        return (
            f"The backends are further apart than two seeds of one backend are{p_value}, and by"
            " more than the margin."
        )
    if row["verdict"] == EQUIVALENT:
        first = (
            f"The backends differ{p_value}, but by less than the margin."
            if certain
            else f"The backends are no further apart than two seeds of one backend are{p_value},"
            " and the same within the margin."
        )
        return first + power
    if certain:
        return (
            f"The backends differ{p_value}, but whether by more than the margin is not certain."
            f"{_seeds_needed(row)}"
        )
    if has_value(row, "runs_needed"):
        return (
            f"The runs differ, and {runs} run{'' if runs == 1 else 's'} a backend"
            f" {'is' if runs == 1 else 'are'} too few to say whether seeds explain it."
            f"{_seeds_needed(row)}{power}"
        )
    return (
        f"Seeds could explain the distance{p_value}, but the means are not the same for certain."
        f"{power}"
    )


def why_no_value(row: Mapping[str, Any], column: str) -> str:
    """Why a row of `comparisons` has no value in a column; "" if it has one."""
    if has_value(row, column):
        return ""
    without = [
        style.style_of(str(row[f"backend_{side}"])).label for side in "ab" if not row[f"n_{side}"]
    ]
    if without:
        return f"no run on {' or '.join(without)} has one"
    if column == "distance":
        return "independent seeds are no pairs"
    runs = min(int(row["n_a"]), int(row["n_b"]))
    if runs < _FEWEST_RUNS:
        return f"{format_count(runs, 'seed')} a backend"
    return "not tested"


def _seeds_needed(row: Mapping[str, Any]) -> str:
    if not has_value(row, "runs_needed"):
        return " More seeds would decide."
    needed = max(int(row["runs_needed"]), min(int(row["n_a"]), int(row["n_b"])) + 1)
    return f" About {format_number(needed)} seeds would decide."


def known_causes(verdicts: pd.DataFrame) -> list[tuple[str, int]]:
    """Count the points for each known cause of a difference.

    Parameters
    ----------
    verdicts
        Table `verdicts`; its column `causes` names the causes, separated by semicolons.

    Returns
    -------
    list of (str, int)
        Names of the causes and numbers of points, the most frequent first.
    """
    texts: Iterable[str] = verdicts["causes"].fillna("") if "causes" in verdicts else ()
    names = [name for text in texts for name in str(text).split("; ") if name]
    found = pd.Series(names, dtype=str).value_counts(sort=False)
    ranked = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
    return [(str(name), int(n)) for name, n in ranked]
