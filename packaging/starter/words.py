"""Everyday words: what people type when they look for a photo, and broader names for ImageNet's classes.

ImageNet knows "golden retriever" and "ice lolly"; people type "dog" and "food". ``words.toml`` holds both.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def _split(text: str) -> list[str]:
    words = (word.strip() for word in text.replace("\n", " ").split(","))
    return [word for word in words if word]


def _read() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


_words = _read()
COLOURS, QUALITIES, PEOPLE, ACTIONS, PLACES, SCENES, THINGS = (
    _split(_words["everyday"][kind])
    for kind in ("colours", "qualities", "people", "actions", "places", "scenes", "things")
)

COMMON = tuple(dict.fromkeys(_split(_words["common"]["words"])))
"""The words by which everyday search is measured."""

BROADER_RANGES: list[tuple[int, int, list[str]]] = [
    (first, last, names) for first, last, names in _words["broader"]["ranges"]
]
"""First class, last class, broader names."""

BROADER_WORDS: dict[str, list[str]] = {
    broader: _split(classes) for broader, classes in _words["broader"]["classes"].items()
}
"""Broader name to the lower-cased names of its ImageNet classes."""
