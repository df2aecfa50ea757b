"""A quicker way through Brian2's runtime, for what is run most: thousands of small networks.

What is computed, and in which order, is Brian2's own; `enabled` set to False leaves all of it to
Brian2. What each part gains is told by ``counterpoint bench sweep`` (1,000 runs of 81 cells):

- Code of an object is looked up by its name, which says what kind it is, where this process has
  made it before, and kept from one run of a network to the next: Brian2 analyses and translates it
  before every run (40 ms a network).
- Time steps are one function that calls the compiled code directly, and only in steps that have
  something for it: Brian2 goes through five functions of Python an object (27 us a step).
- Compiled code takes its arrays as they are, without asking each for its buffer in every call
  (2.8 us a call of a state update, of which the neurons take 0.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.core.functions import Function
from brian2.core.operations import NetworkOperation
from brian2.core.variables import ArrayVariable, Constant
from brian2.devices.device import get_device
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import NeuronGroup, Resetter, StateUpdater, Thresholder
from brian2.synapses.synapses import SynapticPathway

from .adaptive_solver import CompiledStep
from .cell_groups import Player

if TYPE_CHECKING:
    from .network import Network

enabled = True


def wanted() -> bool:
    """Whether networks run in this way: compiled code is needed for it."""
    return enabled and get_device().code_object_class(None) is CythonCodeObject


# Code that was made in this process.


@dataclass(frozen=True)
class _Known:
    """Code as it was made, without the arrays of the network that it was made for."""

    code: Any
    compiled: dict[str, Any]
    template: str
    template_source: str
    inside: tuple[str, ...]
    conditions: dict[str, str]
    outside: dict[str, Function | Constant]


_known: dict[tuple[str, type], _Known] = {}

# A one-dimensional array, whose address and nothing else is taken in the next line.
_TYPED = re.compile(r"_numpy\.ndarray\[[^\]]*\bndim=1\b[^\]]*\](?= _buf_\w+ = )")
# What may be looked up and not used: variables, which only templates that resize them need, and
# lengths, by name.
_LOOKED_UP = re.compile(
    r"""^[ ]*(?:(_var_\w+)[ ]=[ ]_namespace\["\1"\]"""
    r"""|cdef[ ]size_t[ ](_num\w+)[ ]=[ ]len\(_namespace\['\w+'\]\))[ ]*\n""",
    re.MULTILINE,
)


class LeanCodeObject(CythonCodeObject):
    """A piece of generated code, without what Brian2 asks for in each call."""

    def __init__(self, owner: Any, code: Any, *further: Any, **named: Any) -> None:
        # What Brian2 does after a run is not compiled: `run` sets the numbers of spikes to 0.
        super().__init__(owner, SimpleNamespace(run=lean(code.run)), *further, **named)
        arrays = [value for value in self.variables.values() if isinstance(value, ArrayVariable)]
        self._arrays = [(variable, variable.get_value()) for variable in arrays]

    def fits(self) -> bool:
        """Whether the arrays that it works on are still those of its variables and functions."""
        return all(variable.get_value() is array for variable, array in self._arrays) and all(
            self.namespace[name] is table for name, table in self._tables()
        )

    def _tables(self) -> Iterator[tuple[str, Any]]:
        """What the functions that it calls look up, by name."""
        for function in self.variables.values():
            if isinstance(function, Function):
                tables = function.implementations[self].get_namespace(self.owner)
                yield from (tables or {}).items()


@lru_cache(maxsize=256)
def lean(source: str) -> str:
    """Cython code that does the same with fewer questions.

    Examples
    --------
    >>> print(lean('''
    ...     _var_N = _namespace["_var_N"]
    ...     cdef _numpy.ndarray[double, ndim=1, mode='c'] _buf_v = _namespace['v']
    ...     cdef double * v = <double *> _buf_v.data
    ...     cdef size_t _numv = len(_namespace['v'])'''))
    <BLANKLINE>
        cdef _numpy.ndarray _buf_v = _namespace['v']
        cdef double * v = <double *> _buf_v.data
    """
    words = re.findall(r"\w+", source)

    def kept(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        # A variable's name is on both sides of its line.
        return found[0] if words.count(name) > (2 if found[1] else 1) else ""

    return _LOOKED_UP.sub(kept, _TYPED.sub("_numpy.ndarray", source + "\n")).rstrip("\n")


def _variables(thing: CodeRunner) -> tuple[dict[str, Any], dict[str, str]]:
    """Variables that an object's code works on, and their indices."""
    variables, indices = dict(thing.group.variables), dict(thing.group.variables.indices)
    own = getattr(thing, "variables", None)
    if own is not None:
        variables.update(own)
        indices.update(own.indices)
    return variables, indices


def _code_of(thing: CodeRunner) -> Any:
    """The code object of an object of the network, made from code that is known if it is."""
    earlier = thing.codeobj
    if isinstance(earlier, LeanCodeObject) and earlier.fits():
        return earlier
    key = thing.name, type(thing)
    variables, indices = _variables(thing)
    if key not in _known:
        vars(thing)["codeobj_class"] = LeanCodeObject
        made = thing.codeobj = thing.create_default_code_object({})
        if made is not None:
            _known[key] = _without_arrays(made, variables)
        return made
    known = _known[key]
    used = {name: variables[name] for name in known.inside}
    used |= {
        name: variables[written].conditional_write for name, written in known.conditions.items()
    }
    made = LeanCodeObject(
        thing.group,
        known.code,
        used | known.outside,
        indices,
        template_name=known.template,
        template_source=known.template_source,
        compiler_kwds={},
        name=f"{thing.name}_codeobject",
    )
    made.compiled_code.update(known.compiled)
    thing.codeobj = made
    return made


def _without_arrays(made: Any, variables: dict[str, Any]) -> _Known:
    written_on = {
        id(value.conditional_write): name
        for name, value in made.variables.items()
        if getattr(value, "conditional_write", None) is not None
    }
    inside = [name for name, value in made.variables.items() if value is variables.get(name, made)]
    rest = {name: value for name, value in made.variables.items() if name not in inside}
    return _Known(
        made.code,
        dict(made.compiled_code),
        made.template_name,
        made.template_source,
        tuple(inside),
        {name: written_on[id(value)] for name, value in rest.items() if id(value) in written_on},
        {name: value for name, value in rest.items() if isinstance(value, Function | Constant)},
    )


# Time steps.


class Loop:
    """The time steps of a network, as one function of Python.

    Attributes
    ----------
    source
        What is run.
    """

    def __init__(self, network: Network, objects: list[Any]) -> None:
        self._names: dict[str, Any] = {}
        # By group: names of the number of spikes in this step, and of what holds their rows.
        self._counts: dict[str, str] = {}
        self._spikes: dict[str, str] = {}
        self._tails: dict[str, Any] = {}
        body = [line for thing in objects for line in self._lines(network, thing)]
        clear = [f"{name} = 0" for name in self._counts.values()]
        arguments = ", ".join(["first", "end", "timestep", "t", "dt", *self._names])
        lines = [
            f"def steps({arguments}):",
            *("    " + line for line in clear),
            "    for step in range(first, end):",
            *("        " + line for line in body),
            "        timestep[0] = step + 1",
            "        t[0] = (step + 1)*dt",
        ]
        self.source = "\n".join([*lines, ""])

    def _name(self, kind: str, value: Any) -> str:
        name = f"{kind}_{len(self._names)}"
        self._names[name] = value
        return name

    def _fired(self, group: Any) -> tuple[str, str]:
        """Names of the number of spikes of a group in a step, and of their rows."""
        if group.name not in self._counts:
            count = self._counts[group.name] = f"fired_{len(self._counts)}"
            if isinstance(group, Player):
                self._spikes[group.name] = f"rows_{count}"
            else:
                space = self._name("space", group.variables["_spikespace"].get_value())
                self._spikes[group.name] = f"{space}[:{count}]"
        return self._counts[group.name], self._spikes[group.name]

    def _call(self, thing: Any) -> str:
        """Statement that calls an object's compiled code."""
        code = _code_of(thing)
        if code is None:
            return ""
        function = self._name("call", code.compiled_code["run"].main)
        return f"{function}({self._name('with', code.namespace)})"

    def _lines(self, network: Network, thing: Any) -> list[str]:
        """Statements of one object in a step."""
        if isinstance(thing, NetworkOperation):
            return self._operation(network, thing.name)
        if isinstance(thing, CompiledStep):
            count, _ = self._fired(thing.group)
            return [f"{count} = {self._name('advance', thing.take)}()"]
        if isinstance(thing, Player):
            return self._player(thing)
        if isinstance(thing, NeuronGroup) or not isinstance(thing, CodeRunner):
            return []
        if isinstance(thing, SynapticPathway):
            return self._pathway(thing)
        call = self._call(thing)
        if not call:
            return []
        if isinstance(thing, StateUpdater):
            return [call]
        count, _ = self._fired(thing.group)
        space = thing.group.variables["_spikespace"].get_value()
        look = f"{count} = {self._name('item', space.item)}(-1)"
        if isinstance(thing, Thresholder):
            return [call, look]
        if isinstance(thing, Resetter):
            return [f"if {count}:", f"    {call}"]
        raise TypeError(f"an object of Brian2 that networks here do not have: {thing.name}")

    def _player(self, player: Player) -> list[str]:
        """Sources that spike in a step, in those that have any."""
        count, rows = self._fired(player)
        name = self._name("player", player)
        return [
            f"if step >= {name}.due:",
            f"    {rows} = {name}.fire()",
            f"    {count} = len({rows})",
            f"elif {count}:",
            f"    {count} = 0",
        ]

    def _operation(self, network: Network, name: str) -> list[str]:
        if name == "first":
            lines = []
            if network.currents.any:
                lines.append(f"{self._name('act', network.currents.act)}(step)")
            if network.taps.signals:
                sample = self._name("sample", network.taps.sample)
                due = self._name("sample_due", -1)
                lines += [f"if step >= {due}:", f"    {due} = {sample}(step)"]
            return lines
        if name == "late_weights":
            late, deliver = (
                self._name("late", network.late), self._name("deliver", network.deliver_late),
            )  # fmt: skip
            return [f"if {late}:", f"    {deliver}(step)"]
        lines = []
        for tap in network.taps.spikes.values():
            count, rows = self._fired(tap.group.made)
            lines += [f"if {count}:", f"    {self._name('take', tap.take)}(step, {rows})"]
        return lines

    def _pathway(self, pathway: Any) -> list[str]:
        """Spikes that set out, and what arrives while any can be under way.

        A queue is a ring with a place for each step of the longest delay: an empty one need not
        be turned.
        """
        count, rows = self._fired(pathway.source)
        push = self._name("push", pathway.queue.push)
        # There may be spikes of an earlier run.
        slots = pathway.longest_steps + 1
        until = self._name("until", slots)
        self._tails[until] = slots
        return [
            f"if {count}:", f"    {push}({rows})", f"    {until} = step + {slots}",
            f"if step <= {until}:", f"    {self._call(pathway)}",
        ]  # fmt: skip

    def run(self, clock: Any, first: int, end: int) -> None:
        """Carry out the steps from `first` on, before `end`."""
        timestep, t, dt = (clock.variables[name].get_value() for name in ("timestep", "t", "dt"))
        names = self._names | {name: first + slots for name, slots in self._tails.items()}
        made: dict[str, Any] = {}
        exec(_compiled(self.source), made)
        function: Callable[..., None] = made["steps"]
        function(first, end, timestep, t, dt[0], **names)


@lru_cache(maxsize=64)
def _compiled(source: str) -> CodeType:
    return compile(source, "<time steps>", "exec")


def run(network: Network, objects: list[Any], clock: Any, first: int, end: int) -> None:
    """Simulate the steps from `first` on, before `end`.

    Parameters
    ----------
    objects
        Brian2's objects, in the order in which they act within a step.
    """
    for thing in objects:
        thing._network = "quick"  # or Brian2 warns that it never ran
        if isinstance(thing, SynapticPathway) and thing.eventspace is None:
            thing.initialise_queue()
    Loop(network, objects).run(clock, first, end)
    for thing in objects:
        if isinstance(thing, NeuronGroup):
            thing.variables["_spikespace"].get_value()[-1] = 0
            thing._check_for_invalid_states()
