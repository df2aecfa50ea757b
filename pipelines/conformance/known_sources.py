"""Known differences: spike sources, injected currents, random inputs."""

from __future__ import annotations

from .difference import AGREES, RECONCILED, REFUSED, Difference

_BOTH = ("nest/cells.py", "brian2/populations.py", "shared/grid.py")

KNOWN = (
    Difference(
        row="source to current",
        construct="a source's spike at t with delay d",
        behaviour={"nest": "arrives at t + d", "brian2": "at t + d + dt"},
        right="NEST",
        evidence="the membrane moves at sample 111 / 112",
        severity="D",
        state=RECONCILED,
        how="sources play one step early on Brian2",
        modules=("brian2/groups.py",),
        stock={
            "brian2": {
                "delay_from_source_to_membrane": "-65, expected -64.60496",
                "response_to_a_spike_train": "",
            }
        },
    ),
    Difference(
        row="SpikeSourceArray under min_delay='auto'",
        construct="setup() without min_delay, which is PyNN's default",
        behaviour={
            "nest": "sources are shifted by the real minimal delay less one step",
            "brian2": "ok",
        },
        right="Brian2",
        evidence="5, 10, 20 become 6.9, 11.9, 21.9 ms with delays of 2 ms",
        severity="S",
        state=RECONCILED,
        how="the minimal delay is one step unless given; sources are nodes of NEST's that send as"
        " neurons do, without a generator and its delay",
        modules=("nest/control.py", "nest/cells.py", "nest/slices.py"),
        stock={"nest": {"sources_under_default_setup": "21.9, expected 20"}},
    ),
    Difference(
        row="source times on grid",
        construct="spike times such as 4.4 ms",
        behaviour={"nest": "shifted in floating point, then rounded up", "brian2": "ok"},
        right="Brian2",
        evidence="4.4 is played at 4.5 ms; 26 of 2,998 decimals land a step late",
        severity="S",
        state=RECONCILED,
        how="counted in whole steps",
        modules=("nest/cells.py", "shared/grid.py"),
        stock={"nest": {"every_step_is_played_when_it_is_due": "4.5, expected 4.4"}},
    ),
    Difference(
        row="source at t < min_delay",
        construct="a spike in the first steps of a run",
        behaviour={"nest": "dropped, or an error at t = min_delay", "brian2": "ok"},
        right="none: NEST cannot",
        evidence="0.1 ms: BadProperty",
        severity="S, R",
        state=REFUSED,
        how="times from min_delay + one step on are asked for",
        modules=_BOTH,
        stock={"nest": {"source_before_the_first_delay": "spike time cannot be set to 0"}},
        refused={
            "nest": ("source_before_the_first_delay",),
            "brian2": ("source_before_the_first_delay",),
            "reference": ("source_before_the_first_delay",),
        },
    ),
    Difference(
        row="two spikes in one bin",
        construct="two spikes of a source in one step",
        behaviour={"nest": "both played", "brian2": "an error in mid-run that names neither"},
        right="none on a grid",
        evidence="10.0 and 10.04 ms",
        severity="R",
        state=REFUSED,
        how="one spike a source and step, on the grid",
        modules=_BOTH,
        stock={
            "nest": {"two_spikes_in_one_step": "expected 10.04"},
            "brian2": {"two_spikes_in_one_step": "BrianObjectException"},
        },
        refused={
            "nest": ("two_spikes_in_one_step",),
            "brian2": ("two_spikes_in_one_step",),
            "reference": ("two_spikes_in_one_step",),
        },
    ),
    Difference(
        row="source at t = T",
        construct="a spike at the end of a run",
        behaviour={"nest": "recorded", "brian2": "not recorded"},
        right="NEST: a run covers (0, T]",
        evidence="2 / 1 spikes",
        severity="D",
        state=RECONCILED,
        how="follows from the stamp: sources play one step early",
        modules=("brian2/groups.py",),
        stock={"brian2": {"source_at_the_end_of_the_run": "shape (1,), expected (2,)"}},
    ),
    Difference(
        row="SpikeSourceArray, dt other than 0.1",
        construct="sources with another time step",
        behaviour={"nest": "ok", "brian2": "play at Brian2's default clock"},
        right="NEST",
        evidence="10.25 ms is played at 10.2 with dt 0.25; the membrane moves a step late",
        severity="S",
        state=RECONCILED,
        how="sources are given the network's clock",
        modules=("brian2/groups.py",),
        stock={"brian2": {"source_with_another_time_step": "-65, expected -63.546"}},
    ),
    Difference(
        row="SpikeSourcePoisson",
        construct="Poisson sources with a window",
        behaviour={
            "nest": "the window is late, and a source can fire twice a step",
            "brian2": "a spike at each end too many",
        },
        right="neither",
        evidence="19 and 2 of 900 spikes outside (100, 150] ms",
        severity="S",
        state=RECONCILED,
        how="trains are drawn once, by NumPy from the run's seed, and played",
        modules=("shared/drawn.py",),
        stock={
            "nest": {
                "window_of_poisson_sources": ", expected 0",
                "one_spike_a_step_of_poisson_sources": ", expected 0",
            },
            "brian2": {"window_of_poisson_sources": ", expected 0"},
        },
    ),
    Difference(
        row="seeds",
        construct="setup(rng_seed=...)",
        behaviour={
            "nest": "seeds its sources; 42 unless given",
            "brian2": "ignored: two runs differ",
        },
        right="NEST",
        evidence="trains of two set-ups with one seed",
        severity="S",
        state=RECONCILED,
        how="everything random is drawn from the seed of `setup`",
        modules=("shared/registry.py", "shared/drawn.py"),
        stock={"brian2": {"trains_of_a_seed": "0, expected 1"}},
    ),
    Difference(
        row="DC from 0",
        construct="a current source that is on from the start",
        behaviour={"nest": "begins at step 2", "brian2": "begins at step 0"},
        right="Brian2",
        evidence="-65 for -64.9204 mV at sample 2",
        severity="S",
        state=RECONCILED,
        how="the neuron's own constant current carries what is due in the steps that NEST's"
        " generators cannot reach",
        modules=("nest/ahead.py", "nest/electrodes.py"),
        stock={
            "nest": {
                "direct_current_from_the_start": "-65, expected -64.92",
                "step_current_from_the_start": "-65, expected -64.92",
            }
        },
    ),
    Difference(
        row="NoisyCurrentSource",
        construct="noise into several cells",
        behaviour={
            "nest": "a noise of its own for each cell",
            "brian2": "one noise for all, unseeded",
        },
        right="NEST",
        evidence="two cells have the same membrane",
        severity="S",
        state=RECONCILED,
        how="drawn for each cell from the run's seed, and injected as a step current",
        modules=("shared/electrodes.py", "nest/electrodes.py", "brian2/electrodes.py"),
        stock={"brian2": {"noise_of_two_cells": "1, expected 0"}},
    ),
    Difference(
        row="DC / AC / step sources",
        construct="currents from min_delay + 2 dt on",
        behaviour={"nest": "ok", "brian2": "ok"},
        right="both",
        evidence="agree to 8e-14 nA",
        severity="-",
        state=AGREES,
        how="",
        modules=(),
    ),
)
