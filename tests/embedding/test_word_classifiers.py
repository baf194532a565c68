"""The classifiers of single words: their file, and those of the built-in model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from safelight.core.encoder import ModelInfo
from safelight.embedding import catalogue
from safelight.embedding.digest import key_of
from safelight.embedding.word_classifiers import (
    CLASSIFIERS_NAME,
    load_word_classifiers,
    save_word_classifiers,
)
from safelight.services.models.references import Descriptions

WORDS = ["dog", "beach"]
WEIGHTS = np.array([[1, 2, 3], [-0.5, 0, 4]], np.float32)
BIASES = np.array([-1.25, 0.1], np.float32)


def info(folder: Path | None, key: str = "made@00000000", dim: int = 3) -> ModelInfo:
    return ModelInfo(key=key, name="made", dim=dim, device="cpu", folder=folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_word_classifiers(tmp_path, "made@00000000", WORDS, WEIGHTS, BIASES)
    return tmp_path


def test_they_are_read_as_they_were_written(folder: Path) -> None:
    found = load_word_classifiers(info(folder))
    assert list(found) == WORDS
    for row, word in enumerate(WORDS):
        assert found[word].weights == pytest.approx(WEIGHTS[row])
        assert found[word].bias == pytest.approx(BIASES[row])


def test_other_weights_another_length_and_no_folder_have_none(folder: Path) -> None:
    assert load_word_classifiers(info(folder))
    assert not load_word_classifiers(info(folder, key="made@11111111"))
    assert not load_word_classifiers(info(folder, dim=4))
    assert not load_word_classifiers(info(folder / "elsewhere"))
    assert not load_word_classifiers(info(None))


@pytest.mark.parametrize("damage", ["cut", "header", "numbers", "names", "shapes", "words"])
def test_a_damaged_file_is_as_good_as_none(folder: Path, damage: str) -> None:
    path = folder / CLASSIFIERS_NAME
    good = path.read_bytes()
    described = {"model": "made@00000000", "words": '["dog", "beach"]'}
    tensors = {"weights": WEIGHTS, "biases": BIASES}
    match damage:
        case "cut":
            path.write_bytes(good[: len(good) - 4])
        case "header":
            path.write_bytes(b"\xff" * 8 + good[8:])
        case "numbers":
            save_file({**tensors, "weights": WEIGHTS * np.float32("nan")}, path, described)
        case "names":
            save_file({"weights": WEIGHTS}, path, described)
        case "shapes":
            save_file({**tensors, "biases": BIASES[:1]}, path, described)
        case "words":
            save_file(tensors, path, {**described, "words": "dog"})
    assert not load_word_classifiers(info(folder))


def test_the_built_in_model_has_one_for_everyday_words(tmp_path: Path) -> None:
    """Where this fails, its weights or the vocabulary changed: run ``python -m starter.word_classifiers``, as
    packaging/starter/README.md says."""
    starter = catalogue.default(tmp_path)
    found = load_word_classifiers(
        ModelInfo(key_of(starter), starter.name, starter.dim, "cpu", folder=starter.source)
    )
    assert found.keys() <= set(Descriptions.load().vocabulary.names)
    assert {"person", "dog", "beach", "car", "snow", "baby"} <= found.keys()
    assert all(np.linalg.norm(each.weights) > 1 for each in found.values())
