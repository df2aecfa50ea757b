"""Draws projections: connectors, weights, delays, static and plastic synapses."""

from __future__ import annotations

from dataclasses import dataclass

from .draft import Cells, Draft

# Guess of the potential (mV) that one spike of `weight * tau_syn / capacity` mV gives.
_PEAK = 0.6
# How often each connector occurs.
_CONNECTORS = {
    "AllToAll": 2, "OneToOne": 2, "FixedProbability": 3, "FixedNumberPre": 2, "FixedNumberPost": 2,
    "FixedTotalNumber": 2, "DistanceDependentProbability": 2, "Array": 1.5, "FromList": 2,
    "FromFile": 1,
}  # fmt: skip
# How often each rule of plasticity occurs.
_RULES = {
    "SpikePairRule": 4, "NearestNeighbourSymmetricRule": 1, "PresynapticCentredRule": 1,
    "ReducedSymmetricRule": 1, "TripletRule": 1.5, "Vogels2011Rule": 1.5,
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """What a projection connects, and whether by a list."""

    pre: Cells
    post: Cells
    by_list: bool

    @property
    def has_distances(self) -> bool:
        """Whether PyNN knows distances: of assemblies it does not, not even of those of one part."""
        return not any(cells.is_assembly for cells in (self.pre, self.post))

    def kind_of_values(self, draft: Draft) -> str:
        """How the values of synapses are given; connections from a list have no address."""
        kinds = {"one": 5, "drawn": 3}
        if not self.by_list:
            kinds |= {"array": 2} | ({"distance": 1} if self.has_distances else {})
        return draft.pick(*kinds, weights=list(kinds.values()))


@dataclass(frozen=True)
class Made:
    """A projection of the script, with the range of its weights."""

    name: str
    pair: Pair
    plastic: bool
    weights: tuple[float, float]


@dataclass(frozen=True)
class _Synapses:
    """Range of the weights of a projection (of one sign) and of its delays (ms)."""

    weakest: float
    strongest: float
    shortest: float
    longest: float


def draw_projection(draft: Draft, pre: Cells, post: Cells) -> Made:
    """Write a projection."""
    name = draft.name("j")
    connector, convergence, by_list = _connector(draft, pre, post)
    pair = Pair(pre, post, by_list)
    inhibitory = draft.chance(0.15 if pre.is_source else 0.35)
    plastic = draft.chance(0.45) and _one_tau_minus(draft, post)
    strongest = _weight(draft, pre, post, convergence, inhibitory)
    shortest = draft.ms(draft.min_delay_steps)
    longest = max(draft.pick(1.5, 4.0, 8.0), shortest + 3 * draft.dt)
    synapses = _Synapses(0.2 * strongest, strongest, shortest, longest)
    if by_list:
        connector = _listed(draft, name, pre, post, synapses)
    if plastic:
        synapse = _plastic(draft, pair, synapses)
    elif draft.chance(0.3):
        assert post.tau_syn is not None
        synapse = _short_term(draft, pair, synapses, post.tau_syn[inhibitory])
    else:
        synapse = _static(draft, pair, synapses)
    receptor = "inhibitory" if inhibitory else "excitatory"
    arguments = [pre.name, post.name, connector]
    implied = (
        not inhibitory and not plastic and post.name in draft.cells and len(post.populations) == 1
    )
    if implied and draft.chance(0.3):
        arguments.append(synapse)
    else:
        arguments += [synapse, f'receptor_type="{receptor}"']
    draft.write(f"{name} = sim.Projection({', '.join(arguments)})")
    if draft.chance(0.08):
        _set_at_once(draft, name, pair, synapses)
    return Made(name, pair, plastic, (synapses.weakest, synapses.strongest))


def _one_tau_minus(draft: Draft, post: Cells) -> bool:
    return len({draft.tau_minus[population] for population in post.populations}) == 1


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


def _connector(draft: Draft, pre: Cells, post: Cells) -> tuple[str, float, bool]:
    """A connector, its mean number of synapses onto a cell, and whether it is a list."""
    kinds = dict(_CONNECTORS)
    if not Pair(pre, post, False).has_distances:
        kinds.pop("DistanceDependentProbability")
    kind = draft.pick(*kinds, weights=list(kinds.values()))
    n_pre, n_post = pre.size, post.size
    chance, constant = draft.uniform(0.1, 0.8), f"sim.{kind}Connector"
    selfless = ["allow_self_connections=False"] if draft.chance(0.4) else []
    generator = [draft.rng_argument()] if draft.chance(0.9) else []

    def call(*arguments: str) -> str:
        return f"{constant}({', '.join(arguments)})"

    if kind == "AllToAll":
        return call(*selfless), n_pre, False
    if kind == "OneToOne":
        return call(), 1.0, False
    if kind == "FixedProbability":
        return call(str(chance), *selfless, *generator), chance * n_pre, False
    if kind in ("FixedNumberPre", "FixedNumberPost"):
        limit = (n_pre if kind == "FixedNumberPre" else n_post) - len(selfless)
        again = ["with_replacement=True"] if draft.chance(0.3) or limit < 1 else []
        # With both, PyNN 0.13 fails, or never ends.
        selfless = [] if again and pre == post else selfless
        number = draft.between(1, max(limit, 1))
        mean = number if kind == "FixedNumberPre" else number * n_pre / n_post
        return call(str(number), *selfless, *again, *generator), mean, False
    if kind == "FixedTotalNumber":
        again = ["with_replacement=False"] if draft.chance(0.4) else []
        most = max(n_pre * n_post - len(selfless) * min(n_pre, n_post), 0)
        if most == 0:
            return call("3", *generator), 3 / n_post, False
        number = draft.between(1, most)
        return call(str(number), *selfless, *again, *generator), number / n_post, False
    if kind == "DistanceDependentProbability":
        text = draft.pick(f"d < {draft.between(2, 6)}", f"exp(-d/{draft.uniform(2, 8)})")
        return call(f'"{text}"', *selfless, *generator), 0.4 * n_pre, False
    if kind == "Array":
        return (
            call(f"{draft.generator()}.random(({n_pre}, {n_post})) < {chance}"),
            chance * n_pre,
            False,
        )
    return kind, max(2.0, 0.3 * n_pre), True


def _listed(draft: Draft, name: str, pre: Cells, post: Cells, synapses: _Synapses) -> str:
    """A list of connections, some of them several times, as an argument or in a file."""
    number = draft.between(2, max(2, int(0.4 * pre.size * post.size)))
    number = min(number, 30)
    rows = []
    with_values = draft.chance(0.6)
    for _ in range(number):
        row: list[float] = [draft.between(0, pre.size - 1), draft.between(0, post.size - 1)]
        if with_values:
            row.append(draft.uniform(*sorted((synapses.weakest, synapses.strongest))))
            row.append(draft.steps(synapses.shortest, synapses.longest))
        rows.append(tuple(row))
    if draft.chance(0.3):
        # The file has at least two rows: NumPy reads one row as no table.
        columns = ["i", "j", "weight", "delay"][: len(rows[0])]
        path = f'folder + "/{name}.txt"'
        draft.write(f"np.savetxt({path}, {rows}, fmt='%.10g', header=\"columns = {columns}\")")
        return f"sim.FromFileConnector({path})"
    if with_values and draft.chance(0.3):
        return f'sim.FromListConnector({rows}, column_names=["weight", "delay"])'
    return f"sim.FromListConnector({rows})"


def _static(draft: Draft, pair: Pair, synapses: _Synapses) -> str:
    weight = values(draft, pair, synapses.weakest, synapses.strongest)
    return f"sim.StaticSynapse(weight={weight}, delay={_delays(draft, pair, synapses)})"


def _short_term(draft: Draft, pair: Pair, synapses: _Synapses, tau_syn: float) -> str:
    """A synapse that depresses and facilitates; some of its parameters are the default."""
    # What it sends is a part of its weight.
    weight = values(draft, pair, 2 * synapses.weakest, 2 * synapses.strongest)
    arguments = [f"weight={weight}", f"delay={_delays(draft, pair, synapses)}"]
    if draft.chance(0.8):
        arguments.append(f"U={values(draft, pair, 0.05, 0.95)}")
    if draft.chance(0.8):
        equal = draft.chance(0.15) and tau_syn > 0
        arguments.append(f"tau_rec={tau_syn if equal else values(draft, pair, 1.0, 400.0)}")
    if draft.chance(0.6):
        arguments.append(f"tau_facil={values(draft, pair, 1.0, 400.0)}")
    return f"sim.TsodyksMarkramSynapse({', '.join(arguments)})"


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


def _delays(draft: Draft, pair: Pair, synapses: _Synapses) -> str:
    low, high = synapses.shortest, synapses.longest
    # With a list, PyNN draws anew for each target, and what is one delay has to be on the grid.
    kind = "one" if pair.by_list else pair.kind_of_values(draft)
    if kind == "one":
        return str(draft.steps(low, high))
    if kind == "drawn":
        return draft.drawn(low, high)
    if kind == "array":
        return draft.several_steps(low, high, f"({pair.pre.size}, {pair.post.size})")
    return f'"{low} + {draft.uniform(0.1, 0.4)}*d"'


def _plastic(draft: Draft, pair: Pair, synapses: _Synapses) -> str:
    """A plastic synapse; its weights begin within their bounds."""
    w_max = float(f"{1.5 * synapses.strongest:.3g}")
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
    exponents = f", mu_plus={_exponent(draft)}, mu_minus={_exponent(draft)}"
    weights = f"sim.{rule}(w_min={w_min}, w_max={limit}{exponents if rule[0] == 'G' else ''})"
    arguments = [
        f"timing_dependence={timing}", f"weight_dependence={weights}", f"weight={weight}",
        f"delay={_delays(draft, pair, synapses)}",
    ]  # fmt: skip
    fraction = draft.pick(1.0, 0.5, draft.uniform(0.05, 0.95), 0.001)
    if fraction < 1 or draft.chance(0.5):
        arguments.append(f"dendritic_delay_fraction={fraction}")
    return f"sim.STDPMechanism({', '.join(arguments)})"


def _exponent(draft: Draft) -> float:
    return draft.pick(draft.uniform(0.02, 1.0), 0.0, 1.0, weights=(8, 1, 1))


def _set_at_once(draft: Draft, name: str, pair: Pair, synapses: _Synapses) -> None:
    """Write a change of weights or delays before anything is run."""
    if draft.chance(0.6):
        weight = values(draft, pair, synapses.weakest, synapses.strongest)
        draft.write(f"{name}.set(weight={weight})")
    else:
        draft.write(f"{name}.set(delay={draft.steps(synapses.shortest, synapses.longest)})")
