"""Which model is recommended, and why that one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from safelight.core.models import ModelRow
from safelight.embedding.offers import OFFERS
from safelight.services.models import installed as models
from safelight.services.models.recommendation import DEFAULT, recommend
from services.conftest import Bench


def rows(starter_speed: float | None, photos: int = 1000) -> list[ModelRow]:
    """All models, as fast as a starter with this many photos per second makes them."""
    listed = models.model_rows(None, Path("nowhere"))
    costs = {offer.name: offer.work for offer in OFFERS}
    return [
        replace(
            row,
            photos=photos,
            images_per_second=None if starter_speed is None else starter_speed / (costs.get(row.name) or 1.0),
        )
        for row in listed
    ]


def test_the_default_is_recommended_while_no_speed_is_known() -> None:
    assert recommend(rows(None)) == DEFAULT


@pytest.mark.parametrize(
    ("starter_speed", "photos", "name"),
    [
        (60.0, 10_000, "siglip2-b-32-256"),
        (200.0, 10_000, "siglip2-b-16-256"),
        (8000.0, 10_000, "pe-core-l"),
        (200.0, 400_000, "siglip2-b-32-256"),  # the better one would need more than a night
        (10.0, 10_000, "siglip2-b-32-256"),  # all are slow: the best of the fastest
        (200.0, 5_000_000, "siglip2-b-32-256"),
    ],
)
def test_the_best_one_that_is_quick_enough_here(starter_speed: float, photos: int, name: str) -> None:
    assert recommend(rows(starter_speed, photos)) == name


def test_some_are_never_recommend() -> None:
    listed = rows(8000.0)
    names = {row.name for row in listed if row.research_only} | {"pe-core-l"}
    assert recommend(listed, retired=["pe-core-l"]) not in names
    unknown = [replace(row, coco=None, images_per_second=1e6) for row in listed]
    assert recommend(unknown) is None


def test_exactly_one_row_is_marked(bench: Bench, tmp_path: Path) -> None:
    models.store_speed(bench.store, "starter", 60.0, "bfloat16")
    with bench.store.read() as db:
        listed = models.model_rows(db, tmp_path / "none")
    assert [row.name for row in listed if row.recommended] == ["siglip2-b-32-256"]
    (starter,) = [row for row in listed if row.name == "starter"]
    assert (starter.images_per_second, starter.method) == (60.0, "bfloat16")
    assert all(row.method == "" for row in listed if row is not starter)


def test_a_retired_model_is_not_offered_but_can_still_be_named(bench: Bench, tmp_path: Path) -> None:
    retired = [offer.name for offer in OFFERS if offer.retired]
    assert retired == ["vit-l-14"]
    with bench.store.read() as db:
        assert not {row.name for row in models.model_rows(db, tmp_path)} & set(retired)
    partial = tmp_path / ".partial" / "vit-l-14"
    partial.mkdir(parents=True)
    (partial / "download.json").write_text('{"repo": "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K"}')
    (partial / "open_clip_model.safetensors").write_bytes(b"some bytes")
    with bench.store.read() as db:
        assert "vit-l-14" in {row.name for row in models.model_rows(db, tmp_path)}
