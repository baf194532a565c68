"""The frames of the video, Live Photo or motion photo under the pointer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from safelight.core.pairs import PairKind
from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.grid.thumbnail_info_cache import ThumbnailInfoCache
from safelight.ui.library.picture_loader import AnimationFrames, PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadFrames, ReadPhotos
from safelight.ui.library.thumbnail_cache import THUMBNAIL_SIDE
from safelight.ui.library.turning import turned_image

_FRAMES = 12
"""Frames of the film of a motion photo, which lasts a few seconds."""
_DWELL = 120
"""Milliseconds for which the pointer rests on a motion photo before its film is decoded."""


class _FilmKey(NamedTuple):
    """A request for the frames of a motion photo."""

    owner: str
    number: int


class HoverFilm(QObject):
    """Shows a frame of a video or Live Photo in its cell: the first at the left, the last at the right.

    The library holds frames of videos, and so of the videos of Live Photos. Those of the film inside a motion
    photo are decoded when the pointer rests on it.
    """

    changed = Signal(int)  # photo id

    def __init__(
        self,
        reader: LibraryReader,
        loader: PictureLoader,
        info_cache: ThumbnailInfoCache,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._loader = loader
        self._info_cache = info_cache
        self._hovered: int | None = None
        self._photo: int | None = None
        self._is_in_library = False
        """Whether the library holds the frames. Otherwise the photo's file contains a film."""
        self._frames: list[QPixmap] = []
        self._at = 0
        """Which of the frames is shown."""
        self._fraction = 0.0
        self._turns = 0
        self._requests = 0
        self._asked: _FilmKey | None = None
        self._dwell = QTimer(self, singleShot=True, interval=_DWELL)
        self._dwell.timeout.connect(self._read_motion_photo)
        # The pointer may rest on a cell before it is known whether that shows a video.
        info_cache.arrived.connect(lambda: self.hover(self._hovered, self._fraction))
        loader.frames_loaded.connect(self._on_film_decoded)

    def hover(self, photo_id: int | None, fraction: float) -> None:
        """Follow the pointer: the photo under it, and how far it is to the right in its cell (0 to 1)."""
        self._hovered = photo_id
        self._fraction = min(max(fraction, 0.0), 1.0)
        info = None if photo_id is None else self._info_cache.get(photo_id)
        has_frames = info is not None and (info.duration is not None or PairKind.LIVE in info.halves)
        has_film = info is not None and info.film and not has_frames
        moving = photo_id if has_frames or has_film else None
        if moving == self._photo:
            self._show()
            return
        left, self._photo = self._photo, moving
        self._frames = []
        self._is_in_library = has_frames
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
        self._dwell.stop()
        self._forget()
        if self._photo is None:
            return
        if self._is_in_library:
            answered = partial(self._on_images_read, self._photo)
            self._reader.read(ReadFrames(self._photo), answered, key="hover-film")
        else:
            self._dwell.start()

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

    # --- motion photos ------------------------------------------------------------------------

    def _read_motion_photo(self) -> None:
        photo_id = self._photo
        if photo_id is not None:
            self._reader.read(
                ReadPhotos((photo_id,)), partial(self._ask_for_film, photo_id), key="hover-photo"
            )

    def _ask_for_film(self, photo_id: int, photos: Sequence[Photo]) -> None:
        if photo_id != self._photo or not photos or not any(file.online for file in photos[0].files):
            return
        path = wording.path_of(photos[0])
        if path is not None:
            self._turns = photos[0].turns
            self._requests += 1
            self._asked = _FilmKey("hover", self._requests)
            self._loader.load_film_frames(self._asked, path, _FRAMES, THUMBNAIL_SIDE)

    def _on_film_decoded(self, key: object, film: AnimationFrames) -> None:
        if self._photo is not None and key == self._asked:
            self._asked = None
            self._on_images_read(self._photo, [turned_image(image, self._turns) for image in film.images])

    def _forget(self) -> None:
        if self._asked is not None:
            self._loader.forget(self._asked)
            self._asked = None
