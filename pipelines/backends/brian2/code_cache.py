"""A process-wide cache of the code that Brian2 generates and compiles for its objects.

Its code objects leave out the buffer requests and unused look-ups of Brian2's own. `fast_runtime`,
which uses them, states the gain in speed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from brian2.codegen.runtime.cython_rt import CythonCodeObject
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable, Constant
from brian2.groups.group import CodeRunner

from pipelines.backends.shared.compile_time import COMPILE_TIME


@dataclass(frozen=True)
class _CachedCode:
    """Generated and compiled code of an object, without the arrays of a network."""

    code: Any
    compiled: dict[str, Any]
    template: str
    template_source: str
    own_variables: tuple[str, ...]  # names of the object's own variables that it uses
    # By name of a variable that is a condition of writing (`not_refractory`): a variable that it
    # guards.
    conditions: dict[str, str]
    constants: dict[str, Function | Constant]


_cache: dict[tuple[str, type], _CachedCode] = {}

# The declaration of a one-dimensional array of which the next line uses the address only.
_TYPED = re.compile(r"_numpy\.ndarray\[[^\]]*\bndim=1\b[^\]]*\](?= _buf_\w+ = )")
# Look-ups whose result may be unused: of variables, which only templates that resize them need,
# and of lengths.
_LOOKED_UP = re.compile(
    r"""^[ ]*(?:(_var_\w+)[ ]=[ ]_namespace\["\1"\]"""
    r"""|cdef[ ]size_t[ ](_num\w+)[ ]=[ ]len\(_namespace\['\w+'\]\))[ ]*\n""",
    re.MULTILINE,
)


class FastCodeObject(CythonCodeObject):
    """A code object without the buffer requests and unused look-ups of Brian2's own."""

    def __init__(self, owner: Any, code: Any, *further: Any, **named: Any) -> None:
        # The block "after_run" is not compiled: `run` itself resets the numbers of spikes.
        super().__init__(owner, SimpleNamespace(run=without_buffers(code.run)), *further, **named)
        arrays = [value for value in self.variables.values() if isinstance(value, ArrayVariable)]
        self._arrays = [(variable, variable.get_value()) for variable in arrays]

    def compile_block(self, block: str) -> Any:
        """Compile a block of the code, or load what was compiled before; the time is counted."""
        with COMPILE_TIME.compiling():
            return super().compile_block(block)

    def arrays_unchanged(self) -> bool:
        """Whether the arrays that it works on are still those of its variables and functions."""
        return all(variable.get_value() is array for variable, array in self._arrays) and all(
            self.namespace[name] is table for name, table in self._lookup_tables()
        )

    def _lookup_tables(self) -> Iterator[tuple[str, Any]]:
        """The arrays that the functions called by the code read, by name."""
        for function in self.variables.values():
            if isinstance(function, Function):
                tables = function.implementations[self].get_namespace(self.owner)
                yield from (tables or {}).items()


@lru_cache(maxsize=256)
def without_buffers(source: str) -> str:
    """Cython code without typed buffers and unused look-ups, and with the same result.

    Parameters
    ----------
    source
        Cython code as Brian2 generates it.

    Examples
    --------
    >>> print(without_buffers('''
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
        # The line of a variable itself has its name twice.
        return found[0] if words.count(name) > (2 if found[1] else 1) else ""

    return _LOOKED_UP.sub(kept, _TYPED.sub("_numpy.ndarray", source + "\n")).rstrip("\n")


def _variables(obj: CodeRunner) -> tuple[dict[str, Any], dict[str, str]]:
    """Variables that an object's code works on, and their indices."""
    variables, indices = dict(obj.group.variables), dict(obj.group.variables.indices)
    own = getattr(obj, "variables", None)
    if own is not None:
        variables.update(own)
        indices.update(own.indices)
    return variables, indices


def code_object(obj: CodeRunner) -> Any:
    """The code object of a Brian2 object: its present one, one from the cache, or a new one."""
    earlier = obj.codeobj
    if isinstance(earlier, FastCodeObject) and earlier.arrays_unchanged():
        return earlier
    key = obj.name, type(obj)
    variables, indices = _variables(obj)
    if key not in _cache:
        vars(obj)["codeobj_class"] = FastCodeObject
        created = obj.codeobj = obj.create_default_code_object({})
        if created is not None:
            _cache[key] = _without_arrays(created, variables)
        return created
    cached = _cache[key]
    used = {name: variables[name] for name in cached.own_variables}
    used |= {
        name: variables[written].conditional_write for name, written in cached.conditions.items()
    }
    created = FastCodeObject(
        obj.group,
        cached.code,
        used | cached.constants,
        indices,
        template_name=cached.template,
        template_source=cached.template_source,
        compiler_kwds={},
        name=f"{obj.name}_codeobject",
    )
    created.compiled_code.update(cached.compiled)
    obj.codeobj = created
    return created


def _without_arrays(created: Any, variables: dict[str, Any]) -> _CachedCode:
    """The cacheable part of a code object; `variables` are those of its Brian2 object."""
    written_on = {
        id(value.conditional_write): name
        for name, value in created.variables.items()
        if getattr(value, "conditional_write", None) is not None
    }
    own = [
        name for name, value in created.variables.items() if value is variables.get(name, created)
    ]
    rest = {name: value for name, value in created.variables.items() if name not in own}
    return _CachedCode(
        created.code,
        dict(created.compiled_code),
        created.template_name,
        created.template_source,
        tuple(own),
        {name: written_on[id(value)] for name, value in rest.items() if id(value) in written_on},
        {name: value for name, value in rest.items() if isinstance(value, Function | Constant)},
    )
