"""The viewer: time from opening a photo until it is sharp, cold and for a neighbour that was prefetched."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from safelight.core.photo import FileStat
from safelight.imaging.matrix_profile import DISPLAY_P3, matrix_profile, srgb_curve
from safelight.imaging.read import decode_photo, load_image
from safelight.services.bench import inside
from safelight.services.bench.figures import Setting, Sheet
from safelight.services.bench.inside import Order
from safelight.services.bench.synthetic import scene
from safelight.store import files, folders, photos, stored_thumbnails
from safelight.store.library import LibraryStore

SECTION = "viewer"

SIZE = (6000, 4000)
"""Pixels of the pictures: 24 megapixels."""
_PICTURES = 4
"""Pictures of each kind."""
_QUALITY = 92
_SCREEN = 1280
"""The long side of the measured window."""

COLD = "cold"
COLD_WORST = "cold, worst"
COMPLETE = "cold, complete"
PREFETCHED = "prefetched"
PREFETCHED_WORST = "prefetched, worst"

_NOTES = {
    COLD: "from opening to as many pixels as the screen shows, painted",
    COMPLETE: "every detail decoded; later than the first sharp picture only for progressive JPEGs",
    PREFETCHED: "from one photo to the next, whose picture was loaded meanwhile",
}


def measure(setting: Setting) -> Sheet:
    """Open photos of each kind in the viewer, and step to the next one."""
    sheet = Sheet(SECTION)
    megapixels = f"{SIZE[0] * SIZE[1] / 1e6:.0f} MP"
    setting.report(f"viewer: drawing {megapixels} pictures")
    library, pictures = setting.scratch / "library", setting.scratch / "pictures"
    kinds = fill_library(library, pictures)
    setting.report("viewer: opening pictures")
    measured = inside.carry_out(
        Order(inside.VIEWER, library=str(library), kinds=kinds, frames=3 * setting.effort.repeats)
    )
    for name, seconds in measured.items():
        kind, _, what = name.partition(": ")
        sheet.add(f"{megapixels} {kind}: {what}", seconds * 1e3, "ms", _NOTES.get(what, ""))
    for kind in kinds:
        seconds = decoding_seconds(sorted((pictures / kind).iterdir()))
        note = f"of one core, to a long side of {_SCREEN:,} pixels"
        sheet.add(f"{megapixels} {kind}: decoding, processor time", seconds * 1e3, "ms", note)
    return sheet


def fill_library(library: Path, pictures: Path) -> dict[str, list[int]]:
    """A library of generated JPEGs. Returns the photos of each kind, in order."""
    drawn = scene(*SIZE, seed=1).convert("RGB")
    with LibraryStore.create_or_open(library) as store:
        with store.write() as db:
            folder = folders.add(db, os.fsencode(pictures), None, time.time()).folder.id
        return {
            kind: [_add(store, folder, pictures, path) for path in _written(pictures / kind, drawn, options)]
            for kind, options in _kinds().items()
        }


def _kinds() -> Mapping[str, Mapping[str, Any]]:
    """How the pictures of each kind are saved."""
    return {
        "baseline JPEG": {},
        "progressive JPEG": {"progressive": True},
        "Display P3 JPEG": {"icc_profile": matrix_profile(DISPLAY_P3, srgb_curve())},
    }


def _written(folder: Path, drawn: Image.Image, options: Mapping[str, Any]) -> Iterable[Path]:
    folder.mkdir(parents=True)
    for number in range(_PICTURES):
        path = folder / f"{number}.jpg"
        moved = ImageChops.offset(drawn, 997 * number % drawn.width, 499 * number % drawn.height)
        moved.save(path, "JPEG", quality=_QUALITY, subsampling="4:2:0", **options)
        yield path


def _add(store: LibraryStore, folder: int, root: Path, path: Path) -> int:
    decoded = decode_photo(str(path), None)
    status = path.stat()
    stat = FileStat(status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)
    with store.write() as db:
        (file_id,) = files.add(db, folder, [(os.fsencode(path.relative_to(root)), stat)])
        photo = photos.insert(db, decoded, "2024-01-01T12:00:00", time.time())
        stored_thumbnails.put(db, photo, decoded.thumbnail)
        files.set_indexed(db, file_id, photo, stat)
    return photo


def decoding_seconds(paths: Iterable[Path]) -> float:
    """Median processor time in seconds of decoding one of these pictures for the screen."""
    spent = []
    for path in paths:
        start = time.process_time()
        load_image(str(path), _SCREEN)
        spent.append(time.process_time() - start)
    return statistics.median(spent)
