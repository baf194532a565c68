"""Writes a trained model as open_clip loads it: configuration, half precision safetensors, their checksum."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from starter.settings import Settings
from starter.text_tower import VOCABULARY, TextTower

WEIGHTS = "open_clip_model.safetensors"
CONFIG = "open_clip_config.json"


def config(settings: Settings) -> dict[str, object]:
    """What ``open_clip_config.json`` holds."""
    text = settings.text
    return {
        "model_cfg": {
            "embed_dim": settings.dim,
            "vision_cfg": {
                "timm_model_name": "tf_efficientnet_lite0",
                "timm_model_pretrained": False,
                "timm_pool": "avg",
                "timm_proj": "mlp",
                "timm_proj_bias": True,
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


def write(
    folder: Path, settings: Settings, backbone: nn.Module, head: dict[str, Tensor], text: TextTower
) -> None:
    """Write configuration and weights into ``folder``; ``head`` has ``fc1`` and ``fc2``, weight and bias."""
    state: dict[str, Tensor] = {
        f"visual.trunk.{name}": tensor
        for name, tensor in backbone.state_dict().items()
        if not name.startswith("classifier.")
    }
    state |= {f"visual.head.mlp.{name}": tensor for name, tensor in head.items()}
    state |= text.state
    state["logit_scale"] = torch.tensor(settings.logit_scale).log()
    halves = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in state.items()
    }
    for name, tensor in halves.items():
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"{name} does not fit into half precision.")
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / WEIGHTS
    save_file(halves, weights)
    weights.chmod(0o644)  # safetensors makes it readable to its owner only
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    (folder / f"{WEIGHTS}.sha256").write_text(f"{digest}  {WEIGHTS}\n", encoding="ascii")
    (folder / CONFIG).write_text(json.dumps(config(settings), indent=2) + "\n", encoding="utf-8")
