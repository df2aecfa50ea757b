"""Draws currents, changes between two runs, and what a script reads."""

from __future__ import annotations

from .cells import spike_times
from .celltypes import CELLTYPES
from .connections import Made, values
from .draft import Cells, Draft


def draw_current(draft: Draft, cells: Cells, start: float) -> None:
    """Write a current source that begins at `start` ms or later, and inject it."""
    name = draft.name("c")
    kinds = ["StepCurrentSource", "NoisyCurrentSource"]
    if not start:
        # Of these, Brian2 refuses those that are injected in mid-run.
        kinds += ["DCSource", "ACSource"]
    kind = draft.pick(*kinds)
    begin = round(start + draft.pick(0.0, draft.steps(draft.dt, 30.0)), 6)
    stop = round(begin + draft.steps(10.0, 80.0), 6)
    size = draft.uniform(0.3, 1.5) * cells.rheobase
    if kind == "DCSource":
        arguments = f"amplitude={size:.4g}, start={begin}"
        arguments += draft.pick("", f", stop={stop}")
    elif kind == "ACSource":
        frequency, phase = draft.uniform(5, 100), draft.uniform(0, 360)
        arguments = (
            f"amplitude={size:.4g}, offset={draft.pick(0.0, 0.5) * size:.4g}, start={begin},"
            f" stop={stop}, frequency={frequency}, phase={phase}"
        )
    elif kind == "StepCurrentSource":
        times = [begin]
        for _ in range(draft.between(0, 4)):
            times.append(round(times[-1] + draft.steps(draft.dt, 25.0), 6))
        amplitudes = [float(f"{size * draft.uniform(-0.5, 1.5):.3g}") for _ in times]
        arguments = f"times={times}, amplitudes={amplitudes}"
    else:
        arguments = f"mean={0.7 * size:.4g}, stdev={0.5 * size:.4g}, start={begin}, stop={stop}"
        if draft.chance(0.6):
            arguments += f", dt={draft.ms(draft.between(1, 10))}"
    draft.write(f"{name} = sim.{kind}({arguments})")
    single = not cells.is_assembly and draft.chance(0.25)
    draft.write(
        f"{name}.inject_into([{cells.name}[{draft.between(0, cells.size - 1)}]])"
        if single
        else draft.pick(f"{name}.inject_into({cells.name})", f"{cells.name}.inject({name})")
    )
    if kind == "DCSource":
        draft.constant_currents.append(name)


class Changes:
    """Writes what is changed in a network, before it is run and between runs.

    Attributes
    ----------
    made
        The projections.
    now
        Time of the script, in ms.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.made: list[Made] = []
        self.now = 0.0

    def before(self) -> None:
        """Write a change of cells before the first run."""
        self._draft.pick(self._parameters, self._trains, self._rates)()

    def draw(self) -> None:
        """Write some changes and some reading, or nothing.

        Once weights are set or something is read, NEST refuses other changes until the next run.
        """
        draft = self._draft
        for _ in range(draft.pick(0, 1, 2, 3, weights=(2, 4, 2, 1))):
            draft.pick(
                self._parameters, self._trains, self._rates, self._current,
                weights=(4, 2, 1, 1.5),
            )()  # fmt: skip
        if draft.chance(0.35):
            self._weights()
        if draft.chance(0.3):
            self.read()

    def _parameters(self) -> None:
        draft = self._draft
        targets = [one for one in draft.cells.values() if one.celltype]
        cells = draft.pick(*targets)
        kind = CELLTYPES[cells.celltype]
        ranges = {
            "i_offset": (0.5 * cells.rheobase, 1.8 * cells.rheobase), "v_thresh": (-52.0, -45.0),
            "v_rest": (-72.0, -60.0), "v_reset": (-72.0, -60.0), "tau_m": (8.0, 30.0),
            "cm": (0.7 * cells.capacity, 1.5 * cells.capacity), "tau_refrac": (0.0, 4.0),
        }  # fmt: skip
        ranges = {key: ends for key, ends in ranges.items() if key not in kind.without}
        ranges |= kind.more
        name = draft.pick(*ranges, weights=[5 if key == "i_offset" else 1 for key in ranges])
        if name == "tau_refrac":
            draft.write(f"{cells.name}.set(tau_refrac={draft.steps(0.0, 4.0)})")
            return
        low, high = ranges[name]
        several = draft.chance(0.3)
        value = draft.several(low, high, cells.size) if several else draft.uniform(low, high)
        draft.write(f"{cells.name}.set({name}={value})")

    def _weights(self) -> None:
        draft = self._draft
        static = [made for made in self.made if not made.plastic]
        if static:
            made = draft.pick(*static)
            weight = values(draft, made.pair, *made.weights)
            draft.write(f"{made.name}.set(weight={weight})")

    def _trains(self) -> None:
        """New trains for sources, all of whose spikes are still to come."""
        draft = self._draft
        if not draft.arrays:
            return
        name = draft.pick(*draft.arrays)
        first_step = round(self.now / draft.dt) + 1 + draft.between(0, 20)
        if self.now == 0:
            first_step = draft.pick(0, first_step)
        times, _ = spike_times(draft, draft.cells[name].size, first_step)
        draft.write(f"{name}.set(spike_times={times})")

    def _rates(self) -> None:
        """New rates of Poisson sources, below those they were made with, from now on."""
        draft = self._draft
        if draft.poisson:
            cells = draft.cells[draft.pick(*draft.poisson)]
            rate = draft.uniform(0.3 * cells.rate, cells.rate)
            draft.write(f"{cells.name}.set(rate={rate})")

    def _current(self) -> None:
        """A new current that is still to come, or a constant one that changes."""
        draft = self._draft
        targets = [one for one in draft.cells.values() if one.tau_syn]
        if draft.constant_currents and draft.chance(0.5):
            name, cells = draft.pick(*draft.constant_currents), draft.pick(*targets)
            amplitude = draft.uniform(0.0, 1.5) * cells.rheobase
            draft.write(f"{name}.set_parameters(amplitude={amplitude:.4g})")
            return
        draw_current(draft, draft.pick(*targets), start=self.now + 5.0)

    def read(self) -> None:
        """Write what the script itself reads through PyNN."""
        draft = self._draft
        neurons = [cells for cells in draft.cells.values() if not cells.is_source]
        for _ in range(draft.between(1, 2)):
            kind = draft.pick("counts", "trains", "potentials", "weights", "parameter")
            cells = draft.pick(*neurons)
            if kind == "counts":
                text = f"{cells.name}.get_spike_counts()"
            elif kind == "trains":
                text = f"{cells.name}.get_data('spikes').segments[0].spiketrains"
                text = f"[train.magnitude for train in {text}]"
            elif kind == "potentials":
                text = f"{cells.name}.get_data('v').segments[0].analogsignals[0]"
            elif kind == "parameter":
                text = f"{cells.name}.get('i_offset', simplify=False)"
            else:
                weighted = draft.pick(*self.made).name
                form = draft.pick('"array"', '"list"')
                text = f'{weighted}.get("weight", format={form})'
                text = f"np.sort(np.ravel({text}), axis=0)"
            draft.write(f"{draft.name('read')} = {text}")
