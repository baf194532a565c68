"""After an update of the model, the vectors of the version before answer until the new ones are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from safelight.core.encoder import InputSpec
from safelight.core.jobs import JobControl
from safelight.embedding.bridge import BRIDGE_NAME, Bridge, bridge_of
from safelight.embedding.catalogue import ModelSpec, default
from safelight.embedding.config import WEIGHTS_NAME
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.indexer import Indexer
from safelight.services.models import installed
from safelight.services.models.answering import AnsweringModel
from safelight.services.models.model import ModelService
from safelight.services.searching.searcher import Searcher
from safelight.store import vectors
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene

OLD = "fake@00000000"


class Shuffled(FakeEncoder):
    """The model after its update: the same vectors with their numbers in another order."""

    def __init__(self) -> None:
        super().__init__("newer")
        self.order = np.random.default_rng(0).permutation(self.info.dim)

    def encode_images(self, batch):  # type: ignore[no-untyped-def]
        return super().encode_images(batch)[:, self.order]

    def encode_texts(self, texts):  # type: ignore[no-untyped-def]
        return super().encode_texts(texts)[:, self.order]


def bridge_back(newer: Shuffled) -> Bridge:
    back = np.zeros((newer.info.dim, newer.info.dim), np.float32)
    back[newer.order, np.arange(newer.info.dim)] = 1
    return Bridge(OLD, back, back)


def service(encoder: FakeEncoder) -> ModelService:
    return ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)


def test_old_vectors_answer_words_and_pictures_until_the_photos_are_read_again(
    bench: Bench, pool: DecodePool
) -> None:
    for seed in range(6):
        bench.draw(f"{seed}.jpg", seed)
    bench.index()
    assert bench.encoder.info.key == OLD
    newer = Shuffled()
    new = service(newer)
    answering = AnsweringModel(bench.store, new, new.bridged(bridge_back(newer)))
    searcher = Searcher(bench.store, pool, answering)
    before = Searcher(bench.store, pool, bench.library.answering)
    picture = encoded(scene(seed=3), "PNG")

    assert answering.wait().info.key == OLD
    assert "the former fake" in str(answering.notice)
    for asked in ("red", "blue"):
        found, expected = searcher.search(asked, None), before.search(asked, None)
        assert [hit.photo_id for hit in found.hits] == [hit.photo_id for hit in expected.hits]
    near, expected = searcher.similar_to_picture(picture, 3), before.similar_to_picture(picture, 3)
    assert [hit.photo_id for hit in near.hits] == [hit.photo_id for hit in expected.hits]

    Indexer(bench.store, pool, new).run({}, JobControl(), wait_for_model=True)
    assert answering.wait() is newer
    assert answering.notice is None
    with bench.store.read() as db:
        assert vectors.model_id(db, newer.info.key) is not None


@pytest.fixture
def updated(tmp_path: Path) -> ModelSpec:
    """A model folder with a bridge to the fake model."""
    folder = tmp_path / "updated"
    folder.mkdir()
    (folder / WEIGHTS_NAME).write_bytes(b"the new weights")
    save_file(
        {"texts": torch.eye(32).half(), "pictures": torch.eye(32).half()},
        folder / BRIDGE_NAME,
        metadata={"key": OLD},
    )
    return ModelSpec("updated", "", folder, "", 32, 15, InputSpec(32))


def test_the_version_before_is_found_while_it_covers_more(
    bench: Bench, updated: ModelSpec, tmp_path: Path
) -> None:
    with bench.store.read() as db:
        assert installed.previous_model(db, updated, tmp_path) is None
    bench.draw("a.jpg", 1)
    bench.index()
    with bench.store.read() as db:
        found = installed.previous_model(db, updated, tmp_path)
    assert isinstance(found, Bridge)
    assert (found.key, found.dim) == (OLD, 32)


def test_a_damaged_bridge_is_no_bridge(updated: ModelSpec) -> None:
    assert bridge_of(updated.source) is not None
    (updated.source / BRIDGE_NAME).write_bytes(b"{}")
    assert bridge_of(updated.source) is None


@pytest.mark.model
def test_the_starter_has_a_bridge_to_the_version_before(tmp_path: Path) -> None:
    spec = default(tmp_path)
    bridge = bridge_of(spec.source)
    assert bridge is not None
    assert bridge.key == "starter@0a7b28ae"
    assert bridge.texts.shape == bridge.pictures.shape == (384, spec.dim)
