"""Words are searched for before the model is loaded, but only as that model is known to encode them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from safelight.core.encoder import Vectors
from safelight.core.errors import ModelError
from safelight.services.indexing.decoding import DecodePool
from safelight.services.models.answering import AnsweringModel
from safelight.services.models.model import ModelService
from safelight.services.models.neutral import encoded_prompts
from safelight.services.searching.searcher import Searcher
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene


class Texts:
    """The texts of a fake model, each vector mixed with the next text's by ``wrong``."""

    def __init__(self, encoder: FakeEncoder, *, wrong: float = 0.0, memory: int = 1) -> None:
        self._encoder = encoder
        self._wrong = wrong
        self.memory = memory
        self.asked = 0

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        found = self._encoder.encode_texts(texts)
        mixed = found + self._wrong * np.roll(found, 1, axis=0)
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


class Loading:
    """A model that is loaded on request."""

    def __init__(self, texts: Texts | None) -> None:
        self.encoder = FakeEncoder()
        self.may_load = threading.Event()
        self.loads = 0
        self.error: ModelError | None = None
        info = self.encoder.info
        self.service = ModelService(
            self._load, self.encoder.input_spec, info.key, info.name, info=info, open_texts=lambda: texts
        )

    def _load(self) -> FakeEncoder:
        self.loads += 1
        self.may_load.wait(60)
        if self.error is not None:
            raise self.error
        return self.encoder


def keep_prompts(bench: Bench) -> None:
    encoded_prompts(FakeEncoder(), bench.store.directory)


def test_words_are_answered_without_the_model_and_pictures_wait_for_it(
    bench: Bench, pool: DecodePool
) -> None:
    for seed in range(5):
        bench.draw(f"{seed}.jpg", seed)
    bench.index()
    keep_prompts(bench)
    texts = Texts(FakeEncoder())
    model = Loading(texts)
    searcher = Searcher(bench.store, pool, AnsweringModel(bench.store, model.service))
    expected = Searcher(bench.store, pool, bench.library.answering).search("red", None)
    assert searcher.search("red", None) == expected
    assert model.loads == 0

    found = []
    picture = encoded(scene(seed=1), "PNG")
    asking = threading.Thread(target=lambda: found.append(searcher.similar_to_picture(picture, 1)))
    asking.start()
    model.may_load.set()
    asking.join(60)
    assert len(found[0].hits) == 1
    assert model.loads == 1


@pytest.mark.parametrize("kept", [False, True])
def test_what_was_never_or_is_not_confirmed_answers_nothing(bench: Bench, *, kept: bool) -> None:
    if kept:
        keep_prompts(bench)
    model = Loading(Texts(FakeEncoder(), wrong=0.05 if kept else 0.0))
    model.may_load.set()
    assert AnsweringModel(bench.store, model.service).wait() is model.encoder


def test_a_model_that_cannot_be_loaded_answers_no_words_any_more(bench: Bench) -> None:
    keep_prompts(bench)
    model = Loading(Texts(FakeEncoder()))
    answering = AnsweringModel(bench.store, model.service)
    assert answering.wait() is not model.encoder
    model.error = ModelError("It does not tell red from blue.")
    model.may_load.set()
    with pytest.raises(ModelError, match="red from blue"):
        model.service.wait()
    with pytest.raises(ModelError, match="red from blue"):
        answering.wait()


@pytest.mark.parametrize(("memory", "stays"), [(1, True), (2**30, False)])
def test_only_a_small_tower_stays_beside_the_model(bench: Bench, memory: int, *, stays: bool) -> None:
    keep_prompts(bench)
    texts = Texts(FakeEncoder(), memory=memory)
    model = Loading(texts)
    answering = AnsweringModel(bench.store, model.service)
    assert answering.wait() is not model.encoder
    model.may_load.set()
    model.service.wait()
    asked = texts.asked
    answering.wait().encode_texts(["a dog"])
    assert (texts.asked > asked) is stays


def test_starting_tells_when_words_are_ready_and_leaves_it_open_when_the_model_is_loaded(
    bench: Bench,
) -> None:
    keep_prompts(bench)
    model = Loading(Texts(FakeEncoder()))
    model.may_load.set()
    ready = threading.Event()
    answering = AnsweringModel(bench.store, model.service)
    answering.start(ready.set)
    assert ready.wait(60)
    assert model.loads == 0
    answering.load()
    assert model.service.join(60)


def test_starting_loads_both_models_where_a_former_one_answers(bench: Bench) -> None:
    chosen, former = Loading(None), Loading(None)
    chosen.may_load.set()
    former.may_load.set()
    received = threading.Event()
    AnsweringModel(bench.store, chosen.service, former.service).start(received.set)
    assert former.service.join(60)
    assert chosen.service.join(60)
    assert not received.is_set()
