"""Changing the model of a library: the old vectors answer until the new ones cover enough, never mixed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from safelight.core.encoder import Pixels, Vectors
from safelight.core.jobs import JobControl
from safelight.embedding.offers import OFFERS
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.indexer import Indexer
from safelight.services.models import installed as models
from safelight.services.models.answering import AnsweringModel
from safelight.services.models.model import ModelService
from safelight.services.searching.searcher import Searcher
from safelight.store import photos, vectors
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.pictures import encoded


class Turned(FakeEncoder):
    """Another model: every vector of it is the negative of the first one's, so that a comparison across
    the two is as wrong as can be."""

    def encode_images(self, batch: Pixels) -> Vectors:
        return np.negative(super().encode_images(batch))

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return np.negative(super().encode_texts(texts))


def service(encoder: FakeEncoder) -> ModelService:
    return ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)


@pytest.fixture
def colours(bench: Bench) -> Bench:
    for name, colour in {"red": (250, 5, 5), "green": (5, 160, 5), "blue": (5, 5, 250)}.items():
        (bench.root / f"{name}.png").write_bytes(encoded(Image.new("RGB", (200, 150), colour), "PNG"))
    for number in range(37):
        bench.draw(f"noise/{number}.jpg", number)
    bench.index()
    return bench


def first(bench: Bench, searcher: Searcher, text: str) -> str:
    hit = searcher.search(text, 1).hits[0]
    with bench.store.read() as db:
        (photo,) = photos.get_many(db, [hit.photo_id])
    return Path(photo.files[0].path).name


def test_the_former_model_answers_until_the_chosen_one_covers_enough(
    colours: Bench, pool: DecodePool
) -> None:
    store, old = colours.store, service(colours.encoder)
    newer = Turned("turned")
    new = service(newer)
    answering = AnsweringModel(store, new, old)
    searcher = Searcher(store, pool, answering)
    assert answering.wait() is colours.encoder
    assert "0 %" in str(answering.notice)
    assert first(colours, searcher, "red") == "red.png"
    assert searcher.search("red", 3).notices == (answering.notice,)

    with store.write() as db:
        model_id = vectors.register(db, newer.info, 1.0)
        some = [photo.id for photo in colours.photos()][:20]
        values = [vectors.get(db, vectors.model_id(db, colours.encoder.info.key) or 0, each) for each in some]
        vectors.put(db, model_id, some, np.negative(np.stack([v for v in values if v is not None])))
    assert answering.wait() is colours.encoder
    assert "50 %" in str(answering.notice)
    for name in ("red", "green", "blue"):
        assert first(colours, searcher, name) == f"{name}.png"

    Indexer(store, pool, new).run({}, JobControl(), wait_for_model=True)
    assert answering.wait() is newer
    assert answering.notice is None
    for name in ("red", "green", "blue"):
        assert first(colours, searcher, name) == f"{name}.png"

    back = Searcher(store, pool, AnsweringModel(store, old, None))
    assert first(colours, back, "green") == "green.png"


def test_vectors_of_two_models_are_kept_separately(colours: Bench, pool: DecodePool) -> None:
    newer = Turned("turned")
    Indexer(colours.store, pool, service(newer)).run({}, JobControl(), wait_for_model=True)
    with colours.store.read() as db:
        old_id = vectors.model_id(db, colours.encoder.info.key)
        new_id = vectors.model_id(db, newer.info.key)
        assert old_id is not None
        assert new_id is not None
        for photo in colours.photos():
            old, new = vectors.get(db, old_id, photo.id), vectors.get(db, new_id, photo.id)
            assert old is not None
            assert new is not None
            np.testing.assert_allclose(old, -new, atol=1e-6)


def test_the_speed_of_other_models_is_reckoned_from_one_that_was_measured(
    bench: Bench, tmp_path: Path
) -> None:
    def speeds() -> dict[str, tuple[float | None, bool]]:
        with bench.store.read() as db:
            return {
                row.name: (row.images_per_second, row.estimated)
                for row in models.model_rows(db, tmp_path / "none")
            }

    assert set(speeds().values()) == {(None, False)}
    models.store_speed(bench.store, "starter", 120.0)
    works = {offer.name: offer.work for offer in OFFERS}
    first = speeds()
    assert first.pop("starter") == (120.0, False)
    for name, (speed, estimated) in first.items():
        assert speed == pytest.approx(120.0 / (works[name] or 0))
        assert estimated
    models.store_speed(bench.store, "pe-core-l", 40.0)  # a graphics card gains more with large models
    assert speeds()["pe-core-l"] == (40.0, False)
    speed, _ = speeds()["siglip2-b-16-256"]
    assert speed == pytest.approx(40.0 * (works["pe-core-l"] or 0) / (works["siglip2-b-16-256"] or 1))
