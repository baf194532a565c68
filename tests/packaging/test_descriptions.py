"""The reference descriptions that ship."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from safelight import paths
from safelight.core.vocabulary import Vocabulary
from safelight.services.models.references import Descriptions

ROOT = Path(__file__).resolve().parents[2]


def test_they_are_what_the_composer_makes_of_the_vocabulary() -> None:
    place = ROOT / "packaging" / "descriptions" / "compose.py"
    spec = importlib.util.spec_from_file_location("compose", place)
    assert spec is not None
    assert spec.loader is not None
    compose = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compose)
    folder = paths.resources_dir() / "descriptions"
    vocabulary = Vocabulary.parse((folder / "vocabulary.txt").read_text(encoding="utf-8"))
    shipped = (folder / "descriptions.txt").read_text(encoding="utf-8").splitlines()
    assert compose.compose(vocabulary) == shipped, "run packaging/descriptions/compose.py"


def test_each_is_understood() -> None:
    descriptions = Descriptions.load()
    read = [descriptions.vocabulary.read(text) for text in descriptions.texts]
    unknown = {word for reading in read for word in reading.unknown}
    assert len(unknown) < 0.02 * len(read), sorted(unknown)
    assert len(set(descriptions.texts)) == len(descriptions.texts) < 2**16
