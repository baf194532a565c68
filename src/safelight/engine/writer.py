"""The engine's writer: everything the user changes in the library goes through its queue."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from safelight.core.errors import SafelightError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.operations import Operation, Outcome
from safelight.engine.events import OperationDone, OperationFailed, RequestFailed
from safelight.engine.requests import RunOperation
from safelight.engine.worker import Job, Send, Worker
from safelight.services.operations.runner import OperationRunner

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Write(Job):
    operation: Operation[Outcome] | None = None

    @property
    def slow(self) -> bool:
        return self.operation is not None and self.operation.slow

    @property
    def short(self) -> bool:
        """Whether it may run while another operation is in progress."""
        return not self.slow and not (self.operation is not None and self.operation.pauses_indexing)


class Writer(Worker):
    """Applies operations one after the other, so that the loop that receives requests never waits for a
    transaction, such as a long commit of the indexer.

    While a slow operation moves files, short ones (a favourite, a tag) run between two of its photos. An
    undo waits until everything before it is done. What an earlier run of the program left unfinished is
    completed first.
    """

    def __init__(self, runner: OperationRunner, send: Send) -> None:
        super().__init__("writer", send, fault=Message("The change failed because of a fault in Safelight."))
        self._runner = runner

    def start(self) -> None:
        self.post(self._recover, priority=-1)
        super().start()

    def close(self) -> None:
        """End after the file under way. Slow operations that still wait are dropped. Others are applied:
        closing the window right after a key press must not lose it."""
        with self._changed:
            kept = [job for job in self._jobs if isinstance(job, _Write) and not job.slow]
            # In the same step: otherwise the writer's thread could take one of them, and it would run twice.
            self._closing = True
            self._jobs.clear()
            self.cancel_current()
        super().close()
        for job in kept:
            self._perform(job)

    def run(self, request: RunOperation) -> None:
        """Queue an operation. Returns at once."""
        operation, generation = request.operation, request.generation
        control = _YieldingControl(self.run_short) if operation.slow else JobControl()
        job = _Write(
            lambda control: self._send(OperationDone(generation, self._runner.run(operation, control))),
            generation=generation,
            control=control,
            operation=operation,
        )
        self.add(job)

    def ask(self, operation: Operation[Outcome]) -> Future[Outcome]:
        """Queue an operation of a command, which waits for its outcome."""
        future: Future[Outcome] = Future()

        def work(control: JobControl) -> None:
            try:
                future.set_result(self._runner.run(operation, control))
            except Exception as error:  # noqa: BLE001 - raised again on the thread that asked
                future.set_exception(error)

        control = _YieldingControl(self.run_short) if operation.slow else JobControl()
        self.add(_Write(work, control=control, operation=operation))
        return future

    def submit_write(self, work: Callable[[], T]) -> Future[T]:
        """Queue a write of a command that is no operation, such as a setting. The future has its result."""
        future: Future[T] = Future()

        def done(_: JobControl) -> None:
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 - raised again on the thread that asked
                future.set_exception(error)

        self.add(_Write(done))
        return future

    def write(self, work: Callable[[], None], generation: int | None = None) -> None:
        """Queue a write that is no operation, such as a setting. Returns at once."""
        self.add(_Write(lambda _: work(), generation=generation))

    # --- the writer's thread --------------------------------------------------------------------------

    def run_short(self) -> None:
        """Run the waiting short jobs, up to the first job that has to wait for its turn.

        An operation that is running on the writer's thread calls this while it waits."""
        while True:
            with self._changed:
                job = self._jobs[0] if self._jobs else None
                if not isinstance(job, _Write) or not job.short:
                    return
                self._jobs.remove(job)
            self._perform(job)

    def _recover(self, _: JobControl) -> None:
        for path, reason in self._runner.recover().failed:
            self._send(
                RequestFailed(
                    Message(
                        "{name} could not be restored to its place: {reason}.",
                        name=Path(path).name,
                        reason=reason,
                    )
                )
            )

    def _report(self, job: Job, error: Exception) -> None:
        if not isinstance(job, _Write) or job.operation is None or job.generation is None:
            super()._report(job, error)
            return
        code = error.code if isinstance(error, SafelightError) else "bug"
        self._send(OperationFailed(job.generation, code, self._message(error)))
        if job.slow:
            # It stopped in the middle, for example because the disk is full: record what did happen.
            self.post(self._recover, priority=-1)


class _YieldingControl(JobControl):
    """The control of a slow operation, which lets short jobs run at each checkpoint."""

    def __init__(self, between: Callable[[], None]) -> None:
        super().__init__()
        self._between = between

    def checkpoint(self) -> None:
        super().checkpoint()
        self._between()
