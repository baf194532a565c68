"""A test set for duplicate finders, with its truth: variants of given pictures, and pictures that only look
alike. What is drawn at random follows from the seed, so the same pictures make the same set."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

LONGEST = 1600
"""Pixels; larger pictures are scaled down first, so that a set is made in reasonable time."""

TRUTH = "truth.json"


@dataclass(frozen=True)
class Entry:
    """One file of the set."""

    name: str
    source: str
    """Files of one source show one picture; all others do not."""
    transform: str
    rung: str
    """On which it stands with the original: a value of DuplicateKind; or ``original``, ``negative``."""


def make(sources: Sequence[Path], folder: Path, seed: int = 1) -> list[Entry]:
    """Write the set and its truth to an empty folder."""
    folder.mkdir(parents=True)
    entries: list[Entry] = []
    for number, path in enumerate(sources):
        rng = random.Random(f"{seed}-{number}")
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        source = f"p{number:04d}"
        for transform, rung, suffix, data in _variants(image, rng, number):
            name = f"{source}-{transform}.{suffix}"
            (folder / name).write_bytes(data)
            entries.append(Entry(name, source, transform, rung))
        for half, box in (("left", (0.0, 0.46)), ("right", (0.54, 1.0))):
            part = image.crop((int(box[0] * image.width), 0, int(box[1] * image.width), image.height))
            name = f"{source}-half-{half}.jpg"
            (folder / name).write_bytes(_jpeg(part, 90))
            # A half is a part of the original, more than is asked of a crop; the two show nothing alike.
            entries.append(Entry(name, f"{source}-{half}", f"half-{half}", "negative"))
    for name, image in _documents(seed):
        (folder / f"{name}.png").write_bytes(_saved(image, "PNG"))
        entries.append(Entry(f"{name}.png", name, "document", "negative"))
    (folder / TRUTH).write_text(json.dumps([asdict(entry) for entry in entries], indent=1), encoding="utf-8")
    return entries


def read_truth(folder: Path) -> list[Entry]:
    return [Entry(**each) for each in json.loads((folder / TRUTH).read_text(encoding="utf-8"))]


# --- variants -----------------------------------------------------------------------------------------


def _saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def _jpeg(image: Image.Image, quality: int, exif: Image.Exif | None = None) -> bytes:
    return _saved(image, "JPEG", quality=quality, **({"exif": exif} if exif else {}))


def _taken(number: int, second: int = 0) -> Image.Exif:
    """As a camera writes; pictures of two numbers are an hour apart."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Acme", "Acme One"
    when = f"2020:{1 + number // 600:02d}:{1 + number // 24 % 25:02d} {number % 24:02d}:10:{second:02d}"
    exif.get_ifd(0x8769)[0x9003] = when
    return exif


Variant = tuple[str, str, str, bytes]


def _variants(image: Image.Image, rng: random.Random, number: int) -> Iterator[Variant]:
    """Transform, rung, suffix and bytes."""
    exif = _taken(number)
    original = _jpeg(image, 93, exif)
    yield "original", "original", "jpg", original
    yield "copy", "identical", "jpg", original
    edited = original.replace(b"\xff\xdb", b"\xff\xfe\x00\x09comment\xff\xdb", 1)
    yield "comment", "same-picture", "jpg", edited
    with Image.open(BytesIO(original)) as opened:
        stored = opened.convert("RGB")
    yield "png", "same-picture", "png", _saved(stored, "PNG", compress_level=3)
    for percent in (75, 50, 25):
        size = (max(1, image.width * percent // 100), max(1, image.height * percent // 100))
        yield f"resize-{percent}", "resaved", "jpg", _jpeg(image.resize(size, Image.Resampling.LANCZOS), 88)
    for quality in (30, 50, 70, 90):
        yield f"jpeg-{quality}", "resaved", "jpg", _jpeg(image, quality)
    yield "webp", "resaved", "webp", _saved(image, "WEBP", quality=75)
    yield "avif", "resaved", "avif", _saved(image, "AVIF", quality=60, speed=9)
    turns = Image.Transpose
    for name, turn in (
        ("rotate-90", turns.ROTATE_90),
        ("rotate-180", turns.ROTATE_180),
        ("rotate-270", turns.ROTATE_270),
        ("flip", turns.FLIP_LEFT_RIGHT),
    ):
        yield name, "resaved", "jpg", _jpeg(image.transpose(turn), 85)
    for name, change in _EDITS.items():
        yield name, "resaved", "jpg", _jpeg(change(image), 85)
    for percent in (5, 10, 20, 30):
        yield f"crop-{percent}", "crop", "jpg", _jpeg(_crop(image, percent, rng), 85)
    yield "rotate-3", "crop", "jpg", _jpeg(_tilt(image, rng), 85)
    yield "border", "crop", "jpg", _jpeg(ImageOps.expand(image, _part(image, 0.05), rng.choice(_PAPERS)), 85)
    yield "caption", "crop", "jpg", _jpeg(_captioned(image), 85)
    yield "watermark", "crop", "jpg", _jpeg(_watermarked(image), 85)
    yield "screenshot", "crop", "png", _saved(_screenshot(image, rng), "PNG", compress_level=3)
    following = _next_frame(image, rng)
    yield "next-frame", "burst", "jpg", _jpeg(following, 93, _taken(number, 1))
    # The same without a word on when and how it was taken: only its pixels say that it is another.
    yield "next-frame-bare", "negative", "jpg", _jpeg(following, 90)


_PAPERS = ("white", "black", (230, 220, 200))

_EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.8),
    "contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "saturated": lambda image: ImageEnhance.Color(image).enhance(1.6),
    "warm": lambda image: Image.merge(
        "RGB",
        [
            band.point([min(255, round(v * gain)) for v in range(256)])
            for band, gain in zip(image.split(), (1.12, 1.0, 0.85), strict=True)
        ],
    ),
    "grey": lambda image: image.convert("L"),
}


def _part(image: Image.Image, share: float) -> int:
    return max(2, round(min(image.size) * share))


def _crop(image: Image.Image, percent: int, rng: random.Random) -> Image.Image:
    """Without so much of the width and of the height, from anywhere within."""
    width, height = (side * (100 - percent) // 100 for side in image.size)
    left, top = rng.randint(0, image.width - width), rng.randint(0, image.height - height)
    return image.crop((left, top, left + width, top + height))


def _tilt(image: Image.Image, rng: random.Random) -> Image.Image:
    """Turned by 3°, and cut to what has no empty corners."""
    turned = image.rotate(rng.choice((-3, 3)), Image.Resampling.BICUBIC)
    margin = 0.053 * max(image.size) / 2
    return turned.crop((int(margin), int(margin), int(image.width - margin), int(image.height - margin)))


def _captioned(image: Image.Image) -> Image.Image:
    strip = _part(image, 0.12)
    page = Image.new("RGB", (image.width, image.height + strip), "white")
    page.paste(image, (0, 0))
    ImageDraw.Draw(page).text(
        (strip // 3, image.height + strip // 4),
        "What a day it was, by the sea",
        "black",
        font_size=strip // 2,
    )
    return page


def _watermarked(image: Image.Image) -> Image.Image:
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    size = _part(image, 0.09)
    ImageDraw.Draw(layer).text(
        (image.width // 2, image.height * 3 // 4),
        "© Somebody's Photos",
        (255, 255, 255, 170),
        anchor="mm",
        font_size=size,
    )
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _screenshot(image: Image.Image, rng: random.Random) -> Image.Image:
    """The picture in a viewer's window with its bars."""
    width, height = rng.choice(((1280, 800), (1440, 900), (1080, 1920)))
    screen = Image.new("RGB", (width, height), (32, 33, 36))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, width, 60), fill=(60, 62, 66))
    for place in range(5):
        draw.rounded_rectangle((20 + 60 * place, 14, 60 + 60 * place, 46), 8, fill=(90, 92, 96))
    draw.text((width // 2, 30), "Picture viewer", "white", anchor="mm", font_size=24)
    shown = ImageOps.contain(image, (width - 40, height - 140), Image.Resampling.BICUBIC)
    screen.paste(shown, ((width - shown.width) // 2, 70 + (height - 140 - shown.height) // 2))
    return screen


def _next_frame(image: Image.Image, rng: random.Random) -> Image.Image:
    """As taken a second later by hand: a slightly other view, something in it moved, another noise."""
    width, height = image.size
    zoom, angle = rng.uniform(1.01, 1.05), rng.uniform(-0.02, 0.02)
    shift_x, shift_y = rng.uniform(-0.02, 0.02) * width, rng.uniform(-0.02, 0.02) * height
    keystone = rng.uniform(-3e-5, 3e-5)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = columns - width / 2, rows - height / 2
    depth = zoom * (1 + keystone * x)
    from_x = (x - angle * y) / depth + shift_x
    from_y = (y + angle * x) / depth + shift_y
    centre_x, centre_y = rng.uniform(-0.2, 0.2) * width, rng.uniform(-0.2, 0.2) * height
    reach = rng.uniform(0.12, 0.25) * min(width, height)
    near = np.exp(-((x - centre_x) ** 2 + (y - centre_y) ** 2) / (2 * reach**2))
    from_x += near * rng.choice((-1, 1)) * 0.06 * width + width / 2
    from_y += near * rng.choice((-1, 1)) * 0.03 * height + height / 2
    picked = np.asarray(image)[
        np.clip(np.rint(from_y), 0, height - 1).astype(int),
        np.clip(np.rint(from_x), 0, width - 1).astype(int),
    ]
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0, 3, picked.shape)
    return Image.fromarray(np.clip(picked * rng.uniform(0.95, 1.05) + noise, 0, 255).astype(np.uint8))


def _documents(seed: int, count: int = 24) -> Iterator[tuple[str, Image.Image]]:
    """Pages that differ in their words only."""
    words = ["the", "of", "and", "a", "light", "dark", "picture", "paper", "river", "stone", "house", "green"]
    for number in range(count):
        rng = random.Random(f"{seed}-page-{number}")
        page = Image.new("RGB", (1000, 1400), "white")
        draw = ImageDraw.Draw(page)
        draw.text((80, 80), "Report of the year", "black", font_size=44)
        for line in range(40):
            text = " ".join(rng.choice(words) for _ in range(13))[:78]
            draw.text((80, 170 + 29 * line), text, "black", font_size=20)
        yield f"page-{number:02d}", page
