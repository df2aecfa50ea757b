"""An import hook that replaces every simulator of PyNN by the backend that is being run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from pipelines.script.simulator_names import is_simulator


class SimulatorFinder(MetaPathFinder, Loader):
    """Import hook that returns one module for ``pyNN.<simulator>``, whichever simulator it names.

    Parameters
    ----------
    module
        The module to return, made by `pynn_module.script_module`.
    """

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def install(self) -> None:
        """Activate the hook in this process, also for simulators that were imported before."""
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
        """Do nothing: the module is complete."""


def _is_simulator(name: str) -> bool:
    return name.startswith("pyNN.") and is_simulator(name)
