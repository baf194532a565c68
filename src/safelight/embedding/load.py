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
    from safelight.embedding.encoder import OpenClipEncoder

_log = logging.getLogger(__name__)


def load_encoder(
    spec: ModelSpec, device: str = "auto", *, threads: int | None = None, verify: bool = True
) -> OpenClipEncoder:
    """Load ``spec`` and show that it works.

    ``device`` is ``auto`` (CUDA, else MPS, else CPU), ``cuda``, ``mps`` or ``cpu``. ``threads`` is how
    many CPU threads the model may use in this whole process, so that decoding keeps cores of its own;
    two pools that each take every core are several times slower than one. ``verify`` has the model tell
    coloured squares apart. Raises ModelError for anything that is not a whole and working model.
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
        # float16 keeps cosines to float32 at 1.0000 on photos, bfloat16 at .998; CPUs are left in float32.
        autocast=torch.float16 if chosen == "cuda" else None,
    )
    if verify:
        check(encoder)
    _log.info("model ready on %s", chosen)
    return encoder


def _choose_device(wanted: str) -> str:
    import torch

    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, there in found.items() if there)
    if not found.get(wanted, False):
        there = ", ".join(name for name, available in found.items() if available)
        raise ModelError(f"The device “{wanted}” is not there. This machine has: {there}.")
    return wanted
