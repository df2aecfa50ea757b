"""Keys of Brian2's caches, worked out once a run instead of at every look.

Brian2 looks its generated statements up by all variables of a group, and makes a key of each of
them anew for each of some hundred looks: two thirds of what a small network takes before its first
step (50 of 80 ms; seen in Brian2 2.9.0 to 2.11.0). The keys, and with them what is found, stay as
they are. No row of the register: it mends time alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from brian2.core.variables import Variable
from brian2.utils.caching import _hashable

# Classes of variables, and their subclasses that keep their keys.
_kinds: dict[type[Variable], type[Variable]] = {}


class _Key:
    """What Brian2 makes of a variable's attributes, with its hash."""

    __slots__ = ("hash", "state")

    def __init__(self, state: Any) -> None:
        self.state = state
        self.hash = hash(state)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, _Key) and self.hash == other.hash and self.state == other.state
        )


class _Keyed:
    """Mixin of variables that keep their key until one of their attributes changes."""

    @property
    def _state_tuple(self) -> Any:
        own = self.__dict__
        if "_key" not in own:
            own["_key"] = _Key(_hashable(super()._state_tuple))  # type: ignore[misc]
        return own["_key"]

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__.pop("_key", None)
        super().__setattr__(name, value)


def _keyed(kind: type[Variable]) -> type[Variable]:
    if kind not in _kinds:
        irrelevant = kind._cache_irrelevant_attributes | {"_key"}
        members = {"_cache_irrelevant_attributes": irrelevant}
        _kinds[kind] = type(kind.__name__, (_Keyed, kind), members)
    return _kinds[kind]


@contextmanager
def kept_keys(things: Iterable[Any]) -> Iterator[None]:
    """Within this block the variables of these objects keep their keys."""
    kinds = {
        variable: type(variable)
        for thing in things
        for variable in getattr(thing, "variables", {}).values()
        if isinstance(variable, Variable)
    }
    try:
        for variable, kind in kinds.items():
            variable.__class__ = _keyed(kind)
        yield
    finally:
        for variable, kind in kinds.items():
            variable.__class__ = kind
            variable.__dict__.pop("_key", None)
