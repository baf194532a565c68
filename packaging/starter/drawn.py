"""Drawn pictures of coloured shapes: photographs alone teach a small head little about plain colours."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from safelight.core.encoder import Pixels

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (230, 20, 20),
    "blue": (20, 40, 220),
    "green": (20, 160, 40),
    "yellow": (250, 225, 20),
    "white": (250, 250, 250),
    "black": (12, 12, 12),
    "orange": (250, 140, 20),
    "purple": (130, 40, 170),
    "pink": (250, 140, 190),
    "brown": (120, 70, 30),
    "grey": (128, 128, 128),
}
SHAPES = ("square", "circle", "triangle", "background")


def drawings(size: int, count: int, seed: int) -> Iterator[tuple[Pixels, tuple[str, ...]]]:
    """``count`` pictures of one shape each, with the texts that fit it."""
    rng = random.Random(seed)
    names = list(COLOURS)
    for index in range(count):
        name = names[index % len(names)]
        shape = SHAPES[(index // len(names)) % len(SHAPES)]
        ground = tuple(rng.choice((128, 128, rng.randint(0, 255))) for _ in range(3))
        if rng.random() < 0.6:
            ground = (rng.randint(60, 200),) * 3
        yield _draw(rng, size, shape, _shade(rng, COLOURS[name]), ground), (
            f"{name} {shape}", f"a {name} {shape}", name, f"something {name}",
        )  # fmt: skip


def _shade(rng: random.Random, colour: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(min(255, max(0, channel + rng.randint(-20, 20))) for channel in colour)


def _draw(
    rng: random.Random, size: int, shape: str, colour: tuple[int, ...], ground: tuple[int, ...]
) -> Pixels:
    image = Image.new("RGB", (size, size), colour if shape == "background" else ground)
    pen = ImageDraw.Draw(image)
    side = rng.uniform(0.35, 0.8) * size
    left, top = rng.uniform(0, size - side), rng.uniform(0, size - side)
    box = (left, top, left + side, top + side)
    if shape == "square":
        pen.rectangle(box, fill=colour)
    elif shape == "circle":
        pen.ellipse(box, fill=colour)
    elif shape == "triangle":
        pen.polygon([(left, top + side), (left + side, top + side), (left + side / 2, top)], fill=colour)
    return np.asarray(image)
