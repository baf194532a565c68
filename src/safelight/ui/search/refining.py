"""Searches that start from results: more or less like these, for a part of a photo, for what it shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QImage, QPixmap

from safelight.core.photo import Photo
from safelight.core.private_tags import person_tag
from safelight.core.query import Like, Term, ValueCondition, condition_text
from safelight.core.region import Region
from safelight.ui import wording
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadPhotos
from safelight.ui.search.bar import SearchBar
from safelight.ui.search.query_text import can_be_written
from safelight.ui.translation import translate

MAX_ADDED_PICTURES = 12
"""The most pictures that one command adds: each is a chip and a part of the text."""


class Refining(QObject):
    """Adds photos to the query in the search box, as parts that can be removed with their chips."""

    def __init__(
        self,
        reader: LibraryReader,
        bar: SearchBar,
        thumbnail: Callable[[int], QPixmap | None],
        notify: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._reader = reader
        self._bar = bar
        self._thumbnail = thumbnail
        self._notify = notify
        self._weight = 1.0

    def more_like(self, photo_ids: Sequence[int]) -> None:
        """Search for more photos like these."""
        self._refine(photo_ids, 1.0)

    def less_like(self, photo_ids: Sequence[int]) -> None:
        """Search for photos less like these."""
        self._refine(photo_ids, -1.0)

    def _refine(self, photo_ids: Sequence[int], weight: float) -> None:
        if not photo_ids:
            return
        if len(photo_ids) > MAX_ADDED_PICTURES:
            self._notify(
                translate("Refining", "A search can use up to {MOST} photos at once. Select fewer.").format(
                    MOST=MAX_ADDED_PICTURES
                )
            )
            return
        self._weight = weight
        self._reader.read(ReadPhotos(photo_ids), self._on_photos_read)

    def _on_photos_read(self, photos: Sequence[Photo]) -> None:
        parts = []
        for photo in photos:
            path = wording.path_of(photo)
            if path is None or not can_be_written(path):
                continue
            parts.append(Like(path, self._weight).text())
            picture = self._thumbnail(photo.id)
            if picture is not None:
                self._bar.chips.remember_picture(path, picture)
        left_out = len(photos) - len(parts)
        if left_out:
            some = wording.count_of(left_out, "photo")
            self._notify(
                translate(
                    "Refining", "{some} left out: a search cannot contain such a file name. Use Find similar."
                ).format(some=some)
            )
        if parts:
            self._bar.add_part(" ".join(parts))

    def search_word(self, word: str, excluded: bool) -> None:
        """Add a word to the query, as a part of its own, or exclude it. The results are shown."""
        if excluded or self._bar.field.text().strip():
            word = Term(word, -1.0 if excluded else 1.0).text()
        self._bar.add_part(word)

    def search_person(self, name: str) -> None:
        """Search the whole library for a person, whose tag may be at any level: ``People/Family/Anna``."""
        last_level = person_tag((name,)).rpartition("/")[2]
        self._bar.set_text(condition_text(ValueCondition("tag", last_level)))

    def search_part(self, photo: Photo, part: QRectF) -> None:
        """Search only for what looks like a part of a photo (fractions of its width and height)."""
        path = wording.path_of(photo)
        if path is None or not can_be_written(path):
            self._notify(
                translate("Refining", "A search cannot contain the name of this file. Use Find similar.")
            )
            return
        region = Region.of(part.left(), part.top(), part.width(), part.height())
        thumbnail = self._thumbnail(photo.id)
        if thumbnail is not None:
            piece = QPixmap.fromImage(cut(thumbnail.toImage(), part))
            self._bar.chips.remember_picture(f"{path}{region}", piece)
        self._bar.set_text(Like(path, region=region).text())


def cut(image: QImage, part: QRectF) -> QImage:
    """A part of a picture, at least one pixel."""
    left, top = (math.floor(part.left() * image.width()), math.floor(part.top() * image.height()))
    right, bottom = (math.ceil(part.right() * image.width()), math.ceil(part.bottom() * image.height()))
    left, top = min(left, image.width() - 1), min(top, image.height() - 1)
    return image.copy(left, top, max(1, right - left), max(1, bottom - top))
