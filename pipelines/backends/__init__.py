"""PyNN modules that mean the same thing: ``load("nest")`` and ``load("brian2")``.

Every folder here that holds a ``description.py`` (see `protocol`) is a backend, and so is every
such folder in the folders of the environment variable COUNTERPOINT_BACKENDS (separated as in
PATH): it can be imported as ``pipelines.backends.<name>``. Only `load` imports a simulator.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pipelines.backends.protocol import Backend, Stock, Style
from pipelines.errors import BadInput

VARIABLE = "COUNTERPOINT_BACKENDS"
_STOCK = "stock_"
_OWN = tuple(__path__)
# Blocks of seeds that descriptions may name; the others follow from names.
_NAMED_BLOCKS, _BLOCKS = 16, 2147


def load(name: str, stock: bool = False) -> ModuleType:
    """Return a backend: a module with the whole PyNN API.

    Parameters
    ----------
    name
        Such as ``"nest"``; ``"stock_nest"`` is the same with `stock`.
    stock
        True for the unmodified ``pyNN.nest`` or ``pyNN.brian2``, which stays as it is in
        the same process: every correction is a subclass.

    Raises
    ------
    BadInput
        If no backend has this name, or if it has no stock module.
    ImportError
        If the simulator is not installed.
    """
    backend = get(name)
    stock = stock or name != backend.name
    if stock and backend.stock is None:
        raise BadInput("backend", f"'{name}' has no stock module", among=stock_names())
    return backend.load(stock)


def found() -> Mapping[str, Backend]:
    """All backends by name, in order; `BadInput` if a folder or a description cannot be used."""
    folders = _folders()
    for folder in folders:
        if not Path(folder).is_dir():
            raise BadInput(VARIABLE, f"there is no folder {folder}")
    __path__[:] = [*_OWN, *folders]
    return _found(tuple(__path__))


def names() -> tuple[str, ...]:
    """Names of all backends, in the order in which they are compared, drawn and listed."""
    return tuple(found())


def default_names() -> tuple[str, ...]:
    """Names of the backends of a sweep that names none."""
    return tuple(name for name, backend in found().items() if backend.by_default)


def stock_names() -> dict[str, str]:
    """Names of PyNN's unmodified modules in sweeps, each with its backend's."""
    return {f"{_STOCK}{name}": name for name, backend in found().items() if backend.stock}


def all_names() -> tuple[str, ...]:
    """Names of all backends, then of all stock modules."""
    return (*found(), *stock_names())


def is_reference(name: str) -> bool:
    """Whether a backend says what is right where others differ; False for an unknown one."""
    return name in found() and found()[name].is_reference


def in_order(given: Iterable[str]) -> list[str]:
    """Backends in the order in which they are compared, drawn and listed; unknown ones last."""
    present = set(given)
    known = [name for name in all_names() if name in present]
    return known + sorted(present - set(known))


def get(name: str) -> Backend:
    """The description of a backend, for its stock module's name too; `BadInput` for others."""
    backend = found().get(stock_names().get(name, name))
    if backend is None:
        raise BadInput("backend", f"no backend is called {name!r}", given=name, among=all_names())
    return backend


def threads_of(name: str, wanted: int) -> int:
    """Threads of a simulator with which a backend's runs are simulated: 1 where it has no more."""
    return wanted if get(name).threads and name not in stock_names() else 1


def processes_of(name: str, wanted: int) -> int:
    """MPI processes that a backend's run is shared between: 1 where it cannot be shared."""
    return wanted if get(name).mpi and name not in stock_names() else 1


def of_module(sim: ModuleType) -> tuple[Backend, bool]:
    """The description of a PyNN module that `load` gave, and whether it is the stock one."""
    for backend in found().values():
        stock = backend.stock is not None and sim.__name__ == backend.stock.module
        if stock or sim.__name__ == backend.module:
            return backend, stock
    raise BadInput("sim", f"'{sim.__name__}' is no backend", among=all_names())


def style_of(name: str) -> Style | None:
    """How a backend or stock module is called and drawn, None for an unknown one."""
    return _part(name).style if name in all_names() else None


def code_targets() -> tuple[str, ...]:
    """Targets of code generation that some backend knows."""
    return tuple(dict.fromkeys(target for one in found().values() for target in one.code_targets))


def seed_block(name: str) -> int:
    """Which block of seeds is a backend's own; another backend never changes it."""
    return _seed_block(name, _part(name))


def _part(name: str) -> Backend | Stock:
    backend = get(name)
    return backend.stock if backend.stock and name != backend.name else backend


def _seed_block(name: str, part: Backend | Stock) -> int:
    if part.seed_block is not None:
        return part.seed_block
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return _NAMED_BLOCKS + number % (_BLOCKS - _NAMED_BLOCKS)


def _folders() -> list[str]:
    given = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [str(Path(folder).resolve()) for folder in given if folder]


@cache
def _found(folders: tuple[str, ...]) -> Mapping[str, Backend]:
    read: dict[str, Backend] = {}
    blocks: dict[int, str] = {}
    for file in (file for one in folders for file in sorted(Path(one).glob("*/description.py"))):
        backend = _read(file)
        name, stock = backend.name, backend.stock
        if name in read:
            raise BadInput(str(file), f"there is a backend '{name}' in {read[name].folder} too")
        read[name] = backend
        for one, part in ((name, backend), (f"{_STOCK}{name}", stock)):
            if part and (other := blocks.setdefault(_seed_block(one, part), one)) != one:
                raise BadInput(str(file), f"'{one}' has the seed_block of '{other}'")
    ordered = sorted(read.values(), key=lambda backend: (backend.position, backend.name))
    return {backend.name: backend for backend in ordered}


def _read(file: Path) -> Backend:
    """Execute a description by itself: its package would import the simulator."""
    name = file.parent.name
    module_name = f"{__name__}.{name}.description"
    spec = spec_from_file_location(module_name, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[module_name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[module_name]
        raise BadInput(str(file), f"{type(error).__name__}: {error}") from error
    backend = getattr(module, "BACKEND", None)
    if not isinstance(backend, Backend):
        raise BadInput(str(file), "defines no BACKEND", "a pipelines.backends.protocol.Backend")
    if backend.name != name:
        raise BadInput(str(file), f"BACKEND is called '{backend.name}'", f"'{name}', as its folder")
    return replace(backend, folder=file.parent)


# `import pipelines.backends.<name>` finds such a backend in any process, before anybody asks.
__path__ += _folders()
