"""Opens the comparison of photos, and keeps it up to date with the library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Signal

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.ui.lazy_page import LazyPage

if TYPE_CHECKING:
    from safelight.ui.appearance.theme import Theme
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.viewer.compare import PhotoCompare
    from safelight.ui.window.layout import WindowLayout

_ROW_CHANGES = ~(ChangeKind.PIXELS | ChangeKind.VECTORS)
"""The changes that affect the row of a photo."""


class CompareController(QObject):
    """Owns the page that covers the window while photos are compared."""

    photo_changed = Signal()
    """The comparison was opened or closed, or another of its photos is the current one."""
    context_menu_requested = Signal(QPoint, int)

    def __init__(
        self,
        layout: WindowLayout,
        services: WindowServices,
        trash: Callable[[Sequence[int]], object],
        parent: QObject,
    ) -> None:
        """``trash`` moves photos to the trash."""
        super().__init__(parent)
        self._layout = layout
        self._services = services
        self._trash = trash
        self.page = LazyPage(self._make)
        layout.themed.append(self)
        services.bridge.library_changed.connect(self._on_library_changed)

    @property
    def current(self) -> int | None:
        """The photo that commands apply to; None while nothing is compared."""
        return self.page.made.current if self.page.made is not None else None

    def open(self, ids: Sequence[int]) -> None:
        """Compare two to four photos."""
        page = self.page.get()
        page.open(ids)
        if page.is_open:
            self._layout.pages.setCurrentWidget(page)
            page.setFocus()

    def close(self) -> None:
        """Close the comparison, if it is open."""
        if self.page.made is not None:
            self.page.made.close_compare()

    def apply_theme(self, theme: Theme) -> None:
        if self.page.made is not None:
            self.page.made.apply_theme(theme)

    def _make(self) -> PhotoCompare:
        from safelight.ui.viewer.compare import PhotoCompare

        services = self._services
        page = PhotoCompare(services.loader, services.reader, services.cache.get, services.themes.theme)
        page.closed.connect(self._leave)
        page.photo_chosen.connect(lambda _: self.photo_changed.emit())
        page.trash_requested.connect(self._trash)
        page.context_menu_requested.connect(self.context_menu_requested)
        services.cache.thumbnail_ready.connect(page.refresh_thumbnail)
        self._layout.pages.addWidget(page)
        return page

    def _on_library_changed(self, change: LibraryChanged) -> None:
        page = self.page.made
        if page is None:
            return
        if change.any_of(ChangeKind.FOLDERS):  # whose photos the change does not list
            page.refresh(page.ids)
        elif change.any_of(_ROW_CHANGES):
            page.refresh((*change.updated, *change.removed))

    def _leave(self, ids: Sequence[int]) -> None:
        layout = self._layout
        layout.pages.setCurrentWidget(layout.browser)
        layout.grid.select_photos(ids)
        layout.grid.setFocus()
        self.photo_changed.emit()
