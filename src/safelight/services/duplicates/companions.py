"""Files that go where a picture goes: the JPEG of a RAW, the film of a Live Photo, what an editor wrote."""

from __future__ import annotations

import os
import stat

from safelight.imaging.formats import JPEG, RAW, extensions

_SIDECARS = ("xmp", "aae", "thm")
_FILMS = ("mov", "mp4")
DEVELOPED = (*JPEG.extensions, "heic", "hif")
"""What a camera writes beside a RAW."""


def companions_of(path: bytes) -> tuple[bytes, ...]:
    """The companions of a picture that are its alone, absolute.

    What goes by the stem (``IMG_1.xmp`` of ``IMG_1.nef``) is nobody's alone where another picture of the
    stem lies beside it, unless that is a companion itself. What has the whole name in front
    (``IMG_1.nef.xmp``) always is.
    """
    folder, name = os.path.split(path)
    stem, dot, extension = name.rpartition(b".")
    if not dot or not stem:
        return ()
    own = [found for found in (_beside(folder, name, "xmp"),) if found is not None]
    is_raw = _text(extension) in RAW.extensions
    siblings = {
        other: found
        for other in extensions()
        if (found := _beside(folder, stem, other)) is not None and found != path
    }
    developed = [found for other, found in siblings.items() if is_raw and other in DEVELOPED]
    if len(developed) == len(siblings):
        own += developed
        wanted = _SIDECARS if is_raw else (*_SIDECARS, *_FILMS)
        own += [found for other in wanted if (found := _beside(folder, stem, other)) is not None]
    return tuple(dict.fromkeys(own))


def counterpart(companion: bytes, others: tuple[bytes, ...]) -> bytes | None:
    """Which of another picture's companions is to that picture what this one is to its own."""
    role = _role(companion)
    return next((other for other in others if _role(other) == role), None)


def _role(companion: bytes) -> str:
    extension = _text(os.path.splitext(companion)[1][1:])
    if extension in DEVELOPED:
        return "developed"
    return "film" if extension in _FILMS else extension


def _beside(folder: bytes, stem: bytes, extension: str) -> bytes | None:
    """The regular file of that name, however its extension is written."""
    for written in (extension, extension.upper()):
        path = os.path.join(folder, stem + b"." + written.encode())
        try:
            if stat.S_ISREG(os.lstat(path).st_mode):
                return path
        except OSError:
            continue
    return None


def _text(extension: bytes) -> str:
    return os.fsdecode(extension).lower()
