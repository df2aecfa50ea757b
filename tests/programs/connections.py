"""Draws projections."""

from __future__ import annotations

from .connectors import draw_connector, listed
from .draft import Cells, Draft
from .pairs import Made, Pair, Span, values
from .synapses import plastic, short_term, static

# Guess of the potential (mV) that one spike of `weight * tau_syn / capacity` mV gives.
_PEAK = 0.6


def draw_projection(draft: Draft, pre: Cells, post: Cells) -> Made:
    """Write a projection."""
    name = draft.name("j")
    connector, convergence, pair = draw_connector(draft, pre, post)
    inhibitory = draft.chance(0.15 if pre.is_source else 0.35)
    strongest = _weight(draft, pre, post, convergence, inhibitory)
    shortest = draft.ms(draft.min_delay_steps)
    longest = max(draft.pick(1.5, 4.0, 8.0), shortest + 3 * draft.dt)
    span = Span(0.2 * strongest, strongest, shortest, longest)
    made = Made(name, pair, (span.weakest, span.strongest))
    if pair.by_list:
        connector = listed(draft, name, pre, post, span)
    if draft.chance(0.45) and _can_learn(draft, pre, post):
        synapse, made = plastic(draft, made, span)
    elif draft.chance(0.3):
        assert post.tau_syn is not None
        synapse, made = short_term(draft, made, span, post.tau_syn[inhibitory])
    else:
        synapse = static(draft, pair, span)
    receptor = "inhibitory" if inhibitory else "excitatory"
    arguments = [pre.name, post.name, connector]
    implied = not inhibitory and not made.plastic and post.name in draft.cells
    if implied and draft.chance(0.3):
        arguments.append(synapse)
    else:
        arguments += [synapse, f'receptor_type="{receptor}"']
    draft.write(f"{name} = sim.Projection({', '.join(arguments)})")
    if draft.chance(0.08):
        _set_at_once(draft, name, pair, span)
    return made


def _can_learn(draft: Draft, pre: Cells, post: Cells) -> bool:
    """Whether NEST can have plastic synapses, and say what their weights are at the end."""
    one_tau_minus = len({draft.tau_minus[population] for population in post.populations}) == 1
    late = draft.recorded_late.intersection(pre.populations + post.populations)
    return one_tau_minus and not late


def _weight(draft: Draft, pre: Cells, post: Cells, convergence: float, inhibitory: bool) -> float:
    """A weight at which the target is driven, and does not fire all the time."""
    assert post.tau_syn is not None
    tau_syn = post.tau_syn[inhibitory]
    share = draft.uniform(0.3, 2.0) if pre.is_source else draft.uniform(0.05, 0.6)
    spikes_per_ms = max(convergence * pre.rate * 1e-3, 1e-3)
    by_mean = share * post.rheobase / (spikes_per_ms * tau_syn)
    by_peak = draft.uniform(2.0, 15.0) * post.capacity / (_PEAK * tau_syn)
    weight = min(by_mean, by_peak)  # nA
    if post.unit == "uS":
        # At a typical distance (mV) from the reversal potential.
        return float(f"{weight / (20.0 if inhibitory else 60.0):.3g}")
    if post.unit == "mV":
        weight *= tau_syn / post.capacity
    return (-1 if inhibitory else 1) * float(f"{weight:.3g}")


def _set_at_once(draft: Draft, name: str, pair: Pair, span: Span) -> None:
    """Write a change of weights or delays before anything is run."""
    if draft.chance(0.6):
        weight = values(draft, pair, span.weakest, span.strongest)
        draft.write(f"{name}.set(weight={weight})")
    else:
        draft.write(f"{name}.set(delay={draft.steps(span.shortest, span.longest)})")
