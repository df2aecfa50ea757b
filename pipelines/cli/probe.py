"""What ``doctor`` tries in a process of its own, since a simulator may take its process along."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.errors import BadInput, CounterpointError

if TYPE_CHECKING:
    from pipelines.execution.preflight import Refusal

# In the place of an experiment: what to do instead.
COMPILE = "compile"


class SweepRefused(CounterpointError):
    """A backend will not do part of a sweep; `refusals` says of each reason what it is about."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(map(str, refusals)))
        self.refusals = [refusal.as_dict() | {"extent": refusal.extent} for refusal in refusals]


def run_tiny_network(backend: str) -> str:
    """Two neurons, one driving the other through a synapse, for 50 ms."""
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


def build_sweep_points(backend: str, experiment: str, profile: str) -> str:
    """Build points of a sweep on a backend: every value of every swept parameter once."""
    from pipelines.execution.preflight import covering_runs, refusals
    from pipelines.sweep import plan

    planned = plan(experiment, profile)
    refused = refusals(planned, backend)
    if refused:
        raise SweepRefused(refused)
    number = len(covering_runs(planned, backend))
    return f"{number} points, with every value of the sweep, can be built and recorded"


def compile_for_runs(backend: str) -> str:
    """Have a backend compile what runs will need, and tell each step on stderr."""
    from pipelines import backends

    steps: list[str] = []

    def progress(line: str) -> None:
        steps.append(line)
        sys.stderr.write(f"{backend}: {line}\n")
        sys.stderr.flush()

    backends.get(backend).compile_ahead(progress)
    return "all that runs need is compiled" if steps else "has nothing to compile"


def run_probe(probe: Callable[[], str]) -> dict[str, Any]:
    """Ask, and describe what came of it: `ok`, `detail` in one line, `seconds`, `refusals`."""
    started = time.perf_counter()
    refusals: list[dict[str, Any]] = []
    try:
        ok, detail = True, probe()
    except (BadInput, SweepRefused) as error:
        ok, detail = False, str(error)
        refusals = getattr(error, "refusals", [])
    except Exception as error:
        # The answer to the question is whatever the simulator raises.
        ok, detail = False, f"{type(error).__name__}: {error}"
    seconds = round(time.perf_counter() - started, 2)
    found = {"ok": ok, "detail": " ".join(detail.split()), "seconds": seconds}
    return found | ({"refusals": refusals} if refusals else {})


def probe_backend(backend: str, *experiment_and_profile: str) -> dict[str, Any]:
    """Answer a question about a backend, in this process.

    Parameters
    ----------
    experiment_and_profile
        What to build of an experiment; or `COMPILE`; nothing for `run_tiny_network`.
    """
    if experiment_and_profile == (COMPILE,):
        return run_probe(lambda: compile_for_runs(backend))
    if experiment_and_profile:
        return run_probe(lambda: build_sweep_points(backend, *experiment_and_profile))
    return run_probe(lambda: run_tiny_network(backend))
