"""PyNN modules with the same semantics, one a simulator: ``load("nest")``, ``load("brian2")``.

A backend is a folder with a ``description.py`` (see `protocol`), either here or in one of the
folders of the environment variable COUNTERPOINT_BACKENDS (separated as in PATH). It can be imported
as ``pipelines.backends.<name>``. Only `load` imports a simulator.
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
_OWN_FOLDERS = tuple(__path__)
# Seed blocks that descriptions may name, and all of them: the others follow from backends' names.
_NAMED_BLOCKS, _BLOCKS = 16, 2147


def load(name: str, stock: bool = False) -> ModuleType:
    """Return a backend: a module with the whole PyNN API.

    Parameters
    ----------
    name
        Such as ``"nest"``; ``"stock_nest"`` is the same with `stock`.
    stock
        True for the unmodified ``pyNN.nest`` or ``pyNN.brian2``. Loading a backend in the same
        process does not change it: every correction is a subclass.

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


def descriptions() -> Mapping[str, Backend]:
    """Descriptions of all backends by name, in their order.

    Raises
    ------
    BadInput
        If a folder does not exist or a description is not valid.
    """
    folders = _folders()
    for folder in folders:
        if not Path(folder).is_dir():
            raise BadInput(VARIABLE, f"there is no folder {folder}")
    __path__[:] = [*_OWN_FOLDERS, *folders]
    return _read_folders(tuple(__path__))


def names() -> tuple[str, ...]:
    """Names of all backends, in the order of comparisons, tables and figures."""
    return tuple(descriptions())


def default_names() -> tuple[str, ...]:
    """Names of the backends that a sweep uses unless it names some."""
    return tuple(name for name, backend in descriptions().items() if backend.by_default)


def stock_names() -> dict[str, str]:
    """Names of the stock modules (PyNN's unmodified ones), each with the name of its backend."""
    return {f"{_STOCK}{name}": name for name, backend in descriptions().items() if backend.stock}


def all_names() -> tuple[str, ...]:
    """Names of all backends, then of all stock modules."""
    return (*descriptions(), *stock_names())


def is_reference(name: str) -> bool:
    """Whether a backend is the reference that others are judged by; False for an unknown name."""
    return name in descriptions() and descriptions()[name].is_reference


def in_order(given: Iterable[str]) -> list[str]:
    """Names sorted in the order of comparisons, tables and figures; unknown ones last."""
    present = set(given)
    known = [name for name in all_names() if name in present]
    return known + sorted(present - set(known))


def get(name: str) -> Backend:
    """Description of a backend by its name or that of its stock module; `BadInput` for others."""
    backend = descriptions().get(stock_names().get(name, name))
    if backend is None:
        raise BadInput("backend", f"no backend is called {name!r}", given=name, among=all_names())
    return backend


def threads_of(name: str, wanted: int) -> int:
    """Number of threads of a backend's runs: `wanted`, or 1 if it does not support threads."""
    return wanted if get(name).threads and name not in stock_names() else 1


def processes_of(name: str, wanted: int) -> int:
    """Number of MPI processes of a backend's run: `wanted`, or 1 if it does not support MPI."""
    return wanted if get(name).mpi and name not in stock_names() else 1


def from_module(sim: ModuleType) -> tuple[Backend, bool]:
    """Description of a PyNN module that `load` returned, and whether it is the stock one."""
    for backend in descriptions().values():
        stock = backend.stock is not None and sim.__name__ == backend.stock.module
        if stock or sim.__name__ == backend.module:
            return backend, stock
    raise BadInput("sim", f"'{sim.__name__}' is no backend", among=all_names())


def style_of(name: str) -> Style | None:
    """Label and marks of a backend or stock module in figures; None for an unknown name."""
    return _backend_or_stock(name).style if name in all_names() else None


def code_targets() -> tuple[str, ...]:
    """Targets of code generation of all backends."""
    return tuple(
        dict.fromkeys(target for one in descriptions().values() for target in one.code_targets)
    )


def seed_block(name: str) -> int:
    """Number of a backend's block of seeds, which does not depend on the other backends."""
    return _seed_block(name, _backend_or_stock(name))


def _backend_or_stock(name: str) -> Backend | Stock:
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
def _read_folders(folders: tuple[str, ...]) -> Mapping[str, Backend]:
    read: dict[str, Backend] = {}
    blocks: dict[int, str] = {}
    for file in (file for one in folders for file in sorted(Path(one).glob("*/description.py"))):
        backend = _read_description(file)
        name, stock = backend.name, backend.stock
        if name in read:
            raise BadInput(str(file), f"there is a backend '{name}' in {read[name].folder} too")
        read[name] = backend
        for one, part in ((name, backend), (f"{_STOCK}{name}", stock)):
            if part and (other := blocks.setdefault(_seed_block(one, part), one)) != one:
                raise BadInput(str(file), f"'{one}' has the seed_block of '{other}'")
    ordered = sorted(read.values(), key=lambda backend: (backend.position, backend.name))
    return {backend.name: backend for backend in ordered}


def _read_description(file: Path) -> Backend:
    """Execute a description without its package, which would import the simulator."""
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


# So that `import pipelines.backends.<name>` finds these backends before `descriptions` is called.
__path__ += _folders()
