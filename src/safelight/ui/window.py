"""Builds the main window with all that works behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QApplication

from safelight.store import photos
from safelight.store.library import Connection, LibraryStore
from safelight.ui.engine_bridge import Client, EngineBridge
from safelight.ui.library_reader import LibraryReader
from safelight.ui.main_window import MainWindow
from safelight.ui.parts import Parts
from safelight.ui.picture_loader import Decoder, PictureLoader
from safelight.ui.theme import ThemeWatcher
from safelight.ui.thumbnail_cache import ThumbnailCache
from safelight.ui.window_state import WindowState

_Found = TypeVar("_Found")


def build_window(
    app: QApplication, library: Path, connect: Callable[[], Client], decoder: Decoder
) -> MainWindow:
    """The window over the library at ``library``, which need not exist yet.

    ``connect`` makes an engine client that is not started; it is called on a background thread, and
    again for each restart. ``decoder`` reads full-size pictures and is closed with the window. Show
    the window, then call its ``start()``; ``shutdown()`` ends everything behind it.
    """
    parts = Parts(
        bridge=EngineBridge(connect),
        reader=LibraryReader(library),
        loader=PictureLoader(decoder),
        cache=ThumbnailCache(_reading(library, photos.thumbnails), _reading(library, photos.colours)),
        state=WindowState(library),
        themes=ThemeWatcher(app),
    )
    return MainWindow(parts, fresh=not LibraryStore.exists(library))


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
