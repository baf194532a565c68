"""Opens a model folder with open_clip, and verifies that the model has the weights of its file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from safelight.core.errors import ModelError
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import CONFIG_NAME, read_dim
from safelight.embedding.encoder import Tokenizer
from safelight.embedding.json_tokenizer import JsonTokenizer
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.torchvision_fix import import_torchvision

# What open_clip, timm, torch and safetensors raise for a folder whose parts do not fit together.
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

    Raises ModelError where the folder does not hold a complete model that fits its configuration.
    """
    read_dim(spec.source)
    if not spec.weights.is_file():
        # open_clip would load a pickle from the same folder instead.
        raise ModelError("{path} is missing; install the model again.", path=spec.weights)
    tokenizer = _own_tokenizer(spec.source)
    try:
        with safe_open(spec.weights, "pt") as file:  # refuses a file of another length than its header says
            empty = not file.keys()
    except (SafetensorError, OSError) as error:
        raise ModelError(
            "{path} is damaged or incomplete; install the model again.", path=spec.weights
        ) from error
    if empty:
        raise ModelError("{path} holds no weights; install the model again.", path=spec.weights)
    try:
        with quiet_open_clip():
            import_torchvision()
            import open_clip

            from safelight.embedding import starter_tower

            starter_tower.register()
            source = f"local-dir:{spec.source}"
            model = open_clip.create_model_from_pretrained(source, precision="fp32", return_transform=False)
            tokenizer = tokenizer or cast(Tokenizer, open_clip.get_tokenizer(source))
    except _FOREIGN as error:
        raise ModelError(
            "The model “{name}” cannot be loaded: {reason} Its {config_name} and weights may not "
            "belong together; install it again.",
            name=spec.name,
            reason=_first_line(error),
            config_name=CONFIG_NAME,
        ) from error
    model.eval()
    _prove(model, spec.weights)
    return model, tokenizer


def _own_tokenizer(folder: Path) -> Tokenizer | None:
    """The tokenizer stored with the weights; None if the model uses CLIP's, which is part of open_clip."""
    text = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))["model_cfg"]["text_cfg"]
    if not text.get("hf_tokenizer_name"):
        return None
    tokenizer = JsonTokenizer(folder, text)
    return lambda texts: torch.tensor([tokenizer.ids(each) for each in texts], dtype=torch.long)


def _prove(model: nn.Module, weights: Path) -> None:
    """Raise ModelError unless every tensor of the model is finite and equal to the one in the file.

    open_clip resizes position embeddings that do not fit and drops some tensors. Such a model gives vectors
    that differ from those of other machines.
    """
    with safe_open(weights, "pt") as file:
        held = set(file.keys())
        for name, tensor in model.state_dict().items():
            # Older files have the text tower at the top level; open_clip moves it under "text.".
            source = name if name in held else name.removeprefix("text.")
            stored: Any = file.get_tensor(source) if source in held else None
            if stored is None or stored.numel() != tensor.numel():
                raise ModelError(
                    "{path} does not fit its configuration ({tensor}); install it again.",
                    path=weights,
                    tensor=name,
                )
            if stored.dtype in _EIGHT_BITS:  # for which torch cannot tell what is finite
                stored = stored.float()
            if not bool(torch.isfinite(stored).all()):
                raise ModelError(
                    "{path} holds numbers that are not finite; install the model again.", path=weights
                )
            if not torch.equal(tensor, stored.reshape(tensor.shape).to(tensor.dtype)):
                raise ModelError(
                    "{path} was not loaded unchanged ({tensor}); install the model again.",
                    path=weights,
                    tensor=name,
                )


def _first_line(error: BaseException) -> str:
    """A short single line that ends in a full stop; torch's messages list every missing tensor."""
    text = " ".join(str(error).split()) or type(error).__name__
    if len(text) > 160:
        text = text[:160].rsplit(" ", 1)[0] + " …"
    return text if text.endswith((".", "…")) else text + "."
