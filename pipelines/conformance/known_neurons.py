"""Known differences: time, neurons and recording."""

from __future__ import annotations

from .difference import PARTLY, RECONCILED, REFUSED, Difference

KNOWN = (
    Difference(
        row="default precision",
        construct="setup() without spike_precision",
        behaviour={"nest": "off the grid, with `iaf_psc_exp_ps`", "brian2": "on the grid"},
        right="neither: a comparison needs one grid",
        evidence="first spike at 9.400073 ms on NEST, 9.5 ms on the grid",
        severity="S",
        state=RECONCILED,
        how="NEST's models are chosen on the grid, whatever ran before; setup(spike_precision="
        "'off_grid') has them between the steps, with a warning on both backends",
        modules=("nest/populations.py", "nest/control.py"),
        stock={
            "nest": {"first_spike_under_default_setup": "9.40007258"},
            # The stamp, which is a row of its own.
            "brian2": {"first_spike_under_default_setup": "9.4, expected 9.5"},
        },
    ),
    Difference(
        row="spike stamp",
        construct="the time of a recorded spike",
        behaviour={"nest": "end of its step", "brian2": "start of its step"},
        right="NEST",
        evidence="9.5 / 9.4 ms",
        severity="D",
        state=RECONCILED,
        how="one step is added when Brian2's spikes are read",
        modules=("brian2/monitors.py",),
        stock={"brian2": {"spike_at_the_end_of_its_step": "9.4, expected 9.5"}},
    ),
    Difference(
        row="refractory period",
        construct="tau_refrac",
        behaviour={"nest": "holds the membrane for R steps", "brian2": "for R - 1 steps"},
        right="NEST",
        evidence="interval 11.5 / 11.4 ms at tau_refrac 2 ms",
        severity="S",
        state=RECONCILED,
        how="Brian2 is told in which step a neuron is free: R + 1 after the spike",
        modules=("brian2/cell_kinds.py",),
        stock={
            "brian2": {
                "regular_firing": "191.8, expected 193.5",
                "shortest_refractory_period": "shape (21,), expected (20,)",
            }
        },
    ),
    Difference(
        row="tau_refrac off grid",
        construct="tau_refrac that is not a whole number of steps",
        behaviour={"nest": "rounded up: 0.25 ms are 3 steps", "brian2": "1 step"},
        right="NEST",
        evidence="interval 9.8 / 9.6 ms",
        severity="D",
        state=RECONCILED,
        how="`ceil(tau_refrac / dt)` steps on both",
        modules=("brian2/cell_kinds.py", "shared/time_grid.py"),
        stock={"brian2": {"refractory_period_off_the_grid": "9.6, expected 9.8"}},
    ),
    Difference(
        row="per-neuron tau_refrac",
        construct="a refractory period for each neuron",
        behaviour={"nest": "ok", "brian2": "refused; set on a view, it changes nothing"},
        right="NEST",
        evidence="intervals 9.6, 11.5 and 14.5 ms; on a view 11.4 for 14.5 ms",
        severity="R",
        state=RECONCILED,
        how="the period is a variable of each neuron",
        modules=("brian2/cell_kinds.py", "brian2/populations.py"),
        stock={
            "brian2": {
                "refractory_period_of_each_neuron": "Non-homogeneous refractory period",
                "refractory_period_set_on_a_view": "11.4, expected 14.5",
            }
        },
    ),
    Difference(
        row="threshold",
        construct="a membrane exactly at v_thresh",
        behaviour={"nest": "spikes (>=)", "brian2": "does not (>)"},
        right="NEST",
        evidence="decides exact ties only: first spike at 0.1 ms / none",
        severity="C",
        state=RECONCILED,
        how="v >= v_thresh on Brian2",
        modules=("brian2/cell_kinds.py",),
        stock={"brian2": {"exact_tie_at_the_threshold": ""}},
    ),
    Difference(
        row="tau_syn = tau_m",
        construct="a synapse as slow as the membrane",
        behaviour={"nest": "ok", "brian2": "NaN, no spike, no error"},
        right="NEST",
        evidence="v(20) is NaN, should be -58.1136 mV",
        severity="S",
        state=RECONCILED,
        how="propagators in a form that is not singular there",
        modules=("brian2/integration.py",),
        stock={"brian2": {"synapse_as_slow_as_the_membrane": "nan, expected -58.11"}},
    ),
    Difference(
        row="random initial v",
        construct="initial_values from a RandomDistribution",
        behaviour={"nest": "drawn again for sample 0", "brian2": "ok"},
        right="Brian2",
        evidence="9.73 mV for 4.97 mV above rest",
        severity="S",
        state=RECONCILED,
        how="drawn once, and passed on as an array",
        modules=("shared/initial_values.py",),
        stock={"nest": {"random_initial_potential": "expected 4.97"}},
    ),
    Difference(
        row="v of a view",
        construct="initialize() of a part of a population",
        behaviour={"nest": "AttributeError", "brian2": "NotImplementedError"},
        right="documented by PyNN",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how="rows of the whole population's initial values",
        modules=("shared/initial_values.py",),
        stock={
            "nest": {"initial_potential_of_a_view": "AttributeError"},
            "brian2": {"initial_potential_of_a_view": "NotImplementedError"},
        },
    ),
    Difference(
        row="recording isyn",
        construct="record('isyn_exc'), record('isyn_inh')",
        behaviour={"nest": "RecordingError", "brian2": "RecordingError"},
        right="both simulators can",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how="the two variables are made recordable",
        modules=("nest/cell_types.py", "brian2/cell_types.py"),
        stock={
            "nest": {"synaptic_current": "RecordingError", "inhibitory_current": "RecordingError"},
            "brian2": {
                "synaptic_current": "RecordingError",
                "inhibitory_current": "RecordingError",
            },
        },
    ),
    Difference(
        row="sampling_interval > dt",
        construct="record(sampling_interval=1.0)",
        behaviour={"nest": "ok", "brian2": "samples are shifted"},
        right="NEST",
        evidence="-64.9601 for -64.6098 mV: 0.35 mV at 1 ms",
        severity="S",
        state=RECONCILED,
        how="Brian2 samples at the start of a step",
        modules=("brian2/monitors.py",),
        stock={"brian2": {"sampled_once_a_millisecond": "-64.9600998"}},
    ),
    Difference(
        row="get_data(clear=True)",
        construct="reading and clearing in pieces",
        behaviour={
            "nest": "loses a sample at each border",
            "brian2": "crashes, or pads with zeros",
        },
        right="neither",
        evidence="301 of 303 samples; -65 for -59.9430 mV",
        severity="S, R",
        state=RECONCILED,
        how="the data stay in the simulator; a segment is cut out of them",
        modules=("nest/recording.py", "brian2/recording.py"),
        stock={
            "nest": {"reading_and_clearing": "shape (301,), expected (303,)"},
            "brian2": {"reading_and_clearing": "expected -59.943"},
        },
    ),
    Difference(
        row="get_spike_counts",
        construct="get_spike_counts()",
        behaviour={"nest": "counts spikes beyond the end of the run", "brian2": "ok"},
        right="Brian2",
        evidence="1 / 0",
        severity="S",
        state=RECONCILED,
        how="counted in the recorded trains",
        modules=("nest/recording.py",),
        stock={"nest": {"counting_spikes_at_the_end": "1, expected 0"}},
    ),
    Difference(
        row="record() in mid-run",
        construct="record() after the first run",
        behaviour={
            "nest": "AssertionError",
            "brian2": "a signal's samples are dated from 0 ms; spikes of before too, if another"
            " cell's were recorded",
        },
        right="PyNN: what happens from then on",
        evidence="-61.828 for -64.9601 mV at 0.1 ms, and a spike of 5 ms, on Brian2",
        severity="S, R",
        state=RECONCILED,
        how="what is recorded from a time on has spikes and samples after it; where other cells"
        " were recorded before, a signal is NaN until then",
        modules=(
            "nest/recording.py",
            "brian2/recording.py",
            "brian2/monitors.py",
            "shared/segments.py",
        ),
        stock={
            "nest": {
                "spikes_recorded_in_mid_run": "AssertionError",
                "signal_recorded_in_mid_run": "AssertionError",
            },
            "brian2": {
                "spikes_recorded_in_mid_run": "shape (6,), expected (4,)",
                "signal_recorded_in_mid_run": "-61.8280446034, expected -64.96009983",
            },
        },
    ),
    Difference(
        row="run(10.05)",
        construct="a duration between two steps",
        behaviour={"nest": "NESTError", "brian2": "rounded without a word"},
        right="NEST",
        evidence="the time is 10.1 ms afterwards",
        severity="R",
        state=REFUSED,
        how="a whole number of steps is asked for, naming the two nearest",
        modules=("nest/control.py", "shared/control.py"),
        stock={
            "nest": {"duration_off_the_grid": "multiple of the simulation resolution"},
            "brian2": {"duration_off_the_grid": "10.1, expected 10.05"},
        },
        refused={
            "nest": ("duration_off_the_grid",),
            "brian2": ("duration_off_the_grid",),
            "reference": ("duration_off_the_grid",),
        },
    ),
    Difference(
        row="changes in mid-run",
        construct="set(), initialize() and inject_into() between two runs",
        behaviour={
            "nest": "neurons and currents change one minimal delay late; potentiation from before"
            " is added to a plastic weight that is set",
            "brian2": "a weight that is set counts for spikes under way; so does a delay; currents"
            " whose times have begun are not heard",
        },
        right="what is set acts at once, on spikes that are sent from then on",
        evidence="-65 for -64.9601 mV one step after i_offset was set on NEST; 2 for 1 nA from a"
        " spike that was sent before on Brian2; 0.301078 for 0.295309 w_max on NEST",
        severity="S",
        state=PARTLY,
        how="NEST stands where the script does: what it hands on later is read in a fork, and what"
        " is set of synapses is written after the next step, so that it leads to what was wanted;"
        " what generators are too late for is carried by the neurons' constant current. On Brian2"
        " spikes under way keep the weight with which they were sent, and a current is a function"
        " of the step, whenever it is set or injected; a rule's parameters act on what reaches a"
        " synapse from then on. Refused after the first run, with the way out: delays; on NEST"
        " time constants whose traces it does not let be set, too, weights within one of its"
        " slices, and, with several threads, changes after reading",
        modules=(
            "nest/kernel_time.py",
            "nest/mid_run_changes.py",
            "nest/electrodes.py",
            "nest/pending_events.py",
            "nest/potentiation.py",
            "nest/synapse_changes.py",
            "brian2/synapse_groups.py",
            "brian2/injected_currents.py",
            "shared/electrodes.py",
            "brian2/network.py",
            "brian2/synapse_kinds.py",
            "shared/projections.py",
        ),
        stock={
            "nest": {
                "parameter_changed_in_mid_run": "-65, expected -64.96",
                "parameter_changed_after_reading": "-65, expected -64.96",
                "plastic_weight_changed_in_mid_run": "0.301078092342, expected 0.295308",
                "current_changed_in_mid_run": ", expected -63.01",
                "current_injected_when_it_is_due": "-65, expected -64.88",
            },
            "brian2": {
                "weight_changed_in_mid_run": "2, expected 1",
                "delay_changed_in_mid_run": ", expected 10.5",
                "step_current_changed_in_mid_run": ", expected -60.85",
                "current_injected_in_mid_run": "-65, expected -63.5",
                "current_injected_when_it_is_due": "-65, expected -62.3",
            },
        },
        refused={
            "nest": ("delay_changed_in_mid_run",),
            "brian2": ("delay_changed_in_mid_run",),
            "reference": ("delay_changed_in_mid_run",),
        },
    ),
    Difference(
        row="reset()",
        construct="reset() and a second run",
        behaviour={"nest": "plastic weights stay", "brian2": "ok in the versions tested"},
        right="PyNN: weights return to their initial values",
        evidence="0.501078 w_max for 0.5 after a reset",
        severity="S, R",
        state=RECONCILED,
        how="NEST is reset, and the network made in it again, with its initial weights",
        modules=("nest/network_reset.py",),
        stock={"nest": {"plastic_weights_after_a_reset": "0.50107809"}},
    ),
)
