"""Which XMP sidecar belongs to which picture.

``IMG.CR2.xmp`` belongs to ``IMG.CR2``. ``IMG.xmp`` belongs to the RAW of that name, or to all pictures of
that name if none is a RAW.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections import Counter

from safelight.imaging.formats import RAW, is_photo_name

_SUFFIXES = (b".xmp", b".XMP")
_RAW = frozenset(extension.encode() for extension in RAW.extensions)


def is_sidecar_name(name: bytes) -> bool:
    return name[-4:].lower() == b".xmp" and len(name) > 4 and not name.startswith(b".")


def sidecars_of(picture: bytes) -> list[bytes]:
    """The sidecars of a picture (absolute path), the most recently changed first. Reads the folder."""
    stem, extension = os.path.splitext(picture)  # noqa: PTH122 - bytes
    candidates = [_existing(picture)]
    own = _existing(stem)
    if own is not None and (extension[1:].lower() in _RAW or not _has_raw(stem)):
        candidates.append(own)
    found = [each for each in candidates if each is not None]
    return [path for _, path in sorted(found, key=lambda each: each[0], reverse=True)]


class SidecarNaming:
    """How new sidecars of a folder are named: as most of those that it has, and ``IMG.CR2.xmp`` if it has
    none or if ``IMG.xmp`` would belong to another picture too."""

    def __init__(self, folder: bytes) -> None:
        names: set[bytes] = set()
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            names = {each.name for each in entries}
        self._pictures = Counter(name.rpartition(b".")[0] for name in names if is_photo_name(name))
        sidecars = [name for name in names if is_sidecar_name(name)]
        by_whole_name = sum(1 for name in sidecars if name[:-4] in names)
        self._by_stem = len(sidecars) > 2 * by_whole_name

    def path_for(self, picture: bytes) -> bytes:
        stem, extension = os.path.splitext(picture)  # noqa: PTH122 - bytes
        alone = self._pictures[os.path.basename(stem)] <= 1 or extension[1:].lower() in _RAW  # noqa: PTH119
        return (stem if self._by_stem and alone else picture) + b".xmp"


def _existing(stem: bytes) -> tuple[int, bytes] | None:
    """(time of change, path) of the sidecar with that name before ``.xmp``."""
    for suffix in _SUFFIXES:
        try:
            status = os.lstat(stem + suffix)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            return status.st_mtime_ns, stem + suffix
    return None


def _has_raw(stem: bytes) -> bool:
    return any(os.path.lexists(stem + b"." + written) for each in _RAW for written in (each, each.upper()))
