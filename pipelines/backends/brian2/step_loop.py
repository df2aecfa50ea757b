"""A loop over time steps, as one function of Python in which every guard is in place.

A guard that is a function of its own costs 0.2 us a step; a network of three populations and two
projections has thirteen, which is a third of its run. Brian2 itself generates what it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

from .step_calls import Call, Steps

_NAME = "_time_steps"
_CLOCK = ("network", "stopped", "first", "end", "timestep", "t", "dt")


class Loop:
    """The time steps of a network.

    Attributes
    ----------
    source
        What is run, in Python.
    """

    def __init__(self, steps: Steps) -> None:
        self._names = dict(steps.names)
        self._owners: dict[int, Any] = {}
        lines = [
            "    for step in range(first, end):",
            "        if stopped():",
            "            return",
        ]
        if not steps.all_generated:
            lines.append("        network.t_ = t[0]")
        for number, call in enumerate(steps.calls):
            self._names[f"call_{number}"] = call.function
            self._names[f"with_{number}"] = call.argument
            lines += self._lines(number, call, len(lines) + 2)
        lines += ["        timestep[0] = step + 1", "        t[0] = (step + 1) * dt"]
        arguments = ", ".join([*_CLOCK, *self._names])
        self.source = "\n".join([f"def {_NAME}({arguments}):", *lines, ""])

    def _lines(self, number: int, call: Call, at: int) -> list[str]:
        """A call with its guard; the line it is in, if the first of these has number `at`."""
        made = f"call_{number}(with_{number})"
        lines = [] if call.guard is None else [f"        if {call.guard}:"]
        indent = "        " if call.guard is None else "            "
        self._owners[at + len(lines)] = call.owner
        return [*lines, f"{indent}{made}", *(indent + statement for statement in call.after)]

    def run(self, network: Any, stopped: Callable[[], bool], clock: Any, first: int) -> None:
        """Run a clock's steps from `first` to its end, or until one begins `stopped`."""
        timestep, t, dt = (clock.variables[name].get_value() for name in ("timestep", "t", "dt"))
        function = _function(self.source)
        function(network, stopped, first, clock._i_end, timestep, t, dt[0], **self._names)

    def owner_of(self, error: BaseException) -> Any:
        """The object in whose call an error was raised; None if it was elsewhere."""
        frame = error.__traceback__
        while frame is not None:
            if frame.tb_frame.f_code.co_name == _NAME:
                return self._owners.get(frame.tb_lineno)
            frame = frame.tb_next
        return None


def _function(source: str) -> Callable[..., None]:
    made: dict[str, Any] = {}
    exec(_compiled(source), made)
    function: Callable[..., None] = made[_NAME]
    return function


@lru_cache(maxsize=64)
def _compiled(source: str) -> CodeType:
    return compile(source, f"<{_NAME}>", "exec")
