"""Run, show and shrink random programs: see the package."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from queue import SimpleQueue

from pipelines.backends import names

from .comparing import CRASH, DIFFER, REFUSED_BY_ALL, REFUSED_BY_SOME, SAME, Verdict, compare
from .drawing import draw
from .program import Program
from .serving import Server
from .shrinking import shrink

BACKENDS = names()


def judged(
    programs: Sequence[Program],
    backends: Sequence[str] = BACKENDS,
    jobs: int = 1,
    compiled: bool = False,
) -> Iterator[tuple[Program, Verdict]]:
    """Run programs on all backends, and judge each, in their order.

    Parameters
    ----------
    jobs
        How many programs at a time.
    compiled
        Whether Brian2 compiles its code, in place of interpreting it.
    """
    with ExitStack() as opened:
        free: SimpleQueue[list[Server]] = SimpleQueue()
        for _ in range(min(jobs, len(programs))):
            servers = [Server(backend, compiled) for backend in backends]
            for server in servers:
                opened.enter_context(closing(server))
            free.put(servers)

        def judge(program: Program) -> Verdict:
            servers = free.get()
            try:
                return compare({server.backend: server.play(program) for server in servers})
            finally:
                free.put(servers)

        pool = opened.enter_context(ThreadPoolExecutor(jobs))
        yield from zip(programs, pool.map(judge, programs), strict=True)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser("python -m tests.programs", description=__doc__)
    parser.add_argument("words", nargs="+", metavar="SEEDS | show SEED | shrink SEED",
                        help="seeds: 17, or 0:100 for 0 to 99")  # fmt: skip
    parser.add_argument("--backends", nargs="+", default=list(BACKENDS))
    parser.add_argument("--jobs", type=int, default=1, help="programs at a time")
    parser.add_argument("--compiled", action="store_true", help="let Brian2 compile its code")
    options = parser.parse_args(arguments)
    *command, seeds = options.words
    programs = [draw(seed) for seed in _seeds(seeds)]
    if command == ["show"]:
        print(*(program.script() for program in programs), sep="\n\n")
        return 0
    if command == ["shrink"]:
        for program in programs:
            print(_shrunk(program, options.backends, options.compiled))
        return 0
    if command:
        parser.error(f"no command is called {' '.join(command)!r}: show, shrink")
    counts: Counter[str] = Counter()
    for program, verdict in judged(programs, options.backends, options.jobs, options.compiled):
        counts[verdict.kind] += 1
        if verdict.kind != SAME:
            print(f"{program.seed} {verdict.kind}", *verdict.lines, sep="\n    ", flush=True)
    kinds = (SAME, DIFFER, CRASH, REFUSED_BY_ALL, REFUSED_BY_SOME)
    said = [f"{counts[kind]} {kind}" for kind in kinds]
    print(f"{len(programs)} programs: {', '.join(said)}")
    return 1 if counts[DIFFER] or counts[CRASH] else 0


def _seeds(text: str) -> range:
    first, colon, stop = text.partition(":")
    return range(int(first or 0), int(stop)) if colon else range(int(first), int(first) + 1)


def _shrunk(program: Program, backends: Sequence[str], compiled: bool) -> str:
    """The smallest script with the verdict of this program."""
    with ExitStack() as opened:
        servers = [opened.enter_context(closing(Server(name, compiled))) for name in backends]

        def judge(smaller: Program) -> Verdict:
            return compare({server.backend: server.play(smaller) for server in servers})

        found = judge(program)
        if found.kind == SAME:
            return f"{program.seed} same\n"
        smallest = shrink(program, lambda smaller: judge(smaller).is_like(found))
        verdict = judge(smallest)
    return "\n".join([f"{program.seed} {verdict.kind}", *verdict.lines, "", smallest.script()])


if __name__ == "__main__":
    sys.exit(main())
