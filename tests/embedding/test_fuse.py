from __future__ import annotations

import torch
from torch import nn

from safelight.embedding.fuse import fuse_batch_norms


def _lively(norm: nn.BatchNorm2d) -> nn.BatchNorm2d:
    """With statistics and weights that matter."""
    generator = torch.Generator().manual_seed(1)
    for tensor in (norm.running_mean, norm.running_var, norm.weight.data, norm.bias.data):
        assert tensor is not None
        tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return norm


class _Straight(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = _lively(nn.BatchNorm2d(8))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.norm(self.conv(pixels)).relu().mean((2, 3))
        return features


class _Crossed(_Straight):
    """Declares the normalisation after the convolution, and runs something between them."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.norm(self.conv(pixels).relu()).mean((2, 3))
        return features


def test_a_normalisation_is_folded_into_its_convolution() -> None:
    torch.manual_seed(0)
    tower = _Straight().eval()
    pixels = torch.rand(2, 3, 16, 16)
    with torch.inference_mode():
        before = tower(pixels)
        assert fuse_batch_norms(tower, 16) == 1
        assert torch.allclose(tower(pixels), before, atol=1e-5)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in tower.modules())


def test_where_it_would_change_the_output_all_is_put_back() -> None:
    torch.manual_seed(0)
    tower = _Crossed().eval()
    pixels = torch.rand(2, 3, 16, 16)
    with torch.inference_mode():
        before = tower(pixels)
        assert fuse_batch_norms(tower, 16) == 0
        assert torch.equal(tower(pixels), before)


def test_a_tower_without_normalisation_is_left_alone() -> None:
    assert fuse_batch_norms(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten()).eval(), 16) == 0


class _Particular(_Straight):
    """Takes pictures of its own size only."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        if pixels.shape[-1] != 80:
            raise AssertionError("another size")
        return super().forward(pixels)


def test_a_tower_that_takes_one_size_only_is_probed_with_that() -> None:
    torch.manual_seed(0)
    assert fuse_batch_norms(_Particular().eval(), 80) == 1
