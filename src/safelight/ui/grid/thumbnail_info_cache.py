"""What the grid shows of photos besides their pictures: names and badges."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.message import Message
from safelight.core.photo import FolderState
from safelight.ui.grid.badges import Badge, badges_of, title_of
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import Overview, ReadThumbnailInfo
from safelight.ui.translation import message_text, translate
from safelight.ui.view_request import ViewRequest

if TYPE_CHECKING:
    from safelight.store.thumbnail_info import ThumbnailInfo

_COLLECT_DELAY = 30
"""Milliseconds during which requests are collected into one read."""
_MAX_CACHED = 20_000
_RELEVANT_CHANGES = ChangeKind.PHOTOS | ChangeKind.FILES | ChangeKind.MARKS
"""The changes that affect names and badges."""


class ThumbnailInfoCache(QObject):
    """Loads the information about thumbnails in the background, on request."""

    arrived = Signal()

    def __init__(self, reader: LibraryReader, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._drives: tuple[tuple[int, FolderState], ...] = ()
        self._cached: OrderedDict[int, ThumbnailInfo] = OrderedDict()
        self._to_request: set[int] = set()
        self._requested: dict[int, int] = {}
        """The number of the newest read of each photo that is awaited. Older answers are discarded."""
        self._read_count = 0
        self._reasons: Mapping[int, Message] = {}
        self._scope = ViewRequest()
        self._timer = QTimer(self, singleShot=True, interval=_COLLECT_DELAY)
        self._timer.timeout.connect(self._read)
        bridge.library_changed.connect(self._on_library_changed)

    def get(self, photo_id: int) -> ThumbnailInfo | None:
        """None while it is loading (``arrived`` follows) or if the photo does not exist."""
        found = self._cached.get(photo_id)
        if found is None and photo_id not in self._requested and photo_id not in self._to_request:
            self._to_request.add(photo_id)
            if not self._timer.isActive():
                self._timer.start()
        return found

    def badges(self, photo_id: int) -> tuple[Badge, ...]:
        """A photo's badges, right-most first."""
        found = self.get(photo_id)
        return badges_of(found) if found is not None else ()

    def title_of(self, photo_id: int) -> str | None:
        """A one-line description of a photo for its tooltip and for screen readers."""
        found = self.get(photo_id)
        if found is None:
            return None
        reason = self._reasons.get(photo_id)
        return (
            translate("ThumbnailInfoCache", "{title} · found by {reason}").format(
                title=title_of(found), reason=message_text(reason)
            )
            if reason is not None
            else title_of(found)
        )

    def show_reasons(self, reasons: Mapping[int, Message]) -> None:
        """Set why photos matched other than by their looks."""
        self._reasons = reasons

    def show_scope(self, scope: ViewRequest | None) -> None:
        """Name photos with several files after the file in the open folder. None (a search) changes nothing.

        Call it after the reader was given the same scope.
        """
        if scope is None or scope == self._scope:
            return
        self._scope = scope
        with_copies = [photo for photo, info in self._cached.items() if info.files > 1]
        self.invalidate((*with_copies, *self._requested))

    def invalidate(self, ids: Collection[int]) -> None:
        """Forget these photos, which have changed."""
        for photo_id in ids:
            self._cached.pop(photo_id, None)
            self._requested.pop(photo_id, None)  # a read in progress may have seen the old values
        self.arrived.emit()  # makes the visible cells request it again

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(_RELEVANT_CHANGES):
            self.invalidate((*change.updated, *change.removed))

    def _read(self) -> None:
        ids, self._to_request = tuple(self._to_request), set()
        self._read_count += 1
        self._requested.update(dict.fromkeys(ids, self._read_count))
        answered = partial(self._on_info_read, self._read_count)
        self._reader.read(ReadThumbnailInfo(ids), answered, key=("thumbnail-info", self._read_count))

    def _on_info_read(self, number: int, found: Mapping[int, ThumbnailInfo]) -> None:
        for photo_id, info in found.items():
            if self._requested.get(photo_id) == number:
                self._cached[photo_id] = info
                del self._requested[photo_id]
        # Photos that were not found stay marked as requested until they change.
        while len(self._cached) > _MAX_CACHED:
            self._cached.popitem(last=False)
        self.arrived.emit()

    def show_overview(self, overview: Overview) -> None:
        drives = tuple((folder.id, folder.state) for folder in overview.folders)
        if drives != self._drives:  # any photo may be offline now, or exist
            self._drives = drives
            self.invalidate((*self._cached, *self._requested))
