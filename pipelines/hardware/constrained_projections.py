"""Projections of a chip: synapses, weights and delays as the chip realises them.

The classes stand in front of those of any backend. All synapses of a projection are collected
before they are realised, as levels of weights follow from the largest one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyNN.standardmodels.synapses import TsodyksMarkramSynapse

from pipelines.backends.shared.recordable import members
from pipelines.backends.shared.synapse_blocks import Block, scalar_if_equal
from pipelines.errors import Unsupported
from pipelines.hardware.parameter_values import spread_values
from pipelines.hardware.profile_model import SPREADS
from pipelines.hardware.stored_weights import SCALED, StoredWeights
from pipelines.hardware.synapse_values import on_delay_grid, on_levels, within_fan_in

if TYPE_CHECKING:
    from pipelines.hardware.chip import Chip


class ConstrainedProjection(StoredWeights):
    """Mixin of projections on a chip, in front of a backend's class.

    Attributes
    ----------
    chip
        The chip; set by a subclass.
    n_asked
        Synapses that were asked for.
    out_degree
        Realised synapses of each presynaptic cell, shape (n_pre,).
    """

    chip: Chip
    label: str
    pre: Any
    post: Any
    shape: tuple[int, int]
    synapse_type: Any
    out_degree: np.ndarray

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.index_on_chip = self.chip.next_index("projection")
        self._collected: list[Block] | None = None
        self.n_asked, self.out_degree = 0, np.zeros(0, dtype=np.int64)
        super().__init__(*arguments, **options)
        if not self.bulk:  # type: ignore[attr-defined]
            raise Unsupported(
                f"projection {self.label!r}",
                f"{type(self.synapse_type).__name__} is a simulator's own synapse type, which"
                " cannot be put on a chip",
                allowed="PyNN's synapse types",
            )
        self.chip.projections.append(self)
        if self._number:
            self.note_places(self._created)
            del self._created

    def _connect(self, connector: Any) -> None:
        self._collected = []
        super()._connect(connector)  # type: ignore[misc]
        collected, self._collected = self._collected, None
        self._number = 0
        self.out_degree = np.zeros(self.shape[0], dtype=np.int64)
        if not collected:
            return
        self._created = realised = self._realised(_joined(collected))
        self.out_degree += np.bincount(realised.pre, minlength=self.shape[0])
        for part in realised.split():
            super()._create_synapses(part)  # type: ignore[misc]

    def _create_synapses(self, block: Block) -> None:
        if self._collected is None:
            super()._create_synapses(block)  # type: ignore[misc]
            return
        self._collected.append(block)
        # The limit of a sampled network counts what is collected, too.
        self._number += len(block)

    def _realised(self, asked: Block) -> Block:
        """The synapses that the chip realises of those that were asked for."""
        chip, self.n_asked = self.chip, len(asked)
        self._check_plasticity(len(asked))
        # Two connectors that make the same network in another order are realised alike.
        order = np.lexsort([asked.array("weight"), asked.array("delay"), asked.post, asked.pre])
        kept = np.ones(len(asked), dtype=bool)
        loss = chip.active.get("synapse_loss")
        if loss and (loss["of_sources"] or not self._is_of_sources()):
            uniform = chip.uniform(len(asked), "synapse_loss", self.index_on_chip)
            kept[order] = uniform >= loss["share"]
            chip.note("synapse_loss", self, "synapses", len(asked), int(kept.sum()))
        kept = self._within_fan_in(asked, kept, order)
        order = order[kept[order]]
        block = _rows(asked, order)
        return self._with_gains(self._with_levels(self._with_delays(block)))

    def _is_of_sources(self) -> bool:
        """Whether all presynaptic cells are spike sources."""
        return all(
            getattr(part, "grandparent", part).trains is not None for part in members(self.pre)
        )

    def _check_plasticity(self, n_synapses: int) -> None:
        synapse, chip = self.synapse_type, self.chip
        rule = getattr(synapse, "timing_dependence", None)
        name = type(synapse if rule is None else rule).__name__
        is_plastic = synapse.plastic or isinstance(synapse, TsodyksMarkramSynapse)
        if not is_plastic:
            return
        if "plasticity" in chip.active:
            rules = chip.active["plasticity"]["rules"]
            chip.note(
                "plasticity", self, "plastic_synapses", n_synapses, n_synapses * (name in rules)
            )
            if name not in rules:
                has = f"the rules {', '.join(rules)} alone" if rules else "no plasticity"
                chip.refuse(f"projection '{self.label}' has {name}, where the chip has {has}")
        levels = chip.active.get("weight_levels")
        if synapse.plastic and levels and levels["plastic"] == "refused":
            chip.refuse(
                f"projection '{self.label}' is plastic, while the weights of {levels['bits']}"
                " bits do not change on this chip"
            )

    def _within_fan_in(self, asked: Block, kept: np.ndarray, order: np.ndarray) -> np.ndarray:
        """Which of the kept synapses find room at their neurons; counts them as their inputs."""
        chip, ids = self.chip, np.asarray(self.post.all_cells, dtype=np.int64)
        asked_inputs, taken = chip.asked_inputs, chip.inputs
        asked_inputs.add(ids, np.bincount(asked.post, minlength=len(ids)))
        if "fan_in" in chip.active:
            uniform = np.empty(len(asked))
            uniform[order] = chip.uniform(len(asked), "fan_in", self.index_on_chip)
            some = np.flatnonzero(kept)
            limit = chip.active["fan_in"]["inputs"]
            room = within_fan_in(asked.post[some], taken.of(ids), limit, uniform[some])
            chip.note("fan_in", self, "synapses", len(some), int(room.sum()))
            kept = np.zeros(len(asked), dtype=bool)
            kept[some[room]] = True
        taken.add(ids, np.bincount(asked.post[kept], minlength=len(ids)))
        return kept

    def _with_delays(self, block: Block) -> Block:
        allowed = self.chip.active.get("delays")
        if (allowed is None and "time_step" not in self.chip.active) or not len(block):
            return block
        asked = block.array("delay")
        delays = on_delay_grid(asked, self._registry.timestep, allowed or {})  # type: ignore[attr-defined]
        self._is_single_delay = False
        self.chip.note(
            "time_step" if allowed is None else "delays", self, "mean_delay_ms",
            float(asked.mean()), float(delays.mean()),
        )  # fmt: skip
        return _with(block, delay=delays)

    def _with_levels(self, block: Block) -> Block:
        levels = self.chip.active.get("weight_levels")
        if levels is None or not len(block):
            return block
        asked = block.array("weight")
        lowest, highest = self._ends(block)
        uniform = None
        if self.synapse_type.plastic and levels["rounding"] == "stochastic":
            names = ("levels", self.index_on_chip)
            uniform = self.chip.uniform(len(block), *names, of_trial=True)
        weights = on_levels(asked, lowest, highest, levels["bits"], uniform)
        self._note_weights("weight_levels", asked, weights)
        return _with(block, weight=weights)

    def _ends(self, block: Block) -> tuple[np.ndarray, np.ndarray]:
        """Weights of the first and last level of each synapse."""
        if self.synapse_type.plastic:
            return block.array("w_min"), block.array("w_max")
        weights = block.array("weight")
        # Weights of inhibitory currents are negative.
        largest = self._largest = float(weights[np.argmax(np.abs(weights))])
        return np.zeros(len(block)), np.full(len(block), largest)

    def _with_gains(self, block: Block) -> Block:
        for kind, of_trial in SPREADS.items():
            spread = self.chip.active.get(kind, {}).get("weights")
            if not spread or not len(block):
                continue
            names = (kind, "projection", self.index_on_chip)
            uniform = self.chip.uniform(len(block), *names, of_trial=of_trial)
            gain = spread_values(np.ones(len(block)), uniform, spread, positive=True)
            self._gains = gain if self._gains is None else self._gains * gain
            scaled = {name: block.array(name) * gain for name in SCALED if name in block.parameters}
            self._note_weights(kind, block.array("weight"), scaled["weight"])
            block = _with(block, **scaled)
        return block

    def _note_weights(self, constraint: str, asked: np.ndarray, realised: np.ndarray) -> None:
        unit = "uS" if self.post.conductance_based else "nA"
        moved = float(np.sqrt(np.mean((realised - asked) ** 2)))
        note = self.chip.note
        note(constraint, self, f"mean_weight_{unit}", float(asked.mean()), float(realised.mean()))
        note(constraint, self, f"sd_weight_{unit}", _sd(asked), _sd(realised))
        note(constraint, self, f"rms_weight_change_{unit}", 0.0, moved)


def _sd(values: np.ndarray) -> float:
    """Standard deviation, exactly 0 for equal values."""
    return float(np.std(values)) if np.ptp(values) else 0.0


def _joined(blocks: list[Block]) -> Block:
    """Several blocks as one."""
    if len(blocks) == 1:
        return blocks[0]
    names = blocks[0].parameters
    values = {
        name: scalar_if_equal(np.concatenate([block.array(name) for block in blocks]))
        for name in names
    }
    pre, post = (np.concatenate([getattr(one, end) for one in blocks]) for end in ("pre", "post"))
    return Block(pre, post, values)


def _rows(block: Block, rows: np.ndarray) -> Block:
    """Some synapses of a block, in this order."""
    values = {
        name: value if np.ndim(value) == 0 else np.asarray(value)[rows]
        for name, value in block.parameters.items()
    }
    return Block(block.pre[rows], block.post[rows], values)


def _with(block: Block, **values: np.ndarray) -> Block:
    """A block with other values of some parameters."""
    changed = {name: scalar_if_equal(value) for name, value in values.items()}
    return Block(block.pre, block.post, block.parameters | changed)
