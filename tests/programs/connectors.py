"""Draws connectors, now and then such that they connect nothing, or all there is."""

from __future__ import annotations

from .draft import Cells, Draft
from .pairs import Pair, Span

# How often each connector occurs.
_CONNECTORS = {
    "AllToAll": 2, "OneToOne": 2, "FixedProbability": 3, "FixedNumberPre": 2, "FixedNumberPost": 2,
    "FixedTotalNumber": 2, "DistanceDependentProbability": 2, "Array": 1.5, "FromList": 2,
    "FromFile": 1,
}  # fmt: skip


def draw_connector(draft: Draft, pre: Cells, post: Cells) -> tuple[str, float, Pair]:
    """A connector, its mean number of synapses onto a cell, and what it connects."""
    kinds = dict(_CONNECTORS)
    if not Pair(pre, post).has_distances:
        kinds.pop("DistanceDependentProbability")
    kind = draft.pick(*kinds, weights=list(kinds.values()))
    if kind in ("FromList", "FromFile"):
        return kind, max(2.0, 0.3 * pre.size), Pair(pre, post, by_list=True, several=True)
    shape = pre.size, post.size
    one_population = bool(set(pre.populations) & set(post.populations))
    selfless = ["allow_self_connections=False"]
    selfless *= draft.chance(0.7 if one_population else 0.3)
    generator = draft.seeded()
    if kind == "AllToAll":
        arguments, mean = selfless, float(pre.size)
    elif kind == "OneToOne":
        arguments, mean = [], 1.0
    elif kind == "FixedProbability":
        chance = draft.pick(draft.uniform(0.1, 0.8), 0.0, 1.0, weights=(16, 1, 2))
        arguments, mean = [str(chance), *selfless, *generator], chance * pre.size
    elif kind in ("FixedNumberPre", "FixedNumberPost"):
        arguments, mean = _fixed_number(draft, kind == "FixedNumberPre", shape, selfless)
        arguments += generator
    elif kind == "FixedTotalNumber":
        arguments, mean = _total_number(draft, shape, selfless)
        arguments += generator
    elif kind == "DistanceDependentProbability":
        text = draft.pick(f"d < {draft.between(2, 6)}", f"exp(-d/{draft.uniform(2, 8)})")
        text = draft.pick(text, "d < -1", "d < 1000", weights=(16, 1, 1))
        arguments, mean = [f'"{text}"', *selfless, *generator], 0.4 * pre.size
    else:
        chance = draft.pick(draft.uniform(0.1, 0.8), 0.0, 1.0, weights=(16, 1, 1))
        arguments = [f"{draft.generator()}.random({shape}) < {chance}"]
        mean = chance * pre.size
    once = "with_replacement=False" in arguments
    several = "with_replacement=True" in arguments or (kind == "FixedTotalNumber" and not once)
    return f"sim.{kind}Connector({', '.join(arguments)})", mean, Pair(pre, post, several=several)


def _fixed_number(
    draft: Draft, of_sources: bool, shape: tuple[int, int], selfless: list[str]
) -> tuple[list[str], float]:
    """Arguments of a connector with a number a cell, and mean number of synapses onto a cell."""
    n_pre, n_post = shape
    among = n_pre if of_sources else n_post
    limit = among - len(selfless)
    again = ["with_replacement=True"] if draft.chance(0.3) or limit < 1 else []
    number = draft.between(1, max(limit, 1))
    if limit < 1:
        # No other cell is there.
        selfless = []
    if again and draft.chance(0.3):
        number = among + draft.between(1, 3)
    if draft.chance(0.08):
        number, again = 0, []
    text = str(number)
    if number > 1 and draft.chance(0.1):
        arguments = ['"uniform_int"', f"({draft.between(0, 1)}, {number})", *draft.seeded()]
        text = f"sim.RandomDistribution({', '.join(arguments)})"
    mean = number if of_sources else number * n_pre / n_post
    return [text, *selfless, *again], mean


def _total_number(
    draft: Draft, shape: tuple[int, int], selfless: list[str]
) -> tuple[list[str], float]:
    """The same of a connector with a number of synapses."""
    n_pre, n_post = shape
    again = ["with_replacement=False"] if draft.chance(0.4) else []
    most = n_pre * n_post - len(selfless) * min(n_pre, n_post)
    if most < 1:
        number, again, selfless = 3, [], []
    else:
        number = draft.between(1, most)
    if not again and draft.chance(0.15):
        number = n_pre * n_post + draft.between(1, 5)
    if draft.chance(0.08):
        number = 0
    return [str(number), *selfless, *again], number / n_post


def listed(draft: Draft, name: str, pre: Cells, post: Cells, span: Span) -> str:
    """A list of connections, some of them several times, as an argument or in a file."""
    number = min(draft.between(2, max(2, int(0.4 * pre.size * post.size))), 30)
    number = draft.pick(number, 1, 0, weights=(12, 1, 1))
    rows = []
    with_values = draft.chance(0.6)
    for _ in range(number):
        row: list[float] = [draft.between(0, pre.size - 1), draft.between(0, post.size - 1)]
        if with_values:
            row.append(draft.uniform(*sorted((span.weakest, span.strongest))))
            row.append(draft.steps(span.shortest, span.longest))
        rows.append(tuple(row))
    if rows and draft.chance(0.2):
        # The same once more.
        rows.append(rows[draft.between(0, number - 1)])
    if len(rows) > 1 and draft.chance(0.3):
        # NumPy reads one row of a file as no table.
        columns = ["i", "j", "weight", "delay"][: len(rows[0])]
        path = f'folder + "/{name}.txt"'
        draft.write(f"np.savetxt({path}, {rows}, fmt='%.10g', header=\"columns = {columns}\")")
        return f"sim.FromFileConnector({path})"
    if with_values and draft.chance(0.3):
        return f'sim.FromListConnector({rows}, column_names=["weight", "delay"])'
    return f"sim.FromListConnector({rows})"
