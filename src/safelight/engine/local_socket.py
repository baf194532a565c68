"""A socket by which commands of the same user ask a running engine, so that they need not load a model.

Messages are JSON over ``multiprocessing.connection``: one request and one answer for each connection. The
socket is in a folder that only the user can enter (a named pipe on Windows), and both ends prove that they
know a key that only the user can read.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from typing import Any

from safelight.core.errors import (
    FailureKind,
    ImageError,
    LibraryInUseError,
    ModelError,
    SafelightError,
    UnknownPhotoError,
    UsageError,
)
from safelight.core.private_files import create_file, make_folder

log = logging.getLogger(__name__)

KEY_NAME = "engine-key"

_PROTOCOL = 3
"""Part of the address. Raise it when requests change, so that programs and engines of different versions do
not misunderstand each other: an older engine would ignore what a program may not see."""

SEARCH_SECONDS = 30.0
"""How long a program waits for a search, for :func:`ask`. The engine may have to load its model."""

_MAX_MESSAGE_BYTES = 1 << 27
"""Bytes of a message. The longest are imports from another program with hundreds of thousands of photos."""

_MAX_CONNECTIONS = 64
"""Connections that are served at once; further ones are closed."""

_REQUEST_TIMEOUT = 10.0
"""Seconds between the connection and the request of a program, at most."""

_ACCEPT_TIMEOUT = 70.0
"""Seconds in which an engine has to accept a connection."""

_RETRY_DELAY = 0.2
"""Seconds to wait after a connection could not be accepted."""

Json = Any
Answer = Callable[[dict[str, Json]], Json]


_ERRORS_BY_CODE: dict[str | None, type[SafelightError]] = {
    each.code: each for each in (UsageError, UnknownPhotoError, ModelError, LibraryInUseError)
}
"""Errors that keep their class across the socket, besides ImageError."""


class EngineAbsentError(Exception):
    """No engine listens for this library."""


def address(library: Path) -> str:
    """Where the engine of a library listens."""
    digest = hashlib.sha256(os.fsencode(os.path.realpath(library))).hexdigest()[:16]
    if sys.platform == "win32":
        return rf"\\.\pipe\safelight-engine-{os.environ.get('USERNAME', '')}-{digest}-{_PROTOCOL}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())
    return str(folder / f"safelight-{os.getuid()}" / f"{digest}-{_PROTOCOL}.sock")


def ask(library: Path, request: dict[str, Json], timeout: float) -> Json:
    """The answer of the running engine. Raises EngineAbsentError if there is none or it does not answer in
    time (seconds), SafelightError if it refuses."""
    name = address(library)
    if sys.platform != "win32" and not _is_private(Path(name).parent):
        raise EngineAbsentError
    try:
        key = (library / KEY_NAME).read_bytes()
        with Client(name) as connection:
            if not connection.poll(min(timeout, _ACCEPT_TIMEOUT)):  # such as an engine that was stopped
                raise EngineAbsentError
            answer_challenge(connection, key)
            deliver_challenge(connection, key)
            connection.send_bytes(json.dumps(request).encode())
            if not connection.poll(timeout):
                raise EngineAbsentError
            reply = json.loads(connection.recv_bytes(_MAX_MESSAGE_BYTES))
    except (OSError, EOFError, AuthenticationError, ValueError) as error:
        raise EngineAbsentError from error
    if "refused" in reply:
        raise _error(reply)
    return reply["answer"]


class LocalSocket:
    """The engine's end. Calls ``answer`` for each request, on a new thread; SafelightError refuses it."""

    def __init__(self, library: Path, answer: Answer) -> None:
        self._library = library
        self._answer = answer
        self._listener: Listener | None = None
        self._key = b""
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._free_connections = threading.Semaphore(_MAX_CONNECTIONS)

    def start(self) -> None:
        """Begin to listen. Without a socket the engine works as well, so failures are only logged."""
        name = address(self._library)
        try:
            if sys.platform != "win32":
                make_folder(Path(name).parent)
                if not _is_private(Path(name).parent):
                    raise PermissionError(f"{Path(name).parent} is not private")
                Path(name).unlink(missing_ok=True)  # of an engine that was killed; one runs per library
            self._key = _new_key(self._library / KEY_NAME)
            # Each connection is authenticated on its own thread, so that a slow program delays no other.
            self._listener = Listener(name, backlog=_MAX_CONNECTIONS)
            if sys.platform != "win32":
                Path(name).chmod(0o600)
        except OSError as error:
            log.info("commands cannot ask this engine: %s", type(error).__name__)
            return
        self._thread = threading.Thread(target=self._accept, name="local-socket", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Idempotent."""
        if self._closing.is_set() or self._thread is None:
            return
        self._closing.set()
        # Closing a listener does not wake its accept() on every system; a connection does.
        with contextlib.suppress(EngineAbsentError, SafelightError):
            ask(self._library, {}, 1.0)
        self._thread.join(5)
        if self._listener is not None:
            self._listener.close()
        with contextlib.suppress(OSError):
            (self._library / KEY_NAME).unlink(missing_ok=True)

    def _accept(self) -> None:
        assert self._listener is not None
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError as error:
                # Without a free descriptor, accept() fails at once and would be called in a tight loop.
                log.debug("a command could not connect: %s", type(error).__name__)
                self._closing.wait(_RETRY_DELAY)
                continue
            if self._closing.is_set() or not self._free_connections.acquire(blocking=False):
                connection.close()
                continue
            thread = threading.Thread(target=self._serve, args=(connection,), name="local-call", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # as many threads as the system allows
                connection.close()
                self._free_connections.release()

    def _serve(self, connection: Connection) -> None:
        try:
            with connection:
                deliver_challenge(connection, self._key)
                answer_challenge(connection, self._key)
                if not connection.poll(_REQUEST_TIMEOUT):
                    return
                reply = self._reply_to(connection.recv_bytes(_MAX_MESSAGE_BYTES))
                connection.send_bytes(json.dumps(reply).encode())
        except (OSError, EOFError, AuthenticationError):
            log.debug("a command is gone before it was answered")
        finally:
            self._free_connections.release()

    def _reply_to(self, message: bytes) -> dict[str, Json]:
        try:
            request = json.loads(message)
            if not isinstance(request, dict):
                raise ValueError("not an object")
            return {"answer": self._answer(request)}
        except SafelightError as error:
            kind = error.kind if isinstance(error, ImageError) else None
            return {"refused": str(error), "code": error.code, "kind": kind}
        except (ValueError, TypeError, KeyError, RecursionError):
            return {"refused": "That request makes no sense to this version of Safelight."}
        except Exception:
            log.exception("a command was not answered because of a bug in Safelight")
            return {"refused": "The engine could not answer because of a fault in Safelight."}


def _error(reply: dict[str, Json]) -> SafelightError:
    """The error that the engine refused with."""
    reason = reply["refused"]
    if reply.get("code") == ImageError.code:
        return ImageError(FailureKind(reply["kind"]), "{reason}", reason=reason)
    return _ERRORS_BY_CODE.get(reply.get("code"), SafelightError)("{reason}", reason=reason)


def _is_private(folder: Path) -> bool:
    """Whether only the user can enter a folder. In another one, others could listen on our name."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _new_key(file: Path) -> bytes:
    file.unlink(missing_ok=True)
    key = secrets.token_bytes(32)
    with os.fdopen(create_file(file), "wb") as opened:
        opened.write(key)
    return key
