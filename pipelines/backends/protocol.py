"""What a backend says of itself: the one thing that the library asks of a backend's folder.

A backend is a folder ``pipelines/backends/<name>/``, or one in a folder of the environment
variable COUNTERPOINT_BACKENDS. Its ``__init__.py`` is a module with the whole PyNN API; its
``description.py`` defines ``BACKEND``, an instance of `Backend`. The description is read alone,
before the simulator is there: it imports none at module level, and nothing of its own folder. A
folder elsewhere imports `pipelines` by absolute names; every backend of this folder, which it may
be made of, is part of its runs' identity.

Beyond PyNN's API the module may have what the library uses where it is there (in `shared`):

- ``registry``, a `network_registry.Registry` of what the present network is made of; without one,
  runs have no digests of connectivity and input.
- ``Population.trains``: what its spike sources play (`spike_trains.GivenTrains`, or
  `frozen_inputs.DrawnTrains` that also say from what they are drawn), None for neurons;
  `initial_values.DrawnOnce` gives it, and asks for ``_create_sources``.
- ``Projection``, based on `projections.BulkProjection`, which says what it calls; without it,
  synapses are read through PyNN's `get`.
- ``Recorder``, as PyNN's: `pipelines.backends.collect` reads ``_get_spiketimes`` (cells and times
  as arrays) and ``_get_all_signals``.
- ``NoisyCurrentSource``, based on `electrodes.FrozenNoise`, which plays the noise that all
  backends draw alike as a ``StepCurrentSource``.

What a backend does not do, it refuses with `pipelines.errors.Unsupported` while the network is
built: `pipelines.execution.preflight` builds a sweep's networks to find out before it runs.
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
    """How a backend is called and drawn: its marks are used together."""

    label: str
    colour: str  # as Matplotlib takes it
    marker: str  # of Matplotlib
    dash: tuple[float, ...]  # lengths on and off, in line widths; empty for a solid line
    size: float  # relative size: the first backend shows around the second
    width: float  # line width in points


@dataclass(frozen=True)
class Stock:
    """The unmodified PyNN module of a simulator."""

    module: str  # its dotted name
    style: Style
    seen_in: str  # the simulator's versions in which the register's differences were seen
    dendritic_delay_fraction: float  # the one that its plastic synapses take
    seed_block: int | None = None  # as `Backend.seed_block`


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One backend: facts in its fields, and what to do to a process in its methods."""

    name: str  # of its folder
    style: Style
    # Place in lists, tables and figures: ascending, then by name.
    position: int
    # Distributions whose versions can move a bit of a result; they enter a run's identity.
    packages: tuple[str, ...]
    # Where it lies; filled in when it is found.
    folder: Path = field(default=Path(), compare=False)
    # Top-level modules of the simulator, which no experiment may import.
    modules: tuple[str, ...] = ()
    # PyNN's own module, if there is one; sweeps know it as ``stock_<name>``.
    stock: Stock | None = None
    # Whether a sweep that names no backends runs on it.
    by_default: bool = False
    # Which block of seeds its runs draw from where a sweep's backends are independent; no two
    # backends may share one. By default, one that follows from its name when it is found.
    seed_block: int | None = None
    # How many small runs its start may take as long as: of several shards the longest go first.
    start_runs: int = 0
    # Packages that the simulator imports if they are there, for what no run uses.
    spared_imports: tuple[str, ...] = ()
    # Targets of its code generation, if a user can choose.
    code_targets: tuple[str, ...] = ()
    # What becomes of it where there is no C++ compiler; empty if it needs none.
    without_compiler: str = ""
    # Whether it can have spikes that lie between two time steps.
    off_grid: bool = False
    # Whether it says what is right where others differ: to conformance checks, and to verdicts.
    is_reference: bool = False
    # Whether its `setup` takes ``threads``, and gives the same spikes and weights for any number.
    threads: bool = False
    # Whether MPI processes can share a network, with the same spikes and weights for any number.
    mpi: bool = False

    @property
    def label(self) -> str:
        """What people call it."""
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
        """Hold for the time of an import what the simulator would say to no purpose."""
        return nullcontext()

    def quieten(self) -> None:
        """Stop logs that nobody reads, once it is imported in a process that only simulates."""

    def state(self) -> Any:
        """What a network leaves in the simulator's modules beyond `setup`, before there is one."""
        return None

    def restore(self, state: Any) -> None:
        """Go back to what `state` gave; no network is alive."""

    def before_forks(self) -> None:
        """Do once what each fork of this process would do first; not for the stock module."""

    def missing_for_mpi(self) -> str:
        """What this installation lacks for runs over several MPI processes; empty if nothing."""
        return ""

    def choose_target(self, target: str) -> None:
        """Use one of `code_targets` in this process."""
        raise NotImplementedError(f"{self.label} has no targets of code generation")

    def compile_ahead(self, progress: Callable[[str], None]) -> None:
        """Compile what runs need and the machine has not; `progress` is given a line each step."""
