"""Measures a model on captioned and labelled pictures: the same rows for every model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from safelight.core.encoder import Vectors
from starter.labels import everyday_words
from starter.metrics import RECALL_AT, precision, recall
from starter.pictures import Picture

LEAST_RIGHT = 5
"""A word is asked for only where this many pictures are right for it."""

TextEncoder = Callable[[Sequence[str]], Vectors]


def measure(pictures: Sequence[Picture], vectors: Vectors, encode_texts: TextEncoder) -> dict[str, float]:
    """Rows of the evaluation table; ``vectors`` are the unit vectors of ``pictures``, row by row.

    Captions are searched among the pictures of their own source, class names among all pictures,
    broader names ("dog") among labelled and everyday words among captioned pictures.
    """
    rows: dict[str, float] = {}
    sources = dict.fromkeys(picture.source for picture in pictures)
    for source in sources:
        members = [i for i, picture in enumerate(pictures) if picture.source == source and picture.captions]
        asked = [(caption, row) for row, i in enumerate(members) for caption in pictures[i].captions]
        if asked:
            wanted = np.array([row for _, row in asked])
            shares = recall(encode_texts([caption for caption, _ in asked]), vectors[members], wanted)
            rows |= {f"{source}: caption → picture, R@{k}": v for k, v in zip(RECALL_AT, shares, strict=True)}
    named = [i for i, picture in enumerate(pictures) if picture.label]
    if named:
        shares = recall(encode_texts([pictures[i].label for i in named]), vectors, np.array(named))
        rows |= {f"class name → its picture, R@{k}": v for k, v in zip(RECALL_AT, shares, strict=True)}
    captioned = [i for i, picture in enumerate(pictures) if picture.captions]
    for members, title in ((named, "broader name"), (captioned, "everyday word")):
        right: dict[str, set[int]] = {}
        for row, i in enumerate(members):
            for word in everyday_words(pictures[i]):
                right.setdefault(word, set()).add(row)
        words = [word for word, found in sorted(right.items()) if len(found) >= LEAST_RIGHT]
        if words:
            shares = precision(encode_texts(words), vectors[members], [right[word] for word in words])
            rows[f"{title}, precision at 10 ({len(words)} words)"] = float(np.mean(shares))
    return rows
