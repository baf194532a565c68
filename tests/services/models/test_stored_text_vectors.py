"""Vectors that are kept in a file: whatever happens to it, they are right or computed again."""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from safelight.core.encoder import ModelInfo, Vectors
from safelight.services.models import stored_text_vectors
from safelight.services.models.references import Descriptions, ReferenceEncoding, References, parts_of
from support.fake_encoder import FakeEncoder

TEXTS = [f"a photo of {number} dogs" for number in range(30)]
HEADER = 128


class CountingEncoder(FakeEncoder):
    """The arithmetic model as an installed one; it counts the texts that it encodes."""

    def __init__(self, folder: Path | None = None, name: str = "fake") -> None:
        super().__init__()
        self._own = replace(super().info, folder=folder, name=name)
        self.load_or_encode = 0

    @property
    def info(self) -> ModelInfo:
        return self._own

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        self.load_or_encode += len(texts)
        return super().encode_texts(texts)


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


def load(folder: Path, encoder: FakeEncoder) -> Vectors | None:
    return stored_text_vectors.load(encoder.info, folder, "kind", TEXTS)


@pytest.fixture
def file(tmp_path: Path, encoder: CountingEncoder) -> Path:
    stored_text_vectors.load_or_encode(encoder, tmp_path, "kind", TEXTS)
    (path,) = tmp_path.glob("kind-*.npy")
    return path


def test_they_are_read_as_they_were_kept(file: Path, encoder: CountingEncoder) -> None:
    kept = load(file.parent, encoder)
    assert kept is not None
    assert np.array_equal(kept, encoder.encode_texts(TEXTS))
    assert np.array_equal(kept, np.load(file))
    kept *= 1  # as an array of its own


def test_any_damage_to_the_beginning_is_noticed(file: Path, encoder: CountingEncoder) -> None:
    """NumPy raised TokenError, SyntaxError or MemoryError, so that neither index nor search worked again."""
    chance = random.Random(1)
    good = file.read_bytes()
    assert good.index(b"\n") == HEADER - 1
    for place in range(HEADER):
        for bit in range(8):
            damaged = bytearray(good)
            damaged[place] ^= 1 << bit
            file.write_bytes(damaged)
            assert load(file.parent, encoder) is None, (place, bit)
    for _ in range(200):
        file.write_bytes(good[: chance.randrange(len(good))])
        assert load(file.parent, encoder) is None
    huge = b"{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000, 16), }"
    file.write_bytes(good[:10] + huge.ljust(HEADER - 11) + b"\n" + good[HEADER:])
    assert load(file.parent, encoder) is None


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def archive(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, rows=np.ones((30, 16), np.float32))


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices with names")
@pytest.mark.parametrize("put", [pipe, device, archive, Path.mkdir])
@pytest.mark.timeout(60)
def test_something_else_of_its_name_is_no_obstacle(
    file: Path, encoder: CountingEncoder, put: Callable[[Path], None]
) -> None:
    """A pipe of that name made every search wait for ever."""
    file.unlink()
    put(file)
    found = stored_text_vectors.load_or_encode(encoder, file.parent, "kind", TEXTS)
    assert np.array_equal(found, encoder.encode_texts(TEXTS))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Of a model and of two libraries."""
    made = tmp_path / "model", tmp_path / "first", tmp_path / "second"
    for folder in made:
        folder.mkdir()
    return made


def test_libraries_share_them_by_way_of_the_model_s_folder(folders: tuple[Path, Path, Path]) -> None:
    model, first, second = folders
    encoder = CountingEncoder(model)
    found = stored_text_vectors.load_or_encode(encoder, first, "kind", TEXTS)
    assert np.array_equal(stored_text_vectors.load_or_encode(encoder, second, "kind", TEXTS), found)
    assert encoder.load_or_encode == len(TEXTS)
    (path,) = model.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(first.iterdir())
    assert not list(second.iterdir())


def test_texts_of_a_new_version_of_the_program_replace_the_old_ones(
    folders: tuple[Path, Path, Path],
) -> None:
    model, first, _ = folders
    encoder = CountingEncoder(model)
    for kind in ("kind", "own-kind", "kind-1"):
        stored_text_vectors.load_or_encode(encoder, first, kind, TEXTS)
    stored_text_vectors.load_or_encode(encoder, first, "kind", [*TEXTS, "a cat"])
    assert load(first, encoder) is None
    for kind in ("own-kind", "kind-1"):
        assert stored_text_vectors.load(encoder.info, first, kind, TEXTS) is not None
    assert len(list(model.iterdir())) == 3


def test_the_library_keeps_them_where_the_model_s_folder_cannot(folders: tuple[Path, Path, Path]) -> None:
    model, first, _ = folders
    model.rmdir()
    encoder = CountingEncoder(model)
    stored_text_vectors.load_or_encode(encoder, first, "kind", TEXTS)
    assert load(first, encoder) is not None
    assert len(list(first.iterdir())) == 1


@pytest.mark.parametrize(("name", "is_shared"), [("starter", True), ("fake", False)])
def test_the_installed_program_and_private_words_are_not_written_to_a_shared_folder(
    folders: tuple[Path, Path, Path], name: str, is_shared: bool
) -> None:
    model, first, _ = folders
    encoder = CountingEncoder(model, name)
    stored_text_vectors.save(
        encoder.info, first, "kind", TEXTS, encoder.encode_texts(TEXTS), shared=is_shared
    )
    assert not list(model.iterdir())
    assert load(first, encoder) is not None


def test_files_of_earlier_versions_are_deleted_and_nothing_else(tmp_path: Path) -> None:
    outdated = ["prompts-0123456789abcdef.npy", "tag-words-0123456789abcdef.npy"]
    others = ["holiday.npy", "words-of-mine.npy", "prompts-01234567-0123456789abcdef.npy"]
    for name in (*outdated, *others):
        (tmp_path / name).write_bytes(b"x")
    stored_text_vectors.delete_outdated(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)


@pytest.fixture
def descriptions() -> Descriptions:
    full = Descriptions.load()
    return Descriptions(full.vocabulary, full.texts[:1100])


def test_descriptions_are_continued_where_a_program_ended(
    folders: tuple[Path, Path, Path], descriptions: Descriptions
) -> None:
    """A large model takes minutes for them. A program that never ran so long never had them."""
    model, first, second = folders
    encoder = CountingEncoder(model)
    sizes = [len(texts) for _, texts in parts_of(descriptions.texts)]
    assert len(sizes) == 3
    encoding = ReferenceEncoding(descriptions, encoder.info, first)
    while encoder.load_or_encode < sizes[0] + sizes[1] // 2:
        assert encoding.advance(encoder)
    assert References.load(descriptions, encoder.info, first, {}) is None
    again = ReferenceEncoding(descriptions, encoder.info, second)
    assert (again.done, again.total) == (sizes[0], 1100)
    before = encoder.load_or_encode
    while again.advance(encoder):
        pass
    assert again.done == again.total
    assert encoder.load_or_encode - before == sizes[1] + sizes[2]
    kept = References.load(descriptions, encoder.info, first, {})
    assert kept is not None
    assert np.array_equal(kept.vectors, FakeEncoder().encode_texts(descriptions.texts))
