"""A model from its folder through open_clip, with proof that its weights are the file's."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from safelight.core.errors import ModelError
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME, read_dim
from safelight.embedding.deferred_compiler import deferred_compiler
from safelight.embedding.encoder import Tokenizer
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.torchvision_fix import import_torchvision

# What open_clip, timm, torch and safetensors raise for a folder that holds something else than it says.
_FOREIGN = (
    SafetensorError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    AssertionError,
    ImportError,
    OSError,
    MemoryError,
)

_EIGHT_BITS = frozenset((torch.float8_e4m3fn, torch.float8_e5m2))


def open_model(spec: ModelSpec) -> tuple[Any, Tokenizer]:
    """open_clip's model (an ``nn.Module`` with two towers) and its tokenizer: float32, CPU, evaluation mode.

    Raises ModelError where the folder does not hold a whole model that fits its configuration.
    """
    read_dim(spec.source)
    if not spec.weights.is_file():
        # open_clip would take a pickle from the same folder instead.
        raise ModelError(f"{spec.weights} is missing; install the model again.")
    if _needs_tokenizer(spec.source) and find_spec("transformers") is None:
        raise ModelError(
            f"The model “{spec.name}” needs an extra for its many languages: "
            "pip install 'safelight[multilingual]'"
        )
    try:
        with safe_open(spec.weights, "pt") as file:  # refuses a file of another length than its header says
            empty = not file.keys()
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{spec.weights} is damaged or incomplete; install the model again.") from error
    if empty:
        raise ModelError(f"{spec.weights} holds no weights; install the model again.")
    try:
        with quiet_open_clip():
            with deferred_compiler():
                import_torchvision()
                import open_clip

                from safelight.embedding import starter_tower

            starter_tower.register()
            source = f"local-dir:{spec.source}"
            model = open_clip.create_model_from_pretrained(source, precision="fp32", return_transform=False)
            tokenizer = open_clip.get_tokenizer(source)
    except _FOREIGN as error:
        raise ModelError(
            f"The model “{spec.name}” cannot be loaded: {_first_line(error)} "
            f"Its {CONFIG_NAME} and weights may not belong together; install it again."
        ) from error
    model.eval()
    _prove(model, spec.weights)
    return model, cast(Tokenizer, tokenizer)


def _needs_tokenizer(folder: Path) -> bool:
    """Whether the texts are cut up by a tokenizer that lies beside the weights, not by open_clip's own."""
    config = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    return bool(config["model_cfg"]["text_cfg"].get("hf_tokenizer_name"))


def _prove(model: nn.Module, weights: Path) -> None:
    """Every tensor of the model is finite and equal to the file's; none was invented or resized.

    open_clip stretches position embeddings that do not fit, and drops tensors in places; a model
    that differs from its file gives vectors that no other machine would give.
    """
    with safe_open(weights, "pt") as file:
        held = set(file.keys())
        for name, tensor in model.state_dict().items():
            # Older files keep the text tower at the top; open_clip moves it under "text." as it loads.
            source = name if name in held else name.removeprefix("text.")
            stored: Any = file.get_tensor(source) if source in held else None
            if stored is None or stored.numel() != tensor.numel():
                raise ModelError(f"{weights} does not fit its configuration ({name}); install it again.")
            if stored.dtype in _EIGHT_BITS:  # for which torch cannot tell what is finite
                stored = stored.float()
            if not bool(torch.isfinite(stored).all()):
                raise ModelError(f"{weights} holds numbers that are not finite; install the model again.")
            if not torch.equal(tensor, stored.reshape(tensor.shape).to(tensor.dtype)):
                raise ModelError(f"{weights} was not loaded as it stands ({name}); install the model again.")


def _first_line(error: BaseException) -> str:
    """Short, one line, ending in a full stop: torch lists every missing tensor over many."""
    text = " ".join(str(error).split()) or type(error).__name__
    if len(text) > 160:
        text = text[:160].rsplit(" ", 1)[0] + " …"
    return text if text.endswith((".", "…")) else text + "."
