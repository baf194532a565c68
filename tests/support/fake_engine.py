"""An engine process whose model is the arithmetic one: real in all else."""

from __future__ import annotations

from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.services.library import Library
from safelight.services.models.model import ModelService
from safelight.store.library import LibraryStore
from support.fake_encoder import FakeEncoder


def open_with_fake_model(options: EngineOptions) -> Library:
    """Given to an engine client in place of the ordinary way to open a library."""
    encoder = FakeEncoder()
    model = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)
    return Library(LibraryStore.create_or_open(options.library), DecodePool(1), model)
