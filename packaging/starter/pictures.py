"""The pictures to learn from: reading their lists and splitting them into train, dev and test."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PIL import Image, ImageOps
from timm.data.imagenet_info import ImageNetInfo

_PARTS = 10


class Part(StrEnum):
    """What a picture is used for. Only ``TRAIN`` ever reaches the weights."""

    TRAIN = "train"
    DEV = "dev"
    """For choosing between recipes."""
    TEST = "test"
    """Used once, for the figures of the model card."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture with its captions, or with a label."""

    path: Path
    source: str
    """The first folder below ``captions.json``, e.g. ``coco``."""
    captions: tuple[str, ...] = ()
    label: str = ""
    class_number: int = -1
    """Among ImageNet's 1,000 classes; -1 where the label is none of them."""

    @property
    def part(self) -> Part:
        return part_of(self.path.name)


def part_of(file_name: str) -> Part:
    """Dev and test are a tenth each, by the SHA-256 of the file name without folder and extension.

    The part depends on the name alone, so that copies of a picture in other sizes and formats, on any
    machine, fall into the same part.
    """
    digest = hashlib.sha256(Path(file_name).stem.encode()).digest()
    number = int.from_bytes(digest[:8], "big") % _PARTS
    return {0: Part.DEV, 1: Part.TEST}.get(number, Part.TRAIN)


def read_pictures(*folders: Path) -> list[Picture]:
    """The pictures that ``captions.json`` in each folder lists, in the order of their names.

    Listed files that do not exist are left out.
    """
    synsets = ImageNetInfo("imagenet-1k").label_names()  # type: ignore[no-untyped-call]
    numbers = {synset: i for i, synset in enumerate(synsets)}
    pictures = []
    for folder in folders:
        listing = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
        for name, entry in sorted(listing.items()):
            path = folder / name
            if not path.is_file():
                continue
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


def of_part(pictures: Sequence[Picture], part: Part) -> list[int]:
    """Row numbers of the pictures of one part."""
    return [row for row, picture in enumerate(pictures) if picture.part is part]


def open_rgb(path: Path) -> Image.Image:
    """The picture upright and in RGB."""
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image).convert("RGB")
