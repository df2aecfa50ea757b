"""Neurons with named receptors, whose parameters have flat names, "receptor.name".

Mends (seen in PyNN 0.13.0, NEST 3.10.0, Brian2 2.11.0): a `PointNeuron` accepts no parameter
that differs between cells, and `set()` fails (row "PointNeuron parameters").
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import StandardCellType, build_translations, cells

from pipelines.errors import Unsupported


def same_dotted_names(*names: str) -> dict[str, Any]:
    """Identity translations for names with dots, which PyNN cannot evaluate as expressions."""

    def value_of(name: str) -> Any:
        return lambda **values: values[name]

    made = build_translations(*((name, name, value_of(name), value_of(name)) for name in names))
    return {name: one | {"type": "simple"} for name, one in made.items()}


class PointNeuron(cells.PointNeuron):
    """A neuron (`LIF`, `AdExp`) with any number of named receptors.

    Parameters, variables and initial values in `set`, `get`, `record` and `initialize` are those
    of the neuron, and "NAME.tau_syn", "NAME.gsyn" and so on for each receptor. Receptors are sorted
    by name.

    Raises
    ------
    Unsupported
        Without receptors, or with receptors of two kinds: no simulator has such a model.
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
        # The location of a receptor on the dendrite has no meaning for a point neuron.
        self.flat_parameters = {
            prefix + name: (part, name)
            for prefix, part in parts.items()
            for name in part.default_parameters
            if name != "locations"
        }
        space = ParameterSpace({}, self.get_schema(), component=type(self))
        for name, (part, own_name) in self.flat_parameters.items():
            space._parameters[name] = deepcopy(part.parameter_space[own_name])
        self.parameter_space = space
        self.refuse_unknown_combination()

    def refuse_unknown_combination(self) -> None:
        """Refuse combinations of neuron and receptors without a model in the simulator."""
        one = next(iter(self.post_synaptic_receptors.values()))
        if not self.has_model(self.neuron, one):
            what = f"{type(self.neuron).__name__} with {type(one).__name__}"
            allowed = "LIF with CurrExpPostSynapticResponse; AdExp with AlphaPSR or BetaPSR"
            raise Unsupported("PointNeuron", what, allowed)

    def has_model(self, neuron: Any, receptor: Any) -> bool:
        """Whether the simulator has a model of this combination of neuron and receptor."""
        raise NotImplementedError

    @property
    def default_parameters(self) -> dict[str, float]:
        """Default values, by flat names."""
        return {
            k: part.default_parameters[name] for k, (part, name) in self.flat_parameters.items()
        }

    # PyNN's class methods, which do not know the receptors of an instance.
    def has_parameter(self, name: str) -> bool:
        return name in self.flat_parameters

    def get_parameter_names(self) -> list[str]:
        return list(self.flat_parameters)

    def get_schema(self) -> dict[str, type]:
        return dict.fromkeys(self.flat_parameters, float)

    @property
    def units(self) -> dict[str, str]:
        """Units of parameters and variables, by flat names."""
        of_receptors = {
            name: "mV" if name.endswith(".e_syn") else "ms"
            for name in self.flat_parameters
            if "." in name
        }
        return of_receptors | super().units

    simple_parameters = StandardCellType.simple_parameters
    scaled_parameters = StandardCellType.scaled_parameters
    computed_parameters = StandardCellType.computed_parameters
    computed_parameters_include = StandardCellType.computed_parameters_include
    native_parameters = StandardCellType.native_parameters
    get_native_names = StandardCellType.get_native_names
    reverse_translate = StandardCellType.reverse_translate
