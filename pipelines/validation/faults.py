"""Faults that are put into a backend on purpose, each a small and known change of its meaning.

A fault acts on the PyNN module that an experiment's `build` is given; the backend stays as it is.
What the validation finds of them says what it would find of a fault that nobody put there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from pipelines.errors import BadInput
from pipelines.validation.altered import (
    TIMING_DEPENDENCES,
    WEIGHT_DEPENDENCES,
    Altered,
    moved,
    scaled,
)

# Puts a fault into a module: of its strength, the time step (ms) and the seed of the run.
Alter = Callable[[Altered, float, float, int], None]


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes
    ----------
    meaning
        What it does, with `{}` for its strength.
    alter
        Puts it into a module; None for what is done to the recorded spikes.
    strengths
        The usual one first, in `unit`.
    unit
        Of a strength: "step" (of time), "%", "mV"; empty where there is but one.
    statistical
        Further strengths, at which independent runs are compared; empty where that would not
        show it.
    backends
        On which it can be.
    """

    meaning: str
    alter: Alter | None
    strengths: tuple[float, ...] = (1.0,)
    unit: str = ""
    statistical: tuple[float, ...] = ()
    backends: tuple[str, ...] = ("nest", "brian2")


def with_fault(
    sim: ModuleType, name: str, strength: float, timestep: float, seed: int
) -> ModuleType:
    """A module like `sim` with a fault in it; `sim` itself for no fault.

    Parameters
    ----------
    sim
        A backend that is set up.
    name
        Of the fault, empty for none.
    strength
        In the fault's unit.
    timestep
        In ms.
    seed
        Of the run.

    Raises
    ------
    BadInput
        If there is no such fault.
    """
    if not name:
        return sim
    if name not in FAULTS:
        raise BadInput("fault", f"there is no '{name}'", given=name, among=FAULTS)
    altered = Altered(sim)
    alter = FAULTS[name].alter
    if alter is not None:
        alter(altered, strength, timestep, seed)
    return altered


def _cells(name: str, change: Callable[[Any, float, float], Any]) -> Alter:
    def alter(sim: Altered, strength: float, timestep: float, seed: int) -> None:
        sim.change_cells(lambda given: {name: change(given[name], strength, timestep)})

    return alter


def _synapses(name: str, change: Callable[[Any, float, float], Any]) -> Alter:
    def alter(sim: Altered, strength: float, timestep: float, seed: int) -> None:
        sim.change_synapses(
            lambda given: {name: change(given[name], strength, timestep)} if name in given else {}
        )

    return alter


def _parts(parts: tuple[str, ...], name: str) -> Alter:
    def alter(sim: Altered, strength: float, timestep: float, seed: int) -> None:
        sim.change_parts(parts, lambda given: {name: _percent(given[name], strength, timestep)})

    return alter


def _steps(value: Any, strength: float, timestep: float) -> Any:
    return moved(value, strength * timestep)


def _more(value: Any, strength: float, timestep: float) -> Any:
    return moved(value, strength)


def _percent(value: Any, strength: float, timestep: float) -> Any:
    return scaled(value, 1 + strength / 100)


def _one_step(value: Any, strength: float, timestep: float) -> Any:
    # Of any delay below a second this is one step, rounded up as every fraction is.
    return 1e-4


def _swap_time_constants(sim: Altered, strength: float, timestep: float, seed: int) -> None:
    sim.change_cells(
        lambda given: {"tau_syn_E": given["tau_syn_I"], "tau_syn_I": given["tau_syn_E"]}
    )


def _swap_rules(sim: Altered, strength: float, timestep: float, seed: int) -> None:
    """Additive for every other weight dependence, and multiplicative for additive."""
    additive, multiplicative = sim.AdditiveWeightDependence, sim.MultiplicativeWeightDependence

    def of(kind: Any) -> Callable[..., Any]:
        return lambda w_min=0.0, w_max=1.0, *_, **__: kind(w_min=w_min, w_max=w_max)

    for name in WEIGHT_DEPENDENCES:
        setattr(sim, name, of(multiplicative if name.startswith("AdditiveWeight") else additive))


def _lift_bound(sim: Altered, strength: float, timestep: float, seed: int) -> None:
    """A hundred times the largest weight, with amplitudes that make the same steps as before."""
    sim.change_parts(WEIGHT_DEPENDENCES, lambda given: {"w_max": scaled(given["w_max"], 100.0)})
    amplitudes = ("A_plus", "A_minus")
    sim.change_parts(
        TIMING_DEPENDENCES, lambda given: {name: scaled(given[name], 0.01) for name in amplitudes}
    )


def _drop(sim: Altered, strength: float, timestep: float, seed: int) -> None:
    sim.drop_connections(strength / 100)


def _share_train(sim: Altered, strength: float, timestep: float, seed: int) -> None:
    sim.change_inputs(lambda trains: [trains[0]] * len(trains))


def _redraw(sim: Altered, strength: float, timestep: float, seed: int) -> None:
    """The intervals of every source in another order: another draw with the same statistics."""
    rng = np.random.default_rng([seed, 1])

    def redrawn(train: np.ndarray) -> np.ndarray:
        if len(train) < 2:
            return train
        gaps = rng.permutation(np.diff(train))
        return np.round(train[0] + np.append(0.0, np.cumsum(gaps)), 10)

    sim.change_inputs(lambda trains: [redrawn(train) for train in trains])


def _leave_grid(sim: Altered, strength: float, timestep: float, seed: int) -> None:
    sim.setup(timestep=timestep, rng_seed=seed, spike_precision="off_grid")


FAULTS: Mapping[str, Fault] = {
    "spikes recorded late": Fault("spikes are recorded {} step late", None, (1, -1), "step"),
    "refractory period": Fault(
        "refractory periods {} step", _cells("tau_refrac", _steps), (1, -1), "step", (1, 5, 20)
    ),
    "delays": Fault("all delays {} step", _synapses("delay", _steps), (1, -1), "step", (1, 10, 20)),
    # None of it would be refused: on NEST one step at least is dendritic.
    "delay fraction": Fault(
        "all but one step of the plastic delays axonal, not dendritic",
        _synapses("dendritic_delay_fraction", _one_step),
    ),
    "weight dependence": Fault("additive for multiplicative", _swap_rules, statistical=(1,)),
    "A_plus": Fault(
        "A_plus {} %", _parts(TIMING_DEPENDENCES, "A_plus"), (2, -2), "%", (2, 20, 100)
    ),
    "A_minus": Fault(
        "A_minus {} %", _parts(TIMING_DEPENDENCES, "A_minus"), (2, -2), "%", (2, 20, 100)
    ),
    "tau_plus": Fault(
        "tau_plus {} %", _parts(TIMING_DEPENDENCES, "tau_plus"), (5, -5), "%", (5, 50)
    ),
    "tau_minus": Fault(
        "tau_minus {} %", _parts(TIMING_DEPENDENCES, "tau_minus"), (5, -5), "%", (5, 50)
    ),
    "tau_syn swapped": Fault(
        "tau_syn_E and tau_syn_I swapped", _swap_time_constants, statistical=(1,)
    ),
    "threshold": Fault(
        "threshold {} mV", _cells("v_thresh", _more), (0.1, -0.1), "mV", (0.1, 0.5, 1)
    ),
    "reset": Fault("reset {} mV", _cells("v_reset", _more), (0.1, -0.1), "mV", (0.1, 1, 3)),
    "tau_m": Fault("tau_m {} %", _cells("tau_m", _percent), (1, -1), "%", (1, 5, 10)),
    "weights": Fault("all weights {} %", _synapses("weight", _percent), (1, -1), "%", (1, 5, 10)),
    "missing synapses": Fault("{} % of the synapses are missing", _drop, (1,), "%", (1, 5, 20)),
    "shared input": Fault("one Poisson train for all", _share_train, statistical=(1,)),
    "other input": Fault("inputs of another seed", _redraw),
    "no largest weight": Fault("weights are not cut at w_max", _lift_bound, statistical=(1,)),
    "off grid": Fault("spikes between the time steps", _leave_grid, backends=("nest",)),
}  # fmt: skip
"""All faults, by name."""
