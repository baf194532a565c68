"""The model's card: its template with the figures of this training run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import Template

import numpy as np

from safelight.core.encoder import Encoder, Vectors
from safelight.embedding.config import WEIGHTS_NAME
from starter import installed
from starter.classes import IMAGENET, read_classes, zero_shot
from starter.evaluate import measure
from starter.everyday import EverydayQuery, common_words, precision_at_first, read_queries
from starter.metrics import table
from starter.pictures import Part, Picture
from starter.stages import Stages

CARD = "model_card.md"
_TEMPLATE = Path(__file__).with_name("model_card.template.md")
_SOURCES = {"flickr": "Flickr8k (small)", "flickr8k": "Flickr8k", "coco": "COCO", "ade20k": "ADE20K"}
_CAPTIONED = ("flickr8k", "coco")

Rows = dict[str, dict[str, float]]
"""Measure to model to value."""


def write(folder: Path, stages: Stages, models: Mapping[str, Path], queries_file: Path, threads: int) -> str:
    """Measure ``models`` and write the card of the one in ``folder``; returns the card's text."""
    first = stages.sources.photos[0]
    told = [p for p in stages.pictures if p.captions or p.label]  # others cannot be judged
    judging = [p for p in told if not stages.teaches(p) or p.path.is_relative_to(first)]
    queries = read_queries(queries_file)
    tables: dict[str, Rows] = {"dev": {}, "test": {}, "words": {}}
    for title, place in models.items():
        encoder = installed.load(place, threads)
        readable, vectors = installed.encoded(encoder, judging)
        for name, values in _measured(encoder, readable, vectors, queries, first, stages.teaches).items():
            for row, value in values.items():
                tables[name].setdefault(row, {})[title] = value
    taught = [stages.pictures[row] for row in stages.taught]
    text = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        megabytes=f"{(folder / WEIGHTS_NAME).stat().st_size / 1e6:.0f}",
        dim=stages.settings.dim,
        pixels=stages.settings.image_size,
        tokens=stages.settings.text.context,
        pictures=_described(taught),
        amount=f"{len(taught):,}",
        texts=f"{len(stages.corpus):,}",
        dev=table(tables["dev"]),
        test=table(tables["test"]),
        words=table(tables["words"]),
    )
    (folder / CARD).write_text(text, encoding="utf-8")
    return text


def _measured(
    encoder: Encoder,
    pictures: Sequence[Picture],
    vectors: Vectors,
    queries: Sequence[EverydayQuery],
    first: Path,
    taught: Callable[[Picture], bool],
) -> dict[str, dict[str, float]]:
    encode = encoder.encode_texts
    classes = read_classes(IMAGENET)
    found: dict[str, dict[str, float]] = {}
    for part in (Part.DEV, Part.TEST):
        rows = [
            row
            for row, picture in enumerate(pictures)
            if picture.part is part and picture.source in _CAPTIONED and picture.captions
            and not picture.path.is_relative_to(first)
        ]  # fmt: skip
        chosen = [pictures[row] for row in rows]
        values = measure(chosen, vectors[rows], encode)
        found[part] = {
            f"{name} ({_count(name, chosen)} pictures)": value
            for name, value in values.items()
            if "caption →" in name
        }
    imagenet = [row for row, picture in enumerate(pictures) if picture.class_number >= 0]
    zero = zero_shot([pictures[row] for row in imagenet], vectors[imagenet], classes, encode)
    found["dev"] |= {
        f"{len(imagenet)} ImageNet photos: {name}": value
        for name, value in zero.items()
        if " of 1,000" not in name
    }
    # The pictures by which everyday search has always been judged; with the dev pictures for single words.
    everyday = [row for row, picture in enumerate(pictures) if picture.path.is_relative_to(first)]
    shown = [row for row, p in enumerate(pictures) if p.part is Part.DEV or p.path.is_relative_to(first)]
    found["words"] = {
        f"{len(queries)} everyday queries, precision at 5": precision_at_first(
            queries, [pictures[row] for row in everyday], vectors[everyday], encode
        )
    }
    untaught = [row for row, picture in enumerate(pictures) if not taught(picture)]
    for rows, what in ((shown, "with dev pictures"), (untaught, "pictures never shown to it")):
        words = common_words([pictures[row] for row in rows], vectors[rows], encode)
        found["words"][f"{len(words)} common words, precision at 20, {len(rows):,} {what}"] = float(
            np.mean(list(words.values()))
        )
    return found


def _count(row: str, pictures: Sequence[Picture]) -> int:
    return sum(row.startswith(f"{picture.source}:") for picture in pictures)


def _described(pictures: Sequence[Picture]) -> str:
    sizes = Counter(picture.source for picture in pictures)
    return ", ".join(f"{count:,} of {_SOURCES.get(source, source)}" for source, count in sizes.items())
