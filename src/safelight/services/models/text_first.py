"""An encoder that can encode texts before its model is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from safelight.core.encoder import InputSpec, ModelInfo, Pixels, Vectors
from safelight.embedding.bridge import TextEncoder
from safelight.services.models.model import ModelService
from safelight.services.models.neutral import agrees

_MAX_SMALL_BYTES = 64 * 2**20
"""Text encoders with at most this many bytes of weights are used even when the model is loaded, because they
are faster than torch: 3 ms instead of 50 ms with the built-in model."""


class TextFirstEncoder:
    """Implements :class:`safelight.core.encoder.Encoder`. Texts are encoded at once; pictures wait for the
    whole model. Thread-safe if ``texts`` is."""

    def __init__(self, service: ModelService, info: ModelInfo, texts: TextEncoder) -> None:
        self._service = service
        self._info = info
        self._texts = texts
        self.is_small = texts.memory <= _MAX_SMALL_BYTES

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def input_spec(self) -> InputSpec:
        return self._service.input_spec

    @property
    def batch_size(self) -> int:
        return self._service.wait().batch_size

    def encode_images(self, batch: Pixels) -> Vectors:
        return self._service.wait().encode_images(batch)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return self._texts.encode_texts(texts)


def open_text_first_encoder(service: ModelService, directory: Path) -> TextFirstEncoder | None:
    """An encoder for a model with a separate text encoder, if that gives the stored vectors of the neutral
    texts; else None.

    The comparison rules out processors that compute wrongly, and text towers of an unexpected kind.
    ``directory`` is the folder of the library.
    """
    texts = None if service.info is None else service.open_texts()
    if service.info is None or texts is None:
        return None
    if not agrees(texts.encode_texts, service.info, directory):
        return None
    return TextFirstEncoder(service, service.info, texts)
