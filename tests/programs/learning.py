"""Draws changes of synapses: weights, parameters of rules and of short-term plasticity."""

from __future__ import annotations

from .draft import Draft
from .pairs import Made, values


def change_weights(draft: Draft, made: Made) -> None:
    """Write new weights of a projection, some of them made of those that are read."""
    low, high = sorted(made.limits if made.plastic else made.weights)
    kind = draft.pick("given", "list", "array", weights=(4, 2, 2))
    if kind == "given":
        if made.plastic:
            low, high = low + 0.1 * (high - low), high - 0.1 * (high - low)
        draft.write(f"{made.name}.set(weight={values(draft, made.pair, low, high)})")
        return
    read = draft.name("read")
    scale = draft.uniform(0.5, 1.3)
    several = "" if kind == "list" else ', multiple_synapses="max"'
    address = ", with_address=False" if kind == "list" else ""
    draft.write(f'{read} = {made.name}.get("weight", format="{kind}"{address}{several})')
    clipped = f"np.clip({scale} * np.array({read}), {low:.6g}, {high:.6g})"
    draft.write(f"{made.name}.set(weight={clipped}{'.tolist()' if kind == 'list' else ''})")


def change_rule(draft: Draft, made: Made) -> None:
    """Write other parameters of synapses; often such that they learn no more."""
    learning = [name for name in made.rates if name.startswith(("A_", "eta"))]
    if learning and draft.chance(0.35):
        frozen = ", ".join(f"{name}=0.0" for name in learning)
        draft.write(f"{made.name}.set({frozen})")
        return
    # Of learning rules, NEST refuses new time constants once there have been spikes.
    common = [name for name in made.rates if not (made.plastic and name.startswith("tau"))]
    names = draft.rng.permutation(common if draft.chance(0.9) else list(made.rates))
    names = names[: draft.between(1, 2)]
    changed = []
    for name in names.tolist():
        low, high = made.rates[name]
        value = values(draft, made.pair, low, high) if draft.chance(0.3) else _one(draft, low, high)
        changed.append(f"{name}={value}")
        if name == "w_max":
            changed[-1] = f"w_max={_one(draft, low, high)}"
    draft.write(f"{made.name}.set({', '.join(changed)})")


def _one(draft: Draft, low: float, high: float) -> str:
    return f"{draft.uniform(*sorted((low, high))):.4g}"
