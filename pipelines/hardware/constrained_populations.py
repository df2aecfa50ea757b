"""Populations of a chip: parameters of cells as the chip realises them.

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

from pipelines.hardware.lossy_sources import LossySources
from pipelines.hardware.parameter_values import (
    has_scale,
    is_positive,
    is_potential,
    reset_below_threshold,
    shared_values,
    spread_values,
)
from pipelines.hardware.profile_model import SPREADS

if TYPE_CHECKING:
    from pipelines.hardware.chip import Chip

_SHARED, _ALL = "shared_parameters", "all"
_REST, _LIMITS = "v_rest", ("v_reset", "v_thresh")


class ConstrainedPopulation(LossySources):
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
            super().set(**self.with_limits(parameters))  # type: ignore[misc]
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

    def with_limits(self, parameters: Mapping[str, Any], rows: Any = slice(None)) -> dict[str, Any]:
        """Parameters to set, with threshold and reset potential as a script knows them.

        A simulator takes no reset potential above the threshold that the chip happens to have.
        """
        asked = {name: self._asked[name][rows] for name in {*_LIMITS} & self._asked.keys()}
        return {**(asked if {*_LIMITS} & parameters.keys() else {}), **parameters}

    def realise(self, names: Iterable[str], rows: Any = slice(None)) -> None:
        """Replace parameters that were set by those that the chip realises.

        Parameters
        ----------
        names
            What was set.
        rows
            Indices of the neurons of which it was set.
        """
        changed = {*names}
        for name in filter(self._is_constrained, [*changed]):
            values = self._present(name)
            self._asked.setdefault(name, values)[rows] = values[rows]
        # A simulator may compute the leak of a membrane, and with it tau_m, when cm is set.
        changed |= {"tau_m"} if "cm" in changed else set()
        changed |= {*filter(is_potential, self._asked)} if _REST in changed else set()
        changed |= {*_LIMITS} if changed & {*_LIMITS} else set()
        realised = {name: self._realised(name) for name in sorted(changed & self._asked.keys())}
        if not realised:
            return
        if {*_LIMITS} <= realised.keys():
            realised["v_reset"] = reset_below_threshold(*(realised[name] for name in _LIMITS))
        with self.realised_values():
            super().set(**realised)  # type: ignore[misc]

    def _names(self) -> list[str]:
        """Names of the parameters of the cells."""
        return list(self.celltype.get_parameter_names())

    def _present(self, name: str) -> np.ndarray:
        """Values of a parameter in the simulator, shape (size,)."""
        values = super().get(name, simplify=False)  # type: ignore[misc]
        return np.array(np.broadcast_to(values, (self.size,)), dtype=float)

    def _is_constrained(self, name: str) -> bool:
        """Whether a constraint acts on a parameter; on the reset potential that of the threshold.

        A threshold that moves below the reset potential takes it along.
        """
        if name in _LIMITS and {*_LIMITS} <= {*self._names()}:
            return any(map(self._has_constraint, _LIMITS))
        return self._has_constraint(name)

    def _has_constraint(self, name: str) -> bool:
        return self._is_shared(name) or any(self._spread_of(kind, name) for kind in SPREADS)

    def _realised(self, name: str) -> np.ndarray:
        """What all constraints together make of a parameter, of shape (size,)."""
        return [self._asked[name], *(values for _, values in self._stages(name))][-1]

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
        for kind, of_trial in SPREADS.items():
            spread = self._spread_of(kind, name)
            if spread:
                names = (kind, "population", self.index_on_chip, name)
                uniform = chip.uniform(self.size, *names, of_trial=of_trial)
                origin, positive = self._origin(name), is_positive(name)
                values = spread_values(values, uniform, spread, origin, positive)
                yield kind, values

    def _origin(self, name: str) -> np.ndarray | float:
        """What a relative spread is relative to: of potentials, the resting potential."""
        if not is_potential(name) or _REST not in self._names():
            return 0.0
        return self._asked.get(_REST, self._present(_REST))

    def _note_parameters(self) -> None:
        """Note mean and standard deviation of the parameters before and after each constraint."""
        units: Mapping[str, str] = self.celltype.units
        for name, asked in self._asked.items():
            before = asked
            stages = [*self._stages(name)]
            if stages and name == "v_reset":
                stages[-1] = stages[-1][0], self._present(name)
            for constraint, after in stages:
                for what, measure in (("mean", np.mean), ("sd", np.std)):
                    quantity = f"{what}_{name}_{units.get(name, '')}".rstrip("_")
                    values = float(measure(before)), float(measure(after))
                    # Parameters that were the same for all neurons are shared as they are.
                    if not np.array_equal(before, after):
                        self.chip.note(constraint, self, quantity, *values)
                before = after
        for constraint, names in self._named_parameters().items():
            for name in sorted({*names} - {*self._names()}):
                # The cell type has no such parameter.
                self.chip.note(constraint, self, f"neurons_with_{name}", self.size, 0)

    def _named_parameters(self) -> dict[str, Iterable[str]]:
        """Parameters that the profile names, by constraint."""
        found = {kind: self.chip.active.get(kind, {}).get("cells", {}) for kind in SPREADS}
        shared = self.chip.active.get(_SHARED, {}).get("parameters", _ALL)
        named = {**found, _SHARED: () if shared == _ALL else shared}
        return {constraint: {*names} - {_ALL} for constraint, names in named.items()}


def coarse_interval(chip: Chip, interval: float | None) -> float | None:
    """A sampling interval (ms) that is a whole number of the chip's time steps."""
    if interval is None or "time_step" not in chip.active:
        return interval
    step = float(chip.active["time_step"]["step_ms"])
    return float(max(1, round(interval / step))) * step


class ConstrainedView:
    """Mixin of views of constrained populations, in front of a backend's class."""

    chip: Chip
    grandparent: Any

    def _get_view(self, selector: Any, label: str | None = None) -> Any:
        return self.grandparent.view_class(self, selector, label)

    def set(self, **parameters: Any) -> None:
        rows = self._rows()  # type: ignore[attr-defined]
        with self.grandparent.realised_values():
            super().set(**self.grandparent.with_limits(parameters, rows))  # type: ignore[misc]
        if self.grandparent.trains is None:
            self.grandparent.realise(parameters, rows)

    def get(self, parameter_names: Any, gather: bool = False, simplify: bool = True) -> Any:
        found = super().get(parameter_names, gather, simplify)  # type: ignore[misc]
        rows = self._rows()  # type: ignore[attr-defined]
        return self.grandparent.as_asked(found, parameter_names, simplify, rows)

    def record(self, variables: Any, to_file: Any = None, sampling_interval: Any = None) -> None:
        interval = coarse_interval(self.chip, sampling_interval)
        super().record(variables, to_file, interval)  # type: ignore[misc]
