"""The direction along which photos match words, for taught concepts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from safelight.core.encoder import Encoder, ModelInfo, Vectors
from safelight.embedding.word_classifiers import save_word_classifiers
from safelight.services.searching.current_calibration import CurrentCalibration
from safelight.store.library import LibraryStore
from support.fake_encoder import FakeEncoder


class ClassifyingEncoder(FakeEncoder):
    """A model with a classifier of dogs."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        own = super().info
        self._info = ModelInfo(own.key, own.name, own.dim, own.device, folder=folder)
        weights = np.zeros((1, own.dim), np.float32)
        weights[0, 0] = 5
        save_word_classifiers(folder, own.key, ["dog"], weights, np.zeros(1, np.float32))

    @property
    def info(self) -> ModelInfo:
        return self._info


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LibraryStore]:
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        yield store


def test_words_have_the_direction_of_their_classifier(tmp_path: Path, store: LibraryStore) -> None:
    calibration, encoder = CurrentCalibration(store), ClassifyingEncoder(tmp_path)
    vector: Vectors = encoder.encode_texts(["dog"])[0]

    def of_dog(_: Encoder, text: str) -> Vectors:
        return vector

    of_dogs = np.eye(encoder.info.dim, dtype=np.float32)[0]
    for text in ("dog", "a dog", "dogs"):
        assert calibration.direction(of_dog, encoder, text) == pytest.approx(of_dogs)
    own = vector - calibration.prompts(encoder).mean(0)
    for text in ("Bruno", "cat", "a dog on a beach"):
        assert calibration.direction(of_dog, encoder, text) == pytest.approx(own / np.linalg.norm(own))


def test_classifiers_of_a_model_are_not_used_for_another(tmp_path: Path, store: LibraryStore) -> None:
    calibration, encoder = CurrentCalibration(store), ClassifyingEncoder(tmp_path)
    vector: Vectors = encoder.encode_texts(["dog"])[0]

    def of_dog(_: Encoder, text: str) -> Vectors:
        return vector

    with_classifier = calibration.direction(of_dog, encoder, "dog")
    other = FakeEncoder(name="other")
    assert calibration.direction(of_dog, other, "dog") != pytest.approx(with_classifier)
    assert calibration.direction(of_dog, encoder, "dog") == pytest.approx(with_classifier)
