"""Corrections of states and parameters of cells taken out one at a time: see `ablations`."""

from __future__ import annotations

from tests.conformance.ablations import part, without


@without("units of initial values", "nest", "initial_conductance", "initial_adaptation")
@without("initial synaptic current", "nest", "initial_synaptic_current")
def initial_values_as_they_are() -> None:
    del part("nest.populations").Population._set_initial_value_array


@without(
    "IF_curr_delta's potential",
    "nest",
    "initial_potential_of_a_cell_of_jumps",
    "potential_of_a_cell_of_jumps",
)
def potential_without_a_name() -> None:
    del part("nest.cell_types").IF_curr_delta.variable_map


@without("IF_cond_exp_gsfa_grr", "nest", "adaptation_by_a_conductance")
def other_names_of_conductances() -> None:
    module = part("nest.cell_types")
    module.IF_cond_exp_gsfa_grr.variable_map = module.stock.IF_cond_exp_gsfa_grr.variable_map


@without("PointNeuron parameters", "nest", "receptors_of_each_cell")
def stock_point_neurons() -> None:
    part("nest").PointNeuron = part("nest.cell_types").stock.PointNeuron
