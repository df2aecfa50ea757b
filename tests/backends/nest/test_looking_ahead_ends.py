"""What a fork of NEST does when the process that asked it is gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# Prints the number of the fork, which answers when its parent has ended.
PROGRAM = """
import os, sys, time
from pipelines import backends
from pipelines.backends.nest.pending_events import read_after_delivery

sim = backends.load("nest")
sim.setup()
sim.Population(1, sim.IF_curr_exp())
sim.run(1.0)
parent = os.getpid()

def read():
    sys.stderr.write(f"fork {os.getpid()}\\n")
    while os.getppid() == parent:
        time.sleep(0.01)
    # More than a pipe holds.
    return bytes(1_000_000)

read_after_delivery(read)
"""


def _is_alive(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_it_ends_when_nobody_reads_its_answer():
    asking = subprocess.Popen([sys.executable, "-c", PROGRAM], stderr=subprocess.PIPE, text=True,
                              stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[3])  # fmt: skip
    fork = next(int(line.split()[1]) for line in asking.stderr if line.startswith("fork "))
    asking.send_signal(signal.SIGTERM)
    asking.wait()
    try:
        until = time.monotonic() + 60
        while _is_alive(fork):
            assert time.monotonic() < until, "it waits for ever"
            time.sleep(0.05)
    finally:
        asking.stderr.close()
        if _is_alive(fork):
            os.kill(fork, signal.SIGKILL)
