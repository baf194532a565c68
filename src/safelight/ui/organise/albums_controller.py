"""Connects the page of albums with the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import MoveAlbum, OrderAlbum
from safelight.ui.lazy_page import LazyPage
from safelight.ui.library.reads import ReadAlbums
from safelight.ui.pages.declarations import ALBUMS
from safelight.ui.translation import translate
from safelight.ui.view_request import Place, ViewRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from safelight.store.albums import AlbumCard
    from safelight.store.saved_searches import SavedSearch
    from safelight.ui.appearance.theme import Theme
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.organise.albums_page import AlbumsPage
    from safelight.ui.organise.controller import OrganiseController
    from safelight.ui.pages.content import ContentArea

_CHANGES = ChangeKind.ALBUMS | ChangeKind.PHOTOS | ChangeKind.MARKS | ChangeKind.FILES
_READ_DELAY = 300
"""Milliseconds that changes are gathered before albums are read again."""


class AlbumsController(QObject):
    """Reads the albums while their page is shown, and runs its commands."""

    def __init__(
        self,
        services: WindowServices,
        content: ContentArea,
        organise: OrganiseController,
        photos: QWidget,
        selected: Callable[[], Sequence[int]],
        show_scope: Callable[[ViewRequest], object],
        open_search: Callable[[SavedSearch], object],
        window: QWidget,
    ) -> None:
        """``photos`` is the widget from which photos are dragged, and ``selected`` returns those that are
        selected in it.
        """
        super().__init__(window)
        self._services = services
        self._organise = organise
        self._photos = photos
        self._selected = selected
        self._show_scope = show_scope
        self._open_search = open_search
        self._read_again = QTimer(self, singleShot=True, interval=_READ_DELAY)
        self._read_again.timeout.connect(self._read)
        self.page: LazyPage[AlbumsPage] = LazyPage(self._make)
        content.set_page(ALBUMS, self.page)
        services.bridge.library_changed.connect(self._on_library_changed)
        organise.searches_counted.connect(self._show_searches)

    def _make(self) -> AlbumsPage:
        from safelight.ui.organise.albums_page import AlbumsPage

        organise = self._organise
        page = AlbumsPage(self._services.cache, self._services.themes.theme, self._photos)
        page.open_requested.connect(lambda card: self._show_scope(_scope(card)))
        page.new_requested.connect(organise.ask_for_new_album)
        page.rename_requested.connect(lambda card: organise.rename_album(card.album))
        page.delete_requested.connect(lambda card: organise.delete_album(card.album))
        page.move_requested.connect(self._move)
        page.order_requested.connect(self._order)
        page.menu_requested.connect(lambda card, position: organise.show_menu(_scope(card), position))
        page.photos_dropped.connect(self._add)
        page.search_requested.connect(self._open_search)
        page.shown.connect(self._read)
        page.show_searches(organise.searches, organise.search_counts)
        return page

    def stop(self) -> None:
        self._read_again.stop()

    def apply_theme(self, theme: Theme) -> None:
        if self.page.made is not None:
            self.page.made.apply_theme(theme)

    def _read(self) -> None:
        if self.page.made is not None:
            self._services.background_reader.read(ReadAlbums(), self.page.made.show_albums, key="albums")

    def _show_searches(self) -> None:
        if self.page.made is not None:
            self.page.made.show_searches(self._organise.searches, self._organise.search_counts)

    def _on_library_changed(self, change: LibraryChanged) -> None:
        page = self.page.made
        if page is not None and page.isVisible() and change.any_of(_CHANGES):
            self._read_again.start()

    def _move(self, card: AlbumCard, into: int | None) -> None:
        text = translate("Albums", "Moved the album “{album}”").format(album=card.album.name)
        self._organise.run(MoveAlbum(card.album.id, into), text)

    def _order(self, card: AlbumCard, before: AlbumCard | None) -> None:
        self._organise.run(OrderAlbum(card.album.id, None if before is None else before.album.id))

    def _add(self, card: AlbumCard) -> None:
        self._organise.add_to_album(self._selected(), card.album.id, card.album.name)


def _scope(card: AlbumCard) -> ViewRequest:
    return ViewRequest(Place.ALBUM, album_id=card.album.id)
