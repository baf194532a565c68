"""Derives one future from another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Source = TypeVar("Source")
Target = TypeVar("Target")


def map_future(future: Future[Source], change: Callable[[Source], Target]) -> Future[Target]:
    """A future of ``change(result)``. It fails if ``future`` or ``change`` fails."""
    made: Future[Target] = Future()

    def finish(done: Future[Source]) -> None:
        if done.cancelled():
            made.cancel()
            return
        try:
            made.set_result(change(done.result()))
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            made.set_exception(error)

    future.add_done_callback(finish)
    return made
