"""Causes in the plasticity of synapses: entries of the catalogue."""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

_TEST = (
    "The rule is fitted to the first run, from its own spikes, delays and readings of weights."
    " The second run is then fitted with one difference, for each constant and each form of the"
    " rule. Those that leave residuals of rounding are named; several are alternatives."
)
_WEIGHTS = (
    "Weights of each run follow from its own spikes, by rules that differ in this respect alone."
)
_SPIKES = "They part where the first changed weight matters; equal if plastic weights are small."
CONSTANTS = {
    "A_plus": "potentiation by a pair of spikes without lag, in units of w_max",
    "A_minus": "depression by a pair of spikes without lag, in units of w_max",
    "tau_plus": "time constant of potentiation",
    "tau_minus": "time constant of depression",
    "w_max": "upper bound of the weights, or none",
    "w_min": "lower bound of the weights",
    "mu_plus": "exponent of the weight dependence of potentiation",
    "mu_minus": "exponent of the weight dependence of depression",
    "A_plus_triplet": "potentiation by a triplet of spikes",
    "A_minus_triplet": "depression by a triplet of spikes",
    "tau_plus_triplet": "slow presynaptic time constant of the triplet rule",
    "tau_minus_triplet": "slow postsynaptic time constant of the triplet rule",
    "eta": "learning rate of the rule of Vogels et al. (2011)",
    "rho": "target rate of the rule of Vogels et al. (2011)",
    "tau": "time constant of the rule of Vogels et al. (2011)",
}
RULE = "different weight rule"
INITIAL, NONE, READING = "different initial weights", "no plasticity", "weights of another time"
FORMS = {
    "dependence": "different weight dependence",
    "scheme": "different spike pairing",
    "zero_lag": "different spike pairing",
    "fraction": "different dendritic delay",
    "longer": "different delays",
    "reading": READING,
    "w_0": INITIAL,
}


def _kind(name: str, meaning: str, weights: str = _WEIGHTS, test: str = _TEST) -> CauseKind:
    return CauseKind(name, meaning, spikes=_SPIKES, weights=weights, test=test)


KINDS: tuple[CauseKind, ...] = (
    *(_kind(f"different {name}", meaning) for name, meaning in CONSTANTS.items()),
    _kind(
        "different weight dependence",
        "additive, multiplicative, mixed or Gütig dependence of the changes on the weight",
    ),
    _kind(
        "different spike pairing",
        "pairs of spikes that count: all, nearest neighbours, or pairs of lag zero, too",
    ),
    _kind(
        "different dendritic delay",
        "division of the same delay into an axonal and a dendritic part",
    ),
    CauseKind(
        INITIAL,
        "weights at time 0",
        spikes=_SPIKES,
        weights="Weights of neurons without spikes differ; the others follow by the same rule.",
        test=f"{_TEST} Readings at time 0 are compared before.",
        rivals=("different weights",),
    ),
    CauseKind(
        NONE,
        "weights that stay as they are in one run",
        spikes=_SPIKES,
        weights="All weights of one run are those of time 0, although its neurons fire.",
        test="The rule of the other run predicts changes for the spikes of this one.",
        rivals=("different weights",),
    ),
    CauseKind(
        READING,
        "weights as of the last presynaptic spike in one run, as of the reading in the other",
        spikes="The same.",
        weights="Weights differ by postsynaptic spikes since the last presynaptic one.",
        test=_TEST,
        rivals=("different dendritic delay",),
    ),
    CauseKind(
        RULE,
        "another rule of plasticity, of which the data do not show more",
        spikes=_SPIKES,
        weights="Plastic weights between neurons whose spikes are all the same differ.",
        test=(
            "Weights are compared between neurons with the same spikes; neither a rule nor a"
            " constant can be fitted, since spikes are missing or the form is unknown."
        ),
        rivals=("different weights", *(f"different {name}" for name in CONSTANTS)),
    ),
)
