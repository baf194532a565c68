"""Random views of a picture, so that a small set of pictures teaches more."""

from __future__ import annotations

import hashlib
import random

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from safelight.core.encoder import InputSpec, Pixels
from safelight.imaging.prepare import prepare_input
from starter.pictures import Picture, open_rgb

_SQUASHED = frozenset(("flickr8k", "coco", "flowers"))
"""Sets whose pictures were stored as squares whatever their shape."""
_SHAPES = ((4 / 3, 0.55), (3 / 4, 0.2), (3 / 2, 0.15), (1.0, 0.1))
"""Aspect ratios (width / height) that a squashed picture may have had, with their shares."""
_UNSQUASHED = 0.75
"""How often a squashed picture is stretched to one of these shapes. Never doing it would teach the model
squashed people only; always doing it would leave it without the pictures as they are stored."""
_LEAST_AREA = 0.4


def view(picture: Picture, number: int, size: int) -> Pixels:
    """View ``number`` of a picture, uint8 (size, size, 3); 0 is the picture as the finished model sees it.

    The others are crops of 40 to 100 % of the area, half of them mirrored, half of them with another
    brightness and contrast. A view depends on the picture's name and its number only.
    """
    image = open_rgb(picture.path)
    if number == 0:
        return prepare_input(image, InputSpec(size, "shortest"))
    seed = hashlib.sha256(f"{picture.path.stem}/{number}".encode()).digest()
    return _crop(image, picture.source in _SQUASHED, size, random.Random(int.from_bytes(seed[:8], "big")))


def _crop(image: Image.Image, squashed: bool, size: int, rng: random.Random) -> Pixels:
    width, height = image.size
    shape = width / height
    if squashed and abs(shape - 1) < 0.01 and rng.random() < _UNSQUASHED:
        shape = rng.choices([ratio for ratio, _ in _SHAPES], [share for _, share in _SHAPES])[0]
    # In units in which the whole picture is `shape` wide and 1 high.
    area = rng.uniform(_LEAST_AREA, 1.0) * shape
    ratio = 2 ** rng.uniform(-0.35, 0.35)
    w, h = min(shape, (area * ratio) ** 0.5), min(1.0, (area / ratio) ** 0.5)
    x, y = rng.uniform(0, shape - w), rng.uniform(0, 1 - h)
    box = (x / shape * width, y * height, (x + w) / shape * width, (y + h) * height)
    crop = image.resize((size, size), Image.Resampling.BICUBIC, box=box)
    if rng.random() < 0.5:
        crop = ImageOps.mirror(crop)
    if rng.random() < 0.5:
        crop = ImageEnhance.Brightness(crop).enhance(rng.uniform(0.75, 1.3))
        crop = ImageEnhance.Contrast(crop).enhance(rng.uniform(0.8, 1.25))
    return np.asarray(crop)
