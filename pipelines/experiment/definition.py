"""Finding experiments and loading one.

An experiment's folder is a package named ``experiments.<name>``, wherever it lies and from
whichever folder the process was started: its modules reach each other with relative imports
(``from . import closed_form``), and `sys.path` stays as it is.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from pipelines import backends, source_code
from pipelines.errors import BadInput, CounterpointError, UnusableCode
from pipelines.experiment.code_errors import place_of
from pipelines.experiment.files import files_of_runs
from pipelines.experiment.parameters import describe


@dataclass(frozen=True)
class Experiment:
    """An experiment: a network written once in PyNN, with its parameters.

    Attributes
    ----------
    name
        Name of its folder.
    folder
        Its folder.
    parameters
        Frozen dataclass of what can be varied; see `parameter`.
    build
        ``build(sim, parameters, seed)`` makes the network and returns what can be recorded, by
        name: populations and projections.
    run
        ``run(sim, network, parameters)`` for an experiment that runs in phases, else None.
    source
        Its ``experiment.py``.
    """

    name: str
    folder: Path
    parameters: type
    build: Callable[..., Any]
    run: Callable[..., Any] | None
    source: Path

    @property
    def root(self) -> Path:
        """The folder that holds `experiments`."""
        return self.folder.parent.parent


def project_root(root: Path | str | None = None) -> Path:
    """Folder that holds `experiments`.

    The argument, else the environment's COUNTERPOINT_ROOT, else the nearest folder from the
    current one upwards that holds a folder `experiments`.

    Raises
    ------
    BadInput
        There is none.
    """
    given = root if root is not None else os.environ.get("COUNTERPOINT_ROOT")
    if given:
        where = "root" if root is not None else "COUNTERPOINT_ROOT"
        folder = Path(given).resolve()
        if not (folder / "experiments").is_dir():
            raise BadInput(where, f"{folder} holds no folder 'experiments'")
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "experiments").is_dir():
            return folder
    raise BadInput(
        str(here),
        "no folder 'experiments' here or above",
        allowed="a folder inside the project, or COUNTERPOINT_ROOT set to it",
    )


def find_experiments(root: Path | str | None = None) -> list[str]:
    """Names of all experiments: folders of `experiments` that hold an experiment.py, sorted."""
    folder = project_root(root) / "experiments"
    return sorted(path.parent.name for path in folder.glob("[!._]*/experiment.py"))


def load_experiment(name: str, root: Path | str | None = None) -> Experiment:
    """Load one experiment from its folder, without cached modules.

    Parameters
    ----------
    name
        Name of its folder.
    root
        Folder that holds `experiments`; see `project_root`.

    Raises
    ------
    BadInput
        No experiment of that name (with the nearest one), its file cannot be imported, it imports
        a simulator, or it lacks `Parameters`, `build` or a duration.
    """
    root = project_root(root)
    names = find_experiments(root)
    if name not in names:
        raise BadInput("experiment", f"there is no '{name}'", given=name, among=names)
    where = f"experiments/{name}/experiment.py"
    if not name.isidentifier():
        raise BadInput(where, f"'{name}' is no Python name", allowed="letters, digits, underscores")
    folder = root / "experiments" / name
    source = folder / "experiment.py"
    _refuse_simulators(folder, root)
    _forget(f"experiments.{name}")
    module = _import_part(name, root, "experiment")
    parameters = getattr(module, "Parameters", None)
    if parameters is None:
        raise BadInput(where, "defines no 'Parameters'", allowed="a frozen dataclass 'Parameters'")
    if not isinstance(parameters, type) or not dataclasses.is_dataclass(parameters):
        raise BadInput(where, "'Parameters' is no dataclass", allowed="@dataclass(frozen=True)")
    if not parameters.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise BadInput(where, "'Parameters' can be changed", allowed="@dataclass(frozen=True)")
    build = getattr(module, "build", None)
    if build is None:
        raise BadInput(where, "defines no 'build'", allowed="build(sim, parameters, seed)")
    _refuse_signature(build, "build", ("sim", "parameters", "seed"), where)
    run = getattr(module, "run", None)
    if run is not None:
        _refuse_signature(run, "run", ("sim", "network", "parameters"), where)
    fields = describe(parameters, f"{where}: Parameters")
    if run is None and "duration" not in fields:
        raise BadInput(
            where,
            "does not say how long to run",
            allowed="a parameter 'duration' in ms, or run(sim, network, parameters)",
        )
    return Experiment(name, folder, parameters, build, run, source)


def _refuse_signature(function: Any, name: str, arguments: tuple[str, ...], where: str) -> None:
    """Refuse a function that cannot be called with these positional arguments."""
    allowed = f"{name}({', '.join(arguments)})"
    if not callable(function):
        raise BadInput(where, f"'{name}' is no function", allowed)
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError as error:
        raise BadInput(where, f"'{name}' takes other arguments: {error}", allowed) from error


def load_part(experiment: Experiment, part: str) -> ModuleType:
    """Import another module of an experiment's folder, such as "expectation" or "figures.window".

    Raises
    ------
    BadInput
        There is no such file, or it cannot be imported.
    """
    path = experiment.folder.joinpath(*part.split(".")).with_suffix(".py")
    if not path.is_file():
        raise BadInput(f"experiments/{experiment.name}", f"there is no {path.name}")
    return _import_part(experiment.name, experiment.root, part)


class _FreshLoader(SourceFileLoader):
    """Compiles the source each time: cached bytecode misses two edits in one second."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def _import_part(name: str, root: Path, part: str) -> ModuleType:
    _add_package("experiments", root / "experiments")
    _add_package(f"experiments.{name}", root / "experiments" / name)
    inner = f"experiments.{name}.{part}"
    path = root.joinpath("experiments", name, *part.split(".")).with_suffix(".py")
    try:
        if "." in part:
            importlib.import_module(inner.rpartition(".")[0])
        spec = spec_from_file_location(inner, path, loader=_FreshLoader(inner, str(path)))
        if spec is None or spec.loader is None:
            raise UnusableCode(str(path), "cannot be loaded")
        module = module_from_spec(spec)
        sys.modules[inner] = module
        spec.loader.exec_module(module)
    except CounterpointError:
        raise
    except (Exception, SystemExit) as error:
        # Whatever the user's module raises is news about the module, not about this program.
        sys.modules.pop(inner, None)
        raise _import_failure(error, path, root) from error
    return module


def _import_failure(error: BaseException, path: Path, root: Path) -> UnusableCode:
    folder = root / "experiments" / path.relative_to(root / "experiments").parts[0]
    where = place_of(error, folder) or path.relative_to(root).as_posix()
    allowed = None
    missing = getattr(error, "name", None)
    if isinstance(error, ModuleNotFoundError) and (path.parent / f"{missing}.py").is_file():
        allowed = f"'from . import {missing}' for a file of the same folder"
    # The place of a syntax error is said already.
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    first_line = said.split("\n", 1)[0]
    return UnusableCode(where, f"cannot be imported: {type(error).__name__}: {first_line}", allowed)


def _add_package(name: str, folder: Path) -> None:
    """Make `folder` importable as the package `name` without looking for it on `sys.path`."""
    present = sys.modules.get(name)
    if present is not None and list(getattr(present, "__path__", ())) == [str(folder)]:
        return
    _forget(name)
    spec = ModuleSpec(name, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules[name] = module_from_spec(spec)


def _forget(name: str) -> None:
    for module in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[module]


def _refuse_simulators(folder: Path, root: Path) -> None:
    for file in files_of_runs(folder):
        if not file.is_relative_to(root / "experiments"):
            continue
        for name in source_code.read(file).imports:
            if _is_simulator(name):
                raise BadInput(
                    file.relative_to(root).as_posix(),
                    f"imports the simulator '{name}'",
                    allowed="the argument 'sim' of build, which is the backend",
                )


def _is_simulator(name: str) -> bool:
    """Whether importing a module would import a simulator."""
    first, *rest = name.split(".")
    if first == "pyNN":
        return rest[:1] != [] and rest[0] in _simulators_of_pynn()
    ours = {module for backend in backends.descriptions().values() for module in backend.modules}
    return first in ours | _simulators_of_pynn()


@cache
def _simulators_of_pynn() -> frozenset[str]:
    """Names of PyNN's packages that drive a simulator, most of them named after it."""
    spec = find_spec("pyNN")
    folders = spec.submodule_search_locations if spec else None
    return frozenset(
        path.parent.name for folder in folders or () for path in Path(folder).glob("*/simulator.py")
    )
