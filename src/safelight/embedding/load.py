"""Loading a model. Importing this module is cheap; calling it imports torch and open_clip (about 2 s)."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from safelight.core.encoder import ModelInfo
from safelight.core.errors import ModelError
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import preprocessing_of
from safelight.embedding.digest import key_of
from safelight.embedding.selfcheck import check

if TYPE_CHECKING:
    import torch

    from safelight.embedding.encoder import OpenClipEncoder

_log = logging.getLogger(__name__)


def load_encoder(
    spec: ModelSpec,
    device: str = "auto",
    *,
    threads: int | None = None,
    verify: bool = True,
    exact: bool = False,
) -> OpenClipEncoder:
    """Load ``spec`` and show that it works.

    ``device`` is ``auto`` (CUDA, else MPS, else CPU), ``cuda``, ``mps`` or ``cpu``. ``threads`` is how
    many CPU threads the model may use in this whole process, so that decoding keeps cores of its own;
    two pools that each take every core are several times slower than one. ``verify`` has the model tell
    coloured squares apart. ``exact`` keeps float32
    where half precision would be as good. Raises ModelError for anything that is not a whole and working
    model.
    """
    # Read once, when torch loads its OpenMP. By default a thread that waits for the others spins, which
    # starves whatever runs beside it, and then itself: on two cores shared with two busy processes the
    # starter did 7 pictures/s spinning and 50 sleeping. Somebody's own setting is kept.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch

    from safelight.embedding.encoder import OpenClipEncoder
    from safelight.embedding.fuse import fuse_batch_norms
    from safelight.embedding.weights import open_model

    chosen = _choose_device(device)
    if threads is not None:
        torch.set_num_threads(max(1, threads))
    key = key_of(spec)
    model, tokenizer = open_model(spec)
    preprocessing = preprocessing_of(model.visual.preprocess_cfg, spec.name)
    if preprocessing.input_spec != spec.input_spec:
        raise ModelError(f"The configuration of “{spec.name}” does not describe its input; install it again.")
    fuse_batch_norms(model.visual, preprocessing.input_spec.size)
    try:
        model.to(chosen)
        if chosen != "mps":  # which would copy to and fro; elsewhere convolutions run faster in it
            model.to(memory_format=torch.channels_last)
    except (RuntimeError, MemoryError) as error:
        raise ModelError(f"The model “{spec.name}” does not fit into the memory of “{chosen}”.") from error
    encoder = OpenClipEncoder(
        model,
        tokenizer,
        ModelInfo(key, spec.name, spec.dim, chosen, spec.title),
        preprocessing,
        autocast=None if exact else _half_precision(chosen),
    )
    if verify:
        check(encoder)
    _log.info("model ready on %s", chosen)
    return encoder


def prove(spec: ModelSpec) -> None:
    """Load a model once to see that it works here. Raises ModelError."""
    load_encoder(spec, "cpu")


def _half_precision(device: str) -> torch.dtype | None:
    """What pictures are encoded in, where that is faster and costs nothing that can be measured.

    With the starter over 1,130 photos, float16 keeps cosines to float32 at 1.0000. bfloat16, which CPUs with
    native support run 1.8 times as fast (223 against 121 images/s), keeps them at .9994 on average and .990
    at worst; recall at 1/5/10 of the photos' captions stays .884/.980/.994 (float32 .884/.981/.995), also
    with half of the photos encoded in either.
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
        raise ModelError(f"The device “{wanted}” is not there. This machine has: {there}.")
    return wanted
