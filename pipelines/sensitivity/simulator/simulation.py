"""A small simulator of integrate-and-fire networks that can be made wrong on purpose.

Without a switch it is exact, and follows the conventions of the project: in step k the state is
integrated over one time step, then arriving weights are added, then neurons at the threshold
spike, then spikes change plastic weights and are sent. A fault sets switches, or is a subclass.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pipelines.sensitivity.simulator.network import EXCITATORY, Network
from pipelines.sensitivity.simulator.plasticity import PlasticWeights

EXACT, FORWARD_EULER, EXPONENTIAL_EULER = "exact", "forward Euler", "exponential Euler"
RUNGE_KUTTA_2 = "Runge-Kutta 2"
VARIABLES = ("v", "isyn_exc", "isyn_inh")
# Steps by which `late_share` delays a spike.
_LATE_STEPS = 5


@dataclass
class Switches:
    """Faults of the simulator itself.

    Attributes
    ----------
    scheme
        Integration scheme.
    single_precision
        Whether the state is stored in 32 bits.
    noise_mv, threshold_noise_mv
        Standard deviation of a random number that is added to v, or to the threshold, at each
        step (mV).
    is_held
        Whether v is held during the refractory period.
    stamp_steps
        Steps added to the recorded time of a spike.
    weight_factor
        Factors of transmitted weights by projection or receptor, which the weights read do not
        have.
    extra_delay_steps
        Steps added to delays by projection ("" for all), which the delays read do not have.
    lost_share, late_share
        Share of the transmitted spikes that are lost, or come 5 steps late.
    last_steps_missing
        Steps by which the run is shorter.
    """

    scheme: str = EXACT
    single_precision: bool = False
    noise_mv: float = 0.0
    threshold_noise_mv: float = 0.0
    is_held: bool = True
    stamp_steps: int = 0
    weight_factor: dict[str, float] = field(default_factory=dict)
    extra_delay_steps: dict[str, int] = field(default_factory=dict)
    lost_share: float = 0.0
    late_share: float = 0.0
    last_steps_missing: int = 0


class Simulator:
    """Simulation of a network. Subclasses that are wrong replace its methods.

    Attributes
    ----------
    plastic_kind
        Class of plastic weights.
    state
        v (mV) and synaptic currents (nA) of all cells, shape (3, n).
    spikes
        Steps and cells of the spikes so far.
    plastic
        Plastic weights by projection.
    """

    plastic_kind: type[PlasticWeights] = PlasticWeights

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        self.network, self.switches = network, switches or Switches()
        self.dt = network.timestep
        self.rng = np.random.default_rng([network.seed, 99])
        self.first: dict[str, int] = {}
        for name in network.sizes:
            self.first[name] = sum(network.sizes[other] for other in self.first)
        self.n = sum(one.n for one in network.cells.values())
        names = next(iter(network.cells.values())).parameters
        self.p = {
            name: np.concatenate([one.parameters[name] for one in network.cells.values()])
            for name in names
        }
        self.state = np.zeros((3, self.n))
        self.state[0] = np.concatenate([one.initial_v for one in network.cells.values()])
        self.refractory_steps = np.ceil(self.p["tau_refrac"] / self.dt - 1e-6).astype(int)
        self.left = np.zeros(self.n, int)
        self.spikes: list[tuple[int, np.ndarray]] = []
        self._prepare_propagators()
        self._prepare_synapses()
        self._prepare_sources()

    def run(self, recorded: np.ndarray | None = None) -> np.ndarray:
        """Run the simulation.

        Parameters
        ----------
        recorded
            Indices of cells whose state is recorded; none by default.

        Returns
        -------
        ndarray, shape (n_samples, 3, n_recorded)
            State at each step from 0 on.
        """
        steps = round(self.network.duration / self.dt) - self.switches.last_steps_missing
        recorded = np.empty(0, int) if recorded is None else recorded
        samples = np.empty((steps + 1, 3, len(recorded)))
        samples[0] = self.state[:, recorded]
        nothing = np.empty(0, int)
        for now in range(1, steps + 1):
            can_spike = self.left == 0
            moves = can_spike if self.switches.is_held else np.ones(self.n, bool)
            v = self.state[0].copy()
            self.integrate()
            self.state[0] = np.where(moves, self.state[0], v)
            self.disturb(moves)
            self.receive(now)
            fired = self.fire(can_spike)
            if len(fired):
                self.spikes.append((now, fired))
            sources = self._sources_at.get(now, nothing)
            self.send(now, np.concatenate([fired, sources]) if len(sources) else fired)
            if self.plastic:
                # With an axonal delay weights arrive in the step in which they are transmitted.
                self.receive(now)
            if len(recorded):
                samples[now] = self.state[:, recorded]
        return samples

    def integrate(self) -> None:
        """Integrate the state of all cells over one step."""
        v, exc, inh = self.state
        p, h = self.p, self.dt
        scheme = self.switches.scheme
        if scheme == EXACT:
            from_v, from_exc, from_inh, constant, decay_exc, decay_inh = self._propagators
            self.state[0] = from_v * v + from_exc * exc + from_inh * inh + constant
            self.state[1], self.state[2] = decay_exc * exc, decay_inh * inh
        elif scheme == EXPONENTIAL_EULER:
            level = p["v_rest"] + p["tau_m"] / p["cm"] * (exc + inh + p["i_offset"])
            self.state[0] = level + (v - level) * np.exp(-h / p["tau_m"])
            self.state[1:] *= np.stack(self._propagators[-2:])
        else:
            slope = self._slope(self.state)
            if scheme == RUNGE_KUTTA_2:
                slope = self._slope(self.state + 0.5 * h * slope)
            self.state = self.state + h * slope

    def disturb(self, moves: np.ndarray) -> None:
        """Add noise and rounding to the state."""
        if self.switches.noise_mv:
            noise = self.rng.normal(0.0, self.switches.noise_mv, self.n)
            self.state[0] += np.where(moves, noise, 0.0)
        if self.switches.single_precision:
            self.state = self.state.astype(np.float32).astype(float)

    def receive(self, now: int) -> None:
        """Add the weights that arrive in step `now`."""
        row = now % len(self.pending)
        self.state[1:] += self.pending[row]
        self.pending[row] = 0.0

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold, and return their indices."""
        threshold = self.p["v_thresh"]
        if self.switches.threshold_noise_mv:
            threshold = threshold + self.rng.normal(0.0, self.switches.threshold_noise_mv, self.n)
        spiking = can_spike & (self.state[0] >= threshold)
        self.left = np.where(spiking, self.refractory_steps, np.maximum(self.left - 1, 0))
        self.state[0][spiking] = self.p["v_reset"][spiking]
        return np.flatnonzero(spiking)

    def send(self, now: int, neurons: np.ndarray) -> None:
        """Send the spikes of these neurons, and change plastic weights."""
        if len(neurons):
            rows = np.concatenate([self._outgoing[k] for k in neurons])
            self.deliver(now, rows, self._weight[rows], self._delay[rows])
        for name, plastic in self.plastic.items():
            rows, weights, delay = plastic.step(now, neurons)
            if len(rows):
                self.deliver(now, self._begin[name] + rows, weights, delay)

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive after a delay in steps, through the synapses in `rows`."""
        if self.switches.lost_share:
            kept = self.rng.random(len(rows)) >= self.switches.lost_share
            rows, weights, delay = rows[kept], weights[kept], delay[kept]
        if self.switches.late_share:
            late = self.rng.random(len(rows)) < self.switches.late_share
            delay = delay + _LATE_STEPS * late
        at = (now + delay + self._extra[rows]) % len(self.pending)
        factor = self._factor[rows]
        np.add.at(self.pending, (at, self._receptor[rows], self._post[rows]), factor * weights)

    def _slope(self, state: np.ndarray) -> np.ndarray:
        v, exc, inh = state
        p = self.p
        dv = (p["v_rest"] - v) / p["tau_m"] + (exc + inh + p["i_offset"]) / p["cm"]
        return np.stack([dv, -exc / p["tau_syn_E"], -inh / p["tau_syn_I"]])

    def _prepare_propagators(self) -> None:
        p, h = self.p, self.dt
        from_v = np.exp(-h / p["tau_m"])

        def from_current(tau: np.ndarray) -> np.ndarray:
            same = np.isclose(tau, p["tau_m"], rtol=1e-9)
            apart = np.where(same, 1.0, p["tau_m"] - tau)
            usual = tau * p["tau_m"] / (p["cm"] * apart) * (from_v - np.exp(-h / tau))
            return np.where(same, h / p["cm"] * from_v, usual)

        level = p["v_rest"] + p["tau_m"] / p["cm"] * p["i_offset"]
        self._propagators = (
            from_v, from_current(p["tau_syn_E"]), from_current(p["tau_syn_I"]),
            -np.expm1(-h / p["tau_m"]) * level,
            np.exp(-h / p["tau_syn_E"]), np.exp(-h / p["tau_syn_I"]),
        )  # fmt: skip

    def _prepare_synapses(self) -> None:
        parts: dict[str, list[np.ndarray]] = {
            name: [np.empty(0)]
            for name in ("pre", "post", "weight", "delay", "receptor", "factor", "extra")
        }
        self._begin: dict[str, int] = {}
        self.plastic: dict[str, PlasticWeights] = {}
        n_all = 0
        extra = self.switches.extra_delay_steps
        for name, one in self.network.synapses.items():
            n = len(one.pre)
            pre, post = self.first[one.source] + one.pre, self.first[one.target] + one.post
            delay = np.maximum(np.rint(one.delay_ms / self.dt), 1).astype(int)
            self._begin[name] = n_all
            if one.rule is not None:
                self.plastic[name] = self.plastic_kind(one, pre, post, delay, self.dt)
            receptor = 0 if one.receptor == EXCITATORY else 1
            factors = self.switches.weight_factor
            factor = factors.get(name, factors.get(one.receptor, 1.0))
            # Plastic synapses transmit by themselves: they have no source here.
            own = pre if one.rule is None else np.full(n, -1)
            values = (own, post, one.weight, delay, np.full(n, receptor), np.full(n, factor),
                      np.full(n, extra.get(name, extra.get("", 0))))  # fmt: skip
            for part, value in zip(parts.values(), values, strict=True):
                part.append(value)
            n_all += n
        joined = {name: np.concatenate(part) for name, part in parts.items()}
        sources, self._post, self._delay, self._receptor, self._extra = (
            joined[name].astype(int) for name in ("pre", "post", "delay", "receptor", "extra")
        )
        self._weight, self._factor = joined["weight"], joined["factor"]
        self._outgoing = [
            np.flatnonzero(sources == k) for k in range(sum(self.network.sizes.values()))
        ]
        longest = int((self._delay + self._extra).max(initial=0)) + _LATE_STEPS
        self.pending = np.zeros((longest + 1, 2, self.n))

    def _prepare_sources(self) -> None:
        due: dict[int, list[int]] = {}
        for name, trains in self.network.sources.items():
            for k, train in enumerate(trains):
                # On a coarser grid a spike waits for the end of its step.
                for step in np.ceil(train / self.dt - 1e-6).astype(int).tolist():
                    due.setdefault(step, []).append(self.first[name] + k)
        self._sources_at = {step: np.array(neurons) for step, neurons in due.items()}
