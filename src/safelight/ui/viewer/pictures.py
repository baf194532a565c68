"""The pictures that the viewer holds: the current one and its neighbours, in the sizes that were needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.library.picture_loader import PictureLoader

_SQUARE_FULL_SIDE = 8192
"""Maximum long side in pixels of a square picture: enough for 1:1 at 67 megapixels, which take 268 MB."""
_MAX_SIDE = 32_767
"""Qt does not scale images with a longer side."""
_MIN_DRAFT_PIXELS = 4_000_000
"""Pixels from which a draft of a picture saves time."""
_JPEG = "JPEG"


def full_side(width: int, height: int) -> int:
    """The maximum long side in pixels of a picture with this ratio of sides, when the viewer is zoomed in:
    panoramas have more for the same memory.
    """
    ratio = max(width, height) / max(min(width, height), 1)
    return min(math.floor(_SQUARE_FULL_SIDE * math.sqrt(max(ratio, 1.0))), _MAX_SIDE)


def is_full(side: int) -> bool:
    """Whether this long side was requested because the viewer was zoomed in."""
    return side >= _SQUARE_FULL_SIDE


def is_online(photo: Photo) -> bool:
    """Whether a file of the photo is in a folder that is connected."""
    return any(file.online for file in photo.files)


class _Key(NamedTuple):
    owner: str
    photo_id: int
    side: int
    developed: bool


class ViewerPictures(QObject):
    """Loads pictures and releases those that are no longer near. What arrives late is dropped."""

    arrived = Signal(int)  # photo id
    failed = Signal(int, str)  # photo id, one-line message

    def __init__(self, loader: PictureLoader, moment: Callable[[int], float | None], parent: QObject) -> None:
        """``moment`` returns the time of the frame that represents a video in the results."""
        super().__init__(parent)
        self._loader = loader
        self._moment = moment
        self._images: dict[_Key, QImage] = {}
        self._asked: set[_Key] = set()
        self._failures: dict[int, str] = {}
        loader.picture_loaded.connect(self._on_loaded)
        loader.draft_loaded.connect(self._on_draft)
        loader.picture_failed.connect(self._fail)

    def best(self, photo_id: int) -> QImage | None:
        """The developed picture of a RAW photo if it is loaded, otherwise the largest version."""
        found = [(key.developed, key.side, key) for key in self._images if key.photo_id == photo_id]
        return self._images[max(found)[2]] if found else None

    def failure(self, photo_id: int) -> str | None:
        """Why a picture could not be loaded."""
        return self._failures.get(photo_id)

    def is_loading(self, photo_id: int) -> bool:
        """Whether a picture is awaited. Developing a RAW photo, which takes seconds, does not count."""
        asked = any(key.photo_id == photo_id and not key.developed for key in self._asked)
        return asked and photo_id not in self._failures

    def request(self, photo: Photo, side: int, *, developed: bool = False, drafted: bool = False) -> None:
        """Load a photo with a long side of at least ``side`` pixels, unless it is loaded or was requested.

        If ``drafted``, a less precise picture comes first where that takes much less time.
        """
        key = _Key("viewer", photo.id, side, developed)
        path = wording.path_of(photo)
        held = (*self._images, *self._asked)
        known = any(
            each.photo_id == photo.id and each.developed == developed and each.side >= side for each in held
        )
        if known or path is None or not is_online(photo):
            return
        self._asked.add(key)
        seconds = None if photo.duration is None else self._moment(photo.id)
        drafted = drafted and photo.format == _JPEG and photo.width * photo.height >= _MIN_DRAFT_PIXELS
        self._loader.load(key, path, side, seconds, developed=developed, checkered=True, drafted=drafted)

    def keep(self, near: Collection[int]) -> None:
        """Release all others, and of these the full-size and developed versions, which take much memory."""

        def stays(key: _Key) -> bool:
            return key.photo_id in near and not is_full(key.side) and not key.developed

        stale = {key for key in self._asked if not stays(key)}
        self._loader.forget(*stale)
        self._asked -= stale
        self._images = {key: image for key, image in self._images.items() if stays(key)}
        self._failures = {key: text for key, text in self._failures.items() if key in near}

    def clear(self) -> None:
        """Release everything."""
        self.keep(())

    def _on_loaded(self, key: object, image: QImage) -> None:
        if isinstance(key, _Key) and key in self._asked:
            self._asked.discard(key)
            self._images[key] = image
            self.arrived.emit(key.photo_id)

    def _on_draft(self, key: object, image: QImage) -> None:
        if isinstance(key, _Key) and key in self._asked:
            self._images[key] = image
            self.arrived.emit(key.photo_id)

    def _fail(self, key: object, message: str) -> None:
        if not (isinstance(key, _Key) and key in self._asked):
            return
        # It stays marked as requested, so that it is not retried on every resize.
        if key.developed and self.best(key.photo_id) is not None:
            return  # the preview stays
        self._failures[key.photo_id] = message
        self.failed.emit(key.photo_id, message)
