"""Random programs come out the same on every backend, and what draws and judges them works."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing

import numpy as np
import pytest

from tests.programs.__main__ import BACKENDS
from tests.programs.comparing import (
    CRASH,
    DIFFER,
    REFUSED_BY_ALL,
    REFUSED_BY_SOME,
    SAME,
    compare,
)
from tests.programs.drawing import draw
from tests.programs.playing import CRASHED, DONE, REFUSED, Outcome
from tests.programs.program import Program
from tests.programs.serving import Server
from tests.programs.shrinking import shrink

# Programs that everybody tries, and how many there are with those that are marked slow: the
# environment may ask for more (`COUNTERPOINT_PROGRAMS=200 pytest -m slow tests/programs`).
N_QUICK = 3
MORE = range(N_QUICK, int(os.environ.get("COUNTERPOINT_PROGRAMS", "12")))


@pytest.fixture(scope="module")
def servers() -> Iterator[list[Server]]:
    with ExitStack() as opened:
        yield [opened.enter_context(closing(Server(backend))) for backend in BACKENDS]


def check(servers, seed):
    program = draw(seed)
    verdict = compare({server.backend: server.play(program) for server in servers})
    said = "\n".join([*verdict.lines, f"python -m tests.programs shrink {seed}"])
    assert verdict.kind in (SAME, REFUSED_BY_ALL, REFUSED_BY_SOME), said


@pytest.mark.parametrize(
    "seed", [*range(N_QUICK), *(pytest.param(k, marks=pytest.mark.slow) for k in MORE)]
)
def test_a_program_is_the_same_on_every_backend(servers, seed):
    check(servers, seed)


# Each occurs in more than one program of fifty.
CONSTRUCTS = [
    "SpikeSourceArray", "SpikeSourcePoisson", "IF_curr_exp", "Assembly", "v1 = v0",
    "AllToAllConnector", "OneToOneConnector", "FixedProbabilityConnector", "ArrayConnector",
    "FixedNumberPreConnector", "FixedNumberPostConnector", "FixedTotalNumberConnector",
    "DistanceDependentProbabilityConnector", "FromListConnector", "FromFileConnector",
    "allow_self_connections=False", "with_replacement", "StaticSynapse", "AdditiveWeightDependence",
    "MultiplicativeWeightDependence", "AdditivePotentiationMultiplicativeDepression",
    "GutigWeightDependence", "dendritic_delay_fraction", "inhibitory", "DCSource", "ACSource",
    "StepCurrentSource", "NoisyCurrentSource", "RandomDistribution", r"\.initialize\(",
    "run_until", r"\.set\(i_offset", r"\.set\(weight", r"\.set\(spike_times", "sampling_interval",
    "timestep=0.05", "timestep=0.5", "timestep=1.0", "min_delay", "sample", r"\+ d\)",
    r"sim\.reset\(", r"callbacks=\[", r"RandomDistribution\((?!.*rng=)", "uniform_int",
    r"\.set\((A_plus|A_minus|eta)", r"\.set\(.*w_max", r"\.set\(.*(tau_facil|tau_rec|U)=",
    r"c\d\.set_parameters", r"FromListConnector\(\[\]", r"Population\(1,", r"\.tolist\(\)\)",
    r"sim\.initialize", "set_initial_value", r"s\d\.set\(rate", r"v\d\.set\(rate",
    r"v\d\.set\(spike_times", r"\]\.rate", "clear=True", r"p\d\[\d+\]\.\w+ = ",
    r"v\d\.set\(", r"sim\.set\(", r"(?s)sim\.run.*\.record\(",
]  # fmt: skip


def test_every_construct_occurs():
    scripts = [draw(seed).script() for seed in range(500)]
    counts = {each: sum(bool(re.search(each, script)) for script in scripts) for each in CONSTRUCTS}
    assert min(counts.values()) > 10, counts


def test_distances_are_not_asked_for_of_assemblies():
    distances = re.compile(
        r"sim\.Projection\((a\d+, |\S+, a\d+, ).*(DistanceDependent|lambda d)", re.ASCII
    )
    scripts = "\n".join(draw(seed).script() for seed in range(600))
    assert not distances.search(scripts)


def test_a_seed_gives_one_program():
    assert draw(7) == draw(7) != draw(8)


def outcome(**values):
    return Outcome(
        DONE, values={name.replace("_of_", " "): value for name, value in values.items()}
    )


WEIGHTS = np.array([[0, 1, 1.0, 0.02], [3, 1, 2.5, 0.05]])
SPIKES = np.array([[0, 12], [3, 40]])


@pytest.mark.parametrize(
    "one, other, kind",
    [
        (outcome(spikes_of_p=SPIKES), outcome(spikes_of_p=SPIKES + [[0, 0], [0, 1]]), DIFFER),
        (outcome(spikes_of_p=SPIKES), outcome(spikes_of_p=SPIKES[:1]), DIFFER),
        (outcome(spikes_of_p=SPIKES), outcome(), DIFFER),
        (outcome(weight_of_j=WEIGHTS), outcome(weight_of_j=WEIGHTS + 1e-12), DIFFER),
        (outcome(weight_of_j=WEIGHTS), outcome(weight_of_j=WEIGHTS + [0, 0, 0, 1e-9]), DIFFER),
        (outcome(weight_of_j=WEIGHTS), outcome(weight_of_j=WEIGHTS + [0, 0, 0, 1e-11]), SAME),
        (outcome(v_of_p=-65 + WEIGHTS), outcome(v_of_p=-65 + WEIGHTS * (1 + 1e-7)), DIFFER),
        (outcome(v_of_p=-65 + WEIGHTS), outcome(v_of_p=-65 + WEIGHTS * (1 + 1e-11)), SAME),
        (outcome(v_of_p=WEIGHTS), outcome(v_of_p=np.full((2, 4), np.nan)), DIFFER),
        (outcome(), Outcome(REFUSED, "Unsupported: a: b [c]"), REFUSED_BY_SOME),
        (
            Outcome(REFUSED, "U: 1 ms on NEST"),
            Outcome(REFUSED, "U: 2 ms on Brian2"),
            REFUSED_BY_ALL,
        ),
        (Outcome(REFUSED, "U: one thing"), Outcome(REFUSED, "U: another"), DIFFER),
        (Outcome(CRASHED, "IndexError"), Outcome(CRASHED, "IndexError"), CRASH),
    ],
)
def test_what_differs_is_told(one, other, kind):
    verdict = compare({"nest": one, "brian2": other})
    assert verdict.kind == kind
    assert (kind == SAME) == (not verdict.lines)


def test_what_others_refuse_may_still_differ():
    three = {
        "nest": Outcome(REFUSED, "Unsupported: a: b [c]"),
        "brian2": outcome(spikes_of_p=SPIKES),
        "reference": outcome(spikes_of_p=SPIKES[:1]),
    }
    assert compare(three).kind == DIFFER
    assert compare(three | {"reference": three["brian2"]}).kind == REFUSED_BY_SOME


def test_a_program_shrinks_to_what_its_difference_needs():
    program = Program(0, ("s = 0", "a = 1", "b = a + 1", "c = 5", "d = b + c", "e = a", "f = e"))
    smallest = shrink(program, lambda smaller: "d = b + c" in smaller.statements)
    assert smallest.statements == ("s = 0", "a = 1", "b = a + 1", "c = 5", "d = b + c")


def test_what_a_removed_statement_made_is_not_used():
    program = Program(0, ("a = 1", "b = a + 1", "print(b)", "c = 2"))
    assert program.without([0]).statements == ("c = 2",)


@pytest.mark.parametrize(
    "statement, status",
    [
        ("sim.setup(timestep=0.1, min_delay=0.05)", REFUSED),
        ("sim.no_such_thing()", CRASHED),
        ("import os; os.kill(os.getpid(), 9)", CRASHED),
    ],
)
def test_a_program_that_fails_takes_no_other_with_it(servers, statement, status):
    failed = servers[0].play(Program(0, (statement,)))
    assert failed.status == status
    assert failed.message
    made = servers[0].play(Program(0, ("sim.setup()", "p = sim.Population(1, sim.IF_curr_exp())")))
    assert made == Outcome(DONE)
