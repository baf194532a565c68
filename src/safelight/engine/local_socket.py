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
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any

from safelight.core.errors import SafelightError, UsageError
from safelight.core.private_files import create_file, make_folder

log = logging.getLogger(__name__)

KEY_NAME = "engine-key"

_LONGEST = 1 << 24
"""Bytes of a message."""

_AT_ONCE = 8
"""Connections that are served at once; further ones are closed."""

Json = Any
Answer = Callable[[dict[str, Json]], Json]


class EngineAbsentError(Exception):
    """No engine listens for this library."""


def address(library: Path) -> str:
    """Where the engine of a library listens."""
    mark = hashlib.sha256(os.fsencode(os.path.realpath(library))).hexdigest()[:16]
    if sys.platform == "win32":
        return rf"\\.\pipe\safelight-engine-{os.environ.get('USERNAME', '')}-{mark}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    place = Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())
    return str(place / f"safelight-{os.getuid()}" / f"{mark}.sock")


def ask(library: Path, request: dict[str, Json], timeout: float) -> Json:
    """The answer of the running engine. Raises EngineAbsentError if there is none or it does not answer in
    time (seconds), SafelightError if it refuses."""
    name = address(library)
    if sys.platform != "win32" and not _is_private(Path(name).parent):
        raise EngineAbsentError
    try:
        with Client(name, authkey=(library / KEY_NAME).read_bytes()) as connection:
            connection.send_bytes(json.dumps(request).encode())
            if not connection.poll(timeout):
                raise EngineAbsentError
            said = json.loads(connection.recv_bytes(_LONGEST))
    except (OSError, EOFError, AuthenticationError, ValueError) as error:
        raise EngineAbsentError from error
    if "refused" in said:
        raise (UsageError if said.get("usage") else SafelightError)(said["refused"])
    return said["answer"]


class LocalSocket:
    """The listening end. ``answer`` is called on threads of its own; it raises SafelightError to refuse."""

    def __init__(self, library: Path, answer: Answer) -> None:
        self._library = library
        self._answer = answer
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()
        self._room = threading.Semaphore(_AT_ONCE)

    def start(self) -> None:
        """Begin to listen. Without a socket the engine works as well, so failures are only logged."""
        name = address(self._library)
        try:
            if sys.platform != "win32":
                make_folder(Path(name).parent)
                if not _is_private(Path(name).parent):
                    raise PermissionError(f"{Path(name).parent} is not private")
                Path(name).unlink(missing_ok=True)  # of an engine that was killed; one runs per library
            self._listener = Listener(name, authkey=_new_key(self._library / KEY_NAME))
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
            except (OSError, EOFError, AuthenticationError):
                continue
            if self._closing.is_set() or not self._room.acquire(blocking=False):
                connection.close()
                continue
            threading.Thread(target=self._serve, args=(connection,), name="local-call", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            with connection:
                said = self._said(connection.recv_bytes(_LONGEST))
                connection.send_bytes(json.dumps(said).encode())
        except (OSError, EOFError):
            log.debug("a command is gone before it was answered")
        finally:
            self._room.release()

    def _said(self, message: bytes) -> dict[str, Json]:
        try:
            request = json.loads(message)
            if not isinstance(request, dict):
                raise ValueError("not an object")
            return {"answer": self._answer(request)}
        except SafelightError as error:
            return {"refused": str(error), "usage": isinstance(error, UsageError)}
        except (ValueError, TypeError, KeyError, RecursionError):
            return {"refused": "That request makes no sense to this version of Safelight."}
        except Exception:
            log.exception("a command was not answered because of a bug in Safelight")
            return {"refused": "The engine could not answer because of a fault in Safelight."}


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
