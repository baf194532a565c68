"""Deriving one future from another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Found = TypeVar("Found")
Wanted = TypeVar("Wanted")


def mapped(future: Future[Found], change: Callable[[Found], Wanted]) -> Future[Wanted]:
    """A future of ``change(result)``; it fails as ``future`` does, or as ``change`` does."""
    made: Future[Wanted] = Future()

    def finish(done: Future[Found]) -> None:
        if done.cancelled():
            made.cancel()
            return
        try:
            made.set_result(change(done.result()))
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            made.set_exception(error)

    future.add_done_callback(finish)
    return made
