"""Spikes that are taken out of Brian2's queue: those that were sent, and no others."""

import numpy as np
import pytest

pytest.importorskip("brian2")

from brian2.synapses import cythonspikequeue, spikequeue

from pipelines.backends.brian2.under_way import _take_sent

DT = 1e-4


@pytest.mark.parametrize("kind", [cythonspikequeue, spikequeue], ids=["compiled", "python"])
def test_spikes_that_were_sent_leave_the_queue(kind):
    queue = kind.SpikeQueue(0, 2)
    # Three synapses: of neuron 0 with 3 steps of delay, of neuron 1 with 5 and 2.
    queue.prepare(np.array([3, 5, 2]) * DT, DT, np.array([0, 1, 1], dtype=np.int32))
    queue.push(np.array([0, 1], dtype=np.int32))
    queue.advance()

    sent = _take_sent(queue, last_leg=np.array([3, 2, 2]))
    assert {k: row.tolist() for k, row in enumerate(sent) if len(row)} == {1: [2], 2: [0]}

    left = {}
    for ahead in range(6):
        if len(queue.peek()):
            left[ahead] = queue.peek().tolist()
        queue.advance()
    assert left == {4: [1]}
