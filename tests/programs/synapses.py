"""Draws static synapses, short-term plasticity, and rules of spike-timing-dependent plasticity."""

from __future__ import annotations

from dataclasses import replace

from .draft import Draft
from .pairs import Made, Pair, Span, delays, values

# How often each rule of plasticity occurs.
_RULES = {
    "SpikePairRule": 4, "NearestNeighbourSymmetricRule": 1, "PresynapticCentredRule": 1,
    "ReducedSymmetricRule": 1, "TripletRule": 1.5, "Vogels2011Rule": 1.5,
}  # fmt: skip
# Parameters that may be changed, with lowest and highest value.
_SHORT_TERM = {"U": (0.05, 0.95), "tau_rec": (1.0, 400.0), "tau_facil": (1.0, 400.0)}
_PAIRS = {"A_plus": (0.002, 0.05), "A_minus": (0.002, 0.05), "tau_plus": (5.0, 30.0)}
_TRIPLETS = _PAIRS | {
    "A_plus_triplet": (0.001, 0.02), "A_minus_triplet": (0.0005, 0.005),
    "tau_plus_triplet": (40.0, 150.0),
}  # fmt: skip


def static(draft: Draft, pair: Pair, span: Span) -> str:
    """A synapse whose weight changes only by the script."""
    weight = values(draft, pair, span.weakest, span.strongest)
    return f"sim.StaticSynapse(weight={weight}, delay={delays(draft, pair, span)})"


def short_term(draft: Draft, made: Made, span: Span, tau_syn: float) -> tuple[str, Made]:
    """A synapse that depresses and facilitates; some of its parameters are the default."""
    pair = made.pair
    # What it sends is a part of its weight.
    weight = values(draft, pair, 2 * span.weakest, 2 * span.strongest)
    arguments = [f"weight={weight}", f"delay={delays(draft, pair, span)}"]
    if draft.chance(0.8):
        arguments.append(f"U={values(draft, pair, 0.05, 0.95)}")
    if draft.chance(0.8):
        equal = draft.chance(0.15) and tau_syn > 0
        arguments.append(f"tau_rec={tau_syn if equal else values(draft, pair, 1.0, 400.0)}")
    if draft.chance(0.6):
        arguments.append(f"tau_facil={values(draft, pair, 1.0, 400.0)}")
    made = replace(made, rates=_SHORT_TERM)
    return f"sim.TsodyksMarkramSynapse({', '.join(arguments)})", made


def plastic(draft: Draft, made: Made, span: Span) -> tuple[str, Made]:
    """A plastic synapse; its weights begin within their bounds."""
    pair = made.pair
    w_max = float(f"{1.5 * span.strongest:.3g}")
    w_min = float(f"{draft.pick(0.0, 0.1 * w_max, weights=(4, 1)):.3g}")
    weight = values(draft, pair, w_min + 0.1 * (w_max - w_min), w_min + 0.9 * (w_max - w_min))
    if draft.chance(0.1):
        weight = str(draft.pick(w_min, w_max))
    tau_plus, a_plus, a_minus = (
        f"{draft.uniform(low, high)}" for low, high in ((5.0, 30.0), (0.002, 0.05), (0.002, 0.05))
    )
    if draft.chance(0.1):
        a_plus, a_minus = draft.pick(("0.0", a_minus), (a_plus, "0.0"))
    elif draft.chance(0.15):
        a_plus = values(draft, pair, 0.002, 0.05)
    if draft.chance(0.1):
        tau_plus = values(draft, pair, 5.0, 30.0)
    tau_minus = draft.tau_minus[pair.post.populations[0]]
    timing, rule = draft.pick(*_RULES, weights=list(_RULES.values())), "AdditiveWeightDependence"
    rates = dict(_TRIPLETS if timing == "TripletRule" else _PAIRS)
    arguments = [
        f"tau_plus={tau_plus}", f"tau_minus={tau_minus}", f"A_plus={a_plus}", f"A_minus={a_minus}",
    ]  # fmt: skip
    if timing == "TripletRule":
        # On NEST a postsynaptic neuron has one tau_minus_triplet.
        arguments += [
            f"tau_plus_triplet={draft.uniform(40.0, 150.0)}", "tau_minus_triplet=125.0",
            f"A_plus_triplet={draft.uniform(0.001, 0.02)}",
            f"A_minus_triplet={draft.uniform(0.0005, 0.005)}",
        ]  # fmt: skip
    elif timing == "Vogels2011Rule":
        eta, rho = draft.uniform(0.002, 0.05) * abs(w_max), draft.uniform(0.001, 0.02)
        arguments = [f"tau={tau_minus}", f"eta={eta:.4g}", f"rho={rho}"]
        rates = {"eta": (0.002 * abs(w_max), 0.05 * abs(w_max)), "rho": (0.001, 0.02)}
    else:
        rule = draft.pick(
            rule,
            "MultiplicativeWeightDependence",
            "AdditivePotentiationMultiplicativeDepression",
            "GutigWeightDependence",
        )
    timing = f"sim.{timing}({', '.join(arguments)})"
    limit = str(w_max)
    if w_min == 0 and draft.chance(0.1):
        limit = values(draft, pair, w_max, 2 * w_max)
    else:
        rates["w_max"] = (w_max, 1.5 * w_max)
    if rule == "GutigWeightDependence":
        rates |= {"mu_plus": (0.02, 1.0), "mu_minus": (0.02, 1.0)}
    exponents = f", mu_plus={_exponent(draft)}, mu_minus={_exponent(draft)}"
    weights = f"sim.{rule}(w_min={w_min}, w_max={limit}{exponents if rule[0] == 'G' else ''})"
    arguments = [
        f"timing_dependence={timing}", f"weight_dependence={weights}", f"weight={weight}",
        f"delay={delays(draft, pair, span)}",
    ]  # fmt: skip
    fraction = draft.pick(1.0, 0.5, draft.uniform(0.05, 0.95), 0.001)
    if fraction < 1 or draft.chance(0.5):
        arguments.append(f"dendritic_delay_fraction={fraction}")
    made = replace(made, limits=(w_min, w_max), rates=rates)
    return f"sim.STDPMechanism({', '.join(arguments)})", made


def _exponent(draft: Draft) -> float:
    return draft.pick(draft.uniform(0.02, 1.0), 0.0, 1.0, weights=(8, 1, 1))
