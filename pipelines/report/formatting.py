"""Formatting of numbers, counts, sweep points and shell commands in the report."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from pipelines.experiment import describe
from pipelines.figures import style
from pipelines.figures.sweep_points import format_value, unit_suffix
from pipelines.hardware.variants import AXES, IDEAL
from pipelines.sweep import Plan
from pipelines.verdicts.hardware_variants import VariantName, hardware_in_words

# Leading digits of a run_id in shell commands; `counterpoint compare` accepts a prefix.
_DIGITS = 10
_RESULTS = "results"


def format_number(value: float | None) -> str:
    """Format a number with at most three significant digits; ``no value`` for a missing one."""
    if value is None or pd.isna(value):
        return "no value"
    value = float(value)
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:.3g}"


def format_count(n: int, noun: str) -> str:
    """Number and noun, in the plural where needed: ``1 run``, ``1,000 runs``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def format_counts(found: Mapping[str, int]) -> str:
    """Format counts by kind: ``2 different, 38 identical``."""
    return ", ".join(f"{n:,} {kind}" for kind, n in found.items())


def anchor(taken: Collection[str], *parts: str) -> str:
    """HTML id made of `parts` that is not among the ids already `taken`."""
    made = "-".join(re.sub(r"[^A-Za-z0-9_.-]+", "-", part) for part in parts)
    choices = [made, *(f"{made}-{k}" for k in range(2, len(taken) + 3))]
    return next(choice for choice in choices if choice not in taken)


def point_label(runs: pd.DataFrame, swept: Mapping[str, str], n_seeds: int | None = None) -> str:
    """Label of the sweep point of some runs: swept values with units, and seeds.

    Parameters
    ----------
    runs
        Runs of the point.
    swept
        Units of the swept parameters, by name.
    n_seeds
        Number of seeds a backend, where the point stands for independent draws.
    """
    first = runs.iloc[0]
    values = [
        f"{name} = {format_value(first[name])}{unit_suffix(swept, name)}"
        for name in swept
        if name not in AXES
    ]
    if any(name in AXES for name in swept):
        values.append(hardware_in_words(first))
    if n_seeds is not None:
        return ", ".join([*values, f"{format_count(n_seeds, 'seed')} a backend"])
    if runs["seed"].nunique() == 1:
        return ", ".join([*values, f"seed {first['seed']}"])
    seeds = [
        f"{run['seed']} on {style.style_of(run['backend']).label}" for _, run in runs.iterrows()
    ]
    return ", ".join([*values, f"seed {' and '.join(seeds)}"])


def run_command(plan: Plan, run: pd.Series, results: str = "results") -> str:
    """Shell command that reproduces one run.

    Parameters
    ----------
    plan
        Plan of the runs.
    run
        Row of the table `runs`.
    results
        Path of the folder of all results.

    Returns
    -------
    str
        ``counterpoint run`` with the profile, the parameters that differ from its values, the
        hardware, and the folder of results if it is not the default.
    """
    fields = describe(plan.experiment.parameters)
    usual = {name: field.default for name, field in fields.items()} | dict(plan.sweep.fixed)
    words = ["counterpoint", "run", plan.experiment.name]
    if plan.sweep.profile != "quick":
        words += ["--profile", plan.sweep.profile]
    words += ["--backend", run["backend"]]
    for name in fields:
        if name in run and run[name] != usual[name]:
            words += ["--set", f"{name}={run[name]!s}"]
    hardware = run.get("hardware", IDEAL)
    if hardware != IDEAL:
        if VariantName.of(run) != VariantName(hardware):
            # One part of an ablation, and one strength, are made by the sweep alone.
            return sweep_command(plan, results)
        words += ["--hardware", hardware]
    return shlex.join([*words, "--seed", str(run["seed"]), *_results_option(results)])


def sweep_command(plan: Plan, results: str = "results") -> str:
    """Shell command that makes the results of an experiment again, with figures and report."""
    name, profile = plan.experiment.name, plan.sweep.profile
    settings = [f'experiments=["{name}"]', f"profile={profile}"]
    if results != _RESULTS:
        settings.append(f"results={results}")
    return shlex.join(["snakemake", "--cores", "8", "--config", *settings])


def _results_option(results: str) -> list[str]:
    return ["--results", results] if results != _RESULTS else []


def compare_command(run_ids: Sequence[str], results: str = "results") -> str:
    """Shell command that compares two runs in the folder `results`."""
    words = ["counterpoint", "compare", *(run_id[:_DIGITS] for run_id in run_ids)]
    return shlex.join([*words, *_results_option(results)])


def commands(plan: Plan, runs: pd.DataFrame, results: str) -> tuple[str, ...]:
    """Shell commands that reproduce the runs of a point, and compare them if two are done."""
    made = [run_command(plan, run, results) for _, run in runs.iterrows()]
    if len(runs) == 2 and (runs["status"] == "done").all():
        made.append(compare_command(list(runs["run_id"]), results))
    return tuple(made)


def has_value(row: Mapping[str, Any], name: str) -> bool:
    """Whether a row has a column `name` with a value that is not missing."""
    return bool(pd.notna(row.get(name)))
