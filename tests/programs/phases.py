"""Draws the runs of a program, and where it goes back to time 0."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from .draft import Draft

# Longest program, in ms and in steps.
_LONGEST_MS, _MOST_STEPS = 200.0, 1200


@dataclass(frozen=True)
class Phase:
    """A run, from `start` to `stop` (ms), after a reset or not."""

    after_reset: bool
    start: float
    stop: float

    def call(self, draft: Draft, callbacks: list[str]) -> str:
        """How the script runs it."""
        kind = draft.pick("run", "run_for", "run_until", weights=(8, 1, 1))
        length = draft.ms(round((self.stop - self.start) / draft.dt))
        arguments = [str(self.stop if kind == "run_until" else length)]
        if callbacks:
            arguments.append(f"callbacks=[{', '.join(callbacks)}]")
        return f"sim.{kind}({', '.join(arguments)})"


def draw_phases(draft: Draft) -> list[Phase]:
    """Runs, which take `draft.duration` together.

    Plastic weights can be read on NEST after whole milliseconds; or anywhere, if the first run has
    no divisor in common with a millisecond.
    """
    longest = min(_LONGEST_MS, _MOST_STEPS * draft.dt)
    duration = 50.0 + (longest - 50.0) * draft.rng.random() ** 1.5
    number = draft.pick(1, 2, 3, 4, 5, weights=(2, 3, 3, 2, 1))
    resets = draft.chance(0.35)
    millisecond = round(1 / draft.dt)
    whole = draft.chance(0.5) or millisecond == 1
    phases: list[Phase] = []
    total = now = 0
    for index in range(number):
        steps = millisecond * max(round(duration / number * draft.uniform(0.5, 1.5)), 2)
        if not whole:
            steps += draft.between(0, millisecond - 1)
            while not phases and gcd(steps, millisecond) > 1:
                steps += 1
        reset = resets and index > 0 and draft.chance(0.5)
        now = 0 if reset else now
        phases.append(Phase(reset, draft.ms(now), draft.ms(now + steps)))
        now, total = now + steps, total + steps
    draft.duration = draft.ms(total)
    return phases
