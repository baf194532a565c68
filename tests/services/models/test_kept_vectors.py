"""Vectors that are kept in a file: whatever happens to it, they are right or computed again."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from safelight.core.encoder import Vectors
from safelight.services.models import kept_vectors
from support.fake_encoder import FakeEncoder

TEXTS = [f"a photo of {number} dogs" for number in range(30)]
HEADER = 128


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


def load(folder: Path, encoder: FakeEncoder) -> Vectors | None:
    return kept_vectors.load(folder, "kind", encoder.info.key, TEXTS, encoder.info.dim)


@pytest.fixture
def file(tmp_path: Path, encoder: FakeEncoder) -> Path:
    kept_vectors.encoded(encoder, tmp_path, "kind", TEXTS)
    (path,) = tmp_path.glob("kind-*.npy")
    return path


def test_they_are_read_as_they_were_kept(file: Path, encoder: FakeEncoder) -> None:
    kept = load(file.parent, encoder)
    assert kept is not None
    assert np.array_equal(kept, encoder.encode_texts(TEXTS))
    assert np.array_equal(kept, np.load(file))
    kept *= 1  # as an array of its own


def test_any_damage_to_the_beginning_is_noticed(file: Path, encoder: FakeEncoder) -> None:
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
    file: Path, encoder: FakeEncoder, put: Callable[[Path], None]
) -> None:
    """A pipe of that name made every search wait for ever."""
    file.unlink()
    put(file)
    found = kept_vectors.encoded(encoder, file.parent, "kind", TEXTS)
    assert np.array_equal(found, encoder.encode_texts(TEXTS))
