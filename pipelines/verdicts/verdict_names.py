"""Names of the verdicts, and the verdict on a point from the verdicts on its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

IDENTICAL, EQUIVALENT, DIFFERENT, UNDECIDED = "identical", "equivalent", "different", "undecided"
VERDICTS = (IDENTICAL, EQUIVALENT, DIFFERENT, UNDECIDED)

_MOST_NAMED = 3


def verdict_from_metrics(metrics: pd.DataFrame) -> tuple[str, str]:
    """Verdict on a point whose runs were drawn from different seeds, and the evidence for it.

    Parameters
    ----------
    metrics
        Its rows of the table `comparisons`, for one pair of backends.

    Returns
    -------
    verdict, evidence
        *different* if one metric is; *equivalent* if all metrics are equivalent or identical;
        otherwise *undecided*.
    """
    if metrics.empty:
        return UNDECIDED, "no metric to compare"
    apart = metrics[metrics["verdict"] == DIFFERENT]
    if len(apart):
        worst = apart.sort_values("p_value", kind="stable")
        return DIFFERENT, _most_in_words(worst, _different_in_words)
    open_ = metrics[metrics["verdict"] == UNDECIDED]
    if len(open_):
        return UNDECIDED, _most_in_words(open_, _undecided_in_words)
    p_value = metrics["p_value"].min()
    runs = f"{int(metrics['n_a'].min())} and {int(metrics['n_b'].min())} runs"
    return EQUIVALENT, (
        f"{len(metrics)} metrics no further apart than seeds are (smallest adjusted p ="
        f" {p_value:.2g}, {runs}), and their means the same within the margins"
    )


def _most_in_words(rows: pd.DataFrame, say: object) -> str:
    said = [say(row) for _, row in rows.head(_MOST_NAMED).iterrows()]  # type: ignore[operator]
    more = len(rows) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more else "")


def _different_in_words(row: pd.Series) -> str:
    return (
        f"{row['metric']} of {row['population']}: {row['distance_name']} distance"
        f" {row['between']:.3g} against a seed floor of {row['seed_floor']:.3g}"
        f" ({row['floor_low']:.3g} to {row['floor_high']:.3g}), p = {row['p_value']:.2g}"
    )


def _undecided_in_words(row: pd.Series) -> str:
    # Imported here: most users of this module need the names only.
    import pandas as pd

    what = f"{row['metric']} of {row['population']}"
    runs = min(row["n_a"], row["n_b"])
    if pd.notna(row["runs_needed"]):
        return f"{what}: {runs} runs a backend are too few, {int(row['runs_needed'])} would do"
    if pd.isna(row["difference"]):
        return f"{what}: {runs} runs a backend say nothing"
    return (
        f"{what}: the means are {abs(row['difference']):.3g} apart, more than the margin of"
        f" {row['margin']:.3g}, and seeds could explain it"
    )
