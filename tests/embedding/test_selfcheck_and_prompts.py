from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from safelight.core.encoder import InputSpec, ModelInfo, Pixels, Vectors
from safelight.core.errors import ModelError
from safelight.embedding.encoder import OpenClipEncoder
from safelight.embedding.prompts import EncodedQueries, encode_query, templates_for
from safelight.embedding.selfcheck import _KNOWN, check
from support.fake_encoder import FakeEncoder, solid


class _Altered:
    """A real encoder whose pictures arrive altered, as with a preprocessing that is not the weights'."""

    def __init__(self, encoder: OpenClipEncoder) -> None:
        self._encoder = encoder

    @property
    def info(self) -> ModelInfo:
        return self._encoder.info

    @property
    def input_spec(self) -> InputSpec:
        return self._encoder.input_spec

    @property
    def batch_size(self) -> int:
        return self._encoder.batch_size

    def encode_images(self, batch: Pixels) -> Vectors:
        return self._encoder.encode_images(np.ascontiguousarray(batch[..., ::-1]))

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_texts(texts)


@pytest.mark.model
def test_the_starter_passes_and_swapped_channels_do_not(starter: OpenClipEncoder) -> None:
    check(starter)
    with pytest.raises(ModelError, match="red square"):
        check(_Altered(starter))


class _Faded(_Altered):
    """Sees well enough to tell colours apart, but not as it was trained to."""

    def encode_images(self, batch: Pixels) -> Vectors:
        return self._encoder.encode_images((batch * 0.5 + 64).astype(np.uint8))


@pytest.mark.model
def test_weights_that_are_known_must_see_as_they_are_known_to(
    starter: OpenClipEncoder, exact_starter: OpenClipEncoder
) -> None:
    assert starter.info.key in _KNOWN
    check(exact_starter)
    with pytest.raises(ModelError, match="known results"):
        check(_Faded(exact_starter))


class _Confused(FakeEncoder):
    """Knows red from blue and takes the other colours for one another."""

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        swapped = {"green": "yellow", "yellow": "white", "white": "black", "black": "green"}
        return super().encode_texts(
            [" ".join(swapped.get(word, word) for word in text.split()) for text in texts]
        )


def test_red_and_blue_alone_are_not_enough() -> None:
    with pytest.raises(ModelError, match="red square"):
        check(_Confused())


def test_an_encoder_that_knows_colours_passes() -> None:
    check(FakeEncoder())


def test_a_query_keeps_its_typed_form() -> None:
    encoder = FakeEncoder()
    assert np.array_equal(encode_query(encoder, "  old \n boat "), encoder.encode_texts(["old boat"])[0])


def test_short_queries_of_the_starter_are_encoded_with_an_article_too() -> None:
    encoder = FakeEncoder("starter")
    both = encoder.encode_texts(["red boat", "a red boat"]).sum(0)
    assert encode_query(encoder, "red boat") == pytest.approx(both / np.linalg.norm(both), abs=1e-6)
    for text in ("A boat", "the boat", "two red boats", "a red boat on the sea"):
        assert templates_for(encoder, text) == ("{}",)
    assert templates_for(FakeEncoder("other"), "boat") == ("{}",)


def test_templates_are_averaged_into_a_unit_vector() -> None:
    encoder = FakeEncoder()
    vector = encode_query(encoder, "old {boat}", ("{}", "a photo of {}"))
    both = encoder.encode_texts(["old {boat}", "a photo of old {boat}"]).sum(0)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    assert vector @ both == pytest.approx(np.linalg.norm(both), rel=1e-5)


def test_a_colour_is_found() -> None:
    encoder = FakeEncoder()
    red, blue = encoder.encode_images(np.stack([solid("red"), solid("blue")])) @ encode_query(encoder, "red")
    assert red > blue


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_blank_query_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        encode_query(FakeEncoder(), text)


def test_words_asked_again_are_not_encoded_again() -> None:
    encoder, texts = FakeEncoder(), EncodedQueries(size=2)
    first = texts.encode(encoder, "red car")
    assert texts.encode(encoder, "  red   car ") is first
    assert encoder.texts_encoded == 1
    np.testing.assert_array_equal(first, encode_query(FakeEncoder(), "red car"))
    other = FakeEncoder("other")
    texts.encode(other, "red car")  # another model's vector is its own
    assert other.texts_encoded == 1
    texts.encode(encoder, "red car")  # used last of the two, so that it stays
    texts.encode(encoder, "blue")
    texts.encode(encoder, "red car")
    assert encoder.texts_encoded == 2
    texts.encode(other, "red car")
    assert other.texts_encoded == 2


def test_what_is_kept_cannot_be_changed_by_who_gets_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        EncodedQueries().encode(FakeEncoder(), "red")[0] = 7
    with pytest.raises(ValueError, match="empty"):
        EncodedQueries().encode(FakeEncoder(), "  ")
