"""Rules of long-term plasticity: the components of an `STDPMechanism`, in PyNN's names and units.

Includes pairing schemes and the triplet rule, which PyNN lacks. All rules are defined by the times
at which spikes *arrive* at the synapse: a presynaptic spike after the axonal part of the delay, a
postsynaptic one after the dendritic part, which is ``dendritic_delay_fraction`` of the delay,
rounded to steps. A presynaptic and a postsynaptic spike that arrive in the same step are not a
pair. Within a step the postsynaptic spike acts first (potentiation), then the presynaptic one
(depression), then the weight is transmitted; several presynaptic spikes of a source in one step are
processed one after the other.

Mends: PyNN has no weight dependence or translation of `Vogels2011Rule` for NEST or Brian2 (row
"Vogels2011Rule"; seen in PyNN 0.13.0).
"""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import STDPTimingDependence, synapses

from .pairings import PAIRINGS, TRIPLET, VOGELS
from .translations import same_names

_PAIR_RULES = frozenset(PAIRINGS)


class SpikePairRule(synapses.SpikePairRule):
    __doc__ = synapses.SpikePairRule.__doc__
    translations = same_names("tau_plus", "tau_minus", "A_plus", "A_minus")
    possible_models = frozenset({"pair_rule"})


class NearestNeighbourSymmetricRule(SpikePairRule):
    """Pair rule with symmetric nearest-neighbour pairing (Morrison et al. 2008, fig. 7A).

    A postsynaptic spike is paired with the last presynaptic spike before it, a presynaptic one
    with the last postsynaptic spike before it; a spike can be in several pairs. "Before" is in an
    earlier step. Works with the four weight dependences of `SpikePairRule`, whose parameters and
    units it has: A_plus and A_minus are in units of w_max. NEST: ``stdp_nn_symm_synapse``.

    Morrison, Diesmann and Gerstner (2008), Biol. Cybern. 98:459-478.

    Parameters
    ----------
    tau_plus, tau_minus
        Time constants of potentiation and depression, in ms.
    A_plus, A_minus
        Sizes of potentiation and depression by a pair without lag, in units of w_max.
    """

    possible_models = frozenset({"nearest_symmetric"})


class PresynapticCentredRule(SpikePairRule):
    """Pair rule with presynaptic-centred pairing (Morrison et al. 2008, fig. 7B).

    A presynaptic spike is paired with the last postsynaptic spike before it and with the first one
    after it. A postsynaptic spike thus potentiates with the sum over the presynaptic spikes since
    the previous postsynaptic one, or in its step. Parameters and weight dependences are those of
    `NearestNeighbourSymmetricRule`. NEST: ``stdp_nn_pre_centered_synapse``.

    Izhikevich and Desai (2003), Neural Comput. 15:1511-1523.
    """

    possible_models = frozenset({"presynaptic_centred"})


class ReducedSymmetricRule(SpikePairRule):
    """Pair rule with reduced (restricted) symmetric pairing (Morrison et al. 2008, fig. 7C).

    Only immediate neighbours are paired. A postsynaptic spike potentiates with the last presynaptic
    spike before it, if that arrived since the previous postsynaptic spike, or in its step. A
    presynaptic spike depresses with the last postsynaptic spike of an earlier step, if a
    postsynaptic spike arrived since the previous presynaptic one, or arrives in this step (in which
    case an earlier one can count twice, as in NEST). Parameters and weight dependences are those of
    `NearestNeighbourSymmetricRule`. NEST: ``stdp_nn_restr_synapse``.
    """

    possible_models = frozenset({"reduced_symmetric"})


class TripletRule(STDPTimingDependence):
    """Triplet rule with all-to-all interaction (Pfister and Gerstner 2006, eq. 3 and 4).

    With W = abs(w_max), r1 and r2 the sums over earlier presynaptic spikes of exp(-lag / tau_plus)
    and exp(-lag / tau_plus_triplet), and o1 and o2 those over earlier postsynaptic spikes with
    tau_minus and tau_minus_triplet (all of earlier steps), the size of the weight changes by

        + W r1 (A_plus + A_plus_triplet o2)      at a postsynaptic spike, to w_max at most
        - W o1 (A_minus + A_minus_triplet r2)    at a presynaptic spike, to w_min at least

    Works with `AdditiveWeightDependence`. NEST: ``stdp_triplet_synapse``. The defaults are those
    of visual cortex in the paper's table 3, full model with all-to-all interaction.

    Pfister and Gerstner (2006), J. Neurosci. 26:9673-9682.

    Parameters
    ----------
    tau_plus, tau_minus
        Time constants of r1 and o1, in ms.
    tau_plus_triplet, tau_minus_triplet
        Time constants of r2 and o2 (the paper's tau_x and tau_y), in ms.
    A_plus, A_minus, A_plus_triplet, A_minus_triplet
        Amplitudes of pairs and of triplets, in units of w_max.
    """

    default_parameters: ClassVar[dict[str, float]] = {
        "tau_plus": 16.8, "tau_minus": 33.7, "tau_plus_triplet": 101.0, "tau_minus_triplet": 125.0,
        "A_plus": 5e-10, "A_minus": 7e-3, "A_plus_triplet": 6.2e-3, "A_minus_triplet": 2.3e-4,
    }  # fmt: skip
    translations = same_names(*default_parameters)
    possible_models = frozenset({TRIPLET})

    def __init__(
        self,
        tau_plus: Any = 16.8,
        tau_minus: Any = 33.7,
        tau_plus_triplet: Any = 101.0,
        tau_minus_triplet: Any = 125.0,
        A_plus: Any = 5e-10,
        A_minus: Any = 7e-3,
        A_plus_triplet: Any = 6.2e-3,
        A_minus_triplet: Any = 2.3e-4,
    ) -> None:
        super().__init__(
            tau_plus=tau_plus, tau_minus=tau_minus, tau_plus_triplet=tau_plus_triplet,
            tau_minus_triplet=tau_minus_triplet, A_plus=A_plus, A_minus=A_minus,
            A_plus_triplet=A_plus_triplet, A_minus_triplet=A_minus_triplet,
        )  # fmt: skip


class Vogels2011Rule(synapses.Vogels2011Rule):
    """Symmetric rule of inhibitory plasticity (Vogels et al. 2011, eq. 8 and 9).

    With x and y the sums over earlier presynaptic and postsynaptic spikes (of earlier steps) of
    exp(-lag / tau), the size of the weight changes by

        + eta x              at a postsynaptic spike
        + eta (y - alpha)    at a presynaptic spike, with alpha = 2 rho tau

    and stays between w_min and w_max: the increase is clipped at w_max first, then the decrease at
    w_min. Works with `AdditiveWeightDependence`, on both receptors; for negative weights
    (inhibitory currents) the changes apply to their absolute value. NEST:
    ``vogels_sprekeler_synapse``.

    Vogels, Sprekeler, Zenke, Clopath and Gerstner (2011), Science 334:1569-1573.

    Parameters
    ----------
    tau
        Time constant of both traces, in ms.
    eta
        Learning rate, in the unit of the weight (nA or uS).
    rho
        Target rate of the postsynaptic neuron, in spikes per ms, as pyNN.neuron has it: the
        paper's 3 Hz are 0.003. PyNN's default, 3.0, is a thousand times that.
    """

    translations = same_names("tau", "eta", "rho")
    possible_models = frozenset({VOGELS})


class AdditiveWeightDependence(synapses.AdditiveWeightDependence):
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    translations = same_names("w_min", "w_max")
    possible_models = _PAIR_RULES | {TRIPLET, VOGELS}
    extra_parameters: ClassVar[dict[str, float]] = {"mu_plus": 0.0, "mu_minus": 0.0}


class MultiplicativeWeightDependence(synapses.MultiplicativeWeightDependence):
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    translations = same_names("w_min", "w_max")
    possible_models = _PAIR_RULES
    extra_parameters: ClassVar[dict[str, float]] = {"mu_plus": 1.0, "mu_minus": 1.0}


class AdditivePotentiationMultiplicativeDepression(
    synapses.AdditivePotentiationMultiplicativeDepression
):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    translations = same_names("w_min", "w_max")
    possible_models = _PAIR_RULES
    extra_parameters: ClassVar[dict[str, float]] = {"mu_plus": 0.0, "mu_minus": 1.0}


class GutigWeightDependence(synapses.GutigWeightDependence):
    __doc__ = synapses.GutigWeightDependence.__doc__
    translations = same_names("w_min", "w_max", "mu_plus", "mu_minus")
    possible_models = _PAIR_RULES
