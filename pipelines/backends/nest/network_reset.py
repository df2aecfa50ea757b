"""`reset` on NEST: the kernel is reset and the same network created again.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN's `reset()` needs a flush time in which all spikes in
transit are delivered, and leaves plastic weights and traces as they are (row "reset()"). NEST can
discard spikes in transit only together with the network. Nodes are created with the same ids
and their present parameters, synapses with their initial weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nest
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from . import mpi_processes
from .cell_creation import set_status
from .electrodes import GeneratedSource
from .kernel_time import deliver_pending_events, has_begun, registry

# Kernel parameters that `setup` has set.
_KERNEL_PARAMETERS = (
    "resolution", "local_num_threads", "rng_seed", "data_path", "data_prefix", "overwrite_files",
    "spike_buffer_shrink_limit", "keep_source_table", "use_compressed_spikes",
)  # fmt: skip
# Time constants of postsynaptic traces, parameters of NEST's neurons but not of PyNN's.
_TRACE_TIME_CONSTANTS = ("tau_minus", "tau_minus_triplet")


def reset(annotations: dict[str, Any] | None = None) -> None:
    """Reset the time to 0, and weights and states to their initial values.

    Parameters
    ----------
    annotations
        Annotations of the recorded segment that ends here.

    Raises
    ------
    Unsupported
        If the network has constructs that cannot be created again, native synapses or currents, or
        is distributed over several processes.
    """
    if has_begun():
        _refuse_native_constructs()
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


def _refuse_native_constructs() -> None:
    others = [
        *(f"projection {one.label!r}" for one in registry.projections if not one.bulk),
        *(
            type(one).__name__
            for one in simulator.state.current_sources
            if not isinstance(one, GeneratedSource)
        ),
        *(["several processes"] if mpi_processes.is_distributed() else []),
    ]
    if others:
        raise Unsupported(
            f"reset() on NEST with {others[0]}",
            "the network would have to be made again",
            allowed="a new setup() and the network built again; or standard synapses and currents",
        )


def _rebuild() -> None:
    # Scheduled writes to synapses are carried out in the next step.
    deliver_pending_events()
    projections = [(one, one.initial_block()) for one in registry.projections]
    nodes = [
        part for population in registry.populations for part in _NodeGroup.of_population(population)
    ]
    status = nest.GetKernelStatus(list(_KERNEL_PARAMETERS))
    nest.ResetKernel()
    nest.SetKernelStatus(dict(zip(_KERNEL_PARAMETERS, status, strict=True)))
    nest.SetDefaults("spike_generator", {"precise_times": registry.off_grid})
    registry.reset_steps()
    simulator.state._time_offset = 0.0
    for part in sorted(nodes, key=lambda part: part.first):
        part.create()
    for population in registry.populations:
        # Created again at the next run.
        population.generators = None
        population.resend_spikes()
    for recorder in simulator.state.recorders:
        recorder.rebuild_devices()
    for source in simulator.state.current_sources:
        source.rebuild()
    for projection, block in projections:
        projection.rebuild(block)


class _NodeGroup:
    """Consecutive nodes of one model, with their parameters, to be created again."""

    def __init__(self, population: Any, attribute: str, store: Callable[[Any], None]) -> None:
        nodes = getattr(population, attribute)
        self.first, self._size = int(nodes[0].global_id), len(nodes)
        self._model = str(nest.GetStatus(nodes[:1], "model")[0])
        self._store = store
        celltype = population.celltype
        names = {name.partition("[")[0] for name in _native_names(celltype)}
        names.update(getattr(celltype, "extra_parameters", {}), _TRACE_TIME_CONSTANTS)
        self._parameters = [
            {name: value for name, value in one.items() if name in names}
            for one in (nest.GetStatus(nodes) if population.trains is None else ())
        ]

    @classmethod
    def of_population(cls, population: Any) -> list[_NodeGroup]:
        """Node groups of a population: its cells, or its generators and their parrot neurons."""
        names = ["node_collection"]
        source = getattr(population, "node_collection_source", None)
        if source is not None and source is not population.node_collection:
            names.append("node_collection_source")
            population._deferred_parrot_connections = True

        def setter(attribute: str) -> Callable[[Any], None]:
            def store(made: Any) -> None:
                setattr(population, attribute, made)
                if source is not None and len(names) == 1:
                    population.node_collection_source = made
                for cell in population.all_cells:
                    vars(cell).pop("node_collection", None)

            return store

        return [cls(population, name, setter(name)) for name in names]

    def create(self) -> None:
        """Create the nodes with the ids that they had."""
        gap = self.first - 1 - nest.network_size
        if gap:
            # Placeholders for nodes that are created later with other ids.
            nest.Create("parrot_neuron", gap)
        made = nest.Create(self._model, self._size)
        if self._parameters:
            set_status(made, self._parameters)
        self._store(made)


def _native_names(celltype: Any) -> list[str]:
    standard = hasattr(celltype, "get_native_names")
    return list(celltype.get_native_names() if standard else celltype.get_parameter_names())
