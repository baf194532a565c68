"""Starts the engine process, exchanges messages with it, and restarts it when it dies."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import threading
import time
from collections import deque
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING

from safelight.core.message import Message
from safelight.engine.child import run
from safelight.engine.events import EngineFailed, EngineReady, EngineSilent, EngineStopped, Event, Pong
from safelight.engine.options import EngineOptions
from safelight.engine.requests import Ping, Request, Shutdown

if TYPE_CHECKING:
    from safelight.engine.server import Opener

log = logging.getLogger(__name__)

_RESTART_DELAYS = (0.2, 1.0, 3.0, 10.0)
"""Seconds before the first, second … restart within a minute. After the last, the engine is not restarted."""

_DEATH_WINDOW = 60.0
"""Seconds after which an unexpected end of the engine no longer counts."""

_SHUTDOWN_TIMEOUT = 15.0
"""Seconds that an engine has to shut down before it is killed. It first applies the waiting changes, such as
tags of many photos on a slow disk."""

SILENT_SECONDS = 20.0
"""Seconds without an answer after which :class:`EngineSilent` is reported, and between two such events. A
busy machine delays an answer by some seconds."""

_MAX_STEP = 1.0
"""Seconds that are counted between two measurements, at most: our own process may have been stopped."""


class _SilenceDetector:
    """Measures how long the engine has not answered a :class:`Ping`.

    One ping waits for its answer at a time, and only after a request, so that an idle engine is not woken.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._serving = False
        """The engine has opened the library, so it takes requests."""
        self._waiting = False
        self._seconds = 0.0
        self._reported = 0.0
        self._measured_at = 0.0

    def begin(self) -> bool:
        """Start a measurement. Returns whether the caller has to send a ping."""
        with self._lock:
            if self._waiting or not self._serving:
                return False
            self._waiting = True
            self._seconds = self._reported = 0.0
            self._measured_at = time.monotonic()
            return True

    def note(self, event: Event) -> EngineSilent | None:
        """Process an event of the engine. Returns what to report if it ends a silence that was reported."""
        with self._lock:
            if isinstance(event, EngineReady):
                self._serving = True
            if not isinstance(event, Pong):
                return None
            reported, self._waiting = self._reported > 0, False
            return EngineSilent(0) if reported else None

    def reset(self) -> None:
        """The engine ended."""
        with self._lock:
            self._serving = self._waiting = False

    def due(self) -> EngineSilent | None:
        """The silence, if it is time to report it. Call often, and only while no event can be received."""
        with self._lock:
            if not self._waiting:
                return None
            now = time.monotonic()
            self._seconds += min(now - self._measured_at, _MAX_STEP)
            self._measured_at = now
            if self._seconds - self._reported < SILENT_SECONDS:
                return None
            self._reported = self._seconds
            return EngineSilent(int(self._seconds))


class EngineClient:
    """One engine process at a time. Call ``receive`` from one thread; the rest from any.

    Requests sent while the engine is down are dropped, and :meth:`send` returns False.
    """

    def __init__(self, options: EngineOptions, opener: Opener | None = None) -> None:
        self._options = options
        self._opener = opener
        self._context = multiprocessing.get_context("spawn")
        self._wake_in, self._wake_out = self._context.Pipe(duplex=False)
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._silence = _SilenceDetector()
        self._deaths: deque[float] = deque()
        self._restart_at: float | None = None
        self._given_up = False
        self._closing = False

    def start(self) -> None:
        """Start the engine if it is not running, also after automatic restarts have stopped."""
        with self._lock:
            self._given_up = False
            self._deaths.clear()
            if self._process is None and not self._closing:
                self._launch()
        self._wake_out.send_bytes(b"!")

    @property
    def pid(self) -> int | None:
        """The engine's process id, or None while it is down."""
        with self._lock:
            return self._process.pid if self._process is not None else None

    def send(self, request: Request) -> bool:
        """Send a request; False if there is no engine to receive it."""
        with self._lock:
            connection = self._connection
        if connection is None:
            return False
        # Not under the lock that receiving needs: while the engine is writing to us, a large request (such
        # as a picture) gets through only if another thread reads what the engine writes.
        with self._sending:
            try:
                connection.send(request)
                if self._silence.begin():
                    connection.send(Ping())
            except (OSError, TypeError):  # TypeError: closed while the request was pickled
                return False
        return True

    def receive(self, timeout: float | None = None) -> Event | None:
        """The next event, or None after ``timeout`` seconds or once closed. Also restarts the engine."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                if self._closing:
                    return None
                self._restart_if_due()
                connection, process, restart_at = self._connection, self._process, self._restart_at
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if restart_at is not None:
                until = max(0.0, restart_at - time.monotonic())
                left = until if left is None else min(left, until)
            sources: list[Connection | int] = [self._wake_in]
            if connection is not None and process is not None:
                sources += [connection, process.sentinel]
            ready = wait(sources, left)
            if self._wake_in in ready:
                self._wake_in.recv_bytes()
            elif connection is not None and ready:
                event = self._next_event(connection)
                answered = self._silence.note(event)
                if answered is not None or not isinstance(event, Pong):
                    return answered or event
            else:
                silent = self._silence.due()
                if silent is not None:
                    return silent
            if deadline is not None and time.monotonic() >= deadline:
                return None

    def close(self) -> None:
        """Shut the engine down, and kill it if it does not end in time. Idempotent."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            process, connection = self._process, self._connection
            self._process = self._connection = None
        with contextlib.suppress(OSError):
            self._wake_out.send_bytes(b"!")
        if connection is not None and self._sending.acquire(timeout=0.5):
            try:
                with contextlib.suppress(OSError):
                    connection.send(Shutdown())
            finally:
                self._sending.release()
        if process is not None:
            self._wait_for_exit(process, connection)

    # --- inside ---------------------------------------------------------------------------------------

    def _launch(self) -> None:
        ours, theirs = self._context.Pipe()
        # Not a daemon in multiprocessing's sense, because the engine has child processes. It watches its
        # parent and ends with it.
        process = self._context.Process(
            target=run, args=(theirs, self._options, self._opener), name="safelight-engine", daemon=False
        )
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        self._restart_at = None

    def _restart_if_due(self) -> None:
        if self._restart_at is not None and time.monotonic() >= self._restart_at and not self._closing:
            self._launch()

    def _next_event(self, connection: Connection) -> Event:
        try:
            # Read even after the process ended: its last events are still in the pipe.
            event: Event = connection.recv()
        except (EOFError, OSError):
            return self._on_process_ended()
        if isinstance(event, EngineFailed):
            with self._lock:
                self._given_up = True
        return event

    def _on_process_ended(self) -> Event:
        now = time.monotonic()
        with self._lock:
            process, connection = self._process, self._connection
            self._process = self._connection = None
            self._silence.reset()
            while self._deaths and now - self._deaths[0] > _DEATH_WINDOW:
                self._deaths.popleft()
            restart = not self._given_up and len(self._deaths) < len(_RESTART_DELAYS)
            if restart and not self._closing:
                self._restart_at = now + _RESTART_DELAYS[len(self._deaths)]
            self._deaths.append(now)
            deaths, given_up = len(self._deaths), self._given_up
        if process is not None:
            self._wait_for_exit(process, connection)
        if restart:
            return EngineStopped(True, Message("The engine stopped and is restarting."))
        if given_up:
            return EngineStopped(False, Message("The engine stopped. Your photos are not affected."))
        return EngineStopped(
            False,
            Message(
                "The engine stopped {deaths} times within a minute and is not restarted automatically. Your "
                "photos are not affected. “safelight doctor” checks the library; “safelight -v” logs "
                "details.",
                deaths=deaths,
            ),
        )

    @staticmethod
    def _wait_for_exit(process: SpawnProcess, connection: Connection | None) -> None:
        process.join(_SHUTDOWN_TIMEOUT)
        if process.is_alive():
            log.info("the engine did not end in time and was killed")
            process.kill()
            process.join()
        process.close()
        if connection is not None:
            connection.close()
