"""Does search with the starter mean something? Forty everyday queries over real photos."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from safelight.embedding.encoder import OpenClipEncoder
from safelight.embedding.prompts import encode_query
from safelight.imaging.read import decode_photo

pytestmark = pytest.mark.shared

TESTS = Path(__file__).resolve().parents[1]
LEAST_PRECISION = 0.82
"""Mean precision at 5. The shipped model, which was taught half of these photos, reaches .84 as the program
asks it, and .82 with the queries as typed."""


@dataclass(frozen=True)
class Query:
    text: str
    groups: list[list[str]]
    """A captioned photo is right where its captions hold a word of each group."""
    labels: set[str]
    """A labelled photo is right where its label is one of these."""

    def fits(self, entry: dict[str, Any]) -> bool:
        if "label" in entry:
            return entry["label"] in self.labels
        captions = " ".join(entry.get("captions", ())).lower()
        words = " " + re.sub(r"[^a-z]+", " ", captions) + " "
        return bool(captions) and all(any(f" {word} " in words for word in group) for group in self.groups)


def read_queries() -> list[Query]:
    entries = json.loads((TESTS / "data" / "everyday_queries.json").read_text(encoding="utf-8"))
    return [Query(entry["query"], entry["captions"], set(entry["labels"])) for entry in entries]


def read_listing(shared: Path) -> dict[str, dict[str, Any]]:
    listing: dict[str, dict[str, Any]] = json.loads(
        (shared / "photos" / "captions.json").read_text(encoding="utf-8")
    )
    return listing


def test_the_queries_can_be_answered(shared: Path) -> None:
    entries = read_listing(shared).values()
    queries = read_queries()
    assert len(queries) == 40
    for query in queries:
        assert sum(query.fits(entry) for entry in entries) >= 5, query.text


@pytest.mark.model
@pytest.mark.slow
def test_everyday_queries_find_fitting_photos(shared: Path, starter: OpenClipEncoder) -> None:
    # A photo without captions and label cannot be judged, so it does not count as wrong either.
    listing = {
        name: entry for name, entry in read_listing(shared).items() if entry.keys() & {"captions", "label"}
    }
    inputs = [decode_photo(str(shared / "photos" / name), starter.input_spec).model_input for name in listing]
    pixels = np.stack([one for one in inputs if one is not None])
    assert len(pixels) == len(listing)
    pictures = starter.encode_images(pixels)
    queries = read_queries()
    shares: dict[str, float] = {}
    for query in queries:
        best = np.argsort(-(pictures @ encode_query(starter, query.text)), kind="stable")[:5].tolist()
        right = {row for row, entry in enumerate(listing.values()) if query.fits(entry)}
        shares[query.text] = sum(row in right for row in best) / 5
    report = "\n".join(
        f"{share:.1f} {text}" for text, share in sorted(shares.items(), key=lambda item: item[1])
    )
    assert float(np.mean(list(shares.values()))) >= LEAST_PRECISION, report
