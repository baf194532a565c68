"""Loads a model. Importing this module is cheap; calling it imports torch and open_clip (about 2 s)."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from safelight.core.encoder import ModelInfo
from safelight.core.errors import ModelError
from safelight.core.message import Message
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import Preprocessing, preprocessing_of
from safelight.embedding.digest import verified_key_of
from safelight.embedding.selfcheck import check

if TYPE_CHECKING:
    import torch

    from safelight.embedding.encoder import OpenClipEncoder, Tokenizer

_log = logging.getLogger(__name__)


def load_encoder(
    spec: ModelSpec,
    device: str = "auto",
    *,
    threads: int | None = None,
    verify: bool = True,
    exact: bool = False,
    on_notice: Callable[[Message], None] = lambda _: None,
) -> OpenClipEncoder:
    """Load ``spec`` and verify that it works.

    ``device`` is ``auto`` (CUDA, else MPS, else CPU), ``cuda``, ``mps`` or ``cpu``. With ``auto``, the CPU
    takes over from an accelerator that cannot run the model, and ``on_notice`` is called. ``threads`` limits
    the CPU threads of the model in this process, so that decoding keeps its own cores: two pools that each
    use every core are several times slower than one. ``verify`` runs the self-check. ``exact`` computes
    pictures in float32 even if half precision is faster.

    Raises ModelError for anything but a complete, working model.
    """
    # OpenMP reads this once, when torch loads it. By default, waiting threads spin and starve other processes
    # and themselves: on two cores shared with two busy processes, the starter encoded 7 pictures/s with
    # spinning threads and 50 with sleeping ones. A value set by the user is kept.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    from safelight.embedding.fuse import fuse_batch_norms
    from safelight.embedding.weights import open_model

    chosen = _choose_device(device)
    if threads is not None:
        torch.set_num_threads(max(1, threads))
    key = verified_key_of(spec)
    model, tokenizer = open_model(spec)
    preprocessing = preprocessing_of(model.visual.preprocess_cfg, spec.name)
    if preprocessing.input_spec != spec.input_spec:
        raise ModelError(
            "The configuration of “{name}” does not describe its input correctly; install it again.",
            name=spec.name,
        )
    fuse_batch_norms(model.visual, preprocessing.input_spec.size)
    chosen = _move_to_device(model, chosen, spec.name, on_notice, may_fall_back=device == "auto")
    memory = sum(weights.numel() * weights.element_size() for weights in model.parameters())
    info = ModelInfo(key, spec.name, spec.dim, chosen, spec.title, memory, folder=spec.source)
    encoder = encoder_of(model, tokenizer, info, preprocessing, exact=exact, on_notice=on_notice)
    if verify:
        check(encoder)
    _log.info("model ready on %s", chosen)
    return encoder


def encoder_of(
    model: Any,
    tokenizer: Tokenizer,
    info: ModelInfo,
    preprocessing: Preprocessing,
    *,
    exact: bool = False,
    on_notice: Callable[[Message], None] = lambda _: None,
) -> OpenClipEncoder:
    """An encoder for open_clip's ``model``, which is on ``info.device`` already."""
    from safelight.embedding.encoder import OpenClipEncoder
    from safelight.embedding.half import half_tower

    dtype = None if exact else _half_precision(info.device)
    half = None if dtype is None else half_tower(model, info.device, dtype)
    return OpenClipEncoder(model, tokenizer, info, preprocessing, half=half, on_notice=on_notice)


def _move_to_device(
    model: Any, device: str, name: str, on_notice: Callable[[Message], None], *, may_fall_back: bool
) -> str:
    """Move the model to ``device``, or else to the CPU; return where it is. Raises ModelError."""
    try:
        _place(model, device)
    except (RuntimeError, MemoryError) as error:
        if not may_fall_back or device == "cpu":
            raise ModelError(
                "The model “{name}” does not fit into the memory of “{device}”.", name=name, device=device
            ) from error
        _log.info("the model cannot run on %s; using the CPU", device)
        _place(model, "cpu")
        on_notice(
            Message(
                "The graphics processor cannot load {name} (is its memory full?); it runs on the main "
                "processor.",
                name=name,
            )
        )
        return "cpu"
    return device


def _place(model: Any, device: str) -> None:
    """Move the model to ``device``, in the fastest memory format. Raises torch's errors."""
    import torch

    model.to(device)
    if device != "mps":  # channels-last speeds up convolutions, except on MPS
        model.to(memory_format=torch.channels_last)


def prove(spec: ModelSpec) -> None:
    """Load a model once to verify that it works here. Raises ModelError."""
    load_encoder(spec, "cpu")


def _half_precision(device: str) -> torch.dtype | None:
    """The half precision that ``device`` computes natively, or None.

    Measured with the first starter over 1,130 photos: float16 has a cosine of 1.0000 to float32. bfloat16
    runs 1.8 times as fast on CPUs with native support (223 against 121 images/s), with a cosine of .9994 on
    average and .990 at worst; recall at 1/5/10 of the photos' captions is .884/.980/.994 (float32
    .884/.981/.995), also if half of the photos are encoded in each.
    """
    import torch

    if device == "cuda":
        return torch.float16
    if device == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.bfloat16
    return None


def _choose_device(wanted: str) -> str:
    import torch

    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, there in found.items() if there)
    if not found.get(wanted, False):
        there = ", ".join(name for name, available in found.items() if available)
        raise ModelError(
            "The device “{device}” is not available. This computer has: {devices}.",
            device=wanted,
            devices=there,
        )
    return wanted
