"""The libraries that relevance is measured on: vectors, queries, and which photos answer them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Vectors
from safelight.embedding import catalogue
from safelight.embedding.config import WEIGHTS_NAME, declared_input_spec, read_dim
from safelight.embedding.load import load_encoder
from safelight.imaging.read import decode_photo
from safelight.services.models.neutral import neutral_prompts

Truth = npt.NDArray[np.bool_]

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[1] / "tests"


@dataclass(frozen=True)
class Bench:
    """One library with its queries. ``right`` says which photos answer each of the ``present``."""

    name: str
    photos: Vectors
    prompts: Vectors
    present: Vectors
    absent: Vectors
    right: Truth
    present_tuning: Truth
    absent_tuning: Truth
    captions: Vectors | None = None
    """Whole captions as queries, and the photo of each in ``captioned``."""
    captioned: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    present_texts: Sequence[str] = ()
    absent_texts: Sequence[str] = ()
    encode: Callable[[Sequence[str]], Vectors] | None = None
    """Any text to vectors; None where only those of the queries are known."""

    def half(self, tuning: bool) -> tuple[Truth, Truth]:
        return self.present_tuning == tuning, self.absent_tuning == tuning


def in_tuning(text: str) -> bool:
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def answers(entry: dict[str, Any], query: dict[str, Any]) -> bool:
    """Whether a caption holds a word of each group, or the label is one of the query's."""
    if "label" in entry:
        return entry["label"] in query["labels"]
    words = " " + re.sub(r"[^a-z]+", " ", " ".join(entry.get("captions", ())).lower()) + " "
    return all(any(f" {form} " in words for form in group) for group in query["captions"])


def build(
    name: str,
    photos: Vectors,
    entries: Sequence[dict[str, Any]],
    present: Sequence[dict[str, Any]],
    absent: Sequence[str],
    encode: Callable[[Sequence[str]], Vectors],
    prompts: Vectors,
    captions: Sequence[tuple[int, str]] = (),
) -> Bench:
    right = np.array([[answers(entry, query) for entry in entries] for query in present])
    known = right.sum(1) >= 3
    texts = [query["query"] for query, keep in zip(present, known, strict=True) if keep]
    return Bench(
        name,
        photos,
        prompts,
        encode(texts),
        encode(absent),
        right[known],
        np.array([in_tuning(text) for text in texts]),
        np.array([in_tuning(text) for text in absent]),
        encode([text for _, text in captions]) if captions else None,
        np.array([row for row, _ in captions], np.int64),
        texts,
        absent,
        encode if captions else None,
    )


def vectors_bench(folder: Path) -> Bench:
    """Vectors as given; the words that are no query are the prompts."""
    queries = json.loads((HERE / "relevance_queries.json").read_text(encoding="utf-8"))["vectors"]
    captions = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
    with np.load(folder / "clip_vitb32.npz") as data:
        photos, texts = unit(data["image"]), unit(data["text"])
        names, words = data["image_name"].tolist(), data["text_word"].tolist()
    row = {word: number for number, word in reversed(list(enumerate(words)))}
    asked = {query["query"] for query in queries["present"]} | set(queries["absent"])
    prompts = texts[[number for number, word in enumerate(words) if word not in asked]]
    entries = [{"captions": captions[name]} for name in names]
    return build(
        f"CLIP ViT-B/32, {len(names):,} photos",
        photos,
        entries,
        queries["present"],
        queries["absent"],
        lambda wanted: texts[[row[word] for word in wanted]],
        prompts,
    )


def photos_bench(folder: Path, model: Path | None, cache: Path | None) -> Bench:
    queries = json.loads((HERE / "relevance_queries.json").read_text(encoding="utf-8"))["photos"]
    everyday = json.loads((TESTS / "data" / "everyday_queries.json").read_text(encoding="utf-8"))
    listing = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
    names = sorted(listing)
    encoder = load_encoder(installed(model), threads=2)
    if cache is not None and cache.exists():
        photos = np.load(cache)
    else:
        parts = []
        for start in range(0, len(names), 64):
            batch = [
                decode_photo(str(folder / name), encoder.input_spec) for name in names[start : start + 64]
            ]
            inputs = [each.model_input for each in batch if each.model_input is not None]
            parts.append(encoder.encode_images(np.stack(inputs)))
        photos = np.concatenate(parts)
        if cache is not None:
            np.save(cache, photos)
    return build(
        f"{encoder.info.title or encoder.info.name}, {len(names):,} photos",
        photos,
        [listing[name] for name in names],
        everyday + queries["present"],
        queries["absent"],
        encoder.encode_texts,
        encoder.encode_texts(neutral_prompts()),
        [(row, text) for row, name in enumerate(names) for text in listing[name].get("captions", ())],
    )


def installed(model: Path | None) -> catalogue.ModelSpec:
    if model is None:
        return catalogue.default(Path("no models beside the starter"))
    return catalogue.ModelSpec(
        name=model.name,
        title=model.name,
        source=model.resolve(),
        licence="",
        dim=read_dim(model),
        size_bytes=(model / WEIGHTS_NAME).stat().st_size,
        input_spec=declared_input_spec(model),
    )


def unit(vectors: npt.NDArray[np.floating]) -> Vectors:
    rows = vectors.astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)
