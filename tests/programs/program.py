"""A program as data: the statements of a PyNN script, in their order."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

_HEAD = '''"""Random PyNN program {seed}."""

import numpy as np
from pyNN.parameters import Sequence
from pyNN.space import Grid2D, Line, RandomStructure, Sphere

from pipelines import backends

sim = backends.load("nest")  # or another backend
folder = "."  # for lists of connections
'''


@dataclass(frozen=True)
class Program:
    """A PyNN script without its imports.

    Attributes
    ----------
    seed
        What it was drawn from.
    statements
        Each a whole statement of Python. `sim` is the backend; a name is given once. Names that
        begin with ``read`` are what the script itself reads, and are compared too.
    """

    seed: int
    statements: tuple[str, ...]

    def script(self) -> str:
        """The program as a script that runs by itself."""
        return "\n".join([_HEAD.format(seed=self.seed), *self.statements, ""])

    def without(self, left_out: Iterable[int]) -> Program:
        """The program without some statements, and without those that need what they make.

        Parameters
        ----------
        left_out
            Indices of statements.
        """
        gone_indices, gone_names = set(left_out), set()
        kept = []
        for index, statement in enumerate(self.statements):
            made, needed = _names(statement)
            if index in gone_indices or needed & gone_names:
                gone_names |= made
            else:
                kept.append(statement)
        return Program(self.seed, tuple(kept))


def _names(statement: str) -> tuple[set[str], set[str]]:
    """Names that a statement makes, and names that it needs."""
    (tree,) = ast.parse(statement).body
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    # What a function stores is its own.
    made = {tree.name} if isinstance(tree, ast.FunctionDef) else stored
    return made, {name.id for name in names} - stored
