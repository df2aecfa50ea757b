"""Draws a program from a seed: `draw(17)` is the same in every process."""

from __future__ import annotations

from collections.abc import Callable

from .cells import draw_assembly, draw_neurons, draw_part, draw_source, two_parts
from .celltypes import signals
from .changes import Changes
from .connections import draw_projection
from .currents import draw_current
from .draft import Cells, Draft
from .phases import draw_phases
from .program import Program

# Time steps in ms, and how often they occur.
_TIMESTEPS = {0.1: 6, 0.05: 1, 0.2: 1, 0.25: 1, 0.5: 1, 1.0: 1, 0.125: 0.3}


def draw(seed: int) -> Program:
    """The program of a seed."""
    draft = Draft(seed)
    _setup(draft, seed)
    phases = draw_phases(draft)
    _cells(draft)
    changes = Changes(draft)
    _network(draft, changes)
    for index, phase in enumerate(phases):
        if index:
            changes.draw()
        if phase.after_reset:
            draft.write("sim.reset()")
            changes.now = 0.0
            if draft.chance(0.5):
                changes.draw()
        callbacks = []
        if draft.chance(0.12):
            number = draft.pick(1, 2, weights=(3, 1))
            callbacks = [changes.callback(phase.start, phase.stop) for _ in range(number)]
        draft.write(phase.call(draft, callbacks))
        changes.now = phase.stop
    if draft.chance(0.4):
        changes.read()
    return Program(seed, tuple(draft.statements))


def _setup(draft: Draft, seed: int) -> None:
    draft.dt = draft.pick(*_TIMESTEPS, weights=list(_TIMESTEPS.values()))
    arguments = [f"timestep={draft.dt}"]
    if draft.chance(0.25):
        draft.min_delay_steps = max(1, round(draft.pick(0.2, 0.5, 1.0) / draft.dt))
        arguments.append(f"min_delay={draft.ms(draft.min_delay_steps)}")
    if draft.chance(0.1):
        arguments.append("max_delay=100.0")
    if draft.chance(0.5):
        arguments.append(f"rng_seed={seed}")
    draft.write(f"sim.setup({', '.join(arguments)})")


def _cells(draft: Draft) -> None:
    neurons, sources = draft.between(1, 3), draft.between(1, 3)
    kinds = ["neurons"] * neurons + ["source"] * sources
    for kind in draft.rng.permutation(kinds):
        if kind == "neurons":
            draw_neurons(draft, draft.pick(draft.between(1, 18), 1, weights=(8, 1)))
        else:
            draw_source(draft, draft.pick(draft.between(1, 14), 1, weights=(8, 1)))
    populations = list(draft.cells.values())
    shared = draft.uniform(8.0, 40.0)
    one_for_all = draft.chance(0.6)
    for population in populations:
        own = shared if one_for_all else draft.uniform(8.0, 40.0)
        draft.tau_minus[population.name] = own
    if draft.chance(0.25):
        draft.recorded_late.add(draft.pick(*populations).name)
    views = [draw_part(draft, draft.pick(*populations)) for _ in range(draft.pick(0, 1, 2, 3))]
    if views and draft.chance(0.4):
        draw_part(draft, draft.pick(*views))
    for _ in range(draft.pick(0, 1, 2, weights=(3, 2, 1))):
        _assembly(draft, neurons_only=draft.chance(0.6))


def _assembly(draft: Draft, neurons_only: bool) -> None:
    """Write an assembly of parts that have no cell in common."""
    parts = [cells for cells in draft.cells.values() if len(cells.populations) == 1]
    members: list[Cells] = []
    for index in draft.rng.permutation(len(parts)):
        part = parts[index]
        if neurons_only and part.is_source:
            continue
        if members and part.unit != members[0].unit and not part.is_source:
            continue
        if all(part.populations != member.populations for member in members):
            members.append(part)
    members = members[: draft.between(2, 3)]
    whole = [cells for cells in members[:1] if cells.name in draft.tau_minus and cells.size > 1]
    if whole and draft.chance(0.25):
        members[:1] = two_parts(draft, whole[0])
    if len(members) > 1:
        draw_assembly(draft, members)


def _network(draft: Draft, changes: Changes) -> None:
    """Write projections, recording, initial values, currents and changes, in any order."""
    parts = list(draft.cells.values())
    targets = [cells for cells in parts if not cells.is_source]
    sources = [cells for cells in parts if cells.is_source]

    def project(pre: Cells, post: Cells) -> Callable[[], None]:
        return lambda: changes.made.append(draw_projection(draft, pre, post))

    def record(name: str) -> Callable[[], None]:
        return lambda: _record(draft, draft.cells[name])

    def current() -> None:
        draw_current(draft, draft.pick(*targets), start=0.0)

    tasks = [record(name) for name in draft.tau_minus]
    tasks += [
        project(draft.pick(*sources), draft.pick(*targets)) for _ in range(draft.between(1, 3))
    ]
    tasks += [
        project(draft.pick(*targets), draft.pick(*targets)) for _ in range(draft.between(0, 2))
    ]
    tasks += [project(draft.pick(*parts), draft.pick(*targets)) for _ in range(draft.between(0, 2))]
    if draft.chance(0.3):
        # Parts of one population.
        post = draft.pick(*targets)
        alike = [one for one in targets if set(one.populations) & set(post.populations)]
        tasks.append(project(draft.pick(*alike), post))
    tasks += [current] * draft.pick(0, 1, 2, weights=(5, 3, 1))
    tasks += [changes.before] * draft.pick(0, 1, 2, weights=(4, 2, 1))
    tasks += [changes.initialize] * draft.pick(0, 1, 2, weights=(3, 2, 1))
    for index in draft.rng.permutation(len(tasks)):
        tasks[index]()


def _record(draft: Draft, cells: Cells) -> None:
    """Record a population; signals now and then by themselves, or at longer intervals."""
    name = cells.name
    if name in draft.recorded_late:
        return
    if cells.is_source:
        draft.write(f'{name}.record("spikes")')
        return
    variables = signals(cells)
    if draft.chance(0.15):
        interval = draft.ms(draft.between(2, 10))
        draft.write(f'{name}.record("spikes")')
        draft.write(f"{name}.record({variables}, sampling_interval={interval})")
    elif draft.chance(0.1):
        draft.write(f'{name}.record("spikes")', f"{name}[{cells.size // 2}:].record({variables})")
    else:
        draft.write(f"{name}.record({['spikes', *variables]})")
