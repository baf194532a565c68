"""A second window raises the first one and hands its folders over."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from safelight.ui.window.single_instance import Request, SingleInstance, address, send_to_running
from support.waiting import wait_until

posix = pytest.mark.skipif(os.name == "nt", reason="sockets with names in folders")

HOLDER = """
import sys
from PySide6.QtCore import QCoreApplication
from safelight.ui.window.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(sys.argv[1])
print(instance.listen(), flush=True)
app.exec()
"""


@pytest.fixture
def name(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """Short: a socket's name has room for about a hundred bytes."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    return address(Path("/some/library"))


@pytest.fixture
def first(name: str, qapp: object) -> Iterator[SingleInstance]:
    instance = SingleInstance(name)
    assert instance.listen()
    yield instance
    instance.close()


CALLER = """
import json, sys
from PySide6.QtCore import QCoreApplication
from safelight.ui.window.single_instance import Request, send_to_running
app = QCoreApplication([])
sys.exit(0 if send_to_running(sys.argv[1], Request(tuple(json.loads(sys.argv[2])), sys.argv[3])) else 3)
"""


STARTER = """
import sys
from PySide6.QtCore import QCoreApplication
from safelight.ui.window.single_instance import Request, SingleInstance
app = QCoreApplication([])
instance = SingleInstance(sys.argv[1])
print("started", flush=True)
print(instance.claim(Request()), flush=True)
"""


@contextmanager
def starting(name: str) -> Iterator[subprocess.Popen[str]]:
    """Another start of the program, which prints whether it became the window."""
    start = subprocess.Popen([sys.executable, "-c", STARTER, name], stdout=subprocess.PIPE, text=True)
    with start:
        assert read_line(start) == "started\n"
        yield start


def read_line(start: subprocess.Popen[str]) -> str:
    assert start.stdout is not None
    return start.stdout.readline()


def elsewhere(name: str, folders: list[str], query: str = "") -> bool:
    """Hand over from another process, while our event loop runs on."""
    caller = subprocess.Popen([sys.executable, "-c", CALLER, name, json.dumps(folders), query])

    def ended() -> bool:
        QCoreApplication.processEvents()
        return caller.poll() is not None

    wait_until(ended, "the other process")
    return caller.wait() == 0


@pytest.mark.slow
def test_folders_arrive_with_whatever_name(first: SingleInstance, name: str) -> None:
    requests: list[Request] = []
    first.requested.connect(requests.append)
    odd = os.fsdecode(b"/photos/\xff\xfe\n\xc3\xa9")
    assert elsewhere(name, ["/photos", odd])
    assert elsewhere(name, [])
    assert elsewhere(name, [], "dog -grass")
    assert requests == [Request(("/photos", odd)), Request(), Request(query="dog -grass")]


def test_only_one_listens_for_a_library(first: SingleInstance, name: str) -> None:
    second = SingleInstance(name)
    assert not second.listen()
    first.close()
    assert second.listen()
    second.close()
    assert address(Path("/some/library")) != address(Path("/other/library"))


@posix
def test_only_the_user_can_connect(first: SingleInstance, name: str) -> None:
    assert stat.S_IMODE(Path(name).stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(Path(name + ".lock").stat().st_mode) == 0o600


def test_without_a_listener(name: str, qapp: object) -> None:
    assert not send_to_running(name, Request(("/photos",)))


@pytest.mark.slow
@posix
def test_what_a_killed_window_left_behind_is_no_hindrance(name: str, qapp: object) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, name], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        second = SingleInstance(name)
        assert not second.listen()
        assert elsewhere(name, ["/photos"])
        holder.kill()
    assert Path(name).exists()
    assert not send_to_running(name, Request(("/photos",)))
    assert second.listen()
    second.close()


def test_a_start_waits_until_a_closing_window_has_ended(first: SingleInstance, name: str) -> None:
    first.stop()
    with starting(name) as start:
        first.close()
        assert read_line(start) == "True\n"


@posix
def test_a_window_that_closes_without_reading_a_request_is_not_taken_for_an_open_one(name: str) -> None:
    lock = filelock.FileLock(f"{name}.lock")
    with lock, socket.socket(socket.AF_UNIX) as closing:
        closing.bind(name)
        closing.listen()
        with starting(name) as start:
            connection, _ = closing.accept()
            Path(name).unlink()
            connection.close()
            lock.release()
            assert read_line(start) == "True\n"


def test_a_start_hands_over_to_an_open_window(first: SingleInstance, name: str) -> None:
    requests: list[Request] = []
    first.requested.connect(requests.append)
    with starting(name) as start:

        def ended() -> bool:
            QCoreApplication.processEvents()
            return start.poll() is not None

        wait_until(ended, "the other start")
        assert read_line(start) == "False\n"
    assert requests == [Request()]


@posix
def test_nonsense_is_not_taken_up(first: SingleInstance, name: str, qtbot: QtBot) -> None:
    requests: list[Request] = []
    first.requested.connect(requests.append)
    for nonsense in (
        b"\xff\xff\n",
        b'{"paths": [1], "query": ""}\n',
        b'{"paths": []}\n',
        b"[1, 2]\n",
        b"[" * 100_000 + b"\n",
        b"",
    ):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(name)
            stranger.sendall(nonsense)
            qtbot.wait(1)
    assert elsewhere(name, ["/photos"])
    assert requests == [Request(("/photos",))]


@posix
def test_another_users_socket_is_not_spoken_to(
    name: str, monkeypatch: pytest.MonkeyPatch, qapp: object
) -> None:
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(name)
        stranger.listen()
        stranger.settimeout(0.01)
        monkeypatch.setattr(os, "getuid", lambda: 12345)
        assert not send_to_running(name, Request(("/photos",)))
        with pytest.raises(TimeoutError):
            stranger.accept()
    assert heard == []


@pytest.mark.qt_log_ignore("does not support raise")
def test_the_window_comes_forward(qtbot: QtBot) -> None:
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QMainWindow

    from safelight.ui.window.run import raise_window

    class Window(QMainWindow):
        def __init__(self) -> None:
            super().__init__()
            self.added: list[str] = []

        def open_paths(self, folders: list[str]) -> None:
            self.added += folders

    window = Window()
    qtbot.addWidget(window)
    window.showMinimized()
    raise_window(window, Request(("/photos",)))  # type: ignore[arg-type]
    wait_until(lambda: not window.windowState() & Qt.WindowState.WindowMinimized, "the window")
    assert window.added == ["/photos"]
