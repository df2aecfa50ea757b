"""Description of a backend: what the library requires of a backend's folder.

A backend is a folder ``pipelines/backends/<name>/``, or one in a folder of the environment
variable COUNTERPOINT_BACKENDS. Its ``__init__.py`` is a module with the whole PyNN API; its
``description.py`` defines ``BACKEND``, an instance of `Backend`. The description is read without
the rest of the folder, also where the simulator is not installed: at module level it imports
neither the simulator nor anything from its folder. A folder outside this package imports
`pipelines` by absolute names; all backends of this package, which it may be made of, are part of
the identity of its runs.

Beyond PyNN's API the module may have the following, which the library uses if present (base
classes are in `shared`):

- ``registry``, a `network_registry.Registry` of the populations and projections of the network;
  without one, runs have no digests of connectivity and input.
- ``Population.trains``: the spike trains of its sources (`spike_trains.GivenTrains`, or
  `frozen_inputs.DrawnTrains` with a specification of what they are drawn from), None for neurons;
  `initial_values.SharedPopulation` provides it, and calls ``_create_sources``.
- ``Projection``, based on `projections.BulkProjection`, which declares the methods that it calls;
  without it, synapses are read through PyNN's `get`.
- ``Recorder``, as PyNN's: `pipelines.backends.collect` reads ``_get_spiketimes`` (cells and times
  as arrays) and ``_get_all_signals``.
- ``NoisyCurrentSource``, based on `electrodes.FrozenNoise`, which draws the same noise for all
  backends and injects it as a ``StepCurrentSource``.

A backend raises `pipelines.errors.Unsupported` for an unsupported feature while the network is
built: `pipelines.execution.preflight` builds a sweep's networks to find such features before a run.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class Style:
    """Label and marks of a backend in figures."""

    label: str
    colour: str  # as Matplotlib takes it
    marker: str  # of Matplotlib
    dash: tuple[float, ...]  # lengths on and off, in line widths; empty for a solid line
    size: float  # of the marker, relative: so that overlaid backends can be told apart
    width: float  # line width in points


@dataclass(frozen=True)
class Stock:
    """The unmodified PyNN module of a simulator."""

    module: str  # its dotted name
    style: Style
    seen_in: str  # the simulator's versions in which the register's differences were seen
    dendritic_delay_fraction: float  # the only one that its plastic synapses accept
    seed_block: int | None = None  # as `Backend.seed_block`


@dataclass(frozen=True, kw_only=True)
class Backend:
    """Description of one backend; its methods prepare a process for it."""

    name: str  # name of its folder
    style: Style
    # Place in lists, tables and figures: ascending, then by name.
    position: int
    # Distributions whose versions can change a result by a bit; part of a run's identity.
    packages: tuple[str, ...]
    # Path of its folder, filled in when its description is read.
    folder: Path = field(default=Path(), compare=False)
    # Top-level modules of the simulator, which experiments must not import.
    modules: tuple[str, ...] = ()
    # PyNN's own module, if there is one, called ``stock_<name>`` in sweeps.
    stock: Stock | None = None
    # Whether sweeps use it unless they name their backends.
    by_default: bool = False
    # Number of the block of seeds of its runs in sweeps with independent backends, different for
    # each backend. The default follows from its name.
    seed_block: int | None = None
    # Start-up time, as a number of small runs: shards are started in descending order of duration.
    start_runs: int = 0
    # Optional packages that the simulator imports if installed, and runs do not need.
    spared_imports: tuple[str, ...] = ()
    # Targets of its code generation, if a user can choose.
    code_targets: tuple[str, ...] = ()
    # What happens without a C++ compiler, for messages; empty if it needs none.
    without_compiler: str = ""
    # Whether it supports spike times off the grid of time steps.
    off_grid: bool = False
    # Whether conformance checks and verdicts take its results for the correct ones.
    is_reference: bool = False
    # Whether its `setup` takes ``threads``, and gives the same spikes and weights for any number.
    threads: bool = False
    # Whether a network can be distributed over MPI processes, with the same spikes and weights.
    mpi: bool = False

    @property
    def label(self) -> str:
        """Display name."""
        return self.style.label

    @property
    def module(self) -> str:
        """Dotted name of its PyNN module."""
        return f"pipelines.backends.{self.name}"

    def load(self, stock: bool = False) -> ModuleType:
        """Import its PyNN module, or the unmodified one."""
        with self.importing():
            return import_module(self.stock.module if stock and self.stock else self.module)

    def importing(self) -> AbstractContextManager[Any]:
        """Context in which the simulator is imported, which may suppress its start-up messages."""
        return nullcontext()

    def quieten(self) -> None:
        """Turn off the simulator's logging, after its import in a process that only simulates."""

    def state(self) -> Any:
        """Global state of the simulator's modules that `setup` does not reset, before a network."""
        return None

    def restore(self, state: Any) -> None:
        """Restore what `state` returned, while there is no network."""

    def before_forks(self) -> None:
        """Initialise what all forks of this process need; not called for the stock module."""

    def missing_for_mpi(self) -> str:
        """What this installation lacks for MPI, as text for a message; empty if nothing."""
        return ""

    def choose_target(self, target: str) -> None:
        """Select one of `code_targets` for this process."""
        raise NotImplementedError(f"{self.label} has no targets of code generation")

    def compile_ahead(self, progress: Callable[[str], None]) -> None:
        """Compile the code that runs need, unless cached; `progress` takes a line per step."""
