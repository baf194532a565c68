"""Two models with distinguishable vectors, behind a real engine: for tests that change models."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from safelight.core.encoder import ModelInfo, Pixels, Vectors
from safelight.embedding import catalogue
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.embedding.digest import key_of
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import Library
from safelight.services.models import installed as models
from safelight.services.models.model import ModelService
from safelight.store.library import LibraryStore
from support.fake_encoder import FakeEncoder

SIGNS = {"alpha": 1.0, "beta": -1.0}
"""By model: what its vectors are multiplied by. A vector of one compared with one of the other is as wrong
as can be: what fits best comes last."""

FREE = 60
"""Pictures that beta reads at once; after these it is slow until a file called ``GO`` is beside the
library."""
GO = "go"
_SLOW_SECONDS = 60.0
"""For a batch."""


class TaggedEncoder(FakeEncoder):
    """The arithmetic model with a sign."""

    def __init__(self, spec: ModelSpec, go: Path) -> None:
        super().__init__(spec.name)
        self._sign = SIGNS[spec.name]
        self._tagged = ModelInfo(key_of(spec), spec.name, super().info.dim, "cpu", spec.name)
        self._go = go

    @property
    def info(self) -> ModelInfo:
        return self._tagged

    def encode_images(self, batch: Pixels) -> Vectors:
        if self._sign < 0 and self.images_encoded >= FREE:
            self._take_time()
        return super().encode_images(batch) * np.float32(self._sign)

    def _take_time(self) -> None:
        """As a large model. It has to last until the other model answered some searches, however busy the
        machine is, and what was read before has to be stored meanwhile."""
        ending = time.monotonic() + _SLOW_SECONDS
        while not self._go.exists() and time.monotonic() < ending:
            time.sleep(0.01)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return super().encode_texts(texts) * np.float32(self._sign)


def install_tagged(models_dir: Path) -> None:
    """Both models as folders that can be chosen; their weights are not read."""
    source = catalogue.default(models_dir).source
    for name in SIGNS:
        folder = models_dir / name
        folder.mkdir(parents=True)
        shutil.copyfile(source / CONFIG_NAME, folder / CONFIG_NAME)
        (folder / WEIGHTS_NAME).symlink_to(source / WEIGHTS_NAME)


def open_with_tagged_models(options: EngineOptions) -> Library:
    """As the engine opens a library, but for the encoders."""
    store = LibraryStore.create_or_open(options.library)
    with store.read() as db:
        spec = models.chosen_model(db, options.models)
        previous = models.previous_model(db, spec, options.models)

    def service(each: ModelSpec) -> ModelService:
        encoder = TaggedEncoder(each, options.library.parent / GO)
        return ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, each.name)

    known = service(previous) if isinstance(previous, ModelSpec) else None
    return Library(store, DecodePool(2), service(spec), previous=known)
