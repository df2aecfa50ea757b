"""How the report writes numbers, counts, places in a sweep and shell commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from pipelines.experiment import describe
from pipelines.figures import style
from pipelines.figures.sweep_points import shown, unit_suffix
from pipelines.sweep import Plan

# Digits of a run_id with which `counterpoint compare` finds it.
_DIGITS = 10
_WRITTEN = {"isi_cv": "ISI CV", "lv": "LV", "fano_factor": "Fano factor"}


def metric(name: str) -> str:
    """A metric as the field writes it."""
    return _WRITTEN.get(name, name.replace("_", " "))


def number(value: float | None) -> str:
    """A number as people read it: short, and with an exponent only where it needs one."""
    if value is None or pd.isna(value):
        return "\N{EN DASH}"
    value = float(value)
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:.3g}"


def count(n: int, noun: str) -> str:
    """A number of things: ``1 run``, ``1,000 runs``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def counts(found: Mapping[str, int]) -> str:
    """Counts of several kinds: ``2 different, 38 identical``."""
    return ", ".join(f"{n:,} {kind}" for kind, n in found.items())


def anchor(taken: Collection[str], *parts: str) -> str:
    """An id in the page from names, other than those that are taken."""
    made = "-".join(re.sub(r"[^A-Za-z0-9_.-]+", "-", part) for part in parts)
    choices = [made, *(f"{made}-{k}" for k in range(2, len(taken) + 3))]
    return next(choice for choice in choices if choice not in taken)


def place(runs: pd.DataFrame, swept: Mapping[str, str]) -> str:
    """Where in the sweep some runs of one point are: swept values with units, and seeds."""
    first = runs.iloc[0]
    values = [f"{name} = {shown(first[name])}{unit_suffix(swept, name)}" for name in swept]
    if runs["seed"].nunique() == 1:
        return ", ".join([*values, f"seed {first['seed']}"])
    seeds = [
        f"{run['seed']} on {style.style_of(run['backend']).label}" for _, run in runs.iterrows()
    ]
    return ", ".join([*values, f"seed {' and '.join(seeds)}"])


def run_command(plan: Plan, run: pd.Series) -> str:
    """Shell command for one run: its profile, and what differs from that profile's values."""
    fields = describe(plan.experiment.parameters)
    usual = {name: field.default for name, field in fields.items()} | dict(plan.sweep.fixed)
    words = ["counterpoint", "run", plan.experiment.name]
    if plan.sweep.profile != "quick":
        words += ["--profile", plan.sweep.profile]
    words += ["--backend", run["backend"]]
    for name in fields:
        if name in run and run[name] != usual[name]:
            words += ["--set", f"{name}={run[name]!s}"]
    return shlex.join([*words, "--seed", str(run["seed"])])


def compare_command(run_ids: Sequence[str], results: str = "results") -> str:
    """Shell command that compares two runs of some results."""
    words = ["counterpoint", "compare", *(run_id[:_DIGITS] for run_id in run_ids)]
    return shlex.join(words + (["--results", results] if results != "results" else []))


def commands(plan: Plan, runs: pd.DataFrame, results: str) -> tuple[str, ...]:
    """Shell commands that make the runs of a point again, and compare two that were done."""
    made = [run_command(plan, run) for _, run in runs.iterrows()]
    if len(runs) == 2 and (runs["status"] == "done").all():
        made.append(compare_command(list(runs["run_id"]), results))
    return tuple(made)


def known(row: Mapping[str, Any], name: str) -> bool:
    """Whether a row has a number of this name."""
    return bool(pd.notna(row.get(name)))
