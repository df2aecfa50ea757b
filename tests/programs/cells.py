"""Draws neurons, sources, views and assemblies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .celltypes import draw_celltype, draw_parameters
from .draft import Cells, Draft

# Rates (Hz) of drawn sources: now and then one stands for thousands.
_HIGHEST_HZ, _LUMPED_HZ = 900.0, 20_000.0


def draw_neurons(draft: Draft, size: int) -> None:
    """Write a population of neurons, with or without initial values."""
    name, celltype = draft.name("p"), draw_celltype(draft)
    parameters, cells = draw_parameters(draft, celltype, name, size)
    cell = f"sim.{celltype}({', '.join(f'{key}={text}' for key, text in parameters.items())})"
    if draft.chance(0.15):
        # One cell type object, of one or two populations.
        kind = draft.name("cell")
        draft.write(f"{kind} = {cell}")
        cell = kind
    arguments = [str(size), cell]
    if draft.chance(0.3):
        arguments.append(f"structure={_structure(draft, size)}")
    if draft.chance(0.5):
        arguments.append(f'initial_values={{"v": {initial_v(draft, size)}}}')
    if draft.chance(0.7):
        arguments.append(f'label="{name}"')
    draft.write(f"{name} = sim.Population({', '.join(arguments)})")
    draft.cells[name] = cells
    if cell.startswith("cell") and draft.chance(0.5):
        twin = draft.name("p")
        draft.write(f"{twin} = sim.Population({size}, {cell}, label={twin!r})")
        draft.cells[twin] = replace(cells, name=twin, populations=(twin,))


def initial_v(draft: Draft, size: int) -> str:
    """Initial potentials, now and then above threshold."""
    high = -45.0 if draft.chance(0.05) else -52.0
    if draft.chance(0.4):
        return str(draft.uniform(-75.0, high))
    return draft.several(-75.0, high, size)


def _structure(draft: Draft, size: int) -> str:
    # A grid has as many rows as columns.
    even = "Grid2D()" if size in (1, 4, 9, 16) else "Line(dx=1.5)"
    random = f"RandomStructure({', '.join(['boundary=Sphere(radius=3.0)', *draft.seeded()])})"
    return draft.pick(even, random)


def draw_source(draft: Draft, size: int) -> None:
    """Write a population of spike sources."""
    name = draft.name("s")
    if draft.chance(0.5):
        cell, rate = _poisson(draft, size)
        draft.poisson.append(name)
    elif draft.chance(0.2):
        cell, rate = _with_memory(draft, name, size)
    else:
        times, rate = spike_times(draft, size, 0)
        cell = f"sim.SpikeSourceArray(spike_times={times})"
        draft.arrays.append(name)
    draft.write(f'{name} = sim.Population({size}, {cell}, label="{name}")')
    draft.cells[name] = Cells(name, size, (name,), rate)


def _poisson(draft: Draft, size: int) -> tuple[str, float]:
    low, high = (50.0, _HIGHEST_HZ) if draft.chance(0.8) else (2.0, 60.0)
    rate = draft.uniform(low, min(high, draft.pick(200.0, high)))
    if draft.chance(0.2):
        rate = draft.uniform(_HIGHEST_HZ, _LUMPED_HZ)
    arguments = [f"rate={rate}"]
    if draft.chance(0.25):
        arguments = [f"rate={draft.several(0.3 * rate, rate, size)}"]
    return f"sim.SpikeSourcePoisson({', '.join(arguments + _window(draft, size))})", rate


def _with_memory(draft: Draft, name: str, size: int) -> tuple[str, float]:
    """A source whose spikes depend on the time since the last one."""
    rate = draft.uniform(20.0, 200.0)
    alpha = draft.uniform(1.0, 5.0)
    kind = draft.pick("Gamma", "PoissonRefractory", "InhGamma")
    if kind == "Gamma":
        arguments = [f"alpha={alpha}", f"beta={alpha * rate:.4g}"]
        draft.renewal[name] = "beta", alpha * rate
    elif kind == "PoissonRefractory":
        arguments = [f"rate={rate}", f"tau_refrac={draft.uniform(0.0, 900.0 / rate)}"]
        draft.renewal[name] = "rate", rate
    else:
        b = 1 / (alpha * rate)
        arguments = [
            f"a=[{alpha}, {alpha}]", f"b=[{b:.4g}, {2 * b:.4g}]",
            f"tbins=[0.0, {draft.steps(5.0, draft.duration)}]",
        ]  # fmt: skip
    return f"sim.SpikeSource{kind}({', '.join(arguments + _window(draft, size))})", rate


def _window(draft: Draft, size: int) -> list[str]:
    """Arguments that limit when sources spike."""
    arguments = []
    if draft.chance(0.3):
        start = draft.pick(draft.steps(0, 0.4 * draft.duration), draft.uniform(0, 30))
        arguments.append(f"start={start}")
    elif draft.chance(0.15):
        arguments.append(f"start={draft.several(0.0, 0.5 * draft.duration, size)}")
    if draft.chance(0.3):
        arguments.append(f"duration={draft.steps(0.2 * draft.duration, draft.duration)}")
    return arguments


def spike_times(draft: Draft, size: int, first_step: int) -> tuple[str, float]:
    """Trains for as many sources from a step on, and their rate (Hz)."""
    dt = draft.dt
    first = draft.ms(first_step)
    last_step = max(round(draft.duration * draft.pick(1.0, 1.2) / dt), first_step + 3)
    steps = last_step - first_step
    # Whether a step may have several spikes of a source.
    twice = draft.chance(0.3)
    kind = draft.pick(
        "poisson", "one for all", "regular", "bursts", "lists", "off grid", "function",
        weights=(5, 1, 1, 1, 1, 1, 0.5),
    )  # fmt: skip
    if kind == "one for all":
        chosen = draft.rng.choice(steps, min(draft.between(1, 20), steps), replace=twice)
        times = [draft.ms(first_step + int(step)) for step in np.sort(chosen)]
        return str(times), len(times) / draft.duration * 1e3
    if kind == "regular":
        gap = draft.steps(2 * dt, max(20.0, 4 * dt))
        trains = f"[Sequence(np.round(np.arange({first} + {dt} * k, {draft.duration}, {gap}), 6))"
        return f"{trains} for k in range({size})]", 1e3 / gap
    if kind == "bursts":
        gap, length = draft.steps(10 * dt, max(40.0, 20 * dt)), draft.between(2, 8)
        ticks = f"np.arange({first}, {draft.duration}, {gap})[:, None] + {dt} * np.arange({length})"
        return f"[Sequence(np.round(np.ravel({ticks}), 6))] * {size}", length / gap * 1e3
    if kind == "lists":
        number = min(draft.between(1, 6), steps)
        trains = [np.sort(draft.rng.choice(steps, number, replace=twice)) for _ in range(size)]
        if draft.chance(0.4):
            trains[draft.between(0, size - 1)] = np.array([], dtype=int)
        times = [[draft.ms(first_step + int(step)) for step in train] for train in trains]
        listed = ", ".join(f"Sequence({train})" for train in times)
        return f"[{listed}]", number / draft.duration * 1e3
    rate = draft.uniform(10.0, 40.0 if kind == "off grid" else 300.0)
    rate = min(rate, 500.0 / dt)
    # Off the grid, every third step at most has spikes: none is on the border of two.
    apart, shift = (3, f" + {0.3 * dt:.4g}") if kind == "off grid" else (1, "")
    again = draft.between(2, 3) if twice else 1
    fired = (
        f"np.flatnonzero(np.random.default_rng([{draft.seed()}, k]).random({steps // apart})"
        f" < {rate * dt * apart * 1e-3:.3g})"
    )
    step = f"{dt * apart:.6g}"
    if twice:
        fired = f"np.repeat({fired}, {again})"
    train = f"Sequence(np.round({fired} * {step} + {first}{shift}, 6))"
    if kind == "function":
        return f"lambda index: [{train} for k in index]", rate
    return f"[{train} for k in range({size})]", rate


def draw_part(draft: Draft, whole: Cells) -> Cells:
    """Write a view of a population or of a view; not always in the order of its cells."""
    name, size = draft.name("v"), whole.size
    kind = draft.pick(
        "slice", "from the end", "stride", "reversed", "mask", "list", "array", "sample"
    )
    first = draft.between(0, max(size // 2 - 1, 0))
    number = draft.between(1, size - first)
    chosen = draft.rng.choice(size, number, replace=False)
    if draft.chance(0.7):
        chosen.sort()
    if kind == "slice":
        selector = f"[{first}:{first + number}]"
    elif kind == "from the end":
        selector = f"[-{number}:]"
    elif kind == "reversed":
        selector, number = "[::-1]", size
    elif kind == "stride":
        selector, number = f"[{first}::2]", len(range(first, size, 2))
    elif kind == "mask":
        mask = np.isin(np.arange(size), chosen).astype(int)
        selector = f"[np.array({mask.tolist()}, dtype=bool)]"
    elif kind == "list":
        selector = f"[{chosen.tolist()}]"
    elif kind == "array":
        selector = f"[np.array({chosen.tolist()})]"
    else:
        selector = f".sample({', '.join([str(number), *draft.seeded()])})"
    draft.write(f"{name} = {whole.name}{selector}")
    draft.cells[name] = replace(whole, name=name, size=number)
    return draft.cells[name]


def two_parts(draft: Draft, whole: Cells) -> list[Cells]:
    """Two views of a population that have no cell in common, the later cells first."""
    first = draft.between(1, whole.size - 1)
    second = draft.between(first, whole.size - 1)
    parts = {f"{whole.name}[{second}:]": whole.size - second, f"{whole.name}[:{first}]": first}
    return [replace(whole, name=name, size=size) for name, size in parts.items()]


def draw_assembly(draft: Draft, members: list[Cells]) -> None:
    """Write an assembly of populations or views, of neurons or of anything."""
    name = draft.name("a")
    if all(member.name in member.populations for member in members) and draft.chance(0.3):
        made = " + ".join(member.name for member in members)
    else:
        made = f"sim.Assembly({', '.join(member.name for member in members)})"
    draft.write(f"{name} = {made}")
    neurons = [member for member in members if not member.is_source]
    targets = len(neurons) == len(members)
    size = sum(member.size for member in members)
    if draft.chance(0.2):
        # A part of an assembly is one too.
        first = draft.between(0, size // 2)
        size = draft.between(1, size - first)
        whole, name = name, draft.name("a")
        draft.write(f"{name} = {whole}[{first}:{first + size}]")
    draft.cells[name] = Cells(
        name,
        size,
        tuple(dict.fromkeys(one for member in members for one in member.populations)),
        float(np.mean([member.rate for member in members])),
        (
            max(member.tau_syn[0] for member in neurons if member.tau_syn),
            max(member.tau_syn[1] for member in neurons if member.tau_syn),
        )
        if targets
        else None,
        min((member.capacity for member in neurons), default=1.0),
        min((member.rheobase for member in neurons), default=1.0),
        neurons[0].unit if targets else "nA",
        is_assembly=True,
    )
