"""Photographs under free licences, from packages that distribute them; README.md lists them.

Only files are read, so ``pip install --no-deps scikit-image scikit-learn`` is enough for those of PyPI.
Those of Debian are found where ``apt install`` puts them, or below the folder that the environment variable
``PHOTOGRAPHS`` names and into which ``dpkg -x`` unpacked them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

_LONG_SIDE = 2000
"""Pixels. Larger photographs are scaled down, so that indexing them takes seconds."""

_OF_PACKAGES = {
    "skimage/data": {
        "Astronaut": "astronaut.png",
        "Coffee": "coffee.png",
        "Chelsea": "chelsea.png",
        "Rocket": "rocket.jpg",
        "Cameraman": "camera.png",
        "Moon": "moon.png",
        "Deep field": "hubble_deep_field.jpg",
        "Coins": "coins.png",
        "Motorcycle": "motorcycle_left.png",
    },
    "sklearn/datasets/images": {"Pagoda": "china.jpg", "Dahlia": "flower.jpg"},
}
_OF_SYSTEM = {
    "usr/share/backgrounds": {
        "Dandelion": "seeding_by_Clements_Engelhardt.jpg",
        "Mountain meadow": "aitzgorri_by_Aitzol_Berasategi.jpg",
        "Mountain path": "picosdeeuropa_by_Aitzol_Berasategi.jpg",
        "Mountain sunset": "sunset_by_Aitzol_Berasategi.jpg",
        "Stream": "life_by_Aitzol_Berasategi.jpg",
        "Dogs": "friends_by_Aitzol_Berasategi.jpg",
        "Fig": "Picture_0B_by_freespace.jpg",
        "Brushes": "Picture_1A_by_freespace.jpg",
        "Djembe": "Wine_by_Jakkub_Mede.jpg",
        "Wooden bird": "free_by_Peter_Nerlich.jpg",
        "Clock": "greentock_by_Peter_Nerlich.jpg",
        "Bridge": "Bridge_by_Sander_Klootwijk.jpg",
        "Dragonfly": "Dragonfly_by_Bolly.jpg",
        "Nuthatch": "Kleiber_by_Lukas_Baubkus.jpg",
    },
    "usr/share/wallpapers": {
        "Boats at sunset": "EveningGlow/contents/images/2560x1600.jpg",
        "Autumn leaf": "FallenLeaf/contents/images/2560x1600.jpg",
        "Forest path": "Path/contents/images/2560x1600.jpg",
        "Lake at dawn": "summer_1am/contents/images/2560x1600.jpg",
        "Jetty at sunset": "BytheWater/contents/images/2560x1600.jpg",
        "Jetty in fog": "ColdRipple/contents/images/2560x1600.jpg",
        "Kite": "Kite/contents/images/2560x1600.jpg",
        "Moss": "OneStandsOut/contents/images/2560x1600.jpg",
        "Cups": "ColorfulCups/contents/images/2560x1600.jpg",
    },
}
"""File names by name, by folder."""


def photographs() -> dict[str, Image.Image]:
    """RGB pictures by name. What is not installed is left out."""
    return {name: _opened(path) for name, path in _paths() if path.exists()}


def _paths() -> Iterator[tuple[str, Path]]:
    for folder, files in _OF_PACKAGES.items():
        package, _, inside = folder.partition("/")
        found = find_spec(package)
        if found is not None and found.origin is not None:
            yield from ((name, Path(found.origin).parent / inside / file) for name, file in files.items())
    root = Path(os.environ.get("PHOTOGRAPHS", "/"))
    for folder, files in _OF_SYSTEM.items():
        yield from ((name, root / folder / file) for name, file in files.items())


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as file:
        file.draft("RGB", (_LONG_SIDE, _LONG_SIDE))
        image = file.convert("RGB")
    image.thumbnail((_LONG_SIDE, _LONG_SIDE))
    return image
