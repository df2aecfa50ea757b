"""Populations of a chip: parameters of cells, and trains of sources, as the chip realises them.

The classes stand in front of those of any backend. A script reads back what it has set, as on a
chip, whose analog values nobody knows: a script that changes a parameter by what it reads would
otherwise apply a mismatch twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.parameters import simplify as simplified

from pipelines.backends.shared.frozen_inputs import DrawnTrains
from pipelines.backends.shared.spike_trains import GivenTrains
from pipelines.hardware.parameter_values import (
    has_scale,
    is_positive,
    reset_below_threshold,
    shared_values,
    spread_values,
)
from pipelines.hardware.synapse_values import transmitted

if TYPE_CHECKING:
    from pipelines.hardware.chip import Chip

# Spreads, and whether they are drawn for each run.
_SPREADS = {"fixed_pattern": False, "trial_to_trial": True}
_SHARED, _ALL = "shared_parameters", "all"


class ConstrainedPopulation:
    """Mixin of populations on a chip, in front of a backend's class.

    Attributes
    ----------
    chip, view_class
        The chip, and the class of views; set by a subclass.
    """

    chip: Chip
    view_class: type
    size: int
    celltype: Any
    label: str
    trains: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.index_on_chip = self.chip.next_index("population")
        # What was set of parameters that a constraint acts on, by name, each of shape (size,).
        self._asked: dict[str, np.ndarray] = {}
        self._reads_realised = False
        super().__init__(*arguments, **options)
        self.chip.populations.append(self)
        # For the events of a run, and since weights are rounded as spikes have left them.
        self.record("spikes")
        if self.trains is None:
            self.realise(self._names())
            self._note_parameters()

    def _get_view(self, selector: Any, label: str | None = None) -> Any:
        return self.view_class(self, selector, label)

    def set(self, **parameters: Any) -> None:
        with self.realised_values():
            super().set(**parameters)  # type: ignore[misc]
        if self.trains is None:
            self.realise(parameters)

    def get(self, parameter_names: Any, gather: bool = False, simplify: bool = True) -> Any:
        found = super().get(parameter_names, gather, simplify)  # type: ignore[misc]
        return self.as_asked(found, parameter_names, simplify)

    def as_asked(
        self, found: Any, names: str | Sequence[str], simplify: bool, rows: Any = slice(None)
    ) -> Any:
        """Values of parameters as they were set, where the chip realises others.

        Parameters
        ----------
        found
            Values that `get` read.
        names, simplify
            As those of `get`.
        rows
            Indices of the neurons that were read.
        """
        if self._reads_realised or not self._asked:
            return found
        each = [found] if isinstance(names, str) else list(found)
        for k, name in enumerate([names] if isinstance(names, str) else names):
            if name in self._asked:
                values = self._asked[name][rows]
                each[k] = simplified(values) if simplify else np.array(values)
        return each[0] if isinstance(names, str) else each

    @contextmanager
    def realised_values(self) -> Iterator[None]:
        """Context in which `get` reads what the chip realises."""
        before, self._reads_realised = self._reads_realised, True
        try:
            yield
        finally:
            self._reads_realised = before

    def record(self, variables: Any, to_file: Any = None, sampling_interval: Any = None) -> None:
        interval = coarse_interval(self.chip, sampling_interval)
        super().record(variables, to_file, interval)  # type: ignore[misc]

    def realise(self, names: Iterable[str], rows: Any = slice(None)) -> None:
        """Replace parameters that were set by those that the chip realises.

        Parameters
        ----------
        names
            What was set.
        rows
            Indices of the neurons of which it was set.
        """
        concerned = [name for name in names if self._constraints_of(name)]
        if not concerned:
            return
        for name in concerned:
            values = self._present(name)
            self._asked.setdefault(name, values)[rows] = values[rows]
        # A simulator may compute the leak of a membrane, and with it tau_m, when cm is set.
        changed = {*concerned, *({"tau_m"} & self._asked.keys() if "cm" in concerned else ())}
        realised = {name: list(self._stages(name))[-1][1] for name in sorted(changed)}
        limits = ("v_reset", "v_thresh")
        if realised.keys() & {*limits} and {*limits} <= {*self._names()}:
            reset, threshold = (realised.get(name, self._present(name)) for name in limits)
            if np.any(reset > reset_below_threshold(reset, threshold)):
                realised["v_reset"] = reset_below_threshold(reset, threshold)
        with self.realised_values():
            super().set(**realised)  # type: ignore[misc]

    def _names(self) -> list[str]:
        """Names of the parameters of the cells."""
        return list(self.celltype.get_parameter_names())

    def _present(self, name: str) -> np.ndarray:
        """Values of a parameter in the simulator, shape (size,)."""
        values = super().get(name, simplify=False)  # type: ignore[misc]
        return np.array(np.broadcast_to(values, (self.size,)), dtype=float)

    def _constraints_of(self, name: str) -> bool:
        """Whether a constraint acts on a parameter."""
        return self._is_shared(name) or any(self._spread_of(kind, name) for kind in _SPREADS)

    def _is_shared(self, name: str) -> bool:
        names = self.chip.active.get(_SHARED, {}).get("parameters", ())
        return names == _ALL or name in names

    def _spread_of(self, kind: str, name: str) -> Mapping[str, Any] | None:
        cells = self.chip.active.get(kind, {}).get("cells", {})
        found: Mapping[str, Any] | None = cells.get(name)
        return cells.get(_ALL) if found is None and has_scale(name) else found

    def _stages(self, name: str) -> Iterator[tuple[str, np.ndarray]]:
        """What each constraint makes of a parameter, one after the other, of shape (size,)."""
        values, chip = self._asked[name], self.chip
        if self._is_shared(name):
            values = shared_values(values, chip.active[_SHARED]["neurons"])
            yield _SHARED, values
        for kind, of_trial in _SPREADS.items():
            spread = self._spread_of(kind, name)
            if spread:
                names = (kind, "population", self.index_on_chip, name)
                uniform = chip.uniform(self.size, *names, of_trial=of_trial)
                origin, positive = self._origin(name), is_positive(name)
                values = spread_values(values, uniform, spread, origin, positive)
                yield kind, values

    def _origin(self, name: str) -> np.ndarray | float:
        """What a relative spread is relative to: of potentials, the resting potential."""
        of_potential = name.startswith(("v_", "e_rev"))
        if not of_potential or "v_rest" not in self._names():
            return 0.0
        return self._asked.get("v_rest", self._present("v_rest"))

    def _note_parameters(self) -> None:
        """Note mean and standard deviation of the parameters before and after each constraint."""
        units: Mapping[str, str] = self.celltype.units
        for name, asked in self._asked.items():
            before = asked
            for constraint, after in self._stages(name):
                for what, measure in (("mean", np.mean), ("sd", np.std)):
                    quantity = f"{what}_{name}_{units.get(name, '')}".rstrip("_")
                    values = float(measure(before)), float(measure(after))
                    # Parameters that were the same for all neurons are shared as they are.
                    if not np.array_equal(before, after):
                        self.chip.note(constraint, self, quantity, *values)
                before = after

    def _make_trains(self, after_step: int = 0) -> Any:
        """Trains of sources, without the spikes that do not reach the chip."""
        trains = super()._make_trains(after_step)  # type: ignore[misc]
        if "spike_loss" not in self.chip.active:
            return trains
        loss = self.chip.active["spike_loss"]
        dt = self._registry.timestep  # type: ignore[attr-defined]
        limits = loss.get("share", 0.0), loss.get("spikes_per_s")
        names = ("spike_loss", self.index_on_chip, after_step)
        if isinstance(trains, GivenTrains):
            return self._given_trains(trains, names, limits, dt)
        lossy = type(f"Lossy{type(trains).__name__}", (_LossyTrains, type(trains)), {
            "chip": self.chip, "names": names, "limits": limits
        })  # fmt: skip
        return lossy(trains.values, trains.dt, trains._seeds, after_step)

    def _given_trains(
        self, trains: GivenTrains, names: tuple, limits: tuple[float, float | None], dt: float
    ) -> GivenTrains:
        sizes = [len(one) for one in trains.times]
        times = np.concatenate([np.empty(0), *trains.times])
        uniform = self.chip.uniform(len(times), *names, of_trial=True)
        kept = transmitted(times, uniform, *limits)
        parts = np.split(np.arange(len(times)), np.cumsum(sizes)[:-1])
        given = GivenTrains([times[part][kept[part]] for part in parts], dt)
        self.chip.note("spike_loss", self, "given_spikes", len(times), int(kept.sum()))
        return given


def coarse_interval(chip: Chip, interval: float | None) -> float | None:
    """A sampling interval (ms) that is a whole number of the chip's time steps."""
    if interval is None or "time_step" not in chip.active:
        return interval
    step = float(chip.active["time_step"]["step_ms"])
    return float(max(1, round(interval / step))) * step


class _LossyTrains(DrawnTrains):
    """Drawn trains without the spikes that do not reach the chip, in front of a class of trains."""

    chip: Chip
    names: tuple[str | int, ...]
    limits: tuple[float, float | None]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.specification += f" lossy {self.limits}"

    def _draw_block(self, block: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        steps, sources = super()._draw_block(block, first, last)
        uniform = self.chip.uniform(len(steps), *self.names, block, of_trial=True)
        kept = transmitted(steps * self.dt, uniform, *self.limits)
        return steps[kept], sources[kept]


class ConstrainedView:
    """Mixin of views of constrained populations, in front of a backend's class."""

    chip: Chip
    grandparent: Any

    def _get_view(self, selector: Any, label: str | None = None) -> Any:
        return self.grandparent.view_class(self, selector, label)

    def set(self, **parameters: Any) -> None:
        with self.grandparent.realised_values():
            super().set(**parameters)  # type: ignore[misc]
        if self.grandparent.trains is None:
            self.grandparent.realise(parameters, self._rows())  # type: ignore[attr-defined]

    def get(self, parameter_names: Any, gather: bool = False, simplify: bool = True) -> Any:
        found = super().get(parameter_names, gather, simplify)  # type: ignore[misc]
        rows = self._rows()  # type: ignore[attr-defined]
        return self.grandparent.as_asked(found, parameter_names, simplify, rows)

    def record(self, variables: Any, to_file: Any = None, sampling_interval: Any = None) -> None:
        interval = coarse_interval(self.chip, sampling_interval)
        super().record(variables, to_file, interval)  # type: ignore[misc]
