"""Memory that is joined into huge pages: the process's own, and nothing lost of it."""

import doctest
import os

import pytest

from pipelines.execution import huge_pages


def test_examples_of_the_module_hold():
    assert doctest.testmod(huge_pages) == (0, 2)


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="there is no account of memory")
def test_memory_is_as_it_was_and_forks_have_their_own():
    content = bytearray(os.urandom(1 << 20) * 16)
    before = bytes(content)
    joined = huge_pages.join_pages()
    assert joined >= 0
    assert content == before
    process = os.fork()
    if process == 0:
        content[:] = bytes(len(content))
        os._exit(0 if not any(content) else 1)
    assert os.waitpid(process, 0)[1] == 0
    assert content == before


def test_where_there_is_no_account_nothing_is_joined(monkeypatch):
    monkeypatch.setattr(huge_pages.sys, "platform", "darwin")
    assert huge_pages.join_pages() == 0
