"""Neurons with named receptors: parameters and initial values are flat, "receptor.name".

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): a `PointNeuron` takes no parameter that
differs between cells, and `set()` fails (row "PointNeuron parameters").
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardCellType, build_translations, cells

from pipelines.errors import Unsupported


def same_values(*names: str) -> dict[str, Any]:
    """Translations that change nothing, also of names that PyNN cannot evaluate as expressions."""

    def value_of(name: str) -> Any:
        return lambda **values: values[name]

    made = build_translations(*((name, name, value_of(name), value_of(name)) for name in names))
    return {name: one | {"type": "simple"} for name, one in made.items()}


class PointNeuron(cells.PointNeuron):
    """A neuron (`LIF`, `AdExp`) with any number of receptors, each of them by a name.

    Parameters, variables and initial values are those of the neuron, and "NAME.tau_syn",
    "NAME.gsyn" and so on: what `set`, `get`, `record` and `initialize` take. The receptors are in
    the order of their names.

    Raises
    ------
    Unsupported
        Without receptors, or with two kinds of them: no simulator has a model of these.
    """

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        kinds = {type(one).__name__ for one in post_synaptic_receptors.values()}
        if len(kinds) != 1:
            raise Unsupported(
                "PointNeuron",
                f"receptors of several kinds ({', '.join(sorted(kinds))})"
                if kinds
                else "no receptor",
                allowed="one or more receptors of one kind",
            )
        self.neuron = neuron
        self.post_synaptic_receptors = dict(sorted(post_synaptic_receptors.items()))
        parts = {"": neuron} | {f"{k}.": v for k, v in self.post_synaptic_receptors.items()}
        for receptor in post_synaptic_receptors.values():
            receptor.set_parent(self)
        # Where receptors are on a dendrite means nothing for a point.
        self.parts = {
            prefix + name: (part, name)
            for prefix, part in parts.items()
            for name in part.default_parameters
            if name != "locations"
        }
        space = ParameterSpace({}, self.get_schema(), component=type(self))
        for name, (part, own_name) in self.parts.items():
            space._parameters[name] = deepcopy(part.parameter_space[own_name])
        self.parameter_space = space
        self.refuse_unknown()

    def refuse_unknown(self) -> None:
        """Refuse combinations that the simulator has no model of."""
        one = next(iter(self.post_synaptic_receptors.values()))
        if not self.possible(self.neuron, one):
            what = f"{type(self.neuron).__name__} with {type(one).__name__}"
            allowed = "LIF with CurrExpPostSynapticResponse; AdExp with AlphaPSR or BetaPSR"
            raise Unsupported("PointNeuron", what, allowed)

    def possible(self, neuron: Any, receptor: Any) -> bool:
        """Whether the simulator has a model of this combination."""
        raise NotImplementedError

    @property
    def default_parameters(self) -> dict[str, float]:
        """Default values, by flat names."""
        return {k: part.default_parameters[name] for k, (part, name) in self.parts.items()}

    # PyNN asks the class, which does not know the receptors.
    def has_parameter(self, name: str) -> bool:
        return name in self.parts

    def get_parameter_names(self) -> list[str]:
        return list(self.parts)

    def get_schema(self) -> dict[str, type]:
        return dict.fromkeys(self.parts, float)

    @property
    def units(self) -> dict[str, str]:
        """Units of parameters and variables, by flat names."""
        of_receptors = {
            name: "mV" if name.endswith(".e_syn") else "ms" for name in self.parts if "." in name
        }
        return of_receptors | super().units

    simple_parameters = StandardCellType.simple_parameters
    scaled_parameters = StandardCellType.scaled_parameters
    computed_parameters = StandardCellType.computed_parameters
    computed_parameters_include = StandardCellType.computed_parameters_include
    native_parameters = StandardCellType.native_parameters
    get_native_names = StandardCellType.get_native_names
    reverse_translate = StandardCellType.reverse_translate
