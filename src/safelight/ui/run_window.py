"""The window's whole life, from the start of the program to its end."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from safelight.ui.first_paint import FirstPaint
from safelight.ui.gui_gc import GuiGarbageCollector
from safelight.ui.picture_loader import Decoder, LateDecoder
from safelight.ui.single_instance import SingleInstance, address, hand_over

if TYPE_CHECKING:
    from safelight.ui.engine_bridge import Client
    from safelight.ui.main_window import MainWindow

_PATIENCE = 1000
"""Milliseconds to wait for the first paint; a window that is opened as an icon has none."""


def run_window(
    library: Path, models: Path, *, folders: Sequence[str] = (), model: str | None = None, log_level: int
) -> int:
    """Open the window over ``library``, add ``folders``, and stay until it is closed; return the status."""
    app = QApplication(["safelight"])
    app.setApplicationName("safelight")
    app.setApplicationDisplayName("Safelight")
    app.setDesktopFileName("io.github.safelight_photos.Safelight")
    name = address(library)
    instance = SingleInstance(name)
    # Where neither is possible (a folder that no socket can lie in), the library's own lock still holds.
    if not instance.listen() and hand_over(name, folders):
        return 0

    named = [model]
    """Until the person chooses one in the window, which is then what an engine starts with."""

    def connect() -> Client:
        # On the bridge's thread: what the engine's end imports need not be there for the first paint.
        from safelight.engine.client import EngineClient
        from safelight.engine.options import EngineOptions

        return EngineClient(EngineOptions(library, models, named[-1], log_level))

    with GuiGarbageCollector() as collector, contextlib.closing(instance):
        from safelight.ui.window import build_window

        decoder = LateDecoder(decode_pool)
        window = build_window(app, library, connect, decoder, on_choice=lambda _: named.append(None))
        collector.keep()
        return _run(app, window, folders, instance)


def decode_pool() -> Decoder:
    """What reads pictures in full size, in processes of its own."""
    from safelight.services.indexing.decoding import DecodePool

    return DecodePool()


def _run(app: QApplication, window: MainWindow, folders: Sequence[str], instance: SingleInstance) -> int:
    instance.asked.connect(lambda named: come_forward(window, named))
    FirstPaint(window, at_the_latest=_PATIENCE).happened.connect(window.start_staged_startup)
    window.show()
    if folders:
        window.add_folders(folders)
    with _closed_by_signals(window):
        status = app.exec()
    window.shutdown()
    return status


def come_forward(window: MainWindow, folders: Sequence[str]) -> None:
    """What another start of the program wants of this one."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    if folders:
        window.add_folders(folders)


@contextlib.contextmanager
def _closed_by_signals(window: MainWindow) -> Iterator[None]:
    """Ctrl+C and a polite kill close the window as its button does."""
    # Python runs signal handlers between bytecodes only, and Qt's event loop has none of its own.
    pulse = QTimer()
    pulse.timeout.connect(lambda: None)
    pulse.start(250)
    before = {
        number: signal.signal(number, lambda *_: window.close()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        pulse.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
