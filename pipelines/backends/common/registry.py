"""What the network of the current `setup` is made of, in the order of its making."""

from __future__ import annotations

from typing import Any


class Registry:
    """Populations and projections since the last `setup`, whether a script names them or not."""

    def __init__(self) -> None:
        self.populations: list[Any] = []
        self.projections: list[Any] = []

    def clear(self) -> None:
        """Forget the network of an earlier `setup`."""
        self.populations.clear()
        self.projections.clear()
