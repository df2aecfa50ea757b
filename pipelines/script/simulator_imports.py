"""Imports of PyNN's simulators, answered with the backend that is being run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from pipelines.script.simulator_names import stands_for_simulator


class SimulatorFinder(MetaPathFinder, Loader):
    """Finder of ``pyNN.<simulator>``, whichever it is: all are one module.

    Parameters
    ----------
    module
        What a script gets, as `pynn_module.script_module` makes it.
    """

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def install(self) -> None:
        """Answer all imports of this process from now on, those of imported simulators too."""
        package = sys.modules["pyNN"]
        for name in [name for name in sys.modules if _is_simulator(name)]:
            del sys.modules[name]
            vars(package).pop(name.removeprefix("pyNN."), None)
        sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if _is_simulator(fullname):
            return ModuleSpec(fullname, self, is_package=True)
        parent = fullname.rpartition(".")[0]
        if _is_simulator(parent) and parent != self.module.__name__:
            raise ModuleNotFoundError(
                f"{fullname} is part of one simulator; {parent} alone stands for every backend",
                name=fullname,
            )
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to do: the module is complete."""


def _is_simulator(name: str) -> bool:
    return name.startswith("pyNN.") and stands_for_simulator(name)
