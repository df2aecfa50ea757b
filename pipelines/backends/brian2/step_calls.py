"""What the time steps of a network consist of: which code of Brian2's is called, and when.

Generated code for spikes (resets, monitors, synapses) does nothing in a step without any: here it
has a guard, which says whether a step has some. Guards are pieces of Python, for the loop that
`step_loop` makes of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.base import BrianObject

# Templates that do nothing without an event of the group that they belong to. None of them may
# write a variable that is shared, so nothing is lost with the code before their loops.
_OF_EVENTS = ("reset", "spikemonitor", "synapses_push_spikes")

# The only templates that write how many events a group has.
_MAKE_EVENTS = ("threshold", "spikegenerator")


@dataclass(frozen=True)
class Call:
    """One piece of a time step.

    Attributes
    ----------
    guard
        Expression of Python: whether there is something to do in `step`. None: always.
    function, argument
        What to call, and with what.
    owner
        The object of Brian2 that it belongs to.
    after
        Statements that follow such a call.
    """

    guard: str | None
    function: Callable[[Any], Any]
    argument: Any
    owner: Any
    after: tuple[str, ...] = ()


@dataclass
class Steps:
    """Time steps, ready to run.

    Attributes
    ----------
    calls
        In Brian2's order.
    names
        What the guards' names stand for; numbers change from step to step.
    all_generated
        Whether all calls are of generated code: no function of Python can see the time, or change
        anything, between them.
    counts
        Names of the numbers of events that are known without a look, by their array's identity.
    """

    calls: list[Call] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)
    all_generated: bool = True
    counts: dict[int, str] = field(default_factory=dict)

    def name(self, kind: str, value: Any) -> str:
        """A new name for something that a guard needs."""
        name = f"{kind}_{len(self.names)}"
        self.names[name] = value
        return name


def steps_of(active: list[Any], first: int) -> Steps:
    """What the time steps from the step numbered `first` on consist of.

    Parameters
    ----------
    active
        Objects of a network, in the order in which they are updated, ready to run.
    """
    # A function of Python may give a source other spikes at any time.
    steps = Steps(all_generated=all(_is_generated(thing) for thing in active))
    if steps.all_generated:
        _count_events(active, steps)
    for thing in active:
        if not _is_generated(thing):
            steps.calls.append(Call(None, _run, thing, thing))
            continue
        guarded = zip(thing._code_objects, _guards(thing, first, steps), strict=True)
        for code, (guard, after) in guarded:
            after = (*after, *_recount(thing, code, steps))
            block = code.compiled_code["run"]
            if isinstance(code, CythonCodeObject) and not code.nonconstant_values:
                if block:
                    call = Call(guard, block.main, code.namespace, thing, after)
                    steps.calls.append(call)
            else:
                steps.calls.append(Call(guard, _call, code, thing, after))
    return steps


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


def _count_events(active: list[Any], steps: Steps) -> None:
    """Name the numbers of events that only one piece of code can change.

    They are looked up when that code has run, not by each piece that waits for them.
    """
    makers = [
        space
        for thing in active
        for code in thing._code_objects
        if (space := _made_by(thing, code)) is not None
    ]
    for space in makers:
        if sum(other is space for other in makers) == 1:
            steps.counts[id(space)] = steps.name("count", space.item(-1))


def _recount(thing: Any, code: Any, steps: Steps) -> tuple[str, ...]:
    """What follows a piece of code that makes events."""
    space = _made_by(thing, code)
    if space is None or id(space) not in steps.counts:
        return ()
    return (f"{steps.counts[id(space)]} = {_looked_up(space, steps)}",)


def _made_by(thing: Any, code: Any) -> Any:
    """Array of the events that a piece of code makes; None if it makes none."""
    return _space(thing, code) if code.template_name in _MAKE_EVENTS else None


def _space(thing: Any, code: Any) -> Any:
    """Array of events of a piece of code, its last item their number; None if it has none."""
    variable = code.variables.get(f"_{getattr(thing, 'event', 'spike')}space")
    return None if variable is None else variable.get_value()


# Of each piece of an object's code its guard, and what follows a call of it.
_Guarded = tuple[str | None, tuple[str, ...]]


def _guards(thing: Any, first: int, steps: Steps) -> list[_Guarded]:
    templates = [code.template_name for code in thing._code_objects]
    if templates == ["synapses_push_spikes", "synapses"]:
        return list(_of_pathway(thing, first, steps))
    if templates == ["spikegenerator"]:
        periodic = thing.variables["_period_bins"].get_value().any()
        return [_of_generator(thing, steps) if steps.all_generated and not periodic else (None, ())]
    return [
        (_of_events(_space(thing, code), steps) if template in _OF_EVENTS else None, ())
        for template, code in zip(templates, thing._code_objects, strict=True)
    ]


def _of_events(space: Any, steps: Steps) -> str | None:
    return None if space is None else _events_now(space, steps)


def _events_now(space: Any, steps: Steps) -> str:
    """Whether a group has events in this step."""
    return steps.counts.get(id(space)) or _looked_up(space, steps)


def _looked_up(space: Any, steps: Steps) -> str:
    return f"{steps.name('item', space.item)}(-1)"


def _of_pathway(pathway: Any, first: int, steps: Steps) -> tuple[_Guarded, _Guarded]:
    """Whether spikes set out, and whether any can be under way.

    A queue is a ring with a slot for each step of the longest delay: it is empty as many steps
    after the last spikes that were put into it. An empty queue need not be turned.
    """
    slots = _slots(pathway.queue)
    # There may be spikes of an earlier run.
    until = steps.name("until", first + slots)
    leave = _events_now(pathway.eventspace, steps)
    return (leave, (f"{until} = step + {slots}",)), (f"step <= {until}", ())


def _slots(queue: Any) -> int:
    state = queue._full_state()
    compiled = len(state) == 2  # the queue in C++; else the one in Python
    return len(state[1]) if compiled else int(state[2][0])


def _of_generator(generator: Any, steps: Steps) -> _Guarded:
    """Whether a source has spikes in this step, or has to take back those of the last one."""
    variables = generator.variables
    bins, upcoming, space = (
        variables[name].get_value() for name in ("_timebins", "_lastindex", "_spikespace")
    )
    n_spikes = len(bins)

    def next_bin() -> float:
        k = upcoming.item(0)
        return int(bins.item(k)) if k < n_spikes else float("inf")

    due = steps.name("due", next_bin())
    look = steps.name("next_bin", next_bin)
    return f"step >= {due} or {_events_now(space, steps)}", (f"{due} = {look}()",)
