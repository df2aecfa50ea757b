"""A network whose time steps leave out what has nothing to do.

Brian2's own loop calls every object in every step through five functions of Python: 2 us each,
most of a small network's run. Generated code for spikes (resets, monitors, synapses) does nothing
in a step without any; here it is called, directly, in those that have one. What the code computes,
and in which order, stays as it is. No row of the register: it mends time alone (seen in Brian2
2.9.0 to 2.11.0: 27 us a step of two populations with plastic synapses).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import brian2
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.base import BrianObject, BrianObjectException
from brian2.core.namespace import get_local_namespace
from brian2.devices.device import RuntimeDevice, get_device
from brian2.groups.group import Group

# Templates that do nothing without an event of the group that they belong to. None of them may
# write a variable that is shared, so nothing is lost with the code before their loops.
_OF_EVENTS = ("reset", "spikemonitor", "synapses_push_spikes")

Guard = Callable[[int], bool]


@dataclass(frozen=True)
class Call:
    """One piece of a time step.

    Attributes
    ----------
    guard
        Whether there is something to do in a step, given by number; None for always.
    function, argument
        What to call, and with what.
    owner
        The object of Brian2 that it belongs to.
    """

    guard: Guard | None
    function: Callable[[Any], Any]
    argument: Any
    owner: Any


class Network(brian2.Network):
    """Brian2's network with a quicker loop, for objects that share one clock."""

    def run(
        self,
        duration: Any,
        report: Any = None,
        report_period: Any = 10 * brian2.second,
        namespace: Any = None,
        profile: Any = None,
        level: int = 0,
    ) -> None:
        """Simulate for a duration; arguments are those of ``brian2.Network.run``.

        What the quicker loop is not made for (several clocks, reports, profiles, other devices)
        is left to Brian2's own.
        """
        clocks = {thing.clock for thing in self.sorted_objects}
        device = get_device()
        plain = (
            len(clocks) == 1
            and {type(clock) for clock in clocks} == {brian2.Clock}
            and report is None
            and not profile
            and type(device) is RuntimeDevice
            and not device.build_options.get("profile")
            and device._maximum_run_time is None
            and duration >= 0 * brian2.second
        )
        if not plain:
            super().run(duration, report, report_period, namespace, profile, level + 1)
            return
        if namespace is None:
            namespace = get_local_namespace(level + 1)
        self._run_on(clocks.pop(), duration, namespace, device)

    def _run_on(self, clock: Any, duration: Any, namespace: Any, device: Any) -> None:
        self._clocks = {clock}
        begin = self.t
        clock.set_interval(begin, begin + duration)
        self.before_run(namespace)
        started = time.time()
        brian2.Network._globally_running = True
        try:
            self._steps(clock)
        finally:
            brian2.Network._globally_running = False
        stopped = self._stopped or brian2.Network._globally_stopped
        self.t_ = clock.t_ if stopped else float(begin + duration)
        device._last_run_time = time.time() - started
        part = (self.t - begin) / duration if duration > 0 * brian2.second else 1.0
        device._last_run_completed_fraction = part
        for thing in self.sorted_objects:
            if isinstance(thing, Group):
                thing._check_for_invalid_states()
        self.after_run()
        self._profiling_info = None

    def _steps(self, clock: Any) -> None:
        timestep, t, dt = (clock.variables[name].get_value() for name in ("timestep", "t", "dt"))
        end = clock._i_end
        step = int(timestep[0])
        active = [thing for thing in self.sorted_objects if thing.active]
        calls = calls_of(active, step)
        pieces = [(one.guard, one.function, one.argument) for one in calls]
        function: Any = None
        argument: Any = None
        try:
            while step < end and not self._stopped and not brian2.Network._globally_stopped:
                self.t_ = t[0]
                for guard, function, argument in pieces:
                    if guard is None or guard(step):
                        function(argument)
                step += 1
                timestep[0] = step
                t[0] = step * dt[0]
        except Exception as error:
            for one in calls:
                if one.function is function and one.argument is argument:
                    said = "An exception occurred during the execution of an object.\n"
                    raise BrianObjectException(said, one.owner) from error
            raise


def quicker(network: Any) -> Network:
    """A network with the quicker loop, in the place of a new one of PyNN's."""
    taken = Network(*network.objects)
    taken.clock = network.clock
    return taken


def calls_of(active: list[Any], step: int) -> list[Call]:
    """What a time step consists of, in Brian2's order.

    Parameters
    ----------
    active
        Objects of a network, in the order in which they are updated, ready to run.
    step
        Number of the first step.
    """
    calls: list[Call] = []
    # A function of Python may give a source other spikes at any time.
    all_generated = all(_is_generated(thing) for thing in active)
    for thing in active:
        if not _is_generated(thing):
            calls.append(Call(None, _run, thing, thing))
            continue
        guards = _guards(thing, step, all_generated)
        for code, guard in zip(thing._code_objects, guards, strict=True):
            block = code.compiled_code["run"]
            if isinstance(code, CythonCodeObject) and not code.nonconstant_values:
                if block:
                    calls.append(Call(guard, block.main, code.namespace, thing))
            else:
                calls.append(Call(guard, _call, code, thing))
    return calls


def _is_generated(thing: Any) -> bool:
    """Whether running an object is running its pieces of generated code, and no more."""
    return type(thing).run is BrianObject.run and all(
        # The class of the one for Cython is derived from this.
        isinstance(code, NumpyCodeObject)
        for code in thing._code_objects
    )


def _run(thing: Any) -> None:
    thing.run()


def _call(code: Any) -> None:
    code()


def _guards(thing: Any, step: int, all_generated: bool) -> list[Guard | None]:
    """A guard for each piece of an object's code."""
    names = [code.template_name for code in thing._code_objects]
    if names == ["synapses_push_spikes", "synapses"]:
        return list(_of_pathway(thing, step))
    if names == ["spikegenerator"]:
        periodic = thing.variables["_period_bins"].get_value().any()
        return [_of_generator(thing) if all_generated and not periodic else None]
    return [
        _of_events(code.variables.get(f"_{thing.event}space")) if name in _OF_EVENTS else None
        for name, code in zip(names, thing._code_objects, strict=True)
    ]


def _of_events(variable: Any) -> Guard | None:
    """Whether a group has events in this step: their number is its array's last item."""
    if variable is None:
        return None
    space = variable.get_value()
    return lambda _: bool(space.item(-1))


def _of_pathway(pathway: Any, step: int) -> tuple[Guard, Guard]:
    """Whether spikes set out, and whether any can be under way.

    A queue is a ring with a slot for each step of the longest delay: it is empty as many steps
    after the last spikes that were put into it. An empty queue need not be turned.
    """
    space = pathway.eventspace
    slots = _slots(pathway.queue)
    # There may be spikes of an earlier run.
    until = step + slots

    def leave(now: int) -> bool:
        nonlocal until
        if space.item(-1):
            until = now + slots
            return True
        return False

    return leave, lambda now: now <= until


def _slots(queue: Any) -> int:
    state = queue._full_state()
    compiled = len(state) == 2  # the queue in C++; else the one in Python
    return len(state[1]) if compiled else int(state[2][0])


def _of_generator(generator: Any) -> Guard:
    """Whether a source has spikes in this step, or has to take back those of the last one."""
    variables = generator.variables
    bins, upcoming, space = (
        variables[name].get_value() for name in ("_timebins", "_lastindex", "_spikespace")
    )
    n_spikes = len(bins)

    def due(step: int) -> bool:
        k = upcoming.item(0)
        return bool((k < n_spikes and bins.item(k) <= step) or space.item(-1))

    return due
