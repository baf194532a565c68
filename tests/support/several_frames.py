"""Files with several frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

COLOURS = ("#d02020", "#20a020", "#2030d0", "#c0b020", "#b020c0", "#20b0b0", "#e0e0e0", "#404040", "#805020")


def drawn(size: tuple[int, int], colour: str) -> Image.Image:
    return Image.new("RGB", size, colour)


def animation(
    path: Path, frames: int = 4, size: tuple[int, int] = (160, 120), milliseconds: int = 100
) -> Path:
    """A GIF, WebP or APNG, by the extension, whose frames are of the colours in their order."""
    made = [drawn(size, COLOURS[number % len(COLOURS)]) for number in range(frames)]
    # Pillow's writers of other formats ignore "lossless".
    made[0].save(path, save_all=True, append_images=made[1:], duration=milliseconds, loop=0, lossless=True)
    return path


TWO_FRAMES_IN_JXL = bytes.fromhex(
    "ff0a41044d0020260804010054004b188b1500d41763d0c53b808838450500"
    "570f01010804050054004b188b1500d41763d0c53b80d838450500a40f0101"
)
"""An animated JPEG XL of 8 by 8 pixels: red (200, 40, 40), then blue. pylibjxl cannot write one."""


def document(path: Path, sizes: Sequence[tuple[int, int]]) -> Path:
    """A TIFF or MPO, by the extension, with a page of each size."""
    made = [drawn(size, COLOURS[number % len(COLOURS)]) for number, size in enumerate(sizes)]
    kind = {".mpo": "MPO", ".jpg": "MPO"}.get(path.suffix, "TIFF")
    made[0].save(path, kind, save_all=True, append_images=made[1:])
    return path
