"""One chip during one run: its constraints, random numbers, and record of what was realised."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.errors import CounterpointError

if TYPE_CHECKING:
    from pipelines.hardware.variants import Variant


class DoesNotFit(CounterpointError):
    """A network needs more than the chip has; a result, like that of a simulation.

    Attributes
    ----------
    mapping
        Rows of the table `mapping`.
    """

    def __init__(self, message: str, mapping: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.mapping = mapping


class InputCounts:
    """Numbers of inputs of neurons, by their ids."""

    def __init__(self) -> None:
        self._numbers = np.zeros(0, dtype=np.int64)

    def add(self, ids: np.ndarray, numbers: np.ndarray) -> None:
        """Add inputs of neurons with these ids, each of which is there once."""
        self.of(ids)
        self._numbers[ids] += numbers

    def of(self, ids: np.ndarray) -> np.ndarray:
        """Number of inputs of each of these neurons."""
        missing = int(ids.max(initial=-1)) + 1 - len(self._numbers)
        if missing > 0:
            self._numbers = np.append(self._numbers, np.zeros(missing, dtype=np.int64))
        return self._numbers[ids]

    @property
    def most(self) -> int:
        """Inputs of the neuron that has most."""
        return int(self._numbers.max(initial=0))


class Chip:
    """A chip that a network is mapped to.

    Parameters
    ----------
    variant
        The hardware profile, and which of its constraints are in force.
    seed
        Seed of the run, for what differs from trial to trial.

    Attributes
    ----------
    active
        Constraints in force by name: see `variants.Variant`.
    populations, projections
        Those of the network, in the order of creation.
    asked_inputs, inputs
        Inputs of each neuron that were asked for, and that are realised.
    """

    def __init__(self, variant: Variant, seed: int) -> None:
        self.variant, self.seed = variant, seed
        self.active: Mapping[str, Any] = variant.active
        self.begin()

    def begin(self) -> None:
        """Begin with an empty chip."""
        self.populations: list[Any] = []
        self.projections: list[Any] = []
        self.asked_inputs, self.inputs = InputCounts(), InputCounts()
        self._rows: list[tuple[str, Any, str, float | None, float]] = []
        self._problems: list[str] = []
        self._counts: dict[str, int] = {}

    def next_index(self, kind: str) -> int:
        """Number of a population or projection in the order of creation, which names its draws."""
        self._counts[kind] = self._counts.get(kind, -1) + 1
        return self._counts[kind]

    def generator(self, *names: str | int, of_trial: bool = False) -> np.random.Generator:
        """Generator of one thing of the chip: the same numbers in each run, unless `of_trial`."""
        seeds = [self.variant.hardware, self.variant.number, *names]
        text = "\n".join(map(str, [*seeds, *([self.seed] if of_trial else [])]))
        digest = hashlib.sha256(text.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:16], "big"))

    def uniform(self, size: int, *names: str | int, of_trial: bool = False) -> np.ndarray:
        """Random numbers in (0, 1), shape (size,), of the generator of these names."""
        drawn = self.generator(*names, of_trial=of_trial).random(size)
        return np.maximum(drawn, np.finfo(float).tiny)

    def note(
        self, constraint: str, target: Any, quantity: str, asked: float | None, realised: float
    ) -> None:
        """Add a row of the table `mapping`; `target` is a population, a projection or None."""
        self._rows.append((constraint, target, quantity, asked, float(realised)))

    def refuse(self, problem: str) -> None:
        """Note something that does not fit; `check` raises it with all others."""
        self._problems.append(problem)

    def mapping(self, network: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows of the table `mapping`, without the run, sorted by constraint, target and quantity.

        Parameters
        ----------
        network
            Populations and projections by name, as `build` of the experiment returned them.
        """
        names = {id(value): str(name) for name, value in network.items()}
        rows = [
            {
                "constraint": constraint,
                "target": "" if target is None else names.get(id(target), str(target.label)),
                "quantity": quantity,
                "asked": asked,
                "realised": realised,
            }
            for constraint, target, quantity, asked, realised in self._rows
        ]
        return sorted(rows, key=lambda row: (row["constraint"], row["target"], row["quantity"]))

    def check_capacity(self) -> None:
        """Refuse a network of more neurons, synapses, inputs or receptors than the chip has."""
        capacity = self.active.get("capacity", {})
        for quantity, has in capacity.items():
            needs = getattr(self, f"_needed_{quantity}")()
            self.note("capacity", None, quantity, needs, has)
            if needs > has:
                words = quantity.replace("_per_", " per ")
                self.refuse(
                    f"{needs:,} {words} where the chip has {has:,} ({needs / has:.3g} times)"
                )

    def _needed_neurons(self) -> int:
        return sum(one.size for one in self.populations if one.trains is None)

    def _needed_synapses(self) -> int:
        return sum(one.n_asked for one in self.projections)

    def _needed_inputs_per_neuron(self) -> int:
        return self.asked_inputs.most

    def _needed_receptors_per_neuron(self) -> int:
        # It imports PyNN, which runs without hardware are planned and started without.
        from pipelines.backends.shared.recordable import members

        used: dict[int, set[str]] = {}
        for projection in self.projections:
            for part in members(projection.post):
                whole = id(getattr(part, "grandparent", part))
                used.setdefault(whole, set()).add(projection.receptor_type)
        return max(map(len, used.values()), default=0)

    def check(self, network: Mapping[str, Any]) -> None:
        """Raise `DoesNotFit` if something was refused."""
        if self._problems:
            raise DoesNotFit("; ".join(self._problems), self.mapping(network))
