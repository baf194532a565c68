"""Everyday search: forty queries and two hundred common words, measured by the first pictures found."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from safelight.core.encoder import Vectors
from starter.evaluate import TextEncoder
from starter.labels import broader_names
from starter.metrics import precision
from starter.pictures import Picture
from starter.words import COMMON

FIRST = 5
"""Pictures of a query that are looked at: the first row of the window."""
WORDS_AT = 20
"""Pictures of a word that are looked at."""
LEAST_RIGHT = 5
"""A word is asked for only where this many pictures are right for it."""

_SAME = {
    "person": ("man", "woman", "boy", "girl", "child", "lady", "guy", "someone", "men", "women"),
    "man": ("guy", "gentleman", "men"),
    "woman": ("lady", "women"),
    "child": ("kid", "boy", "girl", "toddler", "baby", "children"),
    "people": ("men", "women", "person", "man", "woman", "children", "kids", "girls", "boys"),
    "bicycle": ("bike", "biker", "bicyclist"),
    "motorcycle": ("motorbike",),
    "airplane": ("plane", "jet"),
    "couch": ("sofa",),
    "sofa": ("couch",),
    "woods": ("forest",),
    "forest": ("woods",),
    "ocean": ("sea",),
    "street": ("road",),
    "road": ("street",),
    "puppy": ("dog",),
    "kitten": ("cat",),
    "fridge": ("refrigerator",),
    "tv": ("television",),
    "food": ("meal", "pizza", "sandwich", "salad", "cake", "vegetables", "fruit", "meat", "bread"),
    "vegetables": ("broccoli", "carrots", "carrot", "vegetable"),
    "riding a bike": ("riding a bicycle", "rides a bike", "rides a bicycle", "bicyclist", "biker", "bike"),
    "riding a horse": ("rides a horse", "horseback", "riding horses", "ride horses"),
    "playing soccer": ("soccer",),
    "playing tennis": ("tennis",),
    "playing baseball": ("baseball",),
    "playing guitar": ("guitar", "plays guitar"),
    "swimming pool": ("pool",),
    "pool": ("swimming pool",),
    "surfing": ("surfs", "surfer", "surfboard", "surf"),
    "surfer": ("surfing", "surfs", "surfboard"),
    "skiing": ("skis", "skier", "ski"),
    "skier": ("skiing", "skis", "ski"),
    "cyclist": ("bicyclist", "biker", "riding a bike", "bicycle", "bike"),
    "snowboarding": ("snowboarder", "snowboard", "snowboards"),
    "skateboarding": ("skateboarder", "skateboard", "skateboards"),
    "climber": ("climbing", "climbs", "rock climber"),
    "dancer": ("dancing", "dancers", "dances", "dance"),
    "old man": ("elderly man", "older man"),
    "basketball": ("basketball player",),
}
"""Other words that make a picture right for a word."""


@dataclass(frozen=True, slots=True)
class EverydayQuery:
    text: str
    groups: tuple[tuple[str, ...], ...]
    """A captioned picture is right where its captions hold a word of each group."""
    labels: frozenset[str]
    """A labelled picture is right where its label is one of these."""

    def fits(self, picture: Picture) -> bool:
        if picture.label:
            return picture.label in self.labels
        words = _words(picture)
        return bool(picture.captions) and all(
            any(f" {word} " in words for word in group) for group in self.groups
        )


def read_queries(path: Path) -> list[EverydayQuery]:
    """From a list of ``{"query", "captions": [[word, …], …], "labels": [...]}``."""
    return [
        EverydayQuery(
            entry["query"], tuple(tuple(group) for group in entry["captions"]), frozenset(entry["labels"])
        )
        for entry in json.loads(path.read_text(encoding="utf-8"))
    ]


def precision_at_first(
    queries: Sequence[EverydayQuery],
    pictures: Sequence[Picture],
    vectors: Vectors,
    encode_texts: TextEncoder,
) -> float:
    """Mean share of right pictures among the first five of each query."""
    shares = []
    for query, vector in zip(queries, encode_texts([query.text for query in queries]), strict=True):
        best = np.argsort(-(vectors @ vector), kind="stable")[:FIRST]
        shares.append(sum(query.fits(pictures[int(row)]) for row in best) / FIRST)
    return float(np.mean(shares))


def common_words(
    pictures: Sequence[Picture], vectors: Vectors, encode_texts: TextEncoder
) -> dict[str, float]:
    """Precision at 20 of each common word that at least five pictures are right for.

    ``vectors`` are the unit vectors of ``pictures``. Right are pictures whose captions hold the word or
    another of the same meaning, in the singular or plural, and pictures whose label or a broader name of
    whose ImageNet class it is. Captions leave things out, so that even a perfect model does not reach 1.
    """
    right = {word: _right(word, pictures) for word in COMMON}
    words = [word for word in COMMON if len(right[word]) >= LEAST_RIGHT]
    shares = precision(encode_texts(words), vectors, [right[word] for word in words], WORDS_AT)
    return dict(zip(words, shares, strict=True))


def _right(word: str, pictures: Sequence[Picture]) -> set[int]:
    forms = {form for each in (word, *_SAME.get(word, ())) for form in (each, f"{each}s", f"{each}es")}
    return {row for row, picture in enumerate(pictures) if _shows(picture, word, forms)}


def _shows(picture: Picture, word: str, forms: set[str]) -> bool:
    if picture.label and (picture.label == word or word in picture.label.split()):
        return True
    if picture.class_number >= 0:
        return not forms.isdisjoint(broader_names()[picture.class_number])
    words = _words(picture)
    return any(f" {form} " in words for form in forms)


def _words(picture: Picture) -> str:
    return f" {re.sub(r'[^a-z]+', ' ', ' '.join(picture.captions).lower())} "
