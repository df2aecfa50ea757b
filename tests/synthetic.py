"""Tables of experiments that nobody simulated: their content is known in advance."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd

from pipelines.metrics.closed_forms import (
    lif_charging_time,
    split_delay,
    stdp_change,
    whole_steps_up,
)
from pipelines.metrics.measured import measure
from pipelines.metrics.recorded import Readings, Run
from pipelines.tables.schemas import SCHEMAS

LIF = {"tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0}


def run_row(
    experiment, backend, number, parameters, sizes, seed=1, status="done", point=None, types=None
):
    """One row of the runs table; `types` are those of populations that are no IF_curr_exp."""
    return {
        "run_id": f"{backend}{number:04d}",
        "experiment": experiment,
        "backend": backend,
        "seed": seed,
        **parameters,
        "status": status,
        "error": "" if status == "done" else "NESTError: it did not converge",
        "compile_s": 4.0,
        "build_s": 0.125,
        "simulate_s": 0.5,
        "collect_s": 0.0625,
        "wall_s": 0.75,
        "peak_rss_mb": 300.0,
        "killed_by": "",
        "log": "results/logs/simulate/0123.log",
        "host": "node",
        "threads": 1,
        "mpi_processes": 1,
        "git_commit": "0123abc",
        "git_clean": True,
        "versions": json.dumps({"PyNN": "0.13.0", "numpy": "2.4"}),
        "connectivity_sha256": "c0ffee",
        "input_sha256": "beef",
        "population_sizes": json.dumps(sizes),
        "cell_types": json.dumps({name: ["IF_curr_exp"] for name in sizes} | (types or {})),
        "point_id": point or f"point{number:04d}",
    }


def empty(name):
    """A table without rows."""
    kinds = {"string": "str", "int32": "int32", "int64": "int64", "double": "float64"}
    return pd.DataFrame(
        {f.name: pd.Series([], dtype=kinds.get(str(f.type), "object")) for f in SCHEMAS[name]}
    )


def tables(runs, spikes=(), weights=(), signals=(), **others):
    """Tables from a list of rows of runs and lists of frames of spikes, weights and signals."""
    joined = {
        name: pd.concat([empty(name), *parts], ignore_index=True) if len(parts) else empty(name)
        for name, parts in (("spikes", spikes), ("weights", weights), ("signals", signals))
    }
    return SimpleNamespace(runs=pd.DataFrame(runs), **joined, **others)


def spike_frame(run_id, population, neuron, time_ms):
    """Spikes of one population of one run."""
    return pd.DataFrame(
        {
            "run_id": run_id,
            "population": population,
            "neuron": np.asarray(neuron, np.int32),
            "time_ms": np.asarray(time_ms, float),
        }
    )


def charging_frame(run_id, population, current, tau_m, cm, v_rest, duration_ms):
    """The potential of a neuron that a current (nA) charges from rest, every 10 ms."""
    time_ms = np.arange(0.0, duration_ms + 1, 10.0)
    value = v_rest + current * tau_m / cm * -np.expm1(-time_ms / tau_m)
    return pd.DataFrame(
        {
            "run_id": run_id,
            "population": population,
            "neuron": np.zeros(len(time_ms), np.int32),
            "variable": "v",
            "time_ms": time_ms,
            "value": value,
        }
    )


def weight_frame(run_id, projection, pre, post, weight, delay_ms=1.0, time_ms=1000.0):
    """Weights of one projection of one run."""
    return pd.DataFrame(
        {
            "run_id": run_id,
            "projection": projection,
            "pre": np.asarray(pre, np.int32),
            "post": np.asarray(post, np.int32),
            "weight": np.asarray(weight, float),
            "delay_ms": delay_ms,
            "time_ms": time_ms,
        }
    )


def recorded(neuron, time_ms, size, duration_ms, warm_up_ms=0.0):
    """A run that recorded the spikes of one population, `n`."""
    spikes = {"n": (np.asarray(neuron, np.int64), np.asarray(time_ms, float))}
    return Run({}, duration_ms, warm_up_ms, {"n": size}, spikes)


def weights_run(**columns):
    """A run that recorded the weights of one projection, `w`; see `Readings`."""
    n = len(columns["weight"])
    usual = {"pre": range(n), "post": [0] * n, "delay_ms": [1.0] * n, "time_ms": [0.0] * n}
    arrays = {name: np.asarray(column, float) for name, column in (usual | columns).items()}
    return Run({}, np.nan, weights={"w": Readings(**arrays)})


def numbers(run):
    """The metrics of a run of one population or projection, by name."""
    return {metric: value for _, metric, value in measure(run)[0]}


def samples(run):
    """The values of such a run that are compared, by metric."""
    return {metric: values for (_, metric), values in measure(run, compare=True)[1].items()}


def lif_fi_curve(currents=None, refractory=(2.0, 5.0), late_steps=0, timestep=0.1):
    """Exact firing on the grid, and v of who does not fire.

    `late_steps` makes each interval on Brian2 longer.
    """
    currents = np.linspace(0.1, 1.0, 10) if currents is None else currents
    runs, spikes, signals, number = [], [], [], 0
    constants = {name: LIF[name] for name in ("tau_m", "cm", "v_rest")}
    for current in currents:
        for tau_refrac in refractory:
            number += 1
            for backend in ("nest", "brian2"):
                parameters = {
                    "i_offset": float(current), **LIF, "tau_refrac": tau_refrac,
                    "duration": 1000.0, "timestep": timestep,
                }  # fmt: skip
                row = run_row("lif_fi_curve", backend, number, parameters, {"neurons": 1})
                runs.append(row)
                charging = whole_steps_up(lif_charging_time(current, **LIF), timestep)
                if np.isinf(charging):
                    v = charging_frame(
                        row["run_id"], "neurons", current, **constants, duration_ms=1000.0
                    )
                    signals.append(v)
                    continue
                step = charging + round(tau_refrac / timestep)
                step += late_steps if backend == "brian2" else 0
                times = np.arange(charging, 1000.0 / timestep + 0.5, step) * timestep
                spikes.append(spike_frame(row["run_id"], "neurons", np.zeros(len(times)), times))
    return tables(runs, spikes, signals=signals)


def stdp_window(rules=("additive",), delays=(1.0, 5.0), fractions=(1.0,), error=0.0):
    """Pairs whose weights follow the closed form; Brian2's are off by `error` (w_max)."""
    runs, spikes, weights, number = [], [], [], 0
    lags = np.arange(-100.0, 100.1, 2.5)
    for rule in rules:
        for delay in delays:
            for fraction in fractions:
                number += 1
                for backend in ("nest", "brian2"):
                    parameters = {
                        "weight_dependence": rule, "A_plus": 0.01, "A_minus": 0.012,
                        "tau_plus": 20.0, "tau_minus": 20.0, "mu_plus": 0.5, "mu_minus": 0.5,
                        "w_max": 0.001, "w_init": 0.5, "delay": delay,
                        "dendritic_delay_fraction": fraction, "lag_max": 100.0, "lag_step": 2.5,
                        "duration": 900.0, "timestep": 0.1,
                    }  # fmt: skip
                    sizes = {"pre": len(lags), "post": len(lags)}
                    row = run_row("stdp_window", backend, number, parameters, sizes)
                    runs.append(row)
                    dendritic, axonal = split_delay(delay, fraction, 0.1)
                    index = np.arange(len(lags))
                    t_pre = np.full(len(lags), 110.0)
                    t_post = t_pre + axonal - dendritic + lags
                    change = stdp_change(lags, rule=rule, A_minus=0.012)
                    change = change + (error if backend == "brian2" else 0.0)
                    spikes += [
                        spike_frame(row["run_id"], "pre", index, t_pre),
                        spike_frame(row["run_id"], "pre", index, t_pre + 700.0),
                        spike_frame(row["run_id"], "post", index, t_post),
                    ]
                    weight = 0.001 * (0.5 + change)
                    weights.append(
                        weight_frame(row["run_id"], "plastic", index, index, weight, delay)
                    )
    return tables(runs, spikes, weights)


def stdp_recurrent(shifted=0, drives=(0.0015, 2.1, 2.4), ratios=(0.95, 1.05), n=100):
    """Silent below the rheobase, Poisson trains on the grid above it, the same on both backends.

    The last `shifted` spikes of every run on Brian2 come one step late.
    """
    runs, spikes, weights, number = [], [], [], 0
    pre, post = np.nonzero(~np.eye(n, dtype=bool))
    for drive in drives:
        for ratio in ratios:
            for seed in (1, 2):
                number += 1
                rng = np.random.default_rng([int(drive * 1e4), int(ratio * 100), seed])
                steps = [
                    np.unique(rng.integers(1, 9999, rng.poisson(20 * drive / 2.1)))
                    for _ in range(n if drive > 2 else 0)
                ]
                neuron = np.repeat(np.arange(len(steps)), [len(s) for s in steps])
                step = np.concatenate(steps) if steps else np.array([], int)
                order = np.lexsort((neuron, step))
                neuron, step = neuron[order], step[order]
                weight = 0.02 * (rng.beta(0.7, 0.9, len(pre)) if drive > 2 else 0.5)
                weight = np.broadcast_to(weight, len(pre))
                for backend in ("nest", "brian2"):
                    parameters = {
                        "n": n, "i_offset": drive, "depression_ratio": ratio, "tau_m": 10.0,
                        "cm": 1.0, "v_rest": -70.0, "v_thresh": -50.0, "w_max": 0.02,
                        "duration": 1000.0, "timestep": 0.1,
                    }  # fmt: skip
                    row = run_row(
                        "stdp_recurrent", backend, number, parameters, {"neurons": n}, seed
                    )
                    runs.append(row)
                    moved = step.copy()
                    if shifted and backend == "brian2":
                        moved[-shifted:] += 1
                    spikes.append(spike_frame(row["run_id"], "neurons", neuron, moved * 0.1))
                    weights.append(weight_frame(row["run_id"], "recurrent", pre, post, weight))
    return tables(runs, spikes, weights)
