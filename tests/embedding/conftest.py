"""The real starter, loaded once, and a tiny model of open_clip's own making to damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from safelight.core.encoder import InputSpec, Pixels
from safelight.embedding.catalogue import ModelSpec, default
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.embedding.encoder import OpenClipEncoder
from safelight.embedding.load import load_encoder
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.torchvision_fix import import_torchvision

TINY: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 24,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 8},
        "text_cfg": {"context_length": 12, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    },
    "preprocess_cfg": {
        "mean": [0.4, 0.5, 0.6],
        "std": [0.2, 0.25, 0.3],
        "interpolation": "bilinear",
        "resize_mode": "longest",
        "fill_color": 7,
    },
}


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> OpenClipEncoder:
    return load_encoder(default(tmp_path_factory.mktemp("models")), "cpu", threads=1)


@pytest.fixture(scope="session")
def exact_starter(tmp_path_factory: pytest.TempPathFactory) -> OpenClipEncoder:
    """In float32 on any machine, to be held against open_clip's own arithmetic."""
    return load_encoder(default(tmp_path_factory.mktemp("models")), "cpu", threads=1, exact=True)


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a transformer small enough to copy and damage for each test."""
    with quiet_open_clip():
        import_torchvision()
        import open_clip
        import torch
        from safetensors.torch import save_file

        torch.manual_seed(0)
        state = open_clip.model.CLIP(**TINY["model_cfg"]).state_dict()
    path = tmp_path_factory.mktemp("tiny") / WEIGHTS_NAME
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)
    return path


@pytest.fixture
def tiny(tmp_path: Path, tiny_weights: Path) -> ModelSpec:
    """A whole, loadable model folder of one's own."""
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / WEIGHTS_NAME).write_bytes(tiny_weights.read_bytes())
    (folder / CONFIG_NAME).write_text(json.dumps(TINY))
    size = tiny_weights.stat().st_size
    return ModelSpec("tiny", "Tiny", folder, "", 24, size, InputSpec(32, "longest", "bilinear", 7))


@pytest.fixture
def edit_config(tiny: ModelSpec) -> Callable[..., None]:
    """``edit_config("model_cfg", "embed_dim", value=3)`` sets one entry; ``value=None`` removes it."""

    def edit(*keys: str, value: Any) -> None:
        config = json.loads(json.dumps(TINY))
        place = config
        for key in keys[:-1]:
            place = place[key]
        if value is None:
            del place[keys[-1]]
        else:
            place[keys[-1]] = value
        (tiny.source / CONFIG_NAME).write_text(json.dumps(config))

    return edit


@pytest.fixture
def pictures() -> Callable[[int, int], Pixels]:
    """``pictures(n, size)``: n smooth, different pictures."""

    def draw(count: int, size: int) -> Pixels:
        rng = np.random.default_rng(3)
        y, x = np.mgrid[0:size, 0:size] / size
        waves = rng.uniform(-9, 9, (count, 3, 3))
        planes = np.sin(
            waves[..., 0, None, None] * x + waves[..., 1, None, None] * y + waves[..., 2, None, None]
        )
        return np.moveaxis((planes * 127 + 128).astype(np.uint8), 1, -1)

    return draw
