"""Decodes pictures with FFmpeg or ImageMagick, as a second opinion on what the product decodes."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

_Samples = npt.NDArray[np.float64]

ORIENTATION = 0x0112


def by_ffmpeg(path: Path) -> Pixels | None:
    """The upright picture on white, (height, width, 3); None if this FFmpeg cannot decode it.

    FFmpeg decodes the samples. What it does not apply is applied here: EXIF orientation, the rotation and the
    opacity in HEIC containers, and the limited range of grey pictures, which FFmpeg's conversion to RGB takes
    for full range (its colour pictures have their range applied).
    """
    import av

    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=_place_of_primary(path)))
            pixels = _grey(frame) if frame.format.name == "gray10le" else _colour(frame)
        opacity = _opacity(path, pixels.shape[:2])
    except av.error.FFmpegError:
        return None
    if opacity is not None:
        pixels = pixels * opacity + 255 * (1 - opacity)
    return _upright(np.round(pixels).astype(np.uint8), path)


def by_imagemagick(path: Path) -> Pixels | None:
    """The first frame as it is stored, on white; None if the program is not installed or cannot decode it."""
    program = shutil.which("convert")
    if program is None:
        return None
    options = ("-background", "white", "-flatten", "-colorspace", "sRGB", "-depth", "8", "PNG24:-")
    done = subprocess.run([program, f"{path}[0]", *options], check=False, capture_output=True)
    if done.returncode or not done.stdout:
        return None
    with Image.open(BytesIO(done.stdout)) as image:
        return np.asarray(image.convert("RGB"))


def _place_of_primary(path: Path) -> int:
    """The position of the picture to show among those of a HEIC file.

    FFmpeg's first stream is it, except where the primary item is derived from another without a change of its
    pixels (``iden``). Its source is then looked up in the file's boxes.
    """
    head = path.read_bytes()[:4096]
    if path.suffix != ".heic" or b"iden" not in head:
        return 0
    entries = [head[found.start() : found.start() + 16] for found in re.finditer(b"infe", head)]
    pictures = [entry[8:10] for entry in entries if entry[12:16] == b"hvc1"]
    (derived,) = (entry[8:10] for entry in entries if entry[12:16] == b"iden")
    reference = head.index(b"dimg" + derived) + 4
    return pictures.index(head[reference + 4 : reference + 6])


def _colour(frame: object) -> _Samples:
    with_alpha = frame.reformat(format="rgba").to_ndarray().astype(np.float64)  # type: ignore[attr-defined]
    opacity = with_alpha[..., 3:] / 255
    found: _Samples = with_alpha[..., :3] * opacity + 255 * (1 - opacity)
    return found


def _grey(frame: object) -> _Samples:
    """Ten bits of limited range: 64 is black and 940 is white."""
    assert int(frame.color_range) == 1  # type: ignore[attr-defined]
    plane = frame.planes[0]  # type: ignore[attr-defined]
    samples = np.frombuffer(bytes(plane), "<u2").reshape(plane.height, plane.line_size // 2)[:, : plane.width]
    levels = np.clip((samples.astype(np.float64) - 64) / (940 - 64), 0, 1) * 255
    return np.repeat(levels[..., None], 3, axis=2)


def _opacity(path: Path, shape: tuple[int, ...]) -> _Samples | None:
    """The auxiliary picture of a HEIC file that states opacity, from 0 to 1. Its samples count as they are
    stored: files do not say whether they have limited range.
    """
    import av

    if b"urn:mpeg:hevc:2015:auxid:1\0" not in path.read_bytes()[:4096]:
        return None
    with av.open(str(path)) as container:
        frame = next(container.decode(video=1))
    plane = frame.planes[0]
    levels = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
    assert levels.shape == shape
    found: _Samples = levels[..., None] / 255
    return found


def _upright(pixels: Pixels, path: Path) -> Pixels:
    if path.suffix == ".heic":
        head = path.read_bytes()[:4096]
        place = head.find(b"irot")
        return np.rot90(pixels, 0 if place < 0 else head[place + 4] & 3)
    with Image.open(path) as image:
        orientation = image.getexif().get(ORIENTATION, 1)
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    flipped_vertically = orientation in (3, 4, 7, 8)
    flipped_horizontally = orientation in (2, 3, 6, 7)
    if flipped_vertically:
        pixels = pixels[::-1]
    return pixels[:, ::-1] if flipped_horizontally else pixels
