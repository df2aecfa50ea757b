"""Asking a question in a fork of this process, so that no answer leaves a trace in it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")


class Ended(Exception):
    """The fork ended, or was ended, without an answer."""


def ask(question: Callable[[], T], limit: float | None = None) -> T:
    """Answer a question in a fork.

    Parameters
    ----------
    limit
        Seconds after which the fork is ended; None waits for as long as it takes.

    Raises
    ------
    Ended
        If the fork gives no answer.
    """
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(send, question))
    child.start()
    send.close()
    try:
        if not receive.poll(limit):
            raise Ended(f"the process gave no answer in {limit:g} s")
        answer: T = receive.recv()
    except EOFError:
        child.join()
        raise Ended(f"the process ended with exit code {child.exitcode}") from None
    finally:
        child.kill()
        child.join()
    return answer


def _answer(send: Connection, question: Callable[[], T]) -> None:
    send.send(question())
    send.close()
