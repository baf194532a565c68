"""Turns a picture into a model's input exactly as open_clip's preprocessing does."""

from __future__ import annotations

import numpy as np
from PIL import Image

from safelight.core.encoder import InputSpec, Pixels

_FILTERS = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
_WHOLE_UP_TO = 4
"""Up to this aspect ratio, a picture is scaled as a whole before the centre is cropped."""


def prepare_input(image: Image.Image, spec: InputSpec) -> Pixels:
    """Resize, crop or pad an RGB image to uint8 (size, size, 3).

    The geometry, including its rounding, is that of ``open_clip.transform.image_transform(...,
    is_train=False)`` before the conversion to a tensor.
    """
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    match spec.resize:
        case "shortest":
            prepared = _crop_shortest(rgb, spec)
        case "longest":
            prepared = _pad_longest(rgb, spec)
        case "squash":
            prepared = rgb.resize((spec.size, spec.size), _FILTERS[spec.interpolation])
    return np.array(prepared, dtype=np.uint8)


def _crop_shortest(image: Image.Image, spec: InputSpec) -> Image.Image:
    """Scale the short side to ``size`` and crop the centre."""
    width, height = image.size
    if width <= height:
        scaled_width, scaled_height = spec.size, int(spec.size * height / width)
    else:
        scaled_width, scaled_height = int(spec.size * width / height), spec.size
    left = round((scaled_width - spec.size) / 2)
    top = round((scaled_height - spec.size) / 2)
    right, bottom = left + spec.size, top + spec.size
    resample = _FILTERS[spec.interpolation]
    if max(scaled_width, scaled_height) <= _WHOLE_UP_TO * spec.size:
        return image.resize((scaled_width, scaled_height), resample).crop((left, top, right, bottom))
    # Scaling a whole 60,000 × 1 strip would take gigabytes. Scaling a box differs by a few grey levels
    # along sharp edges, so it is used only for such shapes.
    box = (
        left * width / scaled_width,
        top * height / scaled_height,
        min(right * width / scaled_width, width),
        min(bottom * height / scaled_height, height),
    )
    return image.resize((spec.size, spec.size), resample, box=box)


def _pad_longest(image: Image.Image, spec: InputSpec) -> Image.Image:
    """Scale the long side to ``size`` and pad the short side with ``fill`` on both sides."""
    ratio = max(image.size) / spec.size
    width, height = (max(1, round(length / ratio)) for length in image.size)
    scaled = image.resize((width, height), _FILTERS[spec.interpolation])
    canvas = Image.new("RGB", (spec.size, spec.size), (spec.fill,) * 3)
    canvas.paste(scaled, ((spec.size - width) // 2, (spec.size - height) // 2))
    return canvas
