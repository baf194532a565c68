"""How often "find similar" puts the original first for an altered copy of it.

    python packaging/evaluate_similar.py PHOTOS [--library DIR] [--count 100] [--seed 0]

Indexes the folder PHOTOS (into a library of its own unless one is named), makes altered copies of a random
sample of its photos outside the library, and looks each of them up: halved in size, saved as JPEG at quality
30, cropped by a tenth, turned by three degrees. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps

from safelight import paths
from safelight.core.errors import ImageError
from safelight.core.jobs import JobControl
from safelight.services.indexing.roots import checked_root, volume
from safelight.services.library import Library
from safelight.store import folders, photos

Alter = Callable[[Image.Image], bytes]


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def halved(image: Image.Image) -> bytes:
    return jpeg(image.resize((max(1, image.width // 2), max(1, image.height // 2))))


def recompressed(image: Image.Image) -> bytes:
    return jpeg(image, 30)


def cropped(image: Image.Image) -> bytes:
    """A tenth of each side is cut off, half of it at each end."""
    across, down = image.width // 20, image.height // 20
    return jpeg(image.crop((across, down, image.width - across, image.height - down)))


def turned(image: Image.Image) -> bytes:
    """Three degrees, the corners filled with grey as a scanner or an editor leaves them."""
    return jpeg(image.rotate(3, Image.Resampling.BICUBIC, fillcolor=(128, 128, 128)))


ALTERATIONS: dict[str, Alter] = {
    "half the size": halved,
    "JPEG quality 30": recompressed,
    "cropped by a tenth": cropped,
    "turned by 3°": turned,
}


def evaluate(library: Library, count: int, seed: int) -> None:
    with library.store.read() as db:
        known = photos.get_many(db, photos.ids(db))
    sample = random.Random(seed).sample(known, min(count, len(known)))
    searcher = library.searcher()
    print(f"| copy of one of {len(sample)} photos, among {len(known)} | original first | among the first 5 |")
    print("|---|---|---|")
    for name, alter in ALTERATIONS.items():
        first = near = 0
        for photo in sample:
            with Image.open(photo.files[0].path) as opened:
                copy = alter(ImageOps.exif_transpose(opened).convert("RGB"))
            try:
                found = [hit.photo_id for hit in searcher.similar_to_picture(copy, 5).hits]
            except ImageError as error:
                print(f"{photo.files[0].path}: {error}", file=sys.stderr)
                continue
            first += found[:1] == [photo.id]
            near += photo.id in found
        print(f"| {name} | {first} | {near} |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--model")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = arguments.library or Path(scratch) / "library"
        with Library.open(place, paths.models_dir(), model=arguments.model) as library:
            root = checked_root(str(arguments.photos))
            with library.store.write() as db:
                folder = folders.add(db, root, volume(root), time.time()).folder
            library.indexer().run({folder.id: None}, JobControl(), wait_for_model=True)
            evaluate(library, arguments.count, arguments.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
