"""Photographs that scikit-image ships: of the public domain, or under CC0.

They are the astronaut, the coffee, the cat Chelsea, the rocket, the cameraman, the moon, the Hubble deep
field, the coins, the motorcycle, the clock, and textures of brick, grass and gravel.
``skimage.data`` documents the source and the terms of each. Only the files are read, so
``pip install --no-deps scikit-image`` is enough.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from PIL import Image

_FILES = {
    "Astronaut": "astronaut.png",
    "Coffee": "coffee.png",
    "Chelsea": "chelsea.png",
    "Rocket": "rocket.jpg",
    "Cameraman": "camera.png",
    "Moon": "moon.png",
    "Deep field": "hubble_deep_field.jpg",
    "Coins": "coins.png",
    "Motorcycle": "motorcycle_left.png",
    "Clock": "clock_motion.png",
    "Brick": "brick.png",
    "Grass": "grass.png",
    "Gravel": "gravel.png",
}


def photographs() -> dict[str, Image.Image]:
    """RGB pictures by name; none where scikit-image is not installed."""
    found = find_spec("skimage")
    if found is None or found.origin is None:
        return {}
    folder = Path(found.origin).parent / "data"
    return {
        name: Image.open(folder / file).convert("RGB")
        for name, file in _FILES.items()
        if (folder / file).exists()
    }
