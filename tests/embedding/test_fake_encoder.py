"""The stand-in that other tests lean on must itself behave as a model does."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.core.encoder import Encoder
from support.fake_encoder import COLOURS, FakeEncoder, solid


def test_a_colour_word_finds_its_picture() -> None:
    encoder: Encoder = FakeEncoder()
    pictures = encoder.encode_images(np.stack([solid(name) for name in COLOURS]))
    texts = encoder.encode_texts([f"a {name} thing" for name in COLOURS])
    assert (texts @ pictures.T).argmax(1).tolist() == list(range(len(COLOURS)))


def test_vectors_are_unit_and_near_for_near_pictures() -> None:
    rng = np.random.default_rng(1)
    first, other = rng.integers(0, 256, (2, 4, 4, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    noisy = np.clip(first.astype(int) + rng.integers(-4, 5, first.shape), 0, 255).astype(np.uint8)
    a, b, c = FakeEncoder().encode_images(np.stack([first, noisy, other]))
    assert a.dtype == np.float32
    assert np.linalg.norm([a, b, c], axis=1) == pytest.approx(1)
    assert a @ b > 0.999 > a @ c


def test_other_words_are_stable_and_distinct() -> None:
    first = FakeEncoder().encode_texts(["dog", "cat"])
    again = FakeEncoder().encode_texts(["cat", "dog"])
    assert np.array_equal(first, again[::-1])
    assert first[0] @ first[1] < 0.9


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        FakeEncoder().encode_texts([" "])
    with pytest.raises(ValueError, match="uint8"):
        FakeEncoder().encode_images(np.zeros((1, 16, 16, 3), np.uint8))
