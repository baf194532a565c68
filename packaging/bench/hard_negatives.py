"""Files that a duplicate finder must not take for one picture: documents from templates, files whose first
frames are equal, bursts and exposure brackets. Some true copies among them keep recall in view."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from bench.duplicate_set import TRUTH, Entry, _jpeg, _next_frame, _saved, _taken
from bench.template_documents import documents

SIDE = 900
"""Pixels of the long side of the pictures."""

File = tuple[str, str, str, bytes]
"""Transform, rung, suffix and bytes."""


def make_hard(
    sources: Sequence[Path],
    folder: Path,
    seed: int,
    *,
    pages: int = 300,
    multi_frame: int = 200,
    bursts: int = 200,
    brackets: int = 100,
) -> list[Entry]:
    """Write the set and its truth to an empty folder."""
    folder.mkdir(parents=True)
    entries: list[Entry] = []

    def put(source: str, files: Iterator[File]) -> None:
        for transform, rung, suffix, data in files:
            name = f"{source}-{transform}.{suffix}"
            (folder / name).write_bytes(data)
            entries.append(Entry(name, source, transform, rung))

    for number, (_, suffix, data) in enumerate(documents(seed, pages)):
        put(f"t{number:04d}", _page(number, suffix, data))
    shuffled = list(sources)
    random.Random(f"{seed}-sources").shuffle(shuffled)
    for letter, amount, made in (
        ("m", multi_frame, _multi_frame),
        ("b", bursts, _burst),
        ("e", brackets, _bracket),
    ):
        for number in range(amount):
            rng = random.Random(f"{seed}-{letter}-{number}")
            put(f"{letter}{number:04d}", made(_picture(shuffled[number % len(shuffled)], rng), number, rng))
    (folder / TRUTH).write_text(json.dumps([asdict(entry) for entry in entries], indent=1), encoding="utf-8")
    return entries


def _picture(path: Path, rng: random.Random) -> Image.Image:
    """A part of its own of each source, so that sources can be used more than once."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    left, top = (round(side * rng.uniform(0, 0.3)) for side in image.size)
    return image.crop((left, top, left + round(image.width * 0.7), top + round(image.height * 0.7)))


def _page(number: int, suffix: str, data: bytes) -> Iterator[File]:
    yield "page", "original", suffix, data
    if number % 5 == 0:
        with Image.open(BytesIO(data)) as page:
            image = page.convert("RGB")
        yield "jpeg-60", "resaved", "jpg", _jpeg(image, 60)
        half = image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)
        yield "resize-50", "resaved", "jpg", _jpeg(half, 88)


def _multi_frame(image: Image.Image, number: int, rng: random.Random) -> Iterator[File]:
    """A file of one frame, and one whose first frame is that and which has more."""
    others = [ImageOps.mirror(image), ImageOps.invert(image), image.rotate(180)][: rng.randint(1, 3)]
    plugin, suffix, options = (
        ("TIFF", "tif", {"compression": "tiff_lzw"}),
        ("GIF", "gif", {"duration": 200}),
        ("WEBP", "webp", {"lossless": True, "duration": 200}),
        ("PNG", "png", {"duration": 200}),
        ("MPO", "jpg", {"quality": 90}),
        ("JPEG", "jpg", {"quality": 90}),
    )[number % 6]
    if plugin in ("GIF",):
        image, others = image.quantize(64), [other.quantize(64) for other in others]
    if plugin == "JPEG":  # a motion photo
        still = _saved(image, plugin, **options)
        yield "one", "original", suffix, still
        yield "many", "negative", suffix, still + b"\0\0\0\x18ftypmp42" + rng.randbytes(5000)
        return
    yield "one", "original", suffix, _saved(image, "JPEG" if plugin == "MPO" else plugin, **options)
    many = _saved(image, plugin, save_all=True, append_images=others, **options)
    yield "many", "negative", suffix, many
    if number % 4 == 0 and plugin == "TIFF":
        tagged = _saved(image, plugin, save_all=True, append_images=others, description="a tag", **options)
        yield "many-tagged", "tagged", suffix, tagged


def _burst(image: Image.Image, number: int, rng: random.Random) -> Iterator[File]:
    yield "frame-1", "original", "jpg", _jpeg(image, 93, _taken(number))
    yield "frame-2", "burst", "jpg", _jpeg(_next_frame(image, rng), 93, _taken(number, rng.randint(1, 3)))


def _bracket(image: Image.Image, number: int, rng: random.Random) -> Iterator[File]:
    """Three exposures from a stand, in one second."""
    for step, gain in enumerate((1.0, 0.6, 1.5)):
        exif = _taken(number)
        exif.get_ifd(0x8769)[0x829A] = 1 / (100 * 2**step)
        exposed = ImageEnhance.Brightness(image).enhance(gain * rng.uniform(0.97, 1.03))
        yield f"exposure-{step}", "original" if step == 0 else "burst", "jpg", _jpeg(exposed, 93, exif)
