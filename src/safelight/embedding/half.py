"""Runs image towers in half precision, in one of two ways. Which is faster depends on model and machine."""

from __future__ import annotations

import copy
from typing import Any, Protocol

import torch
from torch import nn

_MAX_AUTOCAST_WEIGHTS = 20_000_000
"""Number of weights from which converting them for every batch costs more than it saves. On two cores with
native bfloat16, ViT-B/32 at 256 px (88 million) encoded 14 pictures/s in float32, 7 with weights converted
each time, and 28 with weights converted once (cosine to float32 .9999)."""


class HalfTower(Protocol):
    """Computes image features in half precision."""

    @property
    def method(self) -> str:
        """``float16`` or ``bfloat16``."""
        ...

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        """Float32 pixels (n, 3, size, size) to features (n, dim)."""
        ...

    def keep(self) -> None:
        """Free the memory that only float32 needs, because this tower will be used."""
        ...


def half_tower(model: Any, device: str, dtype: torch.dtype) -> HalfTower:
    """The image tower of ``model`` (open_clip's) in ``dtype``, in the way that suits its size and device."""
    large = sum(weights.numel() for weights in model.visual.parameters()) > _MAX_AUTOCAST_WEIGHTS
    return _Converted(model, dtype) if large and device == "cpu" else _Autocast(model, device, dtype)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


class _Autocast:
    """Runs each operation in the precision that suits it; weights are converted for every batch."""

    def __init__(self, model: Any, device: str, dtype: torch.dtype) -> None:
        self._model = model
        self._device = device
        self._dtype = dtype
        self.method = _name(dtype)

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        with torch.autocast(self._device, self._dtype):
            features: torch.Tensor = self._model.encode_image(pixels)
        return features

    def keep(self) -> None:
        """There is no second copy to free."""


class _Converted:
    """A copy of the tower whose weights are converted once."""

    def __init__(self, model: Any, dtype: torch.dtype) -> None:
        self._model = model
        self._dtype = dtype
        self.method = _name(dtype)
        self._tower: nn.Module = copy.deepcopy(model.visual).to(dtype)
        self._copy = copy.copy(model)  # shares everything but the tower
        self._copy._modules = {**model._modules, "visual": self._tower}

    def __call__(self, pixels: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self._copy.encode_image(pixels.to(self._dtype))
        return features

    def keep(self) -> None:
        self._model.visual = self._tower
