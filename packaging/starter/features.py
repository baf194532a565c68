"""The frozen image tower: EfficientNet-lite0, and its features of every view of every picture."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import timm
import torch
from torch import Tensor, nn

from safelight.core.encoder import InputSpec, Pixels
from safelight.imaging.prepare import prepare_input
from starter.drawn import drawings
from starter.pictures import Picture, open_rgb, random_views
from starter.settings import Settings

log = logging.getLogger(__name__)
Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """Pooled features, float32, 1,280 to a view."""

    whole: Array
    """(n, 1280): each picture as the finished model will see it."""
    crops: Array
    """(n, views, 1280): random crops of each."""
    drawn: Array
    """(m, 1280): the drawings."""


def load_backbone(weights: Path) -> nn.Module:
    """timm's ``tf_efficientnet_lite0`` with the classifier, from the package's ``.pth``.

    The package's tensors have other names but lie in timm's order one to one.
    """
    model = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    given = torch.load(weights, map_location="cpu", weights_only=True)
    own = model.state_dict()
    if len(given) != len(own):
        raise ValueError(f"{weights}: {len(given)} tensors where {len(own)} are expected.")
    renamed = {}
    for (name, place), tensor in zip(own.items(), given.values(), strict=True):
        if place.shape != tensor.shape:
            raise ValueError(f"{weights}: the tensor for {name} has shape {tuple(tensor.shape)}.")
        renamed[name] = tensor
    model.load_state_dict(renamed)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    tower: nn.Module = model.eval()
    return tower


@torch.inference_mode()
def pooled(model: nn.Module, batch: Sequence[Pixels]) -> Tensor:
    """Averaged features (n, 1280) of uint8 views."""
    pixels = torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    maps: Tensor = model.forward_features(  # type: ignore[operator]
        pixels.contiguous(memory_format=torch.channels_last)
    )
    return maps.mean((2, 3))


def compute(model: nn.Module, pictures: Sequence[Picture], settings: Settings) -> Features:
    """Features of all pictures and drawings. About 130 views a second on two free cores."""
    spec = InputSpec(settings.image_size, settings.resize)
    whole, crops = [], []
    for index, picture in enumerate(pictures):
        image = open_rgb(picture.path)
        views = [prepare_input(image, spec)]
        views += random_views(image, spec.size, settings.views, settings.seed + index)
        rows = _in_eights(model, views)
        whole.append(rows[0])
        crops.append(rows[1:])
        if index % 100 == 99:
            log.info("%d of %d pictures", index + 1, len(pictures))
    drawn = [pixels for pixels, _ in drawings(spec.size, settings.drawings, settings.seed)]
    return Features(np.stack(whole), np.stack(crops), _in_eights(model, drawn))


def classifier(model: nn.Module) -> tuple[Tensor, Tensor]:
    """ImageNet's classifier: weight (1000, 1280) and bias (1000)."""
    state = model.state_dict()
    return state["classifier.weight"], state["classifier.bias"]


def _in_eights(model: nn.Module, views: Sequence[Pixels]) -> Array:
    # Eight at a time stay in the processor's cache: three times as fast as batches of 32.
    return np.concatenate([pooled(model, views[i : i + 8]).numpy() for i in range(0, len(views), 8)])
