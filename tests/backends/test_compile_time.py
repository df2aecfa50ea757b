"""The time of compilations: counted once, told at begin and end, and taken by the first run."""

import time

import pytest

from pipelines.backends.shared.compile_time import CompileTime


def test_nested_blocks_count_once_and_are_told_once():
    told = []
    clock = CompileTime(listener=told.append)
    for _ in range(2):
        with clock.compiling(), clock.compiling():
            time.sleep(0.02)
    assert told == [1, None, 2, None]
    assert 0.04 <= clock.seconds < 0.4
    taken = clock.take()
    assert taken >= 0.04 and clock.seconds == 0


def test_a_compilation_that_fails_ends():
    told = []
    clock = CompileTime(listener=told.append)
    with pytest.raises(ValueError, match="no compiler"), clock.compiling():
        raise ValueError("no compiler")
    assert told == [1, None]
    with clock.compiling():
        pass
    assert told == [1, None, 2, None]
