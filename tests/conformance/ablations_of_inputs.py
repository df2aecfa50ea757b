"""Corrections of sources, currents and connections, taken out; see `ablations`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tests.conformance.ablations import part, plain_steps, without


@without("source to current", "brian2", "delay_from_source_to_membrane")
@without("source at t = T", "brian2", "source_at_the_end_of_the_run")
def sources_that_play_when_they_are_told() -> None:
    player = part("brian2.cell_groups").SpikeGenerator
    play = player.set_spikes
    player.set_spikes = lambda self, steps, rows: play(self, steps + 1, rows)


@without("SpikeSourceArray under min_delay='auto'", "nest", "sources_under_default_setup")
def smallest_delay_of_the_network() -> None:
    part("nest.populations").needs_generators = lambda: True
    # What generators send is late by a slice, of which one step alone is reckoned with.
    part("nest.communication_interval").needs_generators = lambda: False
    for module in ("nest.communication_interval", "nest.populations"):
        part(module).has_parrots = lambda population: False


@without("source times on grid", "nest", "every_step_is_played_when_it_is_due")
def source_times_in_floating_point() -> None:
    part("shared.spike_trains").round_and_count = lambda times, dt, what: (
        (np.asarray(times) / dt).astype(np.int64),
        0,
    )


@without("source at t < min_delay", "nest", "source_before_the_first_delay")
def a_clock_that_is_not_ahead() -> None:
    part("nest.kernel_time").advance_to_time_0 = lambda: None


@without("two spikes in one bin", "brian2", "two_spikes_in_one_step")
def one_spike_a_step() -> None:
    groups = part("brian2.cell_groups")
    spikes_by_step = groups.spikes_by_step

    def each_once(*given: Any) -> Any:
        steps, rows = spikes_by_step(*given)
        new = np.diff(steps, prepend=-2).astype(bool) | np.diff(rows, prepend=-1).astype(bool)
        return steps[new], rows[new]

    groups.spikes_by_step = each_once


@without("SpikeSourceArray, dt other than 0.1", "brian2", "source_with_another_time_step")
def sources_at_brian2_s_default_clock() -> None:
    import brian2

    group = part("brian2.cell_groups").SourceGroup
    make = group.create
    group.create = lambda self, clock: make(self, brian2.defaultclock)


def _stock_class(backend: str, name: str) -> None:
    from pipelines import backends

    setattr(backends.load(backend), name, getattr(backends.load(backend, stock=True), name))


@without("SpikeSourcePoisson", "nest", "window_of_poisson_sources")
def nest_s_own_poisson_sources() -> None:
    part("shared.initial_values")._TRAIN_CLASSES.clear()
    _stock_class("nest", "SpikeSourcePoisson")


@without("sources with memory", "nest", "rate_and_window_of_gamma_sources")
def nest_s_own_gamma_sources() -> None:
    part("shared.initial_values")._TRAIN_CLASSES.clear()
    _stock_class("nest", "SpikeSourceGamma")


@without("SpikeSourcePoisson", "brian2", "window_of_poisson_sources")
def brian2_s_own_poisson_sources() -> None:
    drawn = part("shared.frozen_inputs").PoissonTrains
    make = drawn.__init__

    def with_a_spike_at_each_end(self: Any, *arguments: Any) -> None:
        make(self, *arguments)
        self._begin, self._end = self._begin - 1, self._end + 1

    drawn.__init__ = with_a_spike_at_each_end


@without("seeds", "nest", "trains_of_a_seed")
@without("seeds", "brian2", "trains_of_a_seed")
def generators_without_a_seed() -> None:
    part("shared.network_registry").Registry.next_seeds = lambda self: np.random.SeedSequence()


@without("DC from 0", "nest", "direct_current_from_the_start", "step_current_from_the_start")
def currents_that_generators_alone_carry() -> None:
    part("nest.kernel_time")._simulate_with_currents = lambda *_: 0


@without("NoisyCurrentSource", "brian2", "noise_of_two_cells")
def one_noise_for_all() -> None:
    module = part("shared.electrodes")
    draw, drawn = module.noise_steps, []

    def drawn_once(**asked: Any) -> Any:
        drawn.append(drawn[0] if drawn else draw(**asked))
        return drawn[0]

    module.noise_steps = drawn_once


def _weights(change: Any) -> None:
    cls = part("brian2.projections").Projection
    add = cls._add

    def changed(self: Any, block: Any) -> None:
        weights = change(self, block)
        add(self, replace(block, parameters=block.parameters | {"weight": weights}))

    cls._add = changed


@without(
    "multapses with different weights", "brian2", "two_synapses_of_one_pair",
    "pairs_of_fixed_total_number",
)  # fmt: skip
def the_last_weight_for_all_of_a_pair() -> None:
    def last(projection: Any, block: Any) -> np.ndarray:
        pairs = list(zip(block.pre.tolist(), block.post.tolist(), strict=True))
        of_pair = dict(zip(pairs, block.array("weight").tolist(), strict=True))
        return np.array([of_pair[pair] for pair in pairs])

    _weights(last)


@without("Assembly as source", "brian2", "assembly_as_source")
def the_first_group_s_weights_for_all() -> None:
    def first(projection: Any, block: Any) -> np.ndarray:
        ends = np.cumsum([member.size for member in projection.pre.populations])
        groups = np.searchsorted(ends, block.pre, side="right")
        weights = np.array(block.array("weight"))
        for group in range(len(ends)):
            weights[groups == group] = block.array("weight")[: np.sum(groups == group)]
        return weights

    _weights(first)


@without("get() after another projection was made", "nest", "weights_after_another_projection")
def nest_s_own_projections() -> None:
    for name in ("Projection", "StaticSynapse"):
        _stock_class("nest", name)


@without("OneToOne of 1 x 1", "brian2", "one_to_one_of_single_cells")
def one_synapse_read_as_a_number() -> None:
    cls = part("brian2.projections").Projection
    read = cls._read
    cls._read = lambda self, names: {n: np.squeeze(v) for n, v in read(self, names).items()}


@without("FixedTotalNumber with_replacement=False", "nest", "total_number_without_replacement")
def nest_s_fixed_total_number() -> None:
    _stock_class("nest", "FixedTotalNumberConnector")


@without("FixedTotalNumber with_replacement=False", "brian2", "total_number_without_replacement")
def brian2_s_fixed_total_number() -> None:
    _stock_class("brian2", "FixedTotalNumberConnector")


@without("delay off grid", "nest", "delay_between_two_steps")
@without("delay off grid", "brian2", "delay_between_two_steps")
def delays_to_the_nearest_step() -> None:
    part("shared.synapse_blocks").to_steps = plain_steps


def _unchecked_edges() -> None:
    part("shared.block_connection").check_synapses = lambda *_, **__: None


for _backend in ("nest", "brian2"):
    without(
        "delay outside min/max", _backend, "delay_below_the_smallest", "delay_above_the_largest"
    )(_unchecked_edges)
without("wrong-sign weight in FromList", "nest", "negative_weight_on_the_excitatory_receptor")(
    _unchecked_edges
)
