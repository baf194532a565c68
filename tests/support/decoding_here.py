"""Decoding in the test's own process, for tests that need an indexed library but no decode processes."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from safelight.services.indexing.decode_worker import _TaskRunner
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.worker_process import Limits


class DecodingHere(DecodePool):
    """Carries out each task when it is submitted. Starting processes takes longer than a few small files."""

    def __init__(self, workers: int = 1, limits: Limits | None = None) -> None:
        super().__init__(workers, limits)
        self._here = _TaskRunner(limits or Limits())

    def submit(self, task: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(self._here.run(task))
        except Exception as error:  # noqa: BLE001 - raised where the result is taken
            future.set_exception(error)
        return future
