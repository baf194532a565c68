"""A picture of the grid from the last session, shown at start-up until the grid has loaded."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from safelight.core.private_files import create_file
from safelight.ui.appearance.theme import ThemeWatcher
from safelight.ui.grid.view import PhotoGridView
from safelight.ui.library.results_controller import ResultsController
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.view_request import ViewRequest
from safelight.ui.window_state import WindowState

FILE_NAME = "last-view.jpg"
"""In the library folder, with mode 0600. It shows nothing that the thumbnails do not contain."""

_STATE_KEY = "last_view"
_QUALITY = 90
_MAX_DISPLAY_TIME = 1500
"""Milliseconds the snapshot stays once the photos are known."""


class GridSnapshot(QObject):
    """Saves a picture of the grid when the window closes and shows it over the grid at the next start.

    Only the top of the whole library is saved, because that is what a start shows; otherwise the snapshot is
    deleted. It is used only if size, theme and order match. Without a usable snapshot the grid shows
    placeholders, as for a new library.
    """

    def __init__(
        self,
        library: Path,
        window: QWidget,
        grid: PhotoGridView,
        cache: ThumbnailCache,
        results: ResultsController,
        state: WindowState,
        themes: ThemeWatcher,
    ) -> None:
        super().__init__(window)
        self._file = library / FILE_NAME
        self._window = window
        self._grid = grid
        self._cache = cache
        self._results = results
        self._state = state
        self._themes = themes
        self._is_saved = False
        self._overlay: _Overlay | None = None
        if state.text(_STATE_KEY) == self._appearance:
            image = QImage()
            # The format is named for the reason given in thumbnail_cache.
            if image.load(str(self._file), "JPEG"):  # type: ignore[call-overload]
                self._show_overlay(QPixmap.fromImage(image))
        window.installEventFilter(self)

    @property
    def shown(self) -> bool:
        """Whether the snapshot covers the grid."""
        return self._overlay is not None and self._overlay.isVisibleTo(self._grid.viewport())

    @property
    def _appearance(self) -> str:
        """Everything the picture depends on besides the photos and its size."""
        return f"{self._themes.theme.name} {self._results.order}"

    def keep(self) -> None:
        """Save what the grid shows, if the next start will show the same."""
        self._remove_overlay()
        home = self._results.query is None and self._results.scope == ViewRequest()
        ids = self._grid.ids_on_screen()
        whole = bool(ids) and all(self._cache.get(photo) is not None for photo in ids)
        if not (home and whole and self._grid.verticalOffset() == 0 and self._file.parent.is_dir()):
            self._forget()
            return
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._grid.viewport().grab().toImage().save(buffer, "JPEG", _QUALITY)  # type: ignore[call-overload]
        # Without the file, the next start looks like a first one.
        with contextlib.suppress(OSError):
            _write(self._file, bytes(buffer.data().data()))
            self._state.keep(_STATE_KEY, self._appearance)
            self._state.save()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if event.type() == QEvent.Type.Hide and not event.spontaneous() and not self._is_saved:
                self._is_saved = True
                self.keep()
        elif event.type() in (QEvent.Type.Resize, QEvent.Type.Show) and self._overlay is not None:
            self._overlay.fit()
        return False

    # --- over the grid --------------------------------------------------------------------------------

    def _show_overlay(self, picture: QPixmap) -> None:
        grid = self._grid
        self._overlay = _Overlay(grid.viewport(), picture, grid.verticalScrollBar().sizeHint().width())
        grid.viewport().installEventFilter(self)
        grid.model().modelReset.connect(self._on_photos_shown)
        grid.verticalScrollBar().valueChanged.connect(self._remove_overlay)
        self._cache.thumbnail_ready.connect(self._on_thumbnail_ready)

    def _on_photos_shown(self) -> None:
        if not self._grid.ids_on_screen() or self._results.query is not None:
            self._remove_overlay()
            return
        QTimer.singleShot(_MAX_DISPLAY_TIME, self, self._remove_overlay)
        self._on_thumbnail_ready()

    def _on_thumbnail_ready(self) -> None:
        ids = self._grid.ids_on_screen()
        if ids and all(self._cache.is_absent(photo) or self._cache.get(photo) for photo in ids):
            self._remove_overlay()

    def _remove_overlay(self) -> None:
        if self._overlay is None:
            return
        overlay, self._overlay = self._overlay, None
        grid = self._grid
        grid.viewport().removeEventFilter(self)
        grid.model().modelReset.disconnect(self._on_photos_shown)
        grid.verticalScrollBar().valueChanged.disconnect(self._remove_overlay)
        self._cache.thumbnail_ready.disconnect(self._on_thumbnail_ready)
        overlay.hide()
        overlay.deleteLater()

    def _forget(self) -> None:
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


class _Overlay(QWidget):
    """The snapshot as a widget that passes clicks to the grid."""

    def __init__(self, viewport: QWidget, picture: QPixmap, bar: int) -> None:
        """``bar`` is the width of the scroll bar, which appears together with the photos."""
        super().__init__(viewport)
        self._bar = bar
        self._viewport = viewport
        self._picture = picture
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.fit()

    def fit(self) -> None:
        """Cover the viewport if the picture has exactly its size, not counting the scroll bar."""
        viewport, picture = self._viewport, self._picture
        ratio = self.devicePixelRatioF()
        picture.setDevicePixelRatio(ratio)
        self.setGeometry(0, 0, round(picture.width() / ratio), round(picture.height() / ratio))
        room = round(viewport.width() * ratio) - picture.width()
        high = round(viewport.height() * ratio) == picture.height()
        self.setVisible(high and 0 <= room <= self._bar * ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        QPainter(self).drawPixmap(0, 0, self._picture)


def _write(file: Path, data: bytes) -> None:
    """Write atomically, so that a partial picture is never read."""
    temporary = file.with_name(file.name + ".new")
    temporary.unlink(missing_ok=True)
    with open(create_file(temporary), "wb") as output:
        output.write(data)
    temporary.replace(file)
