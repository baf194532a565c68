"""Making ``import torchvision`` work beside a build of torch that it was not compiled for."""

from __future__ import annotations

import importlib
import sys

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def import_torchvision() -> None:
    """Import torchvision; call this before importing open_clip, which needs its transforms.

    A CPU build of torch beside a CUDA build of torchvision (what an index often resolves to) cannot
    load torchvision's compiled operators, and importing it fails with ``operator torchvision::nms does
    not exist``. Declaring the two operators lets the Python part load; they detect overlapping boxes
    and nothing here calls them. Where the import works, nothing is touched.
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
        del sys.modules[name]  # half-imported: importing again must start afresh
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        library.define(f"{operator}{_SCHEMA}")  # type: ignore[no-untyped-call]
    module = importlib.import_module("torchvision")
    # The declarations vanish with their library object, so it lives as long as the module that needs them.
    module.__dict__["_declared_operators"] = library
