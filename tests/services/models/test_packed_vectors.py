"""The vectors of texts that come with the built-in model: they are those that it computes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from safelight.core.encoder import ModelInfo, Vectors
from safelight.embedding import catalogue
from safelight.embedding.digest import key_of
from safelight.embedding.packed_vectors import PACKED_NAME
from safelight.embedding.prompts import encode_queries
from safelight.embedding.text_tower import open_text_tower
from safelight.services.models import stored_text_vectors
from safelight.services.models.neutral import PROMPTS, neutral_prompts
from safelight.services.models.references import Descriptions, parts_of
from safelight.services.searching.tag_word_matching import TAG_WORDS
from safelight.services.understanding.theme_names import WORDS, WordList
from safelight.store.tag_words import built_in_names
from support.fake_encoder import FakeEncoder

EACH = 12
"""Texts of each set that are computed again."""

DESCRIPTIONS = Descriptions.load()
AS_THEY_ARE = [(PROMPTS, neutral_prompts()), *parts_of(DESCRIPTIONS.texts)]
AS_QUERIES = [(WORDS, WordList(DESCRIPTIONS).names), (TAG_WORDS, built_in_names())]


class StarterTexts(FakeEncoder):
    """The built-in model, for texts only."""

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        spec = catalogue.find(catalogue.STARTER, Path("none"))
        tower = open_text_tower(spec)
        assert tower is not None
        self._tower = tower
        self._starter = ModelInfo(key_of(spec), spec.name, spec.dim, "cpu", folder=folder or spec.source)

    @property
    def info(self) -> ModelInfo:
        return self._starter

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return self._tower.encode_texts(texts)


@pytest.fixture(scope="module")
def starter() -> StarterTexts:
    return StarterTexts()


@pytest.mark.parametrize(
    ("kind", "texts", "is_query"),
    [(kind, texts, False) for kind, texts in AS_THEY_ARE]
    + [(kind, names, True) for kind, names in AS_QUERIES],
    ids=[kind for kind, _ in (*AS_THEY_ARE, *AS_QUERIES)],
)
def test_they_are_those_that_the_model_computes(
    starter: StarterTexts, tmp_path: Path, kind: str, texts: tuple[str, ...], is_query: bool
) -> None:
    """Where this fails, the texts or the weights changed: run ``python -m starter.text_vectors``, as
    packaging/starter/README.md says."""
    kept = stored_text_vectors.load(starter.info, tmp_path, kind, texts)
    assert kept is not None
    asked = range(0, len(texts), len(texts) // EACH)
    chosen = [texts[number] for number in asked]
    computed = encode_queries(starter, chosen) if is_query else starter.encode_texts(chosen)
    assert np.linalg.norm(kept[asked] - computed, axis=1).max() < 1e-3


@pytest.fixture
def copy(tmp_path: Path, starter: StarterTexts) -> StarterTexts:
    """The same model with its packed vectors in a folder of their own, which a test may damage."""
    assert starter.info.folder is not None
    folder = tmp_path / "starter"
    folder.mkdir()
    shutil.copyfile(starter.info.folder / PACKED_NAME, folder / PACKED_NAME)
    return StarterTexts(folder)


@pytest.mark.parametrize("damage", ["missing", "cut", "header", "numbers"])
def test_a_damaged_file_is_as_good_as_none(copy: StarterTexts, tmp_path: Path, damage: str) -> None:
    assert copy.info.folder is not None
    path = copy.info.folder / PACKED_NAME
    good = path.read_bytes()
    match damage:
        case "missing":
            path.unlink()
        case "cut":
            path.write_bytes(good[: len(good) // 2])
        case "header":
            path.write_bytes(b"\xff" * 8 + good[8:])
        case "numbers":
            path.write_bytes(good[: len(good) // 10] + b"\xff" * (len(good) - len(good) // 10))
    texts = neutral_prompts()
    assert stored_text_vectors.load(copy.info, tmp_path, PROMPTS, texts) is None


def test_other_texts_and_another_model_are_not_in_it(starter: StarterTexts, tmp_path: Path) -> None:
    texts = (*neutral_prompts(), "one more")
    assert stored_text_vectors.load(starter.info, tmp_path, PROMPTS, texts) is None
    other = ModelInfo("starter@00000000", "starter", 384, "cpu", folder=starter.info.folder)
    assert stored_text_vectors.load(other, tmp_path, PROMPTS, neutral_prompts()) is None
