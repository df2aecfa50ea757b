"""Draws changes of cells, sources, currents and synapses, for whenever they are made."""

from __future__ import annotations

from .cells import spike_times
from .celltypes import changeable, signals, states
from .currents import change_current, draw_current
from .draft import Cells, Draft
from .learning import change_rule, change_weights
from .pairs import Made
from .reading import draw_reading


class Changes:
    """Writes what is changed in a network.

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
        self._draft.pick(self._parameters, self._trains, self._rates, self.initialize)()

    def draw(self) -> None:
        """Write some changes and some reading, in any order, or nothing."""
        for _ in range(self._draft.pick(0, 1, 2, 3, 5, weights=(2, 3, 3, 2, 1))):
            self._draft.pick(
                self._parameters, self._trains, self._rates, self._current, self._weights,
                self._rule, self.initialize, self._record, self.read,
                weights=(4, 2, 2, 2, 2.5, 2, 1.5, 1.7, 3),
            )()  # fmt: skip

    def callback(self, start: float, stop: float) -> str:
        """Write a function that is called again and again in a run, and give its name.

        Parameters
        ----------
        start, stop
            Times (ms) between which it changes something.
        """
        draft, name = self._draft, self._draft.name("call")
        changes = (self._parameters, self._rates, self._weights, self._rule, self.initialize)
        lines = draft.written(draft.pick(*changes, weights=(3, 2, 2, 1, 1))) or ["pass"]
        if draft.chance(0.6):
            read = draft.name("read")
            draft.write(f"{read} = []")
            lines.append(f"{read}.append({draw_reading(draft, self.made)})")
        begin, end = sorted((draft.steps(start, stop), draft.steps(start, stop)))
        interval = max(draft.steps(draft.dt, 40.0), (stop - start) / 10)
        interval = draft.ms(round(interval / draft.dt))
        body = "\n".join(f"        {line}" for line in lines)
        draft.write(
            f"def {name}(t):\n    if {begin} <= t <= {end}:\n{body}\n    return t + {interval}"
        )
        return name

    def _target(self) -> tuple[Cells, str, bool]:
        """Cells, how the script calls all or one or some of them, and whether it is a cell."""
        draft = self._draft
        targets = [one for one in draft.cells.values() if not one.is_source]
        return self._part(draft.pick(*targets))

    def _part(self, cells: Cells) -> tuple[Cells, str, bool]:
        draft = self._draft
        kind = draft.pick("all", "cell", "slice", weights=(5, 1.5, 1))
        if cells.is_assembly or kind == "all":
            return cells, cells.name, False
        if kind == "cell":
            return cells, f"{cells.name}[{draft.between(0, cells.size - 1)}]", True
        return cells, f"{cells.name}[{draft.between(0, cells.size - 1)}:]", False

    def _value(self, cells: Cells, name: str, low: float, high: float) -> str:
        """A value for all, or one for each, of these cells."""
        draft = self._draft
        if name != cells.name or draft.chance(0.6):
            return f"{draft.uniform(low, high)}"
        if cells.is_assembly:
            return draft.drawn(low, high)
        return draft.several(low, high, cells.size)

    def _parameters(self) -> None:
        draft = self._draft
        cells, target, is_one = self._target()
        ranges = changeable(draft, cells)
        names = list(ranges)
        chances = [5.0 if name == "i_offset" else 1.0 for name in names]
        chosen = {draft.pick(*names, weights=chances) for _ in range(draft.pick(1, 1, 1, 2))}
        given = {}
        for name in sorted(chosen):
            low, high = ranges[name]
            given[name] = self._value(cells, target, low, high)
            if name == "tau_refrac":
                given[name] = str(draft.steps(0.0, 4.0))
        if is_one and len(given) == 1 and draft.chance(0.5):
            ((name, value),) = given.items()
            draft.write(f"{target}.{name} = {value}")
            return
        arguments = ", ".join(f"{name}={value}" for name, value in given.items())
        if is_one:
            draft.write(f"{target}.set_parameters({arguments})")
        else:
            draft.write(draft.pick(f"{target}.set({arguments})", f"sim.set({target}, {arguments})"))

    def initialize(self) -> None:
        """Write a state of cells."""
        draft = self._draft
        cells, target, is_one = self._target()
        ranges = states(draft, cells)
        name = draft.pick(*ranges, weights=[4 if name == "v" else 1 for name in ranges])
        value = self._value(cells, target, *ranges[name])
        if is_one:
            draft.write(f'{target}.set_initial_value("{name}", {value})')
        else:
            draft.write(
                draft.pick(
                    f"{target}.initialize({name}={value})",
                    f"sim.initialize({target}, {name}={value})",
                )
            )

    def _sources(self, names: list[str]) -> list[Cells]:
        """Populations of sources with these names, and their views."""
        return [
            cells
            for cells in self._draft.cells.values()
            if cells.is_source and not cells.is_assembly and cells.populations[0] in names
        ]

    def _trains(self) -> None:
        """New trains for sources, mostly with all of their spikes still to come."""
        draft = self._draft
        if not draft.arrays:
            return
        cells = draft.pick(*self._sources(draft.arrays))
        first_step = round(self.now / draft.dt) + 1 + draft.between(0, 20)
        if draft.chance(0.25):
            first_step = draft.pick(0, round(self.now / draft.dt))
        if draft.chance(0.15):
            train, _ = spike_times(draft, 1, first_step)
            index = draft.between(0, cells.size - 1)
            if train.startswith("[") and "Sequence" not in train:
                draft.write(f"{cells.name}[{index}].spike_times = {train}")
            return
        times, _ = spike_times(draft, cells.size, first_step)
        draft.write(f"{cells.name}.set(spike_times={times})")

    def _rates(self) -> None:
        """New rates of drawn sources, from now on, or when they spike."""
        draft = self._draft
        if draft.renewal and (not draft.poisson or draft.chance(0.3)):
            cells = draft.pick(*self._sources(list(draft.renewal)))
            parameter, value = draft.renewal[cells.populations[0]]
            # A rate is below that of the refractory period.
            changed = self._value(cells, cells.name, 0.3 * value, value)
            draft.write(f"{cells.name}.set({parameter}={changed})")
            return
        if not draft.poisson:
            return
        cells, target, is_one = self._part(draft.pick(*self._sources(draft.poisson)))
        value = self._value(cells, target, 0.2 * cells.rate, 1.2 * cells.rate)
        if is_one:
            draft.write(
                draft.pick(f"{target}.rate = {value}", f"{target}.set_parameters(rate={value})")
            )
            return
        arguments = [f"rate={value}"]
        if draft.chance(0.2):
            start = draft.pick(0.0, draft.ms(round(self.now / draft.dt)), self.now + 5.0)
            arguments.append(f"start={start}, duration={draft.steps(10.0, draft.duration)}")
        draft.write(f"{target}.set({', '.join(arguments)})")

    def _current(self) -> None:
        """A new current, or one that changes."""
        draft = self._draft
        cells = draft.pick(*(one for one in draft.cells.values() if one.tau_syn))
        if draft.currents and draft.chance(0.75):
            change_current(draft, draft.pick(*draft.currents), cells, self.now)
        else:
            draw_current(draft, cells, self.now)

    def _weights(self) -> None:
        change_weights(self._draft, self._draft.pick(*self.made))

    def _rule(self) -> None:
        changing = [made for made in self.made if made.rates]
        if changing:
            change_rule(self._draft, self._draft.pick(*changing))

    def _record(self) -> None:
        """Record, from now on, a population of which nothing or a part was recorded."""
        draft = self._draft
        late = sorted(draft.recorded_late)
        if not late:
            return
        cells = draft.cells[draft.pick(*late)]
        variables = ["spikes"]
        if not cells.is_source and draft.chance(0.5):
            variables += signals(cells)
        draft.write(f"{cells.name}.record({variables})")
        draft.recorded_late.remove(cells.name)

    def read(self) -> None:
        """Write what the script itself reads through PyNN."""
        draft = self._draft
        for _ in range(draft.pick(1, 2)):
            draft.write(f"{draft.name('read')} = {draw_reading(draft, self.made)}")
