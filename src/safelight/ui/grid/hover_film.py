"""The frames of the video or Live Photo under the pointer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from safelight.core.pairs import PairKind
from safelight.ui.grid.thumbnail_info_cache import ThumbnailInfoCache
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadFrames


class HoverFilm(QObject):
    """Shows a frame of a video or Live Photo in its cell: the first at the left, the last at the right."""

    changed = Signal(int)  # photo id

    def __init__(
        self, reader: LibraryReader, info_cache: ThumbnailInfoCache, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._info_cache = info_cache
        self._hovered: int | None = None
        self._photo: int | None = None
        self._frames: list[QPixmap] = []
        self._at = 0
        """Which of the frames is shown."""
        self._fraction = 0.0
        # The pointer may rest on a cell before it is known whether that shows a video.
        info_cache.arrived.connect(lambda: self.hover(self._hovered, self._fraction))

    def hover(self, photo_id: int | None, fraction: float) -> None:
        """Follow the pointer: the photo under it, and how far it is to the right in its cell (0 to 1)."""
        self._hovered = photo_id
        self._fraction = min(max(fraction, 0.0), 1.0)
        info = None if photo_id is None else self._info_cache.get(photo_id)
        moves = info is not None and (info.duration is not None or PairKind.LIVE in info.halves)
        video = photo_id if moves else None
        if video == self._photo:
            self._show()
            return
        left, self._photo = self._photo, video
        self._frames = []
        if left is not None:
            self.changed.emit(left)
        self._read()

    def frame(self, photo_id: int) -> QPixmap | None:
        """The frame to show; None for the photo's own thumbnail."""
        return self._frames[self._at] if photo_id == self._photo and len(self._frames) > 1 else None

    def invalidate(self, photo_ids: Collection[int]) -> None:
        """The pictures of these photos have changed: read the frames again."""
        if self._photo in photo_ids:
            self._read()

    def _read(self) -> None:
        if self._photo is not None:
            answered = partial(self._on_images_read, self._photo)
            self._reader.read(ReadFrames(self._photo), answered, key="hover-film")

    def _on_images_read(self, photo_id: int, images: Sequence[QImage]) -> None:
        if photo_id == self._photo:
            self._frames = [QPixmap.fromImage(image) for image in images]
            self._at = -1
            self._show()

    def _show(self) -> None:
        at = min(int(self._fraction * len(self._frames)), len(self._frames) - 1)
        if self._photo is not None and self._frames and at != self._at:
            self._at = at
            self.changed.emit(self._photo)
