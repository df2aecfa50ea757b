"""Causes told from what two backends report of the networks that they built."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.from_build import build_causes
from pipelines.diagnosis.kinds.build import KINDS as OF_BUILD
from pipelines.diagnosis.kinds.states import KINDS as OF_STATES
from pipelines.diagnosis.repeats.built_network import BuiltNetwork, BuiltPopulation, BuiltProjection
from pipelines.diagnosis.run_pair import Evidence, Pair

TRAINS = [np.array([5.0, 10.0, 20.3]), np.array([7.5, 12.1])]


def cells(**changed):
    given = {"tau_m": 20.0, "cm": 0.25, "tau_syn_E": 3.0, "tau_syn_I": 8.0} | changed
    return BuiltPopulation(
        "IF_curr_exp", {name: np.full(4, value) for name, value in given.items()},
        {"v": np.linspace(-65.0, -60.0, 4)},
    )  # fmt: skip


def sources(trains=TRAINS):
    return BuiltPopulation("SpikeSourceArray", {}, trains=trains)


def synapses(synapse="STDPMechanism", pre=(0, 0, 1, 1), weight=(0.1, 0.2, 0.3, 0.4), **parameters):
    given = {"A_plus": 0.01, "w_max": 1.0, "delay": 1.5} | parameters
    return BuiltProjection(
        "excitatory", synapse, "SpikePairRule", "AdditiveWeightDependence", np.array(pre),
        np.arange(len(pre)) % 2,
        {"weight": np.array(weight), **{n: np.atleast_1d(v) for n, v in given.items()}},
    )  # fmt: skip


def told(b_cells=None, b_sources=None, a_synapses=None, b_synapses=None):
    plain = a_synapses or synapses()
    a = BuiltNetwork({"n": cells(), "s": sources()}, {"w": plain})
    b = BuiltNetwork(
        {"n": b_cells or cells(), "s": b_sources or sources()}, {"w": b_synapses or plain}
    )
    none = pd.DataFrame(columns=["population", "neuron", "time_ms"])
    found = build_causes(
        Pair(Evidence({}, none, none, built=a), Evidence({}, none, none, built=b), 0.1)
    )
    assert {one.name for one in found} <= {kind.name for kind in (*OF_BUILD, *OF_STATES)}
    return {one.name: one for one in found}


def test_the_same_network():
    assert told() == {}
    # Rounding is no difference.
    assert told(cells(tau_m=20.0 * (1 + 1e-12))) == {}
    none = pd.DataFrame(columns=["population", "neuron", "time_ms"])
    assert build_causes(Pair(Evidence({}, none, none), Evidence({}, none, none), 0.1)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"b_cells": cells(tau_m=21.0)},
         {"different tau_m": "tau_m of n is 20 in the first run and 21 in the second run (in all 4"
          " neurons; 1.05 times as large in each of them)"}),
        ({"b_cells": cells(cm=np.array([0.25, 0.25, 0.3, 0.25]))},
         {"different cm": "cm of n is 0.25 in the first run and 0.3 in the second run (in 1 of 4"}),
        ({"b_cells": cells(tau_syn_E=8.0, tau_syn_I=3.0)},
         {"tau_syn_E and tau_syn_I exchanged": "of n are exchanged"}),
        ({"b_cells": cells(tau_m=21.0, cm=0.3)}, {"different tau_m": "", "different cm": ""}),
        ({"b_cells": replace(cells(), initial={"v": np.linspace(-65.0, -60.0, 4) + 0.5})},
         {"different initial potential": "+0.5 in each of them"}),
        ({"b_cells": replace(cells(), cell_type="IF_curr_alpha")}, {"different cell type": ""}),
        ({"b_sources": sources([train + 0.2 for train in TRAINS])},
         {"inputs delayed": "2 steps later in the second run"}),
        ({"b_sources": sources([TRAINS[0], TRAINS[1][:1]])},
         {"missing or further input": "1 are there in the first run alone"}),
        ({"b_sources": sources([TRAINS[0]] * 2)}, {"one train for all": "in the second run"}),
        ({"b_sources": sources([TRAINS[0] * 1.3, TRAINS[1] * 0.7])}, {"different inputs": ""}),
        ({"b_synapses": synapses(A_plus=0.02)}, {"different A_plus": "A_plus of w is 0.01"}),
        ({"b_synapses": synapses(dendritic_delay_fraction=1.0),
          "a_synapses": synapses(dendritic_delay_fraction=0.5)}, {"different dendritic delay": ""}),
        ({"b_synapses": synapses(delay=1.6)}, {"different delays": ""}),
        ({"b_synapses": synapses(weight=(0.2, 0.4, 0.6, 0.8))},
         {"different initial weights": "2 times as large"}),
        ({"a_synapses": synapses("StaticSynapse"),
          "b_synapses": synapses("StaticSynapse", weight=(0.2, 0.4, 0.6, 0.8))},
         {"weights scaled": "2 times as large"}),
        ({"a_synapses": synapses("StaticSynapse"),
          "b_synapses": synapses("StaticSynapse", weight=(-0.1, -0.2, -0.3, -0.4))},
         {"sign of the weights": ""}),
        ({"a_synapses": synapses("StaticSynapse"),
          "b_synapses": synapses("StaticSynapse", weight=(0.1, 0.2, 0.3, 0.5))},
         {"different weights": "in 1 of 4 synapses"}),
        ({"b_synapses": synapses(pre=(0, 1, 1, 1))}, {"different connectivity": "1 of 4"}),
        ({"b_synapses": synapses(pre=(0, 0, 1))}, {"different connectivity": "4 synapses"}),
        ({"b_synapses": synapses(pre=(0, 0, 0, 0, 1, 1, 1, 1))}, {"synapses doubled": ""}),
        ({"b_synapses": replace(synapses(), weight_dependence="MultiplicativeWeightDependence")},
         {"different weight dependence": "Additive"}),
    ],
)  # fmt: skip
def test_a_difference_is_a_fact(changed, said):
    found = told(**changed)
    assert found.keys() == said.keys()
    for name, part in said.items():
        assert part in found[name].explanation, found[name].explanation
