"""Reads dropped and pasted data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QSize, Qt, QUrl
from PySide6.QtGui import QImage, QPixmap

from safelight.ui import wording
from safelight.ui.translation import translate

_LONGEST_SIDE = 1024
"""Maximum long side in pixels of a pasted picture sent to the engine. Models use less."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """Folders to add, and at most one picture to search for: a file or encoded bytes."""

    folders: tuple[str, ...] = ()
    picture_path: str | None = None
    picture: bytes | None = None

    def __bool__(self) -> bool:
        return bool(self.folders or self.picture_path or self.picture)

    @property
    def title(self) -> str:
        """A name for the picture, to show to the user."""
        path = self.picture_path
        return wording.display_name(path) if path is not None else translate("Dropped", "the pasted picture")

    def thumbnail(self) -> QPixmap | None:
        """The picture if it was pasted; None for a file, which is not read here."""
        if self.picture is None:
            return None
        thumbnail = QPixmap()
        thumbnail.loadFromData(self.picture, "PNG")
        return thumbnail


def may_hold_something(mime: QMimeData) -> bool:
    """Whether to accept a drag. Does not access the disk."""
    return mime.hasImage() or any(url.isLocalFile() for url in mime.urls())


def read(mime: QMimeData) -> Dropped:
    """Take local folders if there are any, otherwise the first local file, otherwise image data."""
    paths = [path_of_url(url) for url in mime.urls() if url.isLocalFile()]
    folders = tuple(path for path in paths if Path(path).is_dir())
    if folders:
        return Dropped(folders=folders)
    if paths:
        return Dropped(picture_path=paths[0])
    if mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return Dropped(picture=encode(image))
    return Dropped()


def encode(image: QImage) -> bytes:
    """Encode an image as PNG, reduced so that encoding and sending are quick."""
    if max(image.width(), image.height()) > _LONGEST_SIDE:
        image = image.scaled(
            QSize(_LONGEST_SIDE, _LONGEST_SIDE),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG", 80)  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())


def file_url(path: str) -> QUrl:
    """A file URL that preserves bytes that are not UTF-8, unlike ``QUrl.fromLocalFile``."""
    if os.name == "nt":
        return QUrl.fromLocalFile(path)
    return QUrl.fromEncoded(QByteArray(b"file://" + quote(os.fsencode(path)).encode("ascii")))


def path_of_url(url: QUrl) -> str:
    """The path of a local file URL, in ``os.fsdecode`` form; the inverse of :func:`file_url`."""
    if os.name == "nt":
        return url.toLocalFile()
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    return os.fsdecode(unquote_to_bytes(encoded))
