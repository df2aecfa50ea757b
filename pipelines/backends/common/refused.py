"""Constructs whose randomness each simulator draws for itself: refused, with the way out.

Rows "NoisyCurrentSource" (Brian2 gives every cell the same noise) and "SpikeSourcePoisson" (NEST
shifts the window and can fire twice in a step; Brian2 at most once); seen in PyNN 0.13.0.
"""

from __future__ import annotations

from typing import Any

from pipelines.errors import Unsupported


class SpikeSourcePoisson:
    """Refused: draw the trains with NumPy and play them."""

    def __init__(self, **parameters: Any) -> None:
        raise Unsupported(
            "SpikeSourcePoisson",
            "each simulator would draw trains of its own",
            allowed="trains drawn from the run's seed, given to SpikeSourceArray",
        )


class NoisyCurrentSource:
    """Refused: draw the noise with NumPy and inject it as steps."""

    def __init__(self, **parameters: Any) -> None:
        raise Unsupported(
            "NoisyCurrentSource",
            "each simulator would draw noise of its own",
            allowed="noise drawn from the run's seed, given to a StepCurrentSource for each cell",
        )
