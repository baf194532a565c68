"""Writes a trained model as open_clip loads it: configuration, safetensors, their checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.embedding.starter_tower import ARCHITECTURE
from starter.settings import Settings
from starter.text_tower import VOCABULARY, TextTower

_TOKENS = "token_embedding.weight"


def config(settings: Settings) -> dict[str, object]:
    """What ``open_clip_config.json`` holds."""
    text = settings.text
    return {
        "model_cfg": {
            "embed_dim": settings.dim,
            "vision_cfg": {
                "timm_model_name": ARCHITECTURE,
                "timm_model_pretrained": False,
                "timm_pool": "avg",
                "timm_proj": "",
                "image_size": settings.image_size,
            },
            "text_cfg": {
                "context_length": text.context,
                "vocab_size": VOCABULARY,
                "width": text.width,
                "heads": text.heads,
                "layers": text.layers,
            },
        },
        "preprocess_cfg": {
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
            "interpolation": "bicubic",
            "resize_mode": settings.resize,
        },
    }


def stored(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors in the precision that they are stored in: half, and 8 bits for the vectors of tokens.

    The table of tokens is a third of the model; in 8-bit floating point (four bits of exponent) its rows keep
    a cosine of .9996. torch converts it as it loads, so that open_clip needs no help. Raises ValueError for
    a number that does not fit.
    """
    halves = {}
    for name, tensor in state.items():
        kind = torch.float8_e4m3fn if name.endswith(_TOKENS) else torch.float16
        halves[name] = (tensor.to(kind) if tensor.is_floating_point() else tensor).contiguous()
        if not bool(torch.isfinite(halves[name].float()).all()):
            raise ValueError(f"{name} does not fit into its precision.")
    return halves


def write(
    folder: Path, settings: Settings, backbone: nn.Module, head: Mapping[str, Tensor], text: TextTower
) -> None:
    """Write configuration and weights into ``folder``; ``head`` is named as in ``StarterHead``."""
    state: dict[str, Tensor] = {
        f"visual.trunk.backbone.{name}": tensor
        for name, tensor in backbone.state_dict().items()
        if not name.startswith("classifier.")
    }
    state |= {f"visual.trunk.meaning.{name}": tensor for name, tensor in head.items()}
    state |= text.state
    state["logit_scale"] = torch.tensor(settings.logit_scale).log()
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / WEIGHTS_NAME
    save_file(stored(state), weights)
    weights.chmod(0o644)  # safetensors makes it readable to its owner only
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    (folder / f"{WEIGHTS_NAME}.sha256").write_text(f"{digest}  {WEIGHTS_NAME}\n", encoding="ascii")
    (folder / CONFIG_NAME).write_text(json.dumps(config(settings), indent=2) + "\n", encoding="utf-8")
