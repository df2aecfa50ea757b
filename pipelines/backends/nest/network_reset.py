"""Going back to time 0: NEST is reset, and the same network made in it again.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): `reset()` wants a time in which everything that is under
way has gone, and leaves plastic weights and traces as they are (row "reset()"). NEST can forget
what is under way to its neurons in no other way than by forgetting the network. Nodes are made with
the same numbers and the parameters that they have now, synapses with their initial weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nest
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from . import mpi_processes
from .cell_creation import tell
from .electrodes import GeneratedSource
from .kernel_time import go_beyond, has_begun, registry

# What holds for NEST as a whole; `setup` has set it.
_OF_NEST = (
    "resolution", "local_num_threads", "rng_seed", "data_path", "data_prefix", "overwrite_files",
    "spike_buffer_shrink_limit", "keep_source_table", "use_compressed_spikes",
)  # fmt: skip
# What neurons hold for synapses and PyNN has no name for.
_TAUS = ("tau_minus", "tau_minus_triplet")


def reset(annotations: dict[str, Any] | None = None) -> None:
    """Reset the time to zero, as ``pyNN.nest.reset`` does, with weights and states of then.

    Raises
    ------
    Unsupported
        If the network has parts of which only NEST knows how to make them.
    """
    if has_begun():
        _refuse_what_is_nests_own()
    for recorder in simulator.state.recorders:
        recorder.store_to_cache(annotations or {})
    if has_begun():
        _rebuild()
    simulator.state.running = False
    simulator.state.segment_counter += 1
    for population in registry.populations:
        population.reset_trains()
        for variable, value in population.initial_values.items():
            population._set_initial_value_array(variable, value)
    for source in simulator.state.current_sources:
        source._reset()


def _refuse_what_is_nests_own() -> None:
    others = [
        *(f"projection {one.label!r}" for one in registry.projections if not one.bulk),
        *(
            type(one).__name__
            for one in simulator.state.current_sources
            if not isinstance(one, GeneratedSource)
        ),
        *(["several processes"] if mpi_processes.are_several() else []),
    ]
    if others:
        raise Unsupported(
            f"reset() on NEST with {others[0]}",
            "the network would have to be made again",
            allowed="a new setup() and the network built again; or standard synapses and currents",
        )


def _rebuild() -> None:
    # What was set of synapses is in NEST after the next step.
    go_beyond()
    projections = [(one, one.initial_block()) for one in registry.projections]
    nodes = [part for population in registry.populations for part in _Nodes.of(population)]
    status = nest.GetKernelStatus(list(_OF_NEST))
    nest.ResetKernel()
    nest.SetKernelStatus(dict(zip(_OF_NEST, status, strict=True)))
    nest.SetDefaults("spike_generator", {"precise_times": registry.off_grid})
    registry.reset_steps()
    simulator.state._time_offset = 0.0
    for part in sorted(nodes, key=lambda part: part.first):
        part.make()
    for population in registry.populations:
        # They are made anew when the network runs.
        population.generators = None
        population.forget_told()
    for recorder in simulator.state.recorders:
        recorder.make_devices_again()
    for source in simulator.state.current_sources:
        source.make_again()
    for projection, block in projections:
        projection.make_again(block)


class _Nodes:
    """Nodes of one model that follow each other: what is needed to make them again."""

    def __init__(self, population: Any, attribute: str, take: Callable[[Any], None]) -> None:
        nodes = getattr(population, attribute)
        self.first, self._size = int(nodes[0].global_id), len(nodes)
        self._model = str(nest.GetStatus(nodes[:1], "model")[0])
        self._take = take
        celltype = population.celltype
        names = {name.partition("[")[0] for name in _native_names(celltype)}
        names.update(getattr(celltype, "extra_parameters", {}), _TAUS)
        self._parameters = [
            {name: value for name, value in one.items() if name in names}
            for one in (nest.GetStatus(nodes) if population.trains is None else ())
        ]

    @classmethod
    def of(cls, population: Any) -> list[_Nodes]:
        """The nodes of a population: cells, or generators and the parrots that repeat them."""
        names = ["node_collection"]
        source = getattr(population, "node_collection_source", None)
        if source is not None and source is not population.node_collection:
            names.append("node_collection_source")
            population._deferred_parrot_connections = True

        def take(attribute: str) -> Callable[[Any], None]:
            def give(made: Any) -> None:
                setattr(population, attribute, made)
                if source is not None and len(names) == 1:
                    population.node_collection_source = made
                for cell in population.all_cells:
                    vars(cell).pop("node_collection", None)

            return give

        return [cls(population, name, take(name)) for name in names]

    def make(self) -> None:
        """Make them, with the numbers that they had."""
        gap = self.first - 1 - nest.network_size
        if gap:
            # In place of what is made anew later, with other numbers.
            nest.Create("parrot_neuron", gap)
        made = nest.Create(self._model, self._size)
        if self._parameters:
            tell(made, self._parameters)
        self._take(made)


def _native_names(celltype: Any) -> list[str]:
    standard = hasattr(celltype, "get_native_names")
    return list(celltype.get_native_names() if standard else celltype.get_parameter_names())
