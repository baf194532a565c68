"""Clips made with PyAV, for tests of all that reads videos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from PIL import Image, ImageOps

from support.pictures import scene

RATE = 12
"""Frames a second."""

KINDS: Mapping[str, tuple[str, str, str]] = {
    "clip.mp4": ("libx264", "yuv420p", "mp4"),
    "hevc.mp4": ("libx265", "yuv420p", "mp4"),
    "clip.mov": ("mpeg4", "yuv420p", "mov"),
    "clip.mkv": ("libx264", "yuv444p", "matroska"),
    "clip.webm": ("libvpx", "yuv420p", "webm"),
    "vp9.webm": ("libvpx-vp9", "yuv420p", "webm"),
    "av1.mp4": ("libsvtav1", "yuv420p", "mp4"),
    "clip.avi": ("mjpeg", "yuvj420p", "avi"),
    "clip.mpg": ("mpeg2video", "yuv420p", "mpeg"),
    "clip.mts": ("libx264", "yuv420p", "mpegts"),
    "clip.wmv": ("wmv2", "yuv420p", "asf"),
    "clip.flv": ("flv", "yuv420p", "flv"),
}
"""Codec, pixel format and container, by file name."""


def write_clip(
    path: Path,
    shots: Sequence[Image.Image],
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (320, 240),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    container: str | None = None,
    tags: Mapping[str, str] | None = None,
    rotation: int = 0,
    keyframes: int | None = None,
    flickering: bool = True,
) -> Path:
    """A clip that shows each picture for ``seconds``. If ``flickering``, a corner changes with each frame."""
    rate = 24 if codec == "mpeg2video" else RATE
    with av.open(str(path), "w", format=container) as out:
        out.metadata.update(tags or {})
        stream = cast(av.VideoStream, out.add_stream(codec, rate=rate))
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.time_base = Fraction(1, rate)
        if keyframes is not None:
            stream.codec_context.gop_size = keyframes
        if rotation:
            stream.set_display_rotation(rotation)
        number = 0
        for shot in shots:
            fitted = np.asarray(ImageOps.fit(shot.convert("RGB"), size))
            for _ in range(round(seconds * rate)):
                pixels_shown = fitted.copy()
                if flickering:
                    pixels_shown[-4:, :4] = (number * 20) % 256
                frame = av.VideoFrame.from_ndarray(pixels_shown, format="rgb24")
                frame.pts = number
                number += 1
                for packet in stream.encode(frame):
                    out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return path


def write_kind(folder: Path, name: str, shots: Sequence[Image.Image]) -> Path:
    codec, pixels, container = KINDS[name]
    return write_clip(folder / name, shots, codec=codec, pixels=pixels, container=container)


def plain_shots(count: int = 4) -> list[Image.Image]:
    return [scene(seed=seed) for seed in range(count)]
