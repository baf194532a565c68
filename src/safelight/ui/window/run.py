"""Runs the window from start to exit."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from safelight.ui.library.picture_loader import Decoder, LazyDecoder
from safelight.ui.translation import install_translation
from safelight.ui.window.first_paint import FirstPaint
from safelight.ui.window.gui_gc import GuiGarbageCollector
from safelight.ui.window.single_instance import Request, SingleInstance, address

if TYPE_CHECKING:
    from safelight.ui.library.engine_bridge import Client
    from safelight.ui.window.main_window import MainWindow

_FIRST_PAINT_TIMEOUT = 1000
"""Milliseconds to wait for the first paint. A minimised window has none."""


def run_window(
    library: Path,
    models: Path,
    *,
    named_paths: Sequence[str] = (),
    query: str = "",
    model: str | None = None,
    log_level: int,
) -> int:
    """Open the window over ``library`` and run until it closes. Returns the exit status.

    ``named_paths``: folders to add, and pictures to show. ``query``: a search to show. If the
    library's window is already open, that window shows them.
    """
    app = QApplication(["safelight"])
    app.setApplicationName("safelight")
    app.setApplicationDisplayName("Safelight")
    app.setDesktopFileName("io.github.safelight_photos.Safelight")
    install_translation(app)
    instance = SingleInstance(address(library))
    request = Request(tuple(named_paths), query)
    if not instance.claim(request):
        return 0

    def forget_model(_: str) -> None:
        """The user chose a model in the window, which a restarted engine uses instead of the named one."""
        nonlocal model
        model = None

    def connect() -> Client:
        # On the bridge's thread: the first paint does not need what the engine client imports.
        from safelight.engine.client import EngineClient
        from safelight.engine.options import EngineOptions

        return EngineClient(EngineOptions(library, models, model, log_level))

    with GuiGarbageCollector() as collector, contextlib.closing(instance):
        from safelight.ui.window.build import build_window

        decoder = LazyDecoder(decode_pool)
        window = build_window(app, library, connect, decoder, on_choice=forget_model)
        collector.keep()
        return _run(app, window, request, instance)


def decode_pool() -> Decoder:
    """The pool of processes that reads full-size pictures. The user waits for them, so their priority is not
    lowered as while a folder is indexed.
    """
    from safelight.services.indexing.decoding import DecodePool
    from safelight.services.indexing.worker_process import Limits

    return DecodePool(2, Limits(niceness=0))  # one file that takes long does not hold up the next


def _run(app: QApplication, window: MainWindow, request: Request, instance: SingleInstance) -> int:
    instance.requested.connect(lambda another: raise_window(window, another))
    FirstPaint(window, timeout=_FIRST_PAINT_TIMEOUT).happened.connect(window.start_staged_startup)
    window.show()
    show(window, request)
    with _closed_by_signals(window):
        status = app.exec()
    instance.stop()  # a start from now on waits for the end of this one
    window.shutdown()
    return status


def raise_window(window: MainWindow, request: Request) -> None:
    """Handle a request from a second start of the program."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    show(window, request)


def show(window: MainWindow, request: Request) -> None:
    """Open the paths of a request and show its search."""
    if request.paths:
        window.open_paths(request.paths)
    if request.query:
        window.open_search(request.query)


@contextlib.contextmanager
def _closed_by_signals(window: MainWindow) -> Iterator[None]:
    """Make SIGINT and SIGTERM close the window like its close button."""
    # Python runs signal handlers only between bytecodes, and Qt's event loop executes none by itself.
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
