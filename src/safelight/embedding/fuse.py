"""Folds batch normalisation into the preceding convolution, which saves passes over memory."""

from __future__ import annotations

import logging
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_MIN_COSINE = 0.99999
_PROBE_SIDE = 64

_log = logging.getLogger(__name__)


def fuse_batch_norms(tower: nn.Module, size: int) -> int:
    """Fold, in place, every normalisation that directly follows a convolution; returns how many.

    ``tower`` maps (n, 3, size, size) to (n, d) and is in evaluation mode. Modules are paired in the order of
    their declaration, which is nearly always the order in which they run. The outputs before and after are
    compared on a probe; if they differ, everything is restored and 0 is returned.
    """
    if not any(isinstance(module, nn.BatchNorm2d) for module in tower.modules()):
        return 0
    probe, before = _probe(tower, size)
    replaced: list[tuple[nn.Module, str, nn.Module]] = []
    fused = 0
    for parent in list(tower.modules()):
        children = list(parent.named_children())
        for (conv_name, conv), (norm_name, norm) in pairwise(children):
            if type(conv) is nn.Conv2d and isinstance(norm, nn.BatchNorm2d) and not norm.training:
                replaced += [(parent, conv_name, conv), (parent, norm_name, norm)]
                setattr(parent, conv_name, fuse_conv_bn_eval(conv, norm))
                # timm's normalisation layers include the activation that follows.
                activation = getattr(norm, "act", None)
                setattr(parent, norm_name, activation if activation is not None else nn.Identity())
                fused += 1
    if not fused:
        return 0
    with torch.inference_mode():
        nearness = nn.functional.cosine_similarity(before, tower(probe)).min().item()
    if nearness >= _MIN_COSINE:
        return fused
    for parent, name, module in replaced:
        setattr(parent, name, module)
    _log.info("batch normalisation is not folded: that would change the outputs")
    return 0


def _probe(tower: nn.Module, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A small random probe and the tower's output for it; in full size if the tower accepts no other."""
    small = min(size, _PROBE_SIDE)
    try:
        return _run_probe(tower, small)
    except (RuntimeError, ValueError, AssertionError):
        if small == size:
            raise
    return _run_probe(tower, size)


def _run_probe(tower: nn.Module, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    probe = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return probe, tower(probe)
