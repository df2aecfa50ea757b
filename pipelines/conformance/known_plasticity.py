"""Known differences: spike-timing-dependent plasticity."""

from __future__ import annotations

from .difference import PARTLY, RECONCILED, Difference

_RULES = ("additive", "multiplicative", "additive_multiplicative", "gutig")
_NEST_HAS = "NEST does not currently support axonal delays"
_BRIAN2_HAS = "does not currently support dendritic delays"


def _splits(*rules: str) -> tuple[dict[str, str], dict[str, str], tuple[str, ...]]:
    """What stock NEST and stock Brian2 refuse of a rule's checks, and the axonal ones."""
    nest: dict[str, str] = {}
    brian2: dict[str, str] = {}
    for rule in rules:
        brian2 |= dict.fromkeys(
            (f"rule_{rule}_dendritic_delays", f"rule_{rule}_split_delays"), _BRIAN2_HAS
        )
        nest[f"rule_{rule}_split_delays"] = _NEST_HAS
    axonal = tuple(f"rule_{rule}_axonal_delay" for rule in rules)
    nest |= dict.fromkeys(axonal, _NEST_HAS)
    return nest, brian2, axonal


def _unknown(*checks: str) -> dict[str, dict[str, str]]:
    """Checks of a rule that both stock modules lack."""
    return {backend: dict.fromkeys(checks, "AttributeError") for backend in ("nest", "brian2")}


_ADDITIVE, _MULTIPLICATIVE, _GUTIG = (
    _splits("additive"),
    _splits("multiplicative", "additive_multiplicative"),
    _splits("gutig"),
)

KNOWN = (
    Difference(
        row="dendritic_delay_fraction",
        construct="a delay that is partly axonal, partly dendritic",
        behaviour={"nest": "only 1", "brian2": "only 0"},
        right="PyNN documents 0 to 1",
        evidence="the error",
        severity="R",
        state=PARTLY,
        how="Brian2: a pathway for each part; NEST: parrot neurons hold spikes back. A fraction of"
        " 0 is refused on NEST, where the dendritic part is one step at least",
        modules=(
            "nest/projections.py",
            "nest/synapse_models.py",
            "brian2/projections.py",
            "brian2/stdp.py",
        ),
        stock={
            "nest": _ADDITIVE[0],
            "brian2": {**_ADDITIVE[1], "one_pair": _BRIAN2_HAS},
        },
        refused={"nest": _ADDITIVE[2]},
    ),
    Difference(
        row="multiplicative; additive potentiation, multiplicative depression",
        construct="weight dependences other than additive",
        behaviour={"nest": "ok", "brian2": "all additive"},
        right="NEST",
        evidence="0.514734 for both rules, should be 0.504150 and 0.579133 w_max",
        severity="S",
        state=PARTLY,
        how="the rules' own equations; a fraction of 0 is refused on NEST",
        modules=("brian2/stdp.py",),
        stock={
            "nest": _MULTIPLICATIVE[0],
            "brian2": {
                **_MULTIPLICATIVE[1],
                "rule_multiplicative_axonal_delay": "0.514734376079, expected 0.504149",
                "rule_additive_multiplicative_axonal_delay": "0.514734376079, expected 0.579",
            },
        },
        refused={"nest": _MULTIPLICATIVE[2]},
    ),
    Difference(
        row="Gutig",
        construct="GutigWeightDependence",
        behaviour={
            "nest": "mu_plus and mu_minus are ignored: always 0.5",
            "brian2": "AttributeError",
        },
        right="neither",
        evidence="0.2 and 0.8 give the weight of 0.5 and 0.5",
        severity="S, R",
        state=PARTLY,
        how="the exponents are passed on; a fraction of 0 is refused on NEST",
        modules=("nest/plasticity.py", "brian2/stdp.py"),
        stock={
            "nest": {**_GUTIG[0], "gutig_with_exponents_of_its_own": ", expected 0."},
            "brian2": {
                **_GUTIG[1],
                "gutig_with_exponents_of_its_own": _BRIAN2_HAS,
                "rule_gutig_axonal_delay": "AttributeError",
            },
        },
        refused={"nest": _GUTIG[2]},
    ),
    Difference(
        row="A_plus = 0",
        construct="depression without potentiation",
        behaviour={"nest": "depression is off too", "brian2": "ok"},
        right="Brian2",
        evidence="0.5 for 0.3580 w_max",
        severity="S",
        state=RECONCILED,
        how="lambda = A_minus, alpha = 1, and a potentiating trace that is gone at once",
        modules=("nest/plasticity.py",),
        stock={
            "nest": {"depression_without_potentiation": "0.5, expected 0."},
            "brian2": {"depression_without_potentiation": _BRIAN2_HAS},
        },
    ),
    Difference(
        row="weight read back",
        construct="get('weight') of a plastic projection",
        behaviour={"nest": "as of the last presynaptic spike", "brian2": "as it is now"},
        right="PyNN does not say",
        evidence="0.5 / 0.506376 w_max after a pair",
        severity="S",
        state=PARTLY,
        how="`weight` and `weight_transmitted` are what was last transmitted, `weight_now` what the"
        " synapse has; a fraction of 0 is refused on NEST",
        modules=("nest/potentiation.py", "nest/projections.py", "brian2/projections.py"),
        stock={
            "nest": {
                "weight_now_and_as_last_transmitted": _NEST_HAS,
                "weight_as_last_transmitted_axonal": _NEST_HAS,
            },
            "brian2": {
                "weight_now_and_as_last_transmitted": _BRIAN2_HAS,
                "weight_as_last_transmitted": "0.506376",
                "weight_as_last_transmitted_axonal": "0.506376",
            },
        },
        refused={"nest": ("weight_as_last_transmitted_axonal",)},
    ),
    Difference(
        row="zero-lag pair",
        construct="pre and post that reach the synapse in one step",
        behaviour={"nest": "ignored", "brian2": "potentiation"},
        right="PyNN does not say; ignored",
        evidence="0.494728 / 0.504728 w_max",
        severity="S",
        state=PARTLY,
        how="ignored; a fraction of 0 is refused on NEST",
        modules=("brian2/stdp.py",),
        stock={
            "nest": {"pair_of_lag_zero_axonal": _NEST_HAS},
            "brian2": {
                "pair_of_lag_zero": _BRIAN2_HAS,
                "pair_of_lag_zero_axonal": "0.504728057238, expected 0.494728057238",
            },
        },
        refused={"nest": ("pair_of_lag_zero_axonal",)},
    ),
    Difference(
        row="tau_minus a projection",
        construct="two projections onto one cell, of different tau_minus",
        behaviour={"nest": "the last wins: it is the neuron's", "brian2": "each has its own"},
        right="Brian2",
        evidence="both 0.489405, should be 0.497009 and 0.489396 w_max",
        severity="S",
        state=PARTLY,
        how="the conflict is refused on NEST: one tau_minus a postsynaptic neuron",
        modules=("nest/plasticity.py",),
        stock={
            "nest": {"two_values_of_tau_minus": ", expected 0.497"},
            "brian2": {"two_values_of_tau_minus": _BRIAN2_HAS},
        },
        refused={"nest": ("two_values_of_tau_minus",)},
    ),
    Difference(
        row="inhibitory STDP",
        construct="plastic weights below 0",
        behaviour={
            "nest": "a mirror image, with w_max < 0",
            "brian2": "unbounded, or of the wrong sign",
        },
        right="NEST",
        evidence="0 for -1 w_max",
        severity="S",
        state=PARTLY,
        how="clipped the other way round; a fraction of 0 is refused on NEST",
        modules=("brian2/stdp.py", "shared/synapse_blocks.py"),
        stock={
            "nest": {
                # A_plus = 0, which is a row of its own.
                "bounds_of_an_inhibitory_synapse": "-0.5, expected 0",
                "bounds_of_an_inhibitory_synapse_axonal": _NEST_HAS,
            },
            "brian2": {
                "plasticity_of_an_inhibitory_synapse": _BRIAN2_HAS,
                "bounds_of_an_inhibitory_synapse": _BRIAN2_HAS,
                "bounds_of_an_inhibitory_synapse_axonal": "0, expected -1",
            },
        },
        refused={"nest": ("bounds_of_an_inhibitory_synapse_axonal",)},
    ),
    Difference(
        row="pairing schemes",
        construct="nearest-neighbour symmetric, presynaptic-centred and reduced symmetric pairing",
        behaviour={
            "nest": "no class of PyNN's; two of NEST's models count a spike at time 0",
            "brian2": "no class of PyNN's",
        },
        right="Morrison et al. (2008), fig. 7",
        evidence="61.6 for 50 pA: a postsynaptic spike before any presynaptic one",
        severity="R",
        state=RECONCILED,
        how="classes of this project's; NEST's clock begins 40 time constants early",
        modules=(
            "shared/plasticity_rules.py",
            "nest/lead_in.py",
            "nest/plasticity.py",
            "brian2/stdp.py",
        ),
        stock=_unknown(
            "pairs_that_each_scheme_counts",
            *(
                f"{scheme}_on_poisson_trains"
                for scheme in ("nearest_symmetric", "presynaptic_centred", "reduced_symmetric")
            ),
        ),
    ),
    Difference(
        row="triplet rule",
        construct="the triplet rule of Pfister and Gerstner (2006)",
        behaviour={"nest": "no class of PyNN's", "brian2": "no class of PyNN's"},
        right="the paper, eq. 3 and 4",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how="a class of this project's",
        modules=("shared/plasticity_rules.py", "nest/plasticity.py", "brian2/stdp.py"),
        stock=_unknown("triplet_on_poisson_trains"),
    ),
    Difference(
        row="Vogels2011Rule",
        construct="PyNN's rule of inhibitory plasticity",
        behaviour={"nest": "AttributeError", "brian2": "AttributeError"},
        right="the paper, eq. 8 and 9; rho in spikes per ms as in pyNN.neuron",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how="NEST's vogels_sprekeler_synapse, and the same equations",
        modules=("shared/plasticity_rules.py", "nest/plasticity.py", "brian2/stdp.py"),
        stock=_unknown(
            "vogels_on_poisson_trains",
            "inhibitory_plasticity_of_negative_weights",
        ),
    ),
    Difference(
        row="w_min other than 0",
        construct="a smallest weight above 0",
        behaviour={"nest": "refused", "brian2": "ok"},
        right="documented by PyNN",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how="static synapses carry w_min, plastic ones the rest with A scaled: exact to 1e-16",
        modules=("nest/projections.py", "nest/plasticity.py"),
        stock={
            "nest": {
                "smallest_weight_above_zero": "Non-zero minimum weight",
                "smallest_weight_above_zero_multiplicative": "Non-zero minimum weight",
            },
            "brian2": {
                "smallest_weight_above_zero": _BRIAN2_HAS,
                "smallest_weight_above_zero_multiplicative": _BRIAN2_HAS,
            },
        },
    ),
    Difference(
        row="array parameters",
        construct="A_plus, w_max ... of each synapse",
        behaviour={"nest": "ValueError", "brian2": "ok"},
        right="Brian2",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how="set a connection, as arrays; tau_minus a neuron",
        modules=("nest/plasticity.py", "nest/projections.py", "shared/synapse_types.py"),
        stock={
            "nest": {
                "potentiation_of_each_synapse": "ValueError",
                "w_max_of_each_synapse": "ValueError",
            }
        },
    ),
    Difference(
        row='get("A_minus", "w_max")',
        construct="rule parameters read back",
        behaviour={"nest": "alpha and pA", "brian2": "ok"},
        right="Brian2",
        evidence="1.2 for 0.012",
        severity="S",
        state=RECONCILED,
        how="translated back",
        modules=("nest/projections.py",),
        stock={"nest": {"rule_parameters_read_back": "1.2, expected 0.012"}},
    ),
    Difference(
        row="STDPMechanism.base_translations",
        construct="one mechanism made after another",
        behaviour={
            "nest": "a dictionary of the class that every instance changes",
            "brian2": "the same",
        },
        right="neither",
        evidence="mu_plus and mu_minus leak into the next mechanism",
        severity="S",
        state=RECONCILED,
        how="a copy for each instance",
        modules=("shared/synapse_types.py",),
        stock={
            "nest": {"parameters_of_one_mechanism_after_another": "1, expected 0"},
            "brian2": {"parameters_of_one_mechanism_after_another": "1, expected 0"},
        },
    ),
    Difference(
        row="current- and conductance-based in one process",
        construct="plastic projections onto currents and onto conductances",
        behaviour={"nest": "ok", "brian2": "the second changes the units of the first"},
        right="NEST",
        evidence="TypeError at get()",
        severity="S",
        state=RECONCILED,
        how="units belong to a projection's own synapses",
        modules=("shared/synapse_types.py", "brian2/projections.py"),
        stock={"brian2": {"read_back_beside_another_unit": "TypeError"}},
    ),
)
