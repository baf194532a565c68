"""Pictures with the detail of photographs, and what people do to them."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageOps

SIZE = (640, 480)


def photograph(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """Unlike any other seed's: light and shadow of every size, and things with edges."""
    rng = np.random.default_rng(seed)
    width, height = size
    canvas = np.zeros((height, width, 3))
    for cells, strength in ((3, 90), (7, 60), (15, 45), (40, 30), (110, 20)):
        coarse = rng.uniform(-1, 1, (cells, cells * 4 // 3, 3)) * strength
        coarse = coarse.mean(2, keepdims=True) + coarse * 0.3
        for band in range(3):
            layer = Image.fromarray(coarse[:, :, band].astype(np.float32))
            canvas[:, :, band] += np.asarray(layer.resize(size, Image.Resampling.BICUBIC))
    image = Image.fromarray(np.clip(canvas + 128, 12, 240).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(25):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        w, h = rng.uniform(10, width / 8), rng.uniform(10, height / 6)
        shape = draw.rectangle if rng.random() < 0.6 else draw.ellipse
        shape((x, y, x + w, y + h), fill=tuple(int(v) for v in rng.integers(30, 225, 3)))
    return image


def cropped(image: Image.Image, share: float, left: float = 0.5, top: float = 0.5) -> Image.Image:
    """Without that share of width and height, ``left`` and ``top`` of which come from those sides."""
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    x, y = round((image.width - width) * left), round((image.height - height) * top)
    return image.crop((x, y, x + width, y + height))


def captioned(image: Image.Image) -> Image.Image:
    page = ImageOps.expand(image, (0, 0, 0, image.height // 8), "white")
    ImageDraw.Draw(page).text((10, image.height + 5), "A day by the sea", "black", font_size=30)
    return page


def next_frame(image: Image.Image, seed: int = 0) -> Image.Image:
    """The scene a moment later: a little nearer, and something in it has moved."""
    rng = np.random.default_rng(seed)
    moved = image.copy()
    patch = image.crop((200, 150, 340, 290))
    moved.paste(patch, (235, 170))
    closer = cropped(moved, 0.03, 0.3, 0.6).resize(image.size, Image.Resampling.BICUBIC)
    noisy = np.asarray(closer, np.float64) + rng.normal(0, 2, (image.height, image.width, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
