"""A model that encodes words before it is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from safelight.core.encoder import InputSpec, ModelInfo, Pixels, Vectors
from safelight.services.models.model import ModelService, TextEncoder
from safelight.services.models.neutral import agrees

_SMALL = 64 * 2**20
"""Bytes of weights up to which texts are encoded this way for good, as it is quicker than through torch: 3
against 50 ms with the built-in model."""


class WordsFirst:
    """Implements :class:`safelight.core.encoder.Encoder`: texts at once, pictures by the whole model, which
    is waited for. Thread-safe where ``texts`` is."""

    def __init__(self, service: ModelService, info: ModelInfo, texts: TextEncoder) -> None:
        self._service = service
        self._info = info
        self._texts = texts
        self.is_small = texts.memory <= _SMALL

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


def words_first(service: ModelService, folder: Path) -> WordsFirst | None:
    """Where texts can be encoded without the model, and come out as they did with it: its vectors of some
    prompts must have been kept in ``folder`` by an earlier run. So a processor that computes wrongly, or a
    tower that is not quite this one, answers no search."""
    texts = None if service.info is None else service.open_texts()
    if service.info is None or texts is None:
        return None
    if not agrees(texts.encode_texts, service.info.key, service.info.dim, folder):
        return None
    return WordsFirst(service, service.info, texts)
