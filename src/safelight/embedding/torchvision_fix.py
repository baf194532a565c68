"""Makes ``import torchvision`` work with a build of torch that it was not compiled for."""

from __future__ import annotations

import importlib
import sys

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def import_torchvision() -> None:
    """Import torchvision. Call this before importing open_clip, which needs its transforms.

    WORKAROUND: package indexes often resolve to a CPU build of torch and a CUDA build of torchvision. Its
    compiled operators then cannot be loaded, and importing it fails with ``operator torchvision::nms does not
    exist``. Declaring the two operators lets the Python part load; nothing here calls them. If the import
    works, nothing is changed.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        _declare_operators()


def _declare_operators() -> None:
    import torch

    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # partly imported modules would break the next attempt
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        library.define(f"{operator}{_SCHEMA}")  # type: ignore[no-untyped-call]
    module = importlib.import_module("torchvision")
    # The declarations end with their library object, so it must live as long as the module.
    module.__dict__["_declared_operators"] = library
