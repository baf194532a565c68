"""The image tower of the built-in starter: EfficientNet-lite0 with two parts from features to a vector.

open_clip builds its image towers by name through timm, so :func:`register` makes the starter's known to
timm. Other programs import this module and call it before
``open_clip.create_model_from_pretrained("local-dir:…/starter")``; they need nothing else.
"""

from __future__ import annotations

from typing import Any

import timm
import torch
from timm.models import register_model
from torch import nn
from torch.nn import functional

ARCHITECTURE = "safelight_starter_3"
"""What ``timm_model_name`` is in the starter's configuration."""

FEATURES = 1280
CLASSES = 1000
HIDDEN = 3072


class StarterHead(nn.Module):
    """From EfficientNet's pooled features to a vector in the space of texts.

    The *captions'* part is two layers taught by captions, beside ``CLASSES`` detectors: units that began as
    the rows of ImageNet's classifier and add the vector of their class's name where they fire. The
    *classifier's* part is the sum of the vectors of the class names, weighted by the classifier's
    probabilities (Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings", 2013)
    and by its confidence. The lengths of those vectors say how much it counts.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(FEATURES, HIDDEN)
        self.out = nn.Linear(HIDDEN, dim)
        self.detectors = nn.Linear(FEATURES, CLASSES)
        self.detected = nn.Linear(CLASSES, dim, bias=False)
        self.classifier = nn.Linear(FEATURES, CLASSES)
        self.names = nn.Linear(CLASSES, dim, bias=False)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """(n, 1280) features to (n, dim). Vectors are not normalised; their length has no meaning."""
        # The layers are small, and a softmax over 1,000 classes needs more than bfloat16's three digits.
        with torch.autocast(features.device.type, enabled=False):
            features = features.float()
            captions = self.out(functional.gelu(self.hidden(features)))
            captions = captions + self.detected(functional.relu(self.detectors(features)))
            shares = self.classifier(features).softmax(dim=-1)
            confidence = shares.max(dim=-1, keepdim=True).values
            named = confidence * self.names(shares)
            found: torch.Tensor = functional.normalize(captions, dim=-1) + named
        return found


class StarterTower(nn.Module):
    """Pictures (n, 3, height, width) to vectors (n, dim)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.backbone = timm.create_model("tf_efficientnet_lite0", num_classes=0, global_pool="")
        self.meaning = StarterHead(dim)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        maps: torch.Tensor = self.backbone(pictures)
        found: torch.Tensor = self.meaning(maps.float().mean((2, 3)))
        return found


def register() -> None:
    """Let timm, and so open_clip, build the tower by its name. Calling it again changes nothing."""
    if not timm.is_model(ARCHITECTURE):
        register_model(safelight_starter_3)


def safelight_starter_3(pretrained: bool = False, num_classes: int = 384, **_: Any) -> StarterTower:
    """Made by timm under this name; ``num_classes`` is the length of a vector. There are no weights to
    download.
    """
    if pretrained:
        raise ValueError("the starter's weights come from its own folder")
    return StarterTower(num_classes)
