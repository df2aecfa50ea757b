"""Draws what a script itself reads through PyNN."""

from __future__ import annotations

from .draft import Cells, Draft
from .pairs import Made


def draw_reading(draft: Draft, made: list[Made]) -> str:
    """An expression that reads something of a network, as numbers."""
    neurons = [cells for cells in draft.cells.values() if draft.is_recorded(cells)]
    kinds = {"weights": 3.0, "parameters": 1.0}
    if neurons:
        kinds |= {"counts": 2.0, "trains": 2.0, "mean": 0.5, "potentials": 2.0, "cleared": 0.3}
    kind = draft.pick(*kinds, weights=list(kinds.values()))
    if kind == "weights":
        return weights_of(draft, draft.pick(*made))
    if kind == "parameters":
        return _parameters(draft, made)
    cells = draft.pick(*neurons)
    if kind == "counts":
        return f"{cells.name}.get_spike_counts()"
    if kind == "mean":
        return f"{cells.name}.mean_spike_count()"
    if kind in ("trains", "cleared"):
        clear = ", clear=True" if kind == "cleared" else ""
        trains = f"{cells.name}.get_data('spikes'{clear}).segments[-1].spiketrains"
        return f"[train.magnitude for train in {trains}]"
    return f"[one.magnitude for one in {cells.name}.get_data('v').segments[-1].analogsignals]"


def weights_of(draft: Draft, made: Made) -> str:
    """An expression that reads weights, or delays too: an array, or rows."""
    name, form = made.name, draft.pick("array", "list", "addressed", "delays")
    if form == "array":
        several = draft.pick("", ', multiple_synapses="min"', ', multiple_synapses="max"')
        return f'{name}.get("weight", format="array"{several})'
    if made.pair.several:
        # Synapses of one pair and delay are in no order on NEST.
        return f'sorted({name}.get(["delay", "weight"], format="list"))'
    if form == "list":
        return f'{name}.get("weight", format="list", with_address=False)'
    if form == "addressed":
        return f'{name}.get("weight", format="list")'
    return f'{name}.get(["delay", "weight"], format="list")'


def _parameters(draft: Draft, made: list[Made]) -> str:
    """An expression that reads parameters of cells, or of synapses that learn."""
    plastic = [one for one in made if one.rates]
    if plastic and draft.chance(0.5):
        one = draft.pick(*plastic)
        name = draft.pick(*one.rates)
        address = f'format="list", with_address={one.pair.several}'
        read = f'{one.name}.get("{name}", {address})'
        return f"sorted({read})" if one.pair.several else read
    cells: Cells = draft.pick(*(one for one in draft.cells.values() if one.celltype))
    names = "'i_offset'" if cells.celltype != "IF_facets_hardware1" else "'v_thresh'"
    return f"{cells.name}.get({names}, simplify=False)"
