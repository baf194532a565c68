"""The input of each offered model equals that of open_clip's own preprocessing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from safelight.embedding.config import CONFIG_NAME, declared_input_spec, preprocessing_of, read_dim
from safelight.embedding.offers import OFFERS, Offer
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.torchvision_fix import import_torchvision
from safelight.imaging.prepare import prepare_input
from support.pictures import scene

SHAPES = [
    (640, 480), (480, 640), (224, 224), (256, 256), (1000, 333), (333, 1000), (225, 224), (400, 399),
    (97, 61), (61, 97), (50, 50), (800, 800), (513, 257), (257, 513), (900, 640), (384, 384), (300, 200),
    (201, 301), (719, 405), (1200, 900),
]  # fmt: skip


@pytest.fixture
def _without_initial_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Initial weights, which nothing here uses, take nine tenths of the time of building a model."""
    with quiet_open_clip():
        import_torchvision()
        import open_clip  # noqa: F401
        import torch

    def unchanged(tensor: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
        return tensor

    initialisers = [name for name in dir(torch.nn.init) if name.endswith("_") and not name.startswith("_")]
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith(("timm.", "open_clip.", "torch.nn.init")):
            for name in initialisers:
                if callable(getattr(module, name, None)):
                    monkeypatch.setattr(module, name, unchanged)


@pytest.mark.model
@pytest.mark.usefixtures("_without_initial_weights")
@pytest.mark.parametrize("offer", OFFERS, ids=[offer.name for offer in OFFERS])
@pytest.mark.slow
def test_the_input_is_open_clips_own(offer: Offer, tmp_path: Path) -> None:
    assert offer.architecture is not None
    name, tag = offer.architecture
    with quiet_open_clip():
        import_torchvision()
        import open_clip

        published: dict[str, Any] = open_clip.pretrained.get_pretrained_cfg(name, tag)
        said = {
            key: published[key]
            for key in ("mean", "std", "interpolation", "resize_mode")
            if published.get(key)
        }
        # The meta device builds the model's shape and its preprocessing, but no gigabytes of weights.
        model, _, theirs = open_clip.create_model_and_transforms(
            name, pretrained=None, device="meta", **{f"image_{key}": value for key, value in said.items()}
        )
    # As open_clip writes a model out for the hub.
    exported = {"model_cfg": open_clip.get_model_config(name), "preprocess_cfg": said}
    (tmp_path / CONFIG_NAME).write_text(json.dumps(exported))
    ours = preprocessing_of(model.visual.preprocess_cfg, offer.name)

    assert declared_input_spec(tmp_path) == ours.input_spec
    assert (offer.dim, offer.pixels) == (read_dim(tmp_path), ours.input_spec.size)
    assert offer.repo == published["hf_hub"].strip("/")
    assert len(SHAPES) == 20
    mean, std = np.array(ours.mean, np.float32), np.array(ours.std, np.float32)
    for number, size in enumerate(SHAPES):
        picture = scene(*size, seed=number) if number % 3 else Image.effect_noise(size, 80).convert("RGB")
        fed = (prepare_input(picture, ours.input_spec).astype(np.float32) / 255 - mean) / std
        wanted = theirs(picture).numpy().transpose(1, 2, 0)
        np.testing.assert_allclose(fed, wanted, atol=1e-5)
