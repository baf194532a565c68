"""One window per library: a second start raises the first window, which shows what was asked for."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock
from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_CONNECT_MILLISECONDS = 2000
_ANSWER_MILLISECONDS = 5000
_CLOSING_SECONDS = 30.0
"""For so long a start waits for a window that is closing."""
_RETRY_SECONDS = 0.1
_MAX_MESSAGE_BYTES = 1 << 20
"""Maximum message size in bytes, so that another program cannot fill our memory."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a start of the program asks the window to show."""

    paths: tuple[str, ...] = ()
    """Folders to add and pictures to show, absolute."""
    query: str = ""


def address(library: Path) -> str:
    """The name a library's window listens on: a socket in the user's runtime folder, or a pipe name."""
    mark = hashlib.sha256(os.fsencode(os.path.realpath(library))).hexdigest()[:16]
    if sys.platform == "win32":
        return f"safelight-{os.environ.get('USERNAME', '')}-{mark}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    place = Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())
    return str(place / f"safelight-{os.getuid()}-{mark}.sock")


def send_to_running(name: str, request: Request) -> bool:
    """Ask the window listening on ``name`` to raise itself and show what is requested. Returns False if
    there is none, or if it closes meanwhile.
    """
    if not _is_own(name):
        return False
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_CONNECT_MILLISECONDS):
        return False
    socket.write(json.dumps(asdict(request)).encode("ascii") + b"\n")
    socket.waitForBytesWritten(_CONNECT_MILLISECONDS)
    # A busy window reads the message later. A window that closes disconnects.
    answered = socket.waitForReadyRead(_ANSWER_MILLISECONDS)
    return answered or socket.state() is QLocalSocket.LocalSocketState.ConnectedState


def _is_own(name: str) -> bool:
    """Whether a socket belongs to this user. Where others can write, they could take our name."""
    if sys.platform == "win32":
        return True
    try:
        return os.lstat(name).st_uid == os.getuid()
    except OSError:
        return False


class SingleInstance(QObject):
    """The listening end. Only the same user can connect."""

    requested = Signal(object)
    """Another start of the program asked for the window. Carries its :class:`Request`."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        # Held until exit. If the process dies the system releases the lock, and with it the right to remove
        # the stale socket.
        lock = Path(tempfile.gettempdir(), f"{name}.lock")  # the folder is ignored for absolute names
        self._lock = filelock.FileLock(lock, mode=0o600, blocking=False, thread_local=False)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connections)

    def claim(self, request: Request) -> bool:
        """Become the window of the library. Returns False if an open window took the request instead.

        The end of a window that is closing is waited for.
        """
        deadline = time.monotonic() + _CLOSING_SECONDS
        while not self.listen():
            if send_to_running(self._name, request):
                return False
            if time.monotonic() >= deadline:
                break  # the library's own lock still protects it
            time.sleep(_RETRY_SECONDS)
        return True

    def listen(self) -> bool:
        """Start to listen. Returns False if another window listens, is about to, or is closing.

        Where no lock or socket can be created, the library's own lock still protects it.
        """
        try:
            self._lock.acquire()
        except filelock.Timeout:
            return False
        except OSError:
            return True
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def stop(self) -> None:
        """Take no more requests. Other starts wait until :meth:`close`. Idempotent."""
        for socket in self._server.findChildren(QLocalSocket):
            socket.abort()
        self._server.close()

    def close(self) -> None:
        """Idempotent."""
        self.stop()
        self._lock.release()

    def _on_new_connections(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > _MAX_MESSAGE_BYTES:
            socket.abort()
            return
        if not socket.canReadLine():
            return
        try:
            message = json.loads(bytes(socket.readLine().data()))
        except (ValueError, RecursionError):
            socket.abort()
            return
        match message:
            case {"paths": [*paths], "query": str(query)} if all(isinstance(path, str) for path in paths):
                self.requested.emit(Request(tuple(paths), query))
                socket.write(b"ok\n")
                socket.flush()
