"""Cell types on NEST: their recordable variables with units, and their initial values.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): synaptic currents that cannot be recorded (row
"recording isyn"); `IF_curr_delta`, whose potential can be neither recorded nor initialised (row
"IF_curr_delta's potential"); `IF_cond_exp_gsfa_grr`, which cannot be created (row
"IF_cond_exp_gsfa_grr"); `PointNeuron` with parameters that differ between cells, or are set later
(row "PointNeuron parameters"); a receptor of `HH_cond_exp` that NEST does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import nest
import numpy as np
from pyNN.nest import native_cell_type as stock_native_cell_type
from pyNN.nest.standardmodels import cells as stock
from pyNN.parameters import LazyArray
from pyNN.standardmodels import build_translations

from pipelines.errors import Unsupported

from ..shared import point_neuron

_CURRENTS = ("isyn_exc", "isyn_inh")


class IF_curr_exp(stock.IF_curr_exp):
    __doc__ = stock.IF_curr_exp.__doc__
    recordable = ("spikes", "v", *_CURRENTS)
    # Initial values of state variables that cannot be set on NEST.
    fixed_initial_values: ClassVar[dict[str, float]] = dict.fromkeys(_CURRENTS, 0.0)


class IF_curr_alpha(stock.IF_curr_alpha):
    __doc__ = stock.IF_curr_alpha.__doc__
    recordable = ("spikes", "v", *_CURRENTS)
    fixed_initial_values: ClassVar[dict[str, float]] = dict.fromkeys(_CURRENTS, 0.0)


class IF_curr_delta(stock.IF_curr_delta):
    __doc__ = stock.IF_curr_delta.__doc__
    variable_map: ClassVar[dict[str, str]] = {"v": "V_m"}
    scale_factors: ClassVar[dict[str, float]] = {"v": 1}


class IF_cond_exp_gsfa_grr(stock.IF_cond_exp_gsfa_grr):
    __doc__ = stock.IF_cond_exp_gsfa_grr.__doc__
    # PyNN has these two, g_s and g_r, in nS, as NEST does.
    variable_map: ClassVar[dict[str, str]] = {
        "v": "V_m", "gsyn_exc": "g_ex", "gsyn_inh": "g_in", "g_s": "g_sfa", "g_r": "g_rr",
    }  # fmt: skip
    scale_factors: ClassVar[dict[str, float]] = {
        "v": 1, "gsyn_exc": 0.001, "gsyn_inh": 0.001, "g_s": 1, "g_r": 1,
    }  # fmt: skip


class HH_cond_exp(stock.HH_cond_exp):
    __doc__ = stock.HH_cond_exp.__doc__
    recordable = (*stock.HH_cond_exp.recordable, "m", "h", "n")
    # PyNN's third receptor, of gap junctions, would be an excitatory one on NEST.
    receptor_types = ("excitatory", "inhibitory")
    # Whether NEST's solver can return NaN for the potential, as it does at time steps of 1 ms.
    can_become_nan = True
    fixed_initial_values: ClassVar[dict[str, float]] = dict.fromkeys(("gsyn_exc", "gsyn_inh"), 0.0)


class GIF_cond_exp(stock.GIF_cond_exp):
    """Generalized integrate-and-fire neurons with stochastic spiking (`gif_cond_exp`).

    Spikes are drawn by NEST's random number generator, seeded with the `rng_seed` of `setup`. No
    other simulator can reproduce them, and no other backend has this cell type.
    """

    @property
    def fixed_initial_values(self) -> dict[str, Any]:
        """Initial values of state variables that cannot be set on NEST."""
        return {"v_t": self.parameter_space["v_t_star"], "i_eta": 0.0}

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.default_initial_values = {
            **stock.GIF_cond_exp.default_initial_values,
            **self.fixed_initial_values,
        }


class PointNeuron(point_neuron.PointNeuron, stock.PointNeuron):
    __doc__ = point_neuron.PointNeuron.__doc__

    def has_model(self, neuron: Any, receptor: Any) -> bool:
        return bool(neuron.possible_models & receptor.possible_models)

    @property
    def fixed_initial_values(self) -> dict[str, float]:
        """Initial values of state variables that cannot be set on NEST."""
        return {name: 0.0 for name in self.default_initial_values if "." in name}

    @property
    def translations(self) -> dict[str, Any]:
        """Translations to NEST's names, where "tau_syn[0]" is an element of an array."""
        made = dict(self.neuron.translations)
        for place, (label, one) in enumerate(self.post_synaptic_receptors.items()):
            for name, translation in one.translations.items():
                ours, theirs = f"{label}.{name}", f"{translation['translated_name']}[{place}]"
                if name != "locations":
                    made |= build_translations((ours, theirs, _value(ours), _value(theirs)))
        return made


def native_cell_type(model_name: str) -> type:
    """Return a cell type class for a NEST neuron model, with NEST's names and units.

    Raises
    ------
    Unsupported
        If NEST has no such model.
    """
    models = [str(model) for model in nest.node_models]
    if model_name not in models:
        where, what = f"native_cell_type({model_name!r})", "NEST has no such model"
        raise Unsupported(where, what, given=model_name, among=models)
    return stock_native_cell_type(model_name)


def _value(name: str) -> Callable[..., LazyArray]:
    return lambda **values: values[name]


def merge_array_elements(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of one cell, with array elements ("tau_syn[0]") combined into arrays."""
    arrays: dict[str, list[float]] = {}
    others = {}
    for name, value in parameters.items():
        array, bracket, _ = name.partition("[")
        if bracket:
            # Elements come in the order of the receptor numbers.
            arrays.setdefault(array, []).append(float(value))
        else:
            others[name] = value
    return others | {name: np.array(values) for name, values in arrays.items()}
