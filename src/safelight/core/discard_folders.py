"""Folders of things that were thrown away or can be made again: bins, snapshots, previews, caches.

Scans skip them, and a file in one is never the copy to keep. The list is fixed, and documented in
docs/duplicates.md; names are compared without regard to case.
"""

from __future__ import annotations

import os

_NAMES = frozenset(
    {
        # Recycle bins of Windows, QNAP and Synology, and of desktops that follow freedesktop.org.
        *(b"$recycle.bin", b"recycler", b"recycled", b"@recycle", b"#recycle", b"@recently-snapshot"),
        *(b".trash", b".trashes", b".trashbox", b".recycle"),
        # What NAS systems and file systems keep for themselves.
        *(b"@eadir", b"@__thumb", b"@tmp", b"#snapshot", b".snapshot", b".snapshots", b".zfs", b"lost+found"),
        *(b"system volume information", b".fseventsd", b".spotlight-v100", b".documentrevisions-v100"),
        # Former versions that Syncthing, Dropbox, Resilio and Nextcloud keep.
        *(b".stversions", b".dropbox.cache", b".sync", b"files_versions", b"files_trashbin"),
        # What archives that were packed on a Mac unpack to.
        b"__macosx",
        # Caches of applications.
        *(b".cache", b".thumbnails", b".thumb", b".dthumb", b".comments"),
    }
)

_PREFIXES = (b".trash-",)
"""freedesktop.org's trash at the top of a mount is ``.Trash-UID``."""

_SUFFIXES = (b".lrdata", b".cocatalogdb", b".cosessiondb", b".tmp.drivedownload")
"""Lightroom keeps previews in ``NAME Previews.lrdata`` and ``NAME Smart Previews.lrdata``."""

_WITHIN = {
    # Apple's Photos and iPhoto keep the photos of a library in originals or Masters.
    b".photoslibrary": frozenset({b"resources", b"database", b"private", b"scopes", b"external"}),
    b".photolibrary": frozenset({b"thumbnails", b"previews", b"data", b"data.noindex", b"database"}),
    b".aplibrary": frozenset({b"thumbnails", b"previews", b"database"}),
}
"""Folders to skip, by the ending of the name of the folder around them."""

_BELOW = {b"captureone": frozenset({b"cache"}), b"library": frozenset({b"caches"})}
"""The same, by the whole name of the folder around them."""

CACHE_TAG = b"CACHEDIR.TAG"
CACHE_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55"
"""How a file of that name begins that marks its folder as a cache (https://bford.info/cachedir/)."""


def is_discard_folder(name: bytes, parent: bytes = b"") -> bool:
    """Whether a folder of this name, in a folder of the name ``parent``, holds nothing worth keeping."""
    name, parent = name.lower(), parent.lower()
    return (
        name in _NAMES
        or name.startswith(_PREFIXES)
        or name.endswith(_SUFFIXES)
        or name in _WITHIN.get(b"." + parent.rpartition(b".")[2], ())
        or name in _BELOW.get(parent, ())
    )


def find_discard_folder(path: bytes | str) -> str | None:
    """The name of the first such folder on the way to a file; None where there is none."""
    parts = os.fsencode(path).split(os.fsencode(os.sep))[:-1]
    for place, name in enumerate(parts):
        if is_discard_folder(name, parts[place - 1] if place else b""):
            return os.fsdecode(name)
    return None
