"""The pictures of a comparison, loaded in the sizes that their views need."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from safelight.ui.library.picture_loader import PictureLoader

MAX_FULL_SIDE = 6000
"""Maximum long side in pixels, which limits the memory that four pictures use."""

_Key = tuple[str, int, int, float | None]
"""The owner of the request, the key of the picture, its side, and the time in the video."""


class PictureRequest(NamedTuple):
    """A picture that a comparison needs."""

    key: int
    path: str
    side: int
    """Minimum long side in pixels."""
    seconds: float | None = None
    """The time of the frame of a video; None for its poster."""


class ComparedPictures(QObject):
    """Holds the pictures that were requested last, and releases all others."""

    picture_changed = Signal(int)  # key
    picture_failed = Signal(int, str)  # key, one-line message

    def __init__(self, loader: PictureLoader, owner: str, parent: QObject | None = None) -> None:
        """``owner`` distinguishes the requests of this object from those of others."""
        super().__init__(parent)
        self._loader = loader
        self._owner = owner
        self._images: dict[_Key, QImage] = {}
        self._asked: set[_Key] = set()
        self._failures: dict[int, str] = {}
        loader.picture_loaded.connect(self._on_loaded)
        loader.picture_failed.connect(self._fail)

    def request(self, pictures: Collection[PictureRequest]) -> None:
        """Load these pictures where they are not loaded in this size; release all others."""
        keys = {(each.key, each.seconds) for each in pictures}
        stale = {key for key in self._asked if (key[1], key[3]) not in keys}
        self._loader.forget(*stale)
        self._asked -= stale
        self._images = {key: image for key, image in self._images.items() if (key[1], key[3]) in keys}
        wanted = {each.key for each in pictures}
        self._failures = {key: text for key, text in self._failures.items() if key in wanted}
        for each in pictures:
            held = [key[2] for key in (*self._images, *self._asked) if key[1] == each.key]
            if each.key not in self._failures and each.side > max(held, default=0):
                key = (self._owner, each.key, each.side, each.seconds)
                self._asked.add(key)
                self._loader.load(key, each.path, each.side, each.seconds)

    def best(self, key: int) -> QImage | None:
        """The largest version that is loaded."""
        found = [(each[2], image) for each, image in self._images.items() if each[1] == key]
        return max(found, key=lambda pair: pair[0])[1] if found else None

    def failure(self, key: int) -> str:
        """Why a picture could not be loaded, or an empty string."""
        return self._failures.get(key, "")

    def _on_loaded(self, key: object, image: QImage) -> None:
        if isinstance(key, tuple) and key in self._asked:
            self._asked.discard(key)
            self._images[key] = image
            self.picture_changed.emit(key[1])

    def _fail(self, key: object, message: str) -> None:
        if isinstance(key, tuple) and key in self._asked:
            self._asked.discard(key)
            self._failures[key[1]] = message
            self.picture_failed.emit(key[1], message)
