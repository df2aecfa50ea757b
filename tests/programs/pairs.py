"""What a projection connects, and how values of its synapses are drawn and written."""

from __future__ import annotations

from dataclasses import dataclass, field

from .draft import Cells, Draft


@dataclass(frozen=True)
class Pair:
    """What a projection connects, whether by a list, and whether two cells more than once."""

    pre: Cells
    post: Cells
    by_list: bool = False
    several: bool = False

    @property
    def has_distances(self) -> bool:
        """Whether PyNN knows distances: of assemblies it does not, even of those of one part."""
        return not any(cells.is_assembly for cells in (self.pre, self.post))

    def kind_of_values(self, draft: Draft) -> str:
        """How the values of synapses are given; connections from a list have no address."""
        kinds = {"one": 5, "drawn": 3}
        if not self.by_list:
            kinds |= {"array": 2} | ({"distance": 1} if self.has_distances else {})
        return draft.pick(*kinds, weights=list(kinds.values()))


@dataclass(frozen=True)
class Made:
    """A projection of the script.

    Attributes
    ----------
    weights
        Lowest and highest weight.
    limits
        Of plastic weights, wherever they have gone.
    rates
        Other parameters of its synapses that may be changed, with lowest and highest value.
    """

    name: str
    pair: Pair
    weights: tuple[float, float]
    limits: tuple[float, float] = (0.0, 0.0)
    rates: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def plastic(self) -> bool:
        """Whether its weights are bounded."""
        return self.limits != (0.0, 0.0)


@dataclass(frozen=True)
class Span:
    """Ranges of the weights of a projection (of one sign) and of its delays (ms)."""

    weakest: float
    strongest: float
    shortest: float
    longest: float


def values(draft: Draft, pair: Pair, low: float, high: float) -> str:
    """Weights, or other values of synapses, between two limits that have one sign."""
    low, high = sorted((low, high))
    kind = pair.kind_of_values(draft)
    if kind == "one":
        return f"{draft.uniform(low, high):.4g}"
    if kind == "drawn":
        return draft.drawn(low, high)
    if kind == "array":
        shape = f"({pair.pre.size}, {pair.post.size})"
        return f"{draft.generator()}.uniform({low:.4g}, {high:.4g}, {shape})"
    return f'"{low:.4g} + {high - low:.4g}/(1 + d)"'


def delays(draft: Draft, pair: Pair, span: Span) -> str:
    low, high = span.shortest, span.longest
    # With a list, PyNN draws anew for each target, and what is one delay has to be on the grid.
    kind = "one" if pair.by_list else pair.kind_of_values(draft)
    if kind == "one":
        return str(draft.steps(low, high))
    if kind == "drawn":
        return draft.drawn(low, high)
    if kind == "array":
        return draft.several_steps(low, high, f"({pair.pre.size}, {pair.post.size})")
    return f'"{low} + {draft.uniform(0.1, 0.4)}*d"'
