"""Builds the main window and its services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QApplication

from safelight.core.settings import THEME
from safelight.store.library_location import library_exists
from safelight.ui.appearance.theme import ThemeWatcher
from safelight.ui.grid.snapshot import GridSnapshot
from safelight.ui.library.engine_bridge import Client, EngineBridge
from safelight.ui.library.large_thumbnails import LargeThumbnails
from safelight.ui.library.moments import Moments
from safelight.ui.library.picture_loader import Decoder, PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.library.window_services import WindowServices
from safelight.ui.window.main_window import MainWindow
from safelight.ui.window_state import WindowState

if TYPE_CHECKING:
    from safelight.store.library import Connection

_T = TypeVar("_T")


def build_window(
    app: QApplication,
    library: Path,
    connect: Callable[[], Client],
    decoder: Decoder,
    *,
    on_choice: Callable[[str], None] = lambda _: None,
) -> MainWindow:
    """The window over the library at ``library``, which need not exist yet.

    ``connect`` creates an engine client that is not started. It is called on a background thread, and again
    for each restart; one follows ``on_choice``, which is called with the name of the model that the user
    chose. ``decoder`` reads full-size pictures and is closed with the window. Show the window, then call its
    ``start()``. ``shutdown()`` ends everything.
    """
    state = WindowState(library)
    loader = PictureLoader(decoder)
    moments = Moments()
    services = WindowServices(
        bridge=EngineBridge(connect),
        reader=LibraryReader(library),
        background_reader=LibraryReader(library),
        loader=loader,
        cache=ThumbnailCache(
            lambda: _thumbnails(library, moments), lambda: _colours(library), lambda: _turns(library)
        ),
        large=LargeThumbnails(library, loader, moments),
        moments=moments,
        state=state,
        themes=ThemeWatcher(app, state.text(THEME.name)),
    )
    # Before the window, which restarts the engine.
    services.bridge.model_chosen.connect(on_choice)
    window = MainWindow(services, library, fresh=not library_exists(library))
    GridSnapshot(
        library, window, window.grid, services.cache, window.results, services.state, services.themes
    )
    return window


# Called on the cache's thread, which also imports what they need. Each has its own connection.


def _thumbnails(library: Path, moments: Moments) -> Callable[[Sequence[int]], Mapping[int, bytes]]:
    from safelight.store import stored_thumbnails

    def read(db: Connection, ids: Sequence[int]) -> Mapping[int, bytes]:
        found = stored_thumbnails.get_many(db, ids)
        wanted = {photo_id: at for photo_id in ids if (at := moments.get(photo_id)) is not None}
        return found | stored_thumbnails.frames_at(db, wanted) if wanted else found

    return _reading(library, read)


def _turns(library: Path) -> Callable[[Sequence[int]], Mapping[int, int]]:
    from safelight.store import marks

    return _reading(library, marks.turns)


def _colours(library: Path) -> Callable[[Sequence[int]], Mapping[int, int]]:
    from safelight.store import photos

    return _reading(library, photos.colours)


def _reading(
    library: Path, read: Callable[[Connection, Sequence[int]], Mapping[int, _T]]
) -> Callable[[Sequence[int]], Mapping[int, _T]]:
    """``read`` with a connection of its own."""
    from safelight.store.library import LibraryStore

    store = LibraryStore.open_read_only(library)

    def answer(ids: Sequence[int]) -> Mapping[int, _T]:
        with store.read() as db:
            return read(db, ids)

    return answer
