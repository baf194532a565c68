"""Two models asked the same over a sample of the library."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from safelight.core.encoder import Pixels, Vectors
from safelight.core.errors import CancelledError, UsageError
from safelight.core.jobs import JobControl
from safelight.services.indexing.decoding import DecodePool
from safelight.services.model_comparison import ModelComparison
from safelight.services.models.model import ModelService
from safelight.store import photos, vectors
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.pictures import encoded


class Blunt(FakeEncoder):
    """Another model, which takes every word for "blue"."""

    def encode_images(self, batch: Pixels) -> Vectors:
        return np.ascontiguousarray(super().encode_images(batch)[:, ::-1])

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return np.ascontiguousarray(super().encode_texts(["blue"] * len(texts))[:, ::-1])


def service(encoder: FakeEncoder) -> ModelService:
    return ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)


@pytest.fixture
def colours(bench: Bench) -> Bench:
    for name, colour in {"red": (250, 5, 5), "green": (5, 160, 5), "blue": (5, 5, 250)}.items():
        for number in range(2):
            picture = Image.new("RGB", (200, 150 + number), colour)
            (bench.root / f"{name}{number}.png").write_bytes(encoded(picture, "PNG"))
    for number in range(60):
        bench.draw(f"noise/{number}.jpg", number)
    bench.index()
    return bench


def name_of(bench: Bench, photo_id: int) -> str:
    with bench.store.read() as db:
        (photo,) = photos.get_many(db, [photo_id])
    return photo.files[0].path.rpartition("/")[2]


def test_each_model_answers_by_itself_over_the_same_photos(colours: Bench, pool: DecodePool) -> None:
    blunt = Blunt("blunt")
    comparison = ModelComparison(colours.store, pool, (service(colours.encoder), service(blunt)))
    steps = list(comparison.prepare(JobControl()))
    assert [(step.done, step.total) for step in steps] == [(0, 66), (32, 66), (64, 66), (66, 66)]
    current, candidate = comparison.search("something red", 2)
    assert {name_of(colours, photo) for photo in current} == {"red0.png", "red1.png"}
    assert {name_of(colours, photo) for photo in candidate} == {"blue0.png", "blue1.png"}
    with pytest.raises(UsageError, match="empty"):
        comparison.search("  ", 2)

    # What was read for it is kept, and not read again.
    assert blunt.images_encoded == 66
    again = ModelComparison(colours.store, pool, (service(colours.encoder), service(blunt)))
    list(again.prepare(JobControl()))
    assert blunt.images_encoded == 66
    assert again.search("something red", 2) == (current, candidate)


def test_what_is_asked_early_is_answered_from_what_both_have_read(colours: Bench, pool: DecodePool) -> None:
    blunt = Blunt("blunt")
    comparison = ModelComparison(colours.store, pool, (service(colours.encoder), service(blunt)), sample=40)
    steps = comparison.prepare(JobControl())
    assert next(steps).total == 40
    assert comparison.search("red", 100) == ((), ())
    next(steps)
    current, candidate = comparison.search("red", 100)
    assert len(current) == 32
    assert set(current) == set(candidate)
    list(steps)
    assert len(comparison.search("red", 100)[0]) == 40
    with colours.store.read() as db:
        model_id = vectors.model_id(db, blunt.info.key)
        assert model_id is not None
        assert photos.counts(db, model_id).embedded == 40


def test_it_can_be_given_up(colours: Bench, pool: DecodePool) -> None:
    control = JobControl()
    steps = ModelComparison(colours.store, pool, (service(colours.encoder), service(Blunt("blunt")))).prepare(
        control
    )
    next(steps)
    control.cancel()
    with pytest.raises(CancelledError):
        next(steps)
