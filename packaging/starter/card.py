"""The model's card: its template with the figures of this training run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from starter.export import WEIGHTS
from starter.metrics import table
from starter.pictures import Picture
from starter.stages import Stages

CARD = "model_card.md"
_TEMPLATE = Path(__file__).with_name("model_card.template.md")
_SOURCES = {"flickr": "Flickr8k", "coco": "COCO", "imagenet": "ImageNet"}


def write(folder: Path, stages: Stages, rows: Mapping[str, Mapping[str, float]], everyday: str) -> None:
    """Write the card of the model in ``folder``. ``rows`` is the cross-validation's table, ``everyday`` a
    sentence on everyday queries, or empty."""
    settings, pictures = stages.settings, stages.pictures
    sizes = Counter(picture.source for picture in pictures)
    text = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        megabytes=f"{(folder / WEIGHTS).stat().st_size / 1e6:.0f}",
        dim=settings.dim,
        pixels=settings.image_size,
        tokens=settings.text.context,
        pictures=_described(pictures),
        texts=f"{len(stages.corpus):,}",
        amount=f"{len(pictures):,}",
        gallery=max((sizes[p.source] for p in pictures if p.captions), default=0),
        table=table(rows),
        everyday=f"{everyday}\n" if everyday else "",
    )
    (folder / CARD).write_text(text, encoding="utf-8")


def _described(pictures: Sequence[Picture]) -> str:
    parts = []
    for source in dict.fromkeys(picture.source for picture in pictures):
        members = [picture for picture in pictures if picture.source == source]
        captioned = sum(bool(picture.captions) for picture in members)
        name = _SOURCES.get(source, source)
        what = "with their class" if not captioned else "with captions"
        if 0 < captioned < len(members):
            what = f"of which {captioned} have captions"
        parts.append(f"{len(members)} of {name} {what}")
    return ", ".join(parts)
