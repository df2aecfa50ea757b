"""Corrections taken out one at a time: what our backends would do without each of them.

An ablation changes classes and functions of `pipelines.backends` in a process of its own, back to
what the stock module does, and names a check that must then fail. It imports its backend inside:
this module is read by processes of either backend.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import numpy as np

from pipelines.conformance import suite
from pipelines.conformance.check import Outcome


@dataclass(frozen=True)
class Ablation:
    """One correction, on one backend, and the check that cannot pass without it."""

    row: str
    backend: str
    check: str
    remove: Callable[[], None]


ABLATIONS: list[Ablation] = []

# Rows in which nothing was mended: both stock backends agree.
IMPOSSIBLE = {
    "DC / AC / step sources": "stock backends agree from min_delay + 2 dt on: nothing is mended",
    "same seed, same connections": "PyNN's connectors run as they are: nothing is mended",
}


def without(row: str, backend: str, *checks: str) -> Callable[[Any], Any]:
    """Register what takes a row's correction out."""

    def register(remove: Callable[[], None]) -> Callable[[], None]:
        ABLATIONS.extend(Ablation(row, backend, check, remove) for check in checks)
        return remove

    return register


def all_of(backend: str) -> list[Ablation]:
    """Every ablation of a backend, in the order of their definition."""
    import tests.conformance.ablations_of_cells
    import tests.conformance.ablations_of_inputs
    import tests.conformance.ablations_of_plasticity
    import tests.conformance.ablations_of_short_term
    import tests.conformance.ablations_of_states  # noqa: F401 - they register

    return [one for one in ABLATIONS if one.backend == backend]


def perform_all(backend: str) -> list[Outcome]:
    """What the check of every ablation gives on a backend, each in a fork of this process."""
    suite.prepare(backend)
    return [suite.perform_in_fork(one.check, backend, first=one.remove) for one in all_of(backend)]


def part(name: str) -> Any:
    """A module of `pipelines.backends`."""
    return import_module(f"pipelines.backends.{name}")


def plain_steps(values: Any, dt: float, *_: Any, **__: Any) -> np.ndarray:
    """The nearest whole steps, whatever the values: nothing is refused."""
    return np.rint(np.asarray(values, dtype=float) / dt).astype(np.int64)


@without("default precision", "nest", "first_spike_under_default_setup")
def models_of_pynn_s_own_choice() -> None:
    always = property(lambda registry: True, lambda registry, asked: None)
    part("shared.network_registry").Registry.off_grid = always


@without("spike stamp", "brian2", "spike_at_the_end_of_its_step")
def spikes_as_brian2_stamps_them() -> None:
    monitor = part("brian2.monitors").SpikeMonitor
    ended = monitor.spikes_of

    def begun(self: Any, first: int, stop: int) -> Any:
        rows, steps = ended(self, first, stop)
        return rows, steps - 1

    monitor.spikes_of = begun


def _hold(steps: Callable[[Any, float], Any]) -> None:
    part("brian2.cell_kinds").CellKind.refractory_steps = lambda kind, values, dt: steps(
        values["tau_refrac"] * 1e3, dt
    )


@without("refractory period", "brian2", "regular_firing", "shortest_refractory_period")
def refractory_for_one_step_less() -> None:
    _hold(lambda tau, step: np.rint(tau / step) - 1)


@without("tau_refrac off grid", "brian2", "refractory_period_off_the_grid")
@without("tau_refrac off grid", "brian2", "refractory_period_just_above_the_grid")
def refractory_period_cut_to_steps() -> None:
    part("brian2.cell_kinds").ceil_steps = lambda values, step: np.floor(values / step)


@without("tau_refrac off grid", "nest", "refractory_period_just_above_the_grid")
def refractory_period_rounded_to_us() -> None:
    part("nest.cell_creation")._with_whole_refractory_steps = lambda each, step: each


@without("per-neuron tau_refrac", "brian2", "refractory_period_of_each_neuron")
def one_refractory_period_for_all() -> None:
    _hold(lambda tau, step: np.full(tau.shape, np.rint(tau.min() / step)))


@without("per-neuron tau_refrac", "brian2", "refractory_period_set_on_a_view")
def views_that_keep_the_period_to_themselves() -> None:
    view = part("brian2.populations").PopulationView
    view._set_parameters = lambda self, values: vars(self).update(values.items())


@without("threshold", "brian2", "exact_tie_at_the_threshold")
def threshold_that_must_be_exceeded() -> None:
    celltype = part("brian2.cell_types").IF_curr_exp
    celltype.kind = replace(celltype.kind, threshold="v > v_thresh")


@without("tau_syn = tau_m", "brian2", "synapse_as_slow_as_the_membrane")
def propagator_that_divides_by_zero() -> None:
    def naive(h: float, tau_m: Any, tau_syn: Any, c_m: Any) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = tau_m * tau_syn / (c_m * (tau_m - tau_syn))
            return factor * (np.exp(-h / tau_m) - np.exp(-h / tau_syn))

    part("brian2.integration").current_to_voltage = naive


@without("random initial v", "nest", "random_initial_potential")
def initial_values_drawn_at_each_reading() -> None:
    drawn = part("shared.initial_values").SharedPopulation
    drawn.initialize = lambda self, **values: super(drawn, self).initialize(**values)


@without("v of a view", "nest", "initial_potential_of_a_view")
@without("v of a view", "brian2", "initial_potential_of_a_view")
def views_without_initial_values() -> None:
    view = part("shared.population_views").SharedPopulationView
    view.initialize = lambda self, **values: super(view, self).initialize(**values)


@without("recording isyn", "nest", "synaptic_current", "inhibitory_current")
def nest_s_recordable_variables() -> None:
    module = part("nest.cell_types")
    module.IF_curr_exp.recordable = module.stock.IF_curr_exp.recordable


@without("recording isyn", "brian2", "synaptic_current", "inhibitory_current")
def brian2_s_recordable_variables() -> None:
    module = part("brian2.cell_types")
    module.IF_curr_exp.recordable = module.stock.IF_curr_exp.recordable


@without("record() in mid-run", "nest", "spikes_recorded_in_mid_run")
def devices_that_are_connected_once() -> None:
    devices = part("nest.recording_devices")
    devices.SpikeRecorder.add_ids = devices.SpikeDetector.add_ids


@without("record() in mid-run", "nest", "signal_recorded_in_mid_run")
def signals_dated_from_the_start() -> None:
    nothing = property(lambda self: frozenset(), lambda self, variables: None)
    part("nest.recording").Recorder.late_signals = nothing


@without(
    "record() in mid-run", "brian2", "spikes_recorded_in_mid_run", "signal_recorded_in_mid_run"
)
def recordings_dated_from_the_start() -> None:
    monitors, signal = part("brian2.monitors").Monitors, part("brian2.monitors").SignalMonitor
    record, make = monitors.record_spikes, signal.__init__

    def from_the_start(self: Any, *arguments: Any) -> None:
        make(self, *arguments)
        self._missing_samples = 0

    signal.__init__ = from_the_start
    # A monitor is one of all cells.
    monitors.record_spikes = lambda self, group, rows: record(self, group, np.arange(group.size))


@without("sampling_interval > dt", "brian2", "sampled_once_a_millisecond")
def samples_at_the_end_of_a_step() -> None:
    monitor = part("brian2.monitors").SignalMonitor
    take = monitor.take_sample

    def take_late(self: Any) -> None:
        first = self.next_step == 0
        take(self)
        # The state at time 0 is put before the samples.
        self.next_step = 1 if first else self.next_step

    monitor.take_sample = take_late


@without("get_data(clear=True)", "brian2", "reading_and_clearing")
def borders_of_no_segment() -> None:
    def let_go_of_the_present_too(recorder: Any) -> None:
        network = part("brian2.simulation").state.network
        network.monitors.clear()
        for monitor in network.monitors.signals.values():
            monitor._missing_samples = network.step // monitor.interval_steps + 1
            monitor.next_step = monitor._missing_samples * monitor.interval_steps

    part("brian2.recording").Recorder._clear_simulator = let_go_of_the_present_too


@without("get_data(clear=True)", "nest", "reading_and_clearing")
def nest_s_own_clearing() -> None:
    module = part("nest.recording")
    recorder, stock = module.Recorder, module.StockRecorder
    recorder._get_all_signals = stock._get_all_signals
    recorder._clear_simulator = stock._clear_simulator
    # Stock has one device for all signals.
    recorder._multimeter = property(lambda self: self.signal_recorders[0])


@without("get_spike_counts", "nest", "counting_spikes_at_the_end")
def counts_of_the_device() -> None:
    nest_that_runs_further_than_it_is_asked_to()

    def all_that_nest_has_handed_over(self: Any, variable: Any, filter_ids: Any = None) -> Any:
        senders = self._spike_detector.events()["senders"].tolist()
        return {int(id): senders.count(id) for id in self.filter_recorded(variable, filter_ids)}

    part("nest.recording").Recorder._local_count = all_that_nest_has_handed_over


@without("run(10.05)", "nest", "duration_off_the_grid")
@without("run(10.05)", "brian2", "duration_off_the_grid")
def durations_that_are_not_looked_at() -> None:
    for name in ("nest.control", "nest.communication_interval", "shared.control"):
        if f"pipelines.backends.{name}" in sys.modules:
            part(name).to_steps = lambda *_: np.int64(1)


@without("changes in mid-run", "nest", "parameter_changed_after_reading")
def nest_that_goes_on_to_read() -> None:
    for name in ("nest.mid_run_changes", "nest.electrodes"):
        part(name).refuse_late_change = lambda what: None
    for name in ("nest.pending_events", "nest.recording_devices"):
        part(name).reads_in_fork = lambda: False


@without("changes in mid-run", "nest", "parameter_changed_in_mid_run", "current_changed_in_mid_run")
def nest_that_runs_further_than_it_is_asked_to() -> None:
    nest_that_goes_on_to_read()
    module = part("nest.kernel_time")
    advance = module.advance

    def overshoot(steps: int) -> None:
        advance(steps)
        module.deliver_pending_events()

    module.advance = overshoot


@without(
    "changes in mid-run", "nest", "current_changed_in_mid_run", "current_injected_when_it_is_due"
)
def generators_that_are_heard_late() -> None:
    part("nest.kernel_time")._simulate_with_currents = lambda *_: 0


@without("changes in mid-run", "nest", "plastic_weight_changed_in_mid_run")
def plastic_weights_that_are_potentiated_once_more() -> None:
    part("nest.potentiation").Potentiation.invert = lambda self, weights: weights


@without(
    "changes in mid-run", "brian2", "weight_changed_in_mid_run", "plastic_weight_changed_under_way"
)
def weights_that_count_for_spikes_under_way() -> None:
    part("brian2.network").Network.preserve_sent_weights = lambda self, group, owner: None
    # No place but the synapse itself for a weight that is sent.
    part("brian2.synapse_groups").SynapseGroup._needs_ring = lambda self: False


@without("changes in mid-run", "brian2", "delay_changed_in_mid_run")
def delays_at_any_time() -> None:
    part("shared.projections").BulkProjection._refuse_after_start = lambda self, names: None


@without(
    "changes in mid-run", "brian2", "step_current_changed_in_mid_run",
    "current_injected_in_mid_run", "current_injected_when_it_is_due",
)  # fmt: skip
def currents_whose_times_are_past() -> None:
    state, source = part("brian2.simulation").state, part("brian2.electrodes").StepCurrentSource
    currents = part("brian2.injected_currents").InjectedCurrents
    inject, checked = currents.inject, source._check_values

    def heard_from_the_start(self: Any, *injected: Any) -> None:
        if state.network.step == 0:
            inject(self, *injected)

    currents.inject = heard_from_the_start
    source._check_values = lambda self, values: (
        checked(self, values) if state.network.step == 0 else self._values
    )


@without("reset()", "nest", "plastic_weights_after_a_reset")
def nest_s_own_reset() -> None:
    import pyNN.nest as stock

    registry = part("nest.kernel_time").registry

    def reset() -> None:
        registry.present_step = registry.kernel_step = 0
        stock.reset()

    part("nest").reset = reset
