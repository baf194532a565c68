"""Reads ``open_clip_config.json``, which describes a model's weights. No torch here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard, get_args

from safelight.core.encoder import InputSpec, Interpolation, Resize
from safelight.core.errors import ModelError

CONFIG_NAME = "open_clip_config.json"
WEIGHTS_NAME = "open_clip_model.safetensors"
"""The only weights that are read: a pickle can contain code, which would run."""

_MAX_SIDE = 4096
"""Pixels. Models take 1,024 at most; a damaged configuration could ask for more than fits into memory."""

_MAX_STATISTIC = 1e6
"""An upper limit for the mean and standard deviation of channels, which are between 0 and 1. Larger and
infinite values come from a damaged file."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How 8-bit sRGB pictures become the model's input."""

    input_spec: InputSpec
    mean: tuple[float, float, float]
    """Per channel, for values scaled to 0–1."""
    std: tuple[float, float, float]


def read_dim(folder: Path) -> int:
    """Length of the vectors of the model in ``folder``, whose configuration is checked.

    Raises ModelError if the configuration is missing or damaged, refers to the network, or does not state the
    preprocessing, for which open_clip would silently use OpenAI's.
    """
    path = folder / CONFIG_NAME
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(
            "{path} cannot be read ({reason}); install the model again.", path=path, reason=error.strerror
        ) from error
    except (ValueError, RecursionError) as error:
        raise ModelError("{path} is damaged (not JSON); install the model again.", path=path) from error
    model = _part(config, "model_cfg", path)
    vision, text = _part(model, "vision_cfg", path), _part(model, "text_cfg", path)
    tower = vision.get("timm_model_name") or ""
    if "hf_model_name" in text or not isinstance(tower, str) or ":" in tower or "/" in tower:
        raise ModelError(
            "{path} refers to a part on the network; Safelight loads complete models only.", path=path
        )
    preprocess = _part(config, "preprocess_cfg", path)
    if not ("mean" in preprocess and "std" in preprocess):
        raise ModelError(
            "{path} does not state how pictures are prepared (mean, std); use another export.", path=path
        )
    dim = model.get("embed_dim")
    if not isinstance(dim, int) or isinstance(dim, bool) or dim < 1:
        raise ModelError(
            "{path} does not state the length of vectors (embed_dim); install the model again.", path=path
        )
    return dim


def declared_input_spec(folder: Path) -> InputSpec:
    """How pictures are prepared for the model in ``folder``: its configuration, with open_clip's defaults.

    This lets decoding begin before the model is loaded; loading checks it. Call it only for a folder that
    :func:`read_dim` accepts. Raises ModelError like :func:`preprocessing_of`.
    """
    config = json.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))
    defaults = {"resize_mode": "shortest", "interpolation": "bicubic", "fill_color": 0}
    said = {key: value for key, value in config["preprocess_cfg"].items() if value is not None}
    size = config["model_cfg"]["vision_cfg"].get(
        "image_size", 224
    )  # of the tower; other entries do not count
    return preprocessing_of({**defaults, **said, "size": size}, folder.name).input_spec


def preprocessing_of(cfg: Mapping[str, Any], name: str) -> Preprocessing:
    """The preprocessing from the merged ``preprocess_cfg`` of a loaded open_clip model.

    Raises ModelError for anything that :class:`InputSpec` cannot express exactly: a slightly different
    preprocessing gives worse vectors without any error.
    """
    size = cfg.get("size")
    height, width = size if isinstance(size, list | tuple) and len(size) == 2 else (size, size)
    resize, interpolation, fill = cfg.get("resize_mode"), cfg.get("interpolation"), cfg.get("fill_color")
    if height != width or not isinstance(height, int) or height < 1:
        raise ModelError(
            "The model “{name}” needs pictures of {width} × {height} px; only squares are supported.",
            name=name,
            width=width,
            height=height,
        )
    if height > _MAX_SIDE:
        raise ModelError(
            "The model “{name}” needs pictures of {side} px; at most {most} px are supported.",
            name=name,
            side=height,
            most=_MAX_SIDE,
        )
    if not _is_resize(resize):
        raise ModelError(
            "The model “{name}” needs an unknown way to resize pictures: {resize}.",
            name=name,
            resize=repr(resize),
        )
    if not _is_interpolation(interpolation):
        raise ModelError(
            "The model “{name}” needs an unknown interpolation: {interpolation}.",
            name=name,
            interpolation=repr(interpolation),
        )
    if not isinstance(fill, int) or not 0 <= fill <= 255:
        raise ModelError(
            "The model “{name}” needs an unknown fill colour: {fill}.", name=name, fill=repr(fill)
        )
    mean, std = _channels(cfg.get("mean"), name), _channels(cfg.get("std"), name)
    if min(std) <= 0:
        raise ModelError("The model “{name}” has a standard deviation of zero; install it again.", name=name)
    return Preprocessing(InputSpec(height, resize, interpolation, fill), mean, std)


def _is_resize(value: object) -> TypeGuard[Resize]:
    return value in get_args(Resize)


def _is_interpolation(value: object) -> TypeGuard[Interpolation]:
    return value in get_args(Interpolation)


def _part(config: Any, key: str, path: Path) -> Mapping[str, Any]:
    part = config.get(key) if isinstance(config, dict) else None
    if not isinstance(part, dict):
        raise ModelError("{path} has no {key}; it does not describe an open_clip model.", path=path, key=key)
    return part


def _channels(values: Any, name: str) -> tuple[float, float, float]:
    numbers = [values] * 3 if isinstance(values, int | float) else values
    if not (
        isinstance(numbers, list | tuple)
        and len(numbers) == 3
        and all(isinstance(number, int | float) and abs(number) < _MAX_STATISTIC for number in numbers)
    ):
        raise ModelError(
            "The model “{name}” has an unusable mean or standard deviation: {values}.",
            name=name,
            values=repr(values),
        )
    return float(numbers[0]), float(numbers[1]), float(numbers[2])
