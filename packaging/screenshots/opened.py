"""The real window and engine over a new library, for programs that take pictures of it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from safelight.engine.client import EngineClient
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.appearance import theme
from safelight.ui.window.build import build_window
from safelight.ui.window.gui_gc import GuiGarbageCollector
from safelight.ui.window.main_window import MainWindow


@contextmanager
def home() -> Iterator[Path]:
    """A temporary folder whose name is fit to be seen in pictures."""
    place = Path(tempfile.gettempdir(), "Anna")
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place)


@contextmanager
def opened_window(
    place: Path, size: tuple[int, int] | None = None, *, reverse: bool = False
) -> Iterator[tuple[QApplication, MainWindow]]:
    """The application and its window, whose library is in ``place``. With a ``size`` in pixels it is dark.
    ``reverse``: from right to left.
    """
    app = QApplication(["safelight"])
    if reverse:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    # As in the program: elsewhere the collector could destroy Qt objects on another thread, which crashes.
    with GuiGarbageCollector():
        if size is not None:
            theme.apply(app, theme.DARK)
        options = EngineOptions(place / "library", place / "models")
        window = build_window(app, options.library, lambda: EngineClient(options), DecodePool())
        if size is not None:
            window.resize(*size)
        window.show()
        window.start()
        try:
            yield app, window
        finally:
            window.shutdown()
