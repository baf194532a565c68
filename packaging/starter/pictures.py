"""The labelled pictures: reading them, splitting them, and looking at them from many sides."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from timm.data.imagenet_info import ImageNetInfo

from safelight.core.encoder import Pixels

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture with its captions, or with its ImageNet class and that class's name."""

    path: Path
    source: str
    captions: tuple[str, ...] = ()
    label: str = ""
    class_number: int = -1

    @property
    def fold(self) -> int:
        return fold_of(self.path.name)


def fold_of(name: str, folds: int = FOLDS) -> int:
    """The fold of a picture: SHA-256 of its bare file name, modulo the number of folds.

    It depends on the name alone, so that a picture falls into the same fold on every machine and
    whatever other pictures are present.
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % folds


def read_pictures(folder: Path) -> list[Picture]:
    """The pictures that ``captions.json`` in ``folder`` lists, in the order of their names."""
    listing = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
    synsets = ImageNetInfo("imagenet-1k").label_names()  # type: ignore[no-untyped-call]
    numbers = {synset: i for i, synset in enumerate(synsets)}
    pictures = []
    for name, entry in sorted(listing.items()):
        path = folder / name
        pictures.append(
            Picture(
                path=path,
                source=name.partition("/")[0],
                captions=tuple(entry.get("captions", ())),
                label=entry.get("label", ""),
                class_number=numbers.get(path.name.partition("_")[0], -1) if entry.get("label") else -1,
            )
        )
    return pictures


def open_rgb(path: Path) -> Image.Image:
    """The picture upright and in RGB."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


def random_views(image: Image.Image, size: int, count: int, seed: int) -> Iterator[Pixels]:
    """``count`` random crops of 35 to 100 % of the area, half of them mirrored."""
    rng = random.Random(seed)
    width, height = image.size
    for _ in range(count):
        area = width * height * rng.uniform(0.35, 1.0)
        ratio = 2 ** rng.uniform(-0.45, 0.45) * (1 if rng.random() < 0.5 else width / height)
        w = min(width, round((area * ratio) ** 0.5))
        h = min(height, round((area / ratio) ** 0.5))
        left, top = rng.randint(0, width - w), rng.randint(0, height - h)
        view = image.resize((size, size), Image.Resampling.BICUBIC, box=(left, top, left + w, top + h))
        yield np.asarray(ImageOps.mirror(view) if rng.random() < 0.5 else view)
