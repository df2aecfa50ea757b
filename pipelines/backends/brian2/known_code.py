"""Generated code of a network that was there before, found whole instead of made once more.

Brian2 makes the code of every object anew before every run: it analyses, translates, renders and
looks its parts up in a dozen caches, each by a key of all variables, which takes a small network
longer than its time steps (40 ms; seen in Brian2 2.9.0 to 2.11.0). Here one look tells whether
this process has made the same code for the same variables already. What is run is that very code
with the variables of this network. No row of the register: it mends time alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import brian2
from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.core.functions import Function
from brian2.core.variables import Variable
from brian2.devices.device import get_device
from brian2.groups.group import CodeRunner
from brian2.synapses.synapses import SynapticPathway
from brian2.utils.caching import _hashable

from .cache_keys import kept_keys
from .lean_code import LeanCodeObject

# Of a process that simulates one network after another, each of its own kind.
_MOST = 512

_PUSH_SPIKES = "synapses_push_spikes"


class _Unknown(Exception):
    """Something that no key can be made of: Brian2 makes the code."""


@dataclass(frozen=True)
class _Known:
    """Code as it was made, without the variables of the network that it was made for.

    Attributes
    ----------
    code, compiled, template_source
        As a code object has them.
    inside
        Names that are variables of the group or of the object.
    conditions
        Names of variables on which others can be written, with one of those.
    outside
        Functions of Brian2's own by name, and what the namespace of the run had by that name.
    """

    code: Any
    compiled: Mapping[str, Any]
    template_source: str
    inside: tuple[str, ...]
    conditions: Mapping[str, str]
    outside: Mapping[str, tuple[Function, Any]]


_known: dict[Any, _Known] = {}


@contextmanager
def known_code(things: Iterable[Any]) -> Iterator[None]:
    """Within this block these objects find code that is known, and what they make is noted.

    Brian2's preparation of a run goes into it. Objects that are not to run compiled code of the
    usual kind, or have ways of their own to make it, are left alone.
    """
    things = list(things)
    settings = repr(sorted((name, repr(value)) for name, value in brian2.prefs.items()))
    hooked = []
    with kept_keys(things):
        try:
            for thing in things:
                if not isinstance(thing, CodeRunner):
                    continue
                if get_device().code_object_class(thing.codeobj_class) is CythonCodeObject:
                    _own(thing)["codeobj_class"] = LeanCodeObject
                if thing.codeobj_class is LeanCodeObject:
                    hooked.append(thing)
                    _hook(thing, settings)
            yield
        finally:
            for thing in hooked:
                for name in ("create_default_code_object", "create_code_objects"):
                    _own(thing).pop(name, None)


def _own(thing: Any) -> dict[str, Any]:
    """An object's attributes; groups refuse new ones that are set in the usual way."""
    return vars(thing)


def _hook(thing: Any, settings: str) -> None:
    kind = type(thing)
    if kind.create_default_code_object is CodeRunner.create_default_code_object:
        _own(thing)["create_default_code_object"] = partial(_default_code, thing, settings)
    if kind.create_code_objects is SynapticPathway.create_code_objects:
        _own(thing)["create_code_objects"] = partial(_code_of_pathway, thing, settings)


def _default_code(thing: Any, settings: str, run_namespace: Any) -> Any:
    """In the place of a code runner's `create_default_code_object`."""

    def make() -> Any:
        return type(thing).create_default_code_object(thing, run_namespace)

    thing.update_abstract_code(run_namespace=run_namespace)
    if not thing.generate_empty_code and len(thing.abstract_code) == 0:
        return make()
    asked = (
        thing.abstract_code,
        thing.user_code,
        thing.check_units,
        thing.needed_variables,
        thing.template_kwds,
        thing.override_conditional_write,
    )
    look = _Look(thing, thing.group, thing.template, asked, settings, run_namespace)
    thing.codeobj = look.found() or look.noted(make())
    return thing.codeobj


def _code_of_pathway(pathway: Any, settings: str, run_namespace: Any) -> None:
    """In the place of a pathway's `create_code_objects`, which has two."""
    look = None
    if pathway._pushspikes_codeobj is None:
        asked = (pathway.event,)
        look = _Look(pathway, pathway, _PUSH_SPIKES, asked, settings, run_namespace)
        pathway._pushspikes_codeobj = look.found()
    type(pathway).create_code_objects(pathway, run_namespace)
    if look is not None:
        look.noted(pathway._pushspikes_codeobj)


class _Look:
    """One look for known code.

    Parameters
    ----------
    thing, group
        Whose code it is, and whose variables it works on; the object's own come before those.
    template
        Name of Brian2's template.
    asked
        All else that the code depends on.
    settings
        Brian2's preferences.
    run_namespace
        What surrounds the call of `run`.
    """

    def __init__(
        self,
        thing: Any,
        group: Any,
        template: str,
        asked: Any,
        settings: str,
        run_namespace: Any,
    ) -> None:
        self._thing, self._group, self._template = thing, group, template
        self._run_namespace = run_namespace
        self._variables: dict[str, Any] = dict(group.variables)
        self._indices = dict(group.variables.indices)
        own = getattr(thing, "variables", None)
        if own is not None:
            self._variables.update(own)
            self._indices.update(own.indices)
        self._key: Any = None
        try:
            names = (thing.name, group.name, type(thing), template, settings)
            self._key = (names, _key(asked, thing), self._of_variables())
        except _Unknown:
            return
        if getattr(group, "namespace", None):
            # It goes before what surrounds the call.
            self._key = None

    def _of_variables(self) -> frozenset[Any]:
        def key(value: Any) -> Any:
            # Other objects, such as a pathway's queue, are handed to the code as they are.
            of_code = isinstance(value, Variable | Function)
            return _key(value, self._thing) if of_code else type(value)

        return frozenset(
            (name, key(value), self._indices.get(name)) for name, value in self._variables.items()
        )

    def found(self) -> LeanCodeObject | None:
        """A code object of known code; None if there is none."""
        known = _known.get(self._key) if self._key is not None else None
        if known is None or any(
            self._run_namespace.get(name) is not seen for name, (_, seen) in known.outside.items()
        ):
            return None
        variables = {name: self._variables[name] for name in known.inside}
        for name, written in known.conditions.items():
            variables[name] = variables[written].conditional_write
        variables.update((name, function) for name, (function, _) in known.outside.items())
        made = LeanCodeObject(
            self._group,
            known.code,
            variables,
            self._indices,
            template_name=self._template,
            template_source=known.template_source,
            compiler_kwds={},
            name=f"{self._thing.name}_{self._template}",
        )
        made.compiled_code.update(known.compiled)
        return made

    def noted(self, made: Any) -> Any:
        """The code object that Brian2 made, after it was noted if it can be used again."""
        if self._key is None or type(made) is not LeanCodeObject:
            return made
        inside: list[str] = []
        conditions, outside = {}, {}
        written_on = {
            id(getattr(value, "conditional_write", None)): name
            for name, value in made.variables.items()
            if value is self._variables.get(name)
        }
        for name, value in made.variables.items():
            if value is self._variables.get(name, self):
                inside.append(name)
            elif id(value) in written_on:
                conditions[name] = written_on[id(value)]
            elif type(value) is Function:
                outside[name] = (value, self._run_namespace.get(name))
            else:
                # A constant of the namespace: Brian2 looks at its value each time.
                return made
        if len(_known) >= _MOST:
            _known.clear()
        compiled = dict(made.compiled_code)
        _known[self._key] = _Known(
            made.code, compiled, made.template_source, tuple(inside), conditions, outside
        )
        return made


def _key(value: Any, thing: Any) -> Any:
    """What tells a value from others as far as generated code goes."""
    if isinstance(value, Variable):
        # Names of arrays are made of their owners'.
        return _hashable(value._state_tuple), getattr(value.owner, "name", None)
    if value is None or isinstance(value, str | bool | int | float | Function):
        return type(value), value
    if isinstance(value, Mapping):
        return frozenset((name, _key(item, thing)) for name, item in value.items())
    if isinstance(value, set | frozenset):
        return frozenset(_key(item, thing) for item in value)
    if isinstance(value, list | tuple):
        return tuple(_key(item, thing) for item in value)
    if value is thing:
        return type(value)
    raise _Unknown
