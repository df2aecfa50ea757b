"""Both runs of a pair carried out again, on real backends, and the causes that this shows."""

from dataclasses import replace

import pytest

from pipelines.diagnosis.from_build import build_causes
from pipelines.diagnosis.from_states import state_causes
from pipelines.diagnosis.repeats.repeat_runs import neurons_to_record, repeat_runs
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.execution.child_process import in_fork

EXPERIMENT = '''
"""A population driven by spikes, of which one parameter can be changed."""
from dataclasses import dataclass

import numpy as np
from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    kind: str = parameter("IF_curr_exp", "", "cell type")
    name: str = parameter("", "", "parameter of cells or synapses that is changed")
    factor: float = parameter(1.0, "1", "factor of that parameter")
    duration: float = parameter(150.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def build(sim, parameters, seed):
    rng = np.random.default_rng(seed)
    cell = {"tau_m": 20.0, "cm": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0,
            "tau_refrac": 2.0, "tau_syn_E": 3.0, "tau_syn_I": 8.0, "i_offset": 0.1}
    cond = "cond" in parameters.kind
    weight = {"excitatory": 0.02 if cond else 1.2, "inhibitory": 0.02 if cond else -0.6}
    rule = {"A_plus": 0.02, "A_minus": 0.021}
    for group in (cell, weight, rule):
        if parameters.name in group:
            group[parameters.name] *= parameters.factor
    made = {"cells": sim.Population(4, getattr(sim, parameters.kind)(**cell),
                                    initial_values={"v": np.array([-60.0, -61.0, -62.0, -63.0])})}
    for receptor, n in (("excitatory", 40), ("inhibitory", 20)):
        times = [np.sort(rng.choice(np.arange(20, 1400), 5, replace=False)) * 0.1 for _ in range(n)]
        made[f"input_{receptor}"] = sim.Population(n, sim.SpikeSourceArray(
            spike_times=[np.round(t, 1).tolist() for t in times]))
        pairs = [(k, k % 4, weight[receptor], 1.0) for k in range(n)]
        made[receptor] = sim.Projection(made[f"input_{receptor}"], made["cells"],
                                        sim.FromListConnector(pairs), receptor_type=receptor)
    made["plastic"] = sim.Projection(made["cells"], made["cells"], sim.AllToAllConnector(),
        sim.STDPMechanism(timing_dependence=sim.SpikePairRule(**rule),
                          weight_dependence=sim.AdditiveWeightDependence(w_max=0.01),
                          weight=0.001, delay=1.5), receptor_type="excitatory")
    return made
'''


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "experiments" / "driven"
    folder.mkdir(parents=True)
    (folder / "experiment.py").write_text(EXPERIMENT)
    (folder / "sweep.yaml").write_text(
        "description: A test\nrecord:\n  populations:\n    cells: {spikes: true}\n"
        "  projections: [plastic]\nprofiles:\n  quick: {backends: [nest]}\n"
    )
    return tmp_path


def simulated(root, backend, parameters):
    """Record and tables of a run."""
    from pipelines.execution.simulate import simulate
    from pipelines.experiment import load_experiment
    from pipelines.sweep.record import Record
    from pipelines.sweep.runs import Run

    run = Run("driven", backend, parameters, 3, "", "", False)
    record = Record.model_validate(
        {"populations": {"cells": {"spikes": True}}, "projections": ["plastic"]}
    )
    result = simulate(run, load_experiment("driven", root), record)
    return result.record, {name: table.to_pandas() for name, table in result.tables.items()}


def evidence(root, backend, parameters):
    """A run as it is stored."""
    record, tables = in_fork(simulated, root, backend, parameters)
    return Evidence(record, tables["spikes"], tables["weights"])


def repeated(root, backends, a=None, b=None):
    """A pair of runs with the states and networks of their repetition."""
    runs = (evidence(root, *one) for one in zip(backends, (a or {}, b or {}), strict=True))
    pair, trouble = repeat_runs(Pair(*runs, 0.1), root)
    assert trouble == ""
    return pair


def unbuilt(pair):
    """The same pair, as if no backend told what it built."""
    return replace(pair, a=replace(pair.a, built=None), b=replace(pair.b, built=None))


@pytest.mark.parametrize("kind", ["IF_curr_exp", "IF_curr_alpha", "IF_cond_exp", "IF_cond_alpha"])
def test_two_backends_that_are_the_same_have_no_cause(root, kind):
    pair = repeated(root, ("nest", "reference"), {"kind": kind}, {"kind": kind})
    assert pair.divergence is None and len(pair.a.spikes) > 4
    assert pair.a.states.keys() == pair.b.states.keys() and len(pair.a.states) >= 2
    assert build_causes(pair) == [] and state_causes(pair) == []


@pytest.mark.parametrize(
    ("kind", "name", "factor", "cause"),
    [
        ("IF_curr_exp", "tau_m", 1.01, "different tau_m"),
        ("IF_curr_exp", "v_reset", 1.01, "different v_reset"),
        ("IF_curr_exp", "tau_refrac", 1.05, "different tau_refrac"),
        ("IF_curr_alpha", "cm", 1.02, "different cm"),
        ("IF_curr_alpha", "tau_syn_I", 1.1, "different tau_syn_I"),
        ("IF_cond_exp", "tau_m", 1.02, "different tau_m"),
        ("IF_cond_alpha", "tau_syn_E", 1.1, "different tau_syn_E"),
    ],
)
def test_a_parameter_that_differs_is_built_and_measured(root, kind, name, factor, cause):
    changed = {"kind": kind, "name": name, "factor": factor}
    pair = repeated(root, ("nest", "reference"), {"kind": kind}, changed)
    assert [one.name for one in build_causes(pair)] == [cause]
    (seen,) = state_causes(unbuilt(pair))
    assert seen.names == (cause,), seen


def test_synapses_as_built(root):
    pair = repeated(root, ("nest", "reference"), b={"name": "A_plus", "factor": 1.5})
    (cause,) = build_causes(pair)
    assert cause.name == "different A_plus" and "0.02 in the first run and 0.03" in (
        cause.explanation
    )


def test_neurons_that_part_first_are_recorded(root):
    a, b = (evidence(root, "reference", given) for given in (
        {}, {"name": "v_thresh", "factor": 1.01}))  # fmt: skip
    pair = Pair(a, b, 0.1)
    chosen = neurons_to_record(pair)
    # Sources have no state.
    assert chosen.keys() == {"cells"} and chosen["cells"][0] == pair.divergence.neuron
    # The same backend twice, with different parameters.
    pair, trouble = repeat_runs(pair, root)
    assert trouble == "" and ("cells", pair.divergence.neuron) in pair.a.states
    (cause,) = state_causes(unbuilt(pair))
    assert cause.name == "different v_thresh"


def test_runs_that_nobody_here_knows_are_not_repeated(root):
    nowhere = evidence(root, "reference", {})
    pair = Pair(replace(nowhere, record={"backend": "x"}), nowhere, 0.1)
    assert repeat_runs(pair, root)[0] is pair
    assert (
        repeat_runs(pair, root)[1]
        == "not recorded again, as the table runs has no experiment and no seed"
    )
