"""What tests of several rooms need, and how they are dealt out to processes."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

# Rooms whose tests take minutes begin first: what is left at the end is short.
_LONG = ("docs", "workflow", "conformance", "execution", "experiments")
# Rooms of which one process carries out all, because they share what takes long.
_WHOLE = ("conformance",)


# Rooms whose tests are of every construct on every backend: of a test with many sets of parameters
# one in so many is for everybody, and the others are marked slow.
_THINNED = ("backends",)
_ONE_IN, _MANY = 5, 6


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((k for k, room in enumerate(_LONG) if room in item.path.parts), len(_LONG))

    items.sort(key=place)
    _mark_variants(items)


def _mark_variants(items: list[pytest.Item]) -> None:
    """Mark most variants of a test that has many as slow.

    Five shares no factor with the number of backends (three): all of them are among the rest.
    """
    variants: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if any(room in item.path.parts for room in _THINNED):
            variants[item.nodeid.partition("[")[0]].append(item)
    for same in variants.values():
        if len(same) > _MANY:
            for k, item in enumerate(same):
                if k % _ONE_IN:
                    item.add_marker(pytest.mark.slow)


class _ByRoom(LoadFileScheduling):
    """Deals out files, or whole rooms."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return next((room for room in _WHOLE if room in PurePosixPath(file).parts), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByRoom:
    return _ByRoom(config, log)


@pytest.fixture
def interpreted() -> Iterator[None]:
    """Brian2 without compiling, for networks that are small."""
    brian2 = pytest.importorskip("brian2")
    before = brian2.prefs.codegen.target
    brian2.prefs.codegen.target = "numpy"
    yield
    brian2.prefs.codegen.target = before


@pytest.fixture
def apart() -> Iterator[Callable[..., Any]]:
    """Calls a function of a test's module in a process of its own.

    For NEST with several threads: a later test could not fork this process.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield lambda function, *arguments: pool.submit(function, *arguments).result(timeout=300)
