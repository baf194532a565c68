"""Everyday queries with the photos that count as right: what people type, measured at the first row."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from safelight.core.encoder import Vectors
from starter.evaluate import TextEncoder
from starter.pictures import Picture

FIRST = 5


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
        words = f" {re.sub(r'[^a-z]+', ' ', ' '.join(picture.captions).lower())} "
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
