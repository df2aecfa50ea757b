"""Draws currents, and changes of them."""

from __future__ import annotations

from .draft import Cells, Draft

_KINDS = ("DCSource", "ACSource", "StepCurrentSource", "NoisyCurrentSource")


def draw_current(draft: Draft, cells: Cells, start: float) -> None:
    """Write a current source that begins at `start` ms or later, and inject it."""
    name, kind = draft.name("c"), draft.pick(*_KINDS)
    size = draft.uniform(0.3, 1.5) * cells.rheobase
    begin = round(start + draft.pick(0.0, draft.steps(draft.dt, 30.0)), 6)
    values = _values(draft, kind, size, begin)
    if kind == "DCSource" and draft.chance(0.5):
        values.pop("stop")
    arguments = ", ".join(f"{key}={value}" for key, value in values.items())
    draft.currents[name] = kind
    draft.write(f"{name} = sim.{kind}({arguments})")
    single = not cells.is_assembly and draft.chance(0.25)
    draft.write(
        f"{name}.inject_into([{cells.name}[{draft.between(0, cells.size - 1)}]])"
        if single
        else draft.pick(f"{name}.inject_into({cells.name})", f"{cells.name}.inject({name})")
    )


def _values(draft: Draft, kind: str, size: float, begin: float) -> dict[str, str]:
    """Parameters of a source that begins at a time (ms), and is of a size (nA)."""
    if kind == "StepCurrentSource":
        times = [begin]
        for _ in range(draft.between(0, 4)):
            times.append(round(times[-1] + draft.steps(draft.dt, 25.0), 6))
        amplitudes = [float(f"{size * draft.uniform(-0.5, 1.5):.3g}") for _ in times]
        return {"times": f"{times}", "amplitudes": f"{amplitudes}"}
    stop = round(begin + draft.steps(10.0, 80.0), 6)
    values = {"start": f"{begin}", "stop": f"{stop}"}
    if kind == "NoisyCurrentSource":
        values |= {"mean": f"{0.7 * size:.4g}", "stdev": f"{0.5 * size:.4g}"}
        if draft.chance(0.6):
            values["dt"] = f"{draft.ms(draft.between(1, 10))}"
        return values
    values["amplitude"] = f"{size:.4g}"
    if kind == "ACSource":
        values["offset"] = f"{draft.pick(0.0, 0.5) * size:.4g}"
        values["frequency"] = f"{draft.uniform(5, 100)}"
        values["phase"] = f"{draft.uniform(0, 360)}"
    return values


def change_current(draft: Draft, name: str, cells: Cells, now: float) -> None:
    """Write a change, at the present time (ms), of a source that is there."""
    kind = draft.currents[name]
    size = draft.uniform(0.0, 1.5) * cells.rheobase
    begin = round(now + draft.pick(0.0, draft.steps(draft.dt, 20.0)), 6)
    values = _values(draft, kind, size, begin)
    if kind == "DCSource" and draft.chance(0.2):
        draft.write(f"{name}.amplitude = {values['amplitude']}")
        return
    if kind != "StepCurrentSource":
        # Some of them, and mostly not the times.
        times = ("start", "stop", "dt")
        kept = [key for key in values if draft.chance(0.25 if key in times else 0.6)]
        values = {key: values[key] for key in kept} or values
    changed = ", ".join(f"{key}={value}" for key, value in values.items())
    draft.write(f"{name}.set_parameters({changed})")
