"""Builds the main window with all that works behind it."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from safelight.services.indexing.decoding import DecodePool
from safelight.store import photos
from safelight.store.library import Connection, LibraryStore
from safelight.ui.collector import GuiThreadCollector
from safelight.ui.engine_bridge import Client, EngineBridge
from safelight.ui.grid.snapshot import GridSnapshot
from safelight.ui.grid.thumbnail_cache import ThumbnailCache
from safelight.ui.library_reader import LibraryReader
from safelight.ui.main_window import MainWindow
from safelight.ui.parts import Parts
from safelight.ui.picture_loader import Decoder, PictureLoader
from safelight.ui.single_instance import SingleInstance, address, hand_over
from safelight.ui.theme import ThemeWatcher
from safelight.ui.window_state import WindowState

_Found = TypeVar("_Found")


def run_window(
    library: Path, models: Path, *, folders: Sequence[str] = (), model: str | None = None, log_level: int
) -> int:
    """Open the window over ``library``, add ``folders``, and stay until it is closed; return the status."""
    app = QApplication(["safelight"])
    app.setApplicationName("safelight")
    app.setApplicationDisplayName("Safelight")
    app.setDesktopFileName("safelight")
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
        from safelight.engine.server import EngineOptions

        return EngineClient(EngineOptions(library, models, named[-1], log_level))

    with GuiThreadCollector(), contextlib.closing(instance):
        window = build_window(app, library, connect, DecodePool(), on_choice=lambda _: named.append(None))
        return _run(app, window, folders, instance)


def _run(app: QApplication, window: MainWindow, folders: Sequence[str], instance: SingleInstance) -> int:
    instance.asked.connect(lambda named: come_forward(window, named))
    window.show()
    QTimer.singleShot(0, window.start)
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


def build_window(
    app: QApplication,
    library: Path,
    connect: Callable[[], Client],
    decoder: Decoder,
    *,
    on_choice: Callable[[str], None] = lambda _: None,
) -> MainWindow:
    """The window over the library at ``library``, which need not exist yet.

    ``connect`` makes an engine client that is not started; it is called on a background thread, and
    again for each restart, one of which follows ``on_choice``, called with the name of the model that the
    person chose. ``decoder`` reads full-size pictures and is closed with the window. Show
    the window, then call its ``start()``; ``shutdown()`` ends everything behind it.
    """
    parts = Parts(
        bridge=EngineBridge(connect),
        reader=LibraryReader(library),
        names=LibraryReader(library),
        loader=PictureLoader(decoder),
        cache=ThumbnailCache(_reading(library, photos.thumbnails), _reading(library, photos.colours)),
        state=WindowState(library),
        themes=ThemeWatcher(app),
    )
    # Ahead of the window, which starts the engine anew then.
    parts.bridge.model_chosen.connect(on_choice)
    window = MainWindow(parts, fresh=not LibraryStore.exists(library))
    GridSnapshot(library, window, window.grid, parts.cache, window.browse, parts.state, parts.themes)
    return window


def _reading(
    library: Path, query: Callable[[Connection, Sequence[int]], _Found]
) -> Callable[[], Callable[[Sequence[int]], _Found]]:
    """A factory of functions that put ``query`` to the library; each has a connection of its own."""

    def open_library() -> Callable[[Sequence[int]], _Found]:
        store = LibraryStore.open_read_only(library)

        def read(ids: Sequence[int]) -> _Found:
            with store.read() as db:
                return query(db, ids)

        return read

    return open_library
