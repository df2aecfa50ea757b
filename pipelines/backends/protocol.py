"""What a backend says of itself: the one thing that the library asks of a backend's folder.

A backend is a folder ``pipelines/backends/<name>/``, or one in a folder of the environment
variable COUNTERPOINT_BACKENDS. Its ``__init__.py`` is a module with the whole PyNN API; its
``description.py`` defines ``BACKEND``, an instance of `Backend`. The description is read alone,
before the simulator is there: it imports none at module level, and nothing of its own folder. A
folder elsewhere imports `pipelines` by absolute names, so that what it uses of it is found when
its runs get their identity.

Beyond PyNN's API the module may have what the library uses where it is there:

``registry``
    A `pipelines.backends.shared.registry.Registry` of what the present network is made of; without
    one, runs have no digests of connectivity and input.
``Population``
    ``drawn_trains``: the `pipelines.backends.shared.drawn.PoissonTrains` that its Poisson sources
    play, or None. `PlaysDrawnTrains` there gives it, and asks for ``_play``.
``Projection``
    Based on `pipelines.backends.shared.projections.BulkProjection`, which says what it calls;
    without, synapses are read through PyNN's `get`.
``Recorder``
    As PyNN's: `pipelines.backends.collect` reads ``_get_spiketimes`` (cells and times as arrays)
    and ``_get_all_signals``.
currents
    ``NoisyCurrentSource`` may be based on `pipelines.backends.shared.electrodes.FrozenNoise`,
    which plays the noise that all backends draw alike as a ``StepCurrentSource``.

What a backend does not do, it refuses with `pipelines.errors.Unsupported` while the network is
built: `pipelines.execution.capability` builds a sweep's networks to find out before it runs.
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
class KnownOfStock:
    """A row of the register of differences, as far as it can be seen in tables or errors.

    Attributes
    ----------
    name
        Of the row.
    text
        What the stock module does.
    uses
        PyNN's names, one of which an experiment must use; empty for any experiment.
    fits
        Signatures that it explains: see `pipelines.validation.signatures`.
    steps
        If not 0, by how many steps it must be: more in the run of this module.
    sure
        Whether it matters wherever one of `uses` is used, whatever the tables show.
    sure_with
        The same, where one of these names is used too.
    errors
        Parts of the messages with which a run fails; there may be none.
    """

    name: str
    text: str
    uses: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()
    steps: int = 0
    sure: bool = False
    sure_with: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stock:
    """The unmodified PyNN module of a simulator.

    Attributes
    ----------
    module
        Its dotted name.
    style
        What it is called, and how it is drawn.
    seen_in
        The simulator's versions in which the register's differences were seen.
    dendritic_delay_fraction
        The one that its plastic synapses take.
    known
        What it is known to do, as far as tables or errors show it.
    seed_block
        As `Backend.seed_block`.
    """

    module: str
    style: Style
    seen_in: str
    dendritic_delay_fraction: float
    known: tuple[KnownOfStock, ...] = ()
    seed_block: int | None = None


@dataclass(frozen=True, kw_only=True)
class Backend:
    """One backend: facts in its fields, and what to do to a process in its methods.

    Attributes
    ----------
    name
        Of its folder.
    style
        Its label, and how it is drawn.
    position
        Place in lists, tables and figures: ascending, then by name.
    packages
        Distributions whose versions can move a bit of a result; they enter a run's identity.
    folder
        Where it lies; filled in when it is found.
    modules
        Top-level modules of the simulator, which no experiment may import.
    stock
        PyNN's own module, if there is one; sweeps know it as ``stock_<name>``.
    by_default
        Whether a sweep that names no backends runs on it.
    seed_block
        Which block of seeds its runs draw from where a sweep's backends are independent; by
        default one that follows from its name. No two backends may share one.
    start_runs
        How many small runs its start may take as long as: of several shards the longest go first.
    spared_imports
        Packages that the simulator imports if they are there, for what no run uses.
    code_targets
        Targets of its code generation, if a user can choose.
    without_compiler
        What becomes of it where there is no C++ compiler; empty if it needs none.
    off_grid
        Whether it can have spikes that lie between two time steps.
    is_reference
        Whether it says what is right where others differ: conformance checks ask it, and so do
        verdicts.
    threads
        Whether its `setup` takes ``threads``, and gives the same spikes and weights for any number.
    """

    name: str
    style: Style
    position: int
    packages: tuple[str, ...]
    folder: Path = field(default=Path(), compare=False)
    modules: tuple[str, ...] = ()
    stock: Stock | None = None
    by_default: bool = False
    seed_block: int | None = None
    start_runs: int = 0
    spared_imports: tuple[str, ...] = ()
    code_targets: tuple[str, ...] = ()
    without_compiler: str = ""
    off_grid: bool = False
    is_reference: bool = False
    threads: bool = False

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

    def choose_target(self, target: str) -> None:
        """Use one of `code_targets` in this process."""
        raise NotImplementedError(f"{self.label} has no targets of code generation")

    def compile_ahead(self, progress: Callable[[str], None]) -> None:
        """Compile what runs will need and the machine has not compiled yet.

        Parameters
        ----------
        progress
            Is given a line for each step.
        """
