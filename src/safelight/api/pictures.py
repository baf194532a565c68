"""Pictures of photos as JPEG."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from safelight.core.errors import ImageError, SafelightError
from safelight.core.photo import Photo

if TYPE_CHECKING:
    from safelight.services.indexing.decoding import DecodePool


def jpeg(photo: Photo, thumbnail: bytes | None, side: int, open_pool: Callable[[], DecodePool]) -> bytes:
    """A JPEG of a photo, upright, without metadata, its long side at most ``side`` pixels: from one of its
    files, or else from its stored thumbnail. ``open_pool`` is called only if there is a file to decode.

    Raises SafelightError if no file can be read and there is no thumbnail.
    """
    from safelight.imaging.thumbnail import encode_jpeg, shrunk_thumbnail  # not needed for searching

    problem = SafelightError("{path} cannot be read now.", path=photo.files[0].path)
    for file in photo.files:
        if file.online and os.path.exists(file.path):
            try:
                pixels, _ = open_pool().load(file.path, side).result()
            except ImageError as error:
                problem = SafelightError("{path}: {error}", path=file.path, error=error)
            else:
                return encode_jpeg(pixels)
    if thumbnail is None:
        raise problem
    return shrunk_thumbnail(thumbnail, side)
