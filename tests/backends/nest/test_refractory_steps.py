"""NEST holds a membrane for ``ceil(tau_refrac / dt)`` whole steps, as the reference does.

NEST itself rounds a period to 1 us first, so that one that ends just after a step is lost.
"""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.backends.nest import cell_creation

DT = 0.1
# The first two and the last are whole steps in whole us, and not in NEST's double precision.
PERIODS_MS = np.array([1.9003, 2.0004, 1.95, 2.0, 0.1001, 1.9])
STEPS = np.array([20, 21, 20, 20, 2, 19])


def created(sim, periods):
    return cells_of(sim, len(periods), tau_refrac=periods)


def created_alike(sim, periods):
    """A population for each period."""
    return sum_of([cells_of(sim, 1, tau_refrac=float(one)) for one in periods])


def set_on_all(sim, periods):
    cells = cells_of(sim, len(periods))
    cells.set(tau_refrac=periods)
    return cells


def set_on_views(sim, periods):
    cells = cells_of(sim, len(periods))
    cells[:2].set(tau_refrac=periods[:2])
    cells[np.arange(2, len(periods))].set(tau_refrac=periods[2:])
    return cells


def set_on_cells(sim, periods):
    cells = cells_of(sim, len(periods))
    for cell, period in zip(cells, periods, strict=True):
        cell.tau_refrac = float(period)
    return cells


def set_with_others(sim, periods):
    """A call that sets another parameter, too, of a cell type with conductances."""
    cells = sim.Population(len(periods), sim.IF_cond_exp(i_offset=1.0), initial_values={"v": -65.0})
    cells.set(cm=0.5, tau_refrac=periods)
    return cells


def set_in_mid_run(sim, periods):
    cells = cells_of(sim, len(periods))
    sim.run(5.0)
    cells.set(tau_refrac=periods)
    return cells


WAYS = [
    created, created_alike, set_on_all, set_on_views, set_on_cells, set_with_others, set_in_mid_run,
]  # fmt: skip


def cells_of(sim, n, **parameters):
    cell = sim.IF_curr_exp(i_offset=0.5, tau_m=20.0, cm=0.25, **parameters)
    return sim.Population(n, cell, initial_values={"v": -65.0})


def sum_of(populations):
    whole = populations[0]
    for one in populations[1:]:
        whole = whole + one
    return whole


def last_intervals(backend, way):
    """Steps between the last two spikes of each cell."""
    sim = backends.load(backend)
    sim.setup(timestep=DT)
    cells = way(sim, PERIODS_MS)
    cells.record("spikes")
    sim.run(100.0)
    neuron, time = collect.spikes(cells)
    sim.end()
    assert np.bincount(neuron, minlength=len(PERIODS_MS)).min() >= 3
    return np.array([np.diff(time[neuron == k])[-1] for k in range(len(PERIODS_MS))]) / DT


@pytest.mark.parametrize("way", WAYS)
def test_a_period_lasts_as_long_as_on_the_reference(way):
    on_nest, on_reference = (last_intervals(name, way) for name in ("nest", "reference"))
    np.testing.assert_allclose(on_nest, on_reference, rtol=0, atol=1e-6)
    # The rest of an interval is the same for all cells: what differs is the period.
    np.testing.assert_allclose(on_nest - on_nest[3], STEPS - STEPS[3], rtol=0, atol=1e-6)


@pytest.mark.parametrize("way", WAYS)
def test_without_the_correction_periods_are_a_step_shorter(way, monkeypatch):
    monkeypatch.setattr(cell_creation, "_with_whole_refractory_steps", lambda each, dt: each)
    on_nest, on_reference = (last_intervals(name, way) for name in ("nest", "reference"))
    shorter = np.round(on_reference - on_nest).astype(int)
    assert shorter.tolist() == [1, 1, 0, 0, 1, 0]
