"""Probes of a backend that run in a separate process, which a simulator may crash."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.errors import BadInput, CounterpointError

if TYPE_CHECKING:
    from pipelines.execution.preflight import Refusal

# Given instead of an experiment: compile.
COMPILE = "compile"


class SweepRefused(CounterpointError):
    """A backend refuses parts of sweeps; `refusals` has the reasons, and the runs they concern."""

    def __init__(self, refusals: Mapping[str, Sequence[Refusal]]) -> None:
        found = [(name, one) for name, of_sweep in refusals.items() for one in of_sweep]
        super().__init__("; ".join(str(one) for _, one in found))
        self.refusals = [
            {"experiment": name, **one.as_dict(), "extent": one.extent} for name, one in found
        ]


def run_tiny_network(backend: str) -> str:
    """Simulate two neurons, one driving the other, for 50 ms; return the outcome in words.

    Raises
    ------
    BadInput
        If one of the neurons does not spike.
    """
    from pipelines import backends
    from pipelines.backends import collect

    sim = backends.load(backend)
    sim.setup(timestep=0.1, min_delay=1.0)
    driven = sim.Population(1, sim.IF_curr_exp(i_offset=1.0, tau_refrac=2.0))
    target = sim.Population(1, sim.IF_curr_exp(tau_refrac=2.0))
    sim.Projection(
        driven, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=5.0, delay=1.0)
    )
    for population in (driven, target):
        population.record("spikes")
    sim.run(50.0)
    spikes = [len(collect.spikes(population)[0]) for population in (driven, target)]
    sim.end()
    if min(spikes) == 0:
        raise BadInput(backend, f"a driven neuron and its target spiked {spikes} times")
    return f"a network of two neurons ran, {sum(spikes)} spikes"


def build_sweep_points(backend: str, experiments: Sequence[str], profile: str) -> str:
    """Build points of sweeps on a backend, with every value of every swept parameter.

    Raises
    ------
    SweepRefused
        If the backend refuses a point.
    """
    from pipelines.execution.preflight import covering_runs, refusals
    from pipelines.sweep import plan

    plans = {name: plan(name, profile) for name in experiments}
    refused = {name: refusals(planned, backend) for name, planned in plans.items()}
    if any(refused.values()):
        raise SweepRefused(refused)
    number = sum(len(covering_runs(planned, backend)) for planned in plans.values())
    return f"{number} points, with every value of the sweep, can be built and recorded"


def compile_for_runs(backend: str) -> str:
    """Have a backend compile what runs need, and write each step to stderr."""
    from pipelines import backends

    steps: list[str] = []

    def progress(line: str) -> None:
        steps.append(line)
        sys.stderr.write(f"{backend}: {line}\n")
        sys.stderr.flush()

    backends.get(backend).compile_ahead(progress)
    return "all that runs need is compiled" if steps else "has nothing to compile"


def run_probe(probe: Callable[[], str]) -> dict[str, Any]:
    """Run a probe, and return its result.

    Returns
    -------
    dict
        ``ok``, ``detail`` in one line, ``seconds``, and ``refusals`` if there are any.
    """
    started = time.perf_counter()
    refusals: list[dict[str, Any]] = []
    try:
        ok, detail = True, probe()
    except (BadInput, SweepRefused) as error:
        ok, detail = False, str(error)
        refusals = getattr(error, "refusals", [])
    except Exception as error:
        # Whatever the simulator raises is a result of the probe.
        ok, detail = False, f"{type(error).__name__}: {error}"
    seconds = round(time.perf_counter() - started, 2)
    found = {"ok": ok, "detail": " ".join(detail.split()), "seconds": seconds}
    return found | ({"refusals": refusals} if refusals else {})


def probe_backend(backend: str, *experiments_and_profile: str) -> dict[str, Any]:
    """Probe a backend in this process.

    Parameters
    ----------
    experiments_and_profile
        Experiments to build, then their profile; or `COMPILE`; empty for `run_tiny_network`.

    Returns
    -------
    dict
        As `run_probe` returns it.
    """
    if experiments_and_profile == (COMPILE,):
        return run_probe(lambda: compile_for_runs(backend))
    if experiments_and_profile:
        *experiments, profile = experiments_and_profile
        return run_probe(lambda: build_sweep_points(backend, experiments, profile))
    return run_probe(lambda: run_tiny_network(backend))
