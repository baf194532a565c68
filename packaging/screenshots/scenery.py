"""Landscapes drawn from nothing: pictures for screenshots that belong to nobody else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Draw = ImageDraw.ImageDraw


@dataclass(frozen=True, slots=True)
class Light:
    """A time of day: the sky from top to horizon, the sun or moon, and the nearest ridge."""

    top: Colour
    middle: Colour
    horizon: Colour
    disc: Colour
    land: Colour


LIGHTS = {
    "day": Light((66, 132, 206), (128, 184, 232), (214, 234, 246), (255, 250, 226), (46, 88, 58)),
    "sunset": Light((52, 42, 96), (214, 96, 86), (252, 186, 104), (255, 232, 170), (36, 24, 48)),
    "dawn": Light((110, 134, 186), (238, 178, 178), (254, 226, 196), (255, 246, 224), (70, 76, 104)),
    "night": Light((8, 12, 34), (18, 30, 66), (44, 60, 100), (236, 238, 246), (6, 10, 22)),
    "storm": Light((60, 68, 80), (104, 114, 124), (162, 168, 170), (182, 186, 188), (34, 42, 44)),
}


KINDS = ("mountains", "snow", "sea", "forest", "flowers", "balloons", "boat")


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _sky(width: int, height: int, light: Light) -> Image.Image:
    rows = np.linspace(0, 2, height)[:, None]
    stops = np.array([light.top, light.middle, light.horizon], float)
    lower = np.clip(rows.astype(int), 0, 1)[:, 0]
    share = rows - lower[:, None]
    column = stops[lower] * (1 - share) + stops[lower + 1] * share
    return Image.fromarray(np.repeat(column[:, None, :], width, 1).astype(np.uint8))


def _ridge(width: int, rng: np.random.Generator, roughness: float) -> npt.NDArray[np.float64]:
    """Heights of −1 to 1 along a ridge: octaves of waves, each half as high as the last."""
    x = np.linspace(0, 1, width)
    line = np.zeros(width)
    for octave in range(7):
        line += roughness**octave * np.sin(2 * np.pi * (x * 1.3 * 2**octave + rng.random()))
    return np.asarray(line / np.abs(line).max())


def _land(image: Image.Image, rng: np.random.Generator, light: Light, *, snow: bool) -> None:
    width, height = image.size
    draw = ImageDraw.Draw(image)
    for layer in range(5):
        base = height * (0.5 + 0.11 * layer)
        line = base - _ridge(width, rng, 0.56) * height * (0.16 - 0.02 * layer)
        colour = _mix(light.horizon, light.land, 0.25 + 0.18 * layer)
        draw.polygon([(0, height), *enumerate(line.tolist()), (width, height)], fill=colour)
        if snow and layer < 2:
            cap = np.where(line < base - height * 0.03, line + height * 0.035 + rng.random(width) * 5, line)
            draw.polygon(
                [*enumerate(line.tolist()), *reversed(list(enumerate(cap.tolist())))], fill=(242, 246, 250)
            )


def _sea(image: Image.Image, rng: np.random.Generator, light: Light, at: float) -> None:
    width, height = image.size
    top = round(height * 0.6)
    draw = ImageDraw.Draw(image)
    for y in range(top, height):
        share = (y - top) / (height - top)
        draw.line(
            (0, y, width, y), fill=_mix(light.horizon, _mix(light.top, (12, 40, 70), 0.5), 0.25 + 0.7 * share)
        )
    for _ in range(900):
        y = int(top + (height - top) * rng.random() ** 1.4)
        spread = (y - top) / (height - top)
        x = width * at + rng.normal() * width * (0.02 + 0.1 * spread)
        length = 4 + 30 * spread
        draw.line((x - length, y, x + length, y), fill=_mix(light.disc, light.horizon, rng.random() * 0.8))


def _disc(image: Image.Image, light: Light, at: float, up: float, radius: float) -> None:
    glow = Image.new("L", image.size)
    x, y, r = image.width * at, image.height * up, image.height * radius
    ImageDraw.Draw(glow).ellipse((x - r * 2.6, y - r * 2.6, x + r * 2.6, y + r * 2.6), fill=110)
    image.paste(Image.new("RGB", image.size, light.disc), mask=glow.filter(ImageFilter.GaussianBlur(r)))
    ImageDraw.Draw(image).ellipse((x - r, y - r, x + r, y + r), fill=light.disc)


def _stars(draw: Draw, size: tuple[int, int], rng: np.random.Generator) -> None:
    for _ in range(420):
        x, y = rng.random() * size[0], rng.random() ** 1.3 * size[1] * 0.62
        r, shade = 0.5 + rng.random() ** 4 * 2, int(120 + 135 * rng.random())
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(shade, shade, min(255, shade + 12)))


def _clouds(image: Image.Image, rng: np.random.Generator, light: Light) -> None:
    mask = Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(7):
        x, y = rng.random() * image.width, (0.08 + rng.random() * 0.34) * image.height
        for _ in range(14):
            r = image.height * (0.02 + rng.random() * 0.05)
            dx, dy = rng.normal() * image.width * 0.07, rng.normal() * image.height * 0.012
            draw.ellipse((x + dx - r * 2, y + dy - r * 0.7, x + dx + r * 2, y + dy + r * 0.7), fill=150)
    white = Image.new("RGB", image.size, _mix((255, 255, 255), light.horizon, 0.3))
    image.paste(white, mask=mask.filter(ImageFilter.GaussianBlur(image.height * 0.016)))


def _forest(image: Image.Image, rng: np.random.Generator, light: Light) -> None:
    draw = ImageDraw.Draw(image)
    for depth in range(3):
        for _ in range(26):
            x = rng.random() * image.width
            foot = image.height * (0.8 + 0.09 * depth + rng.random() * 0.03)
            tall = image.height * (0.16 + 0.12 * depth) * (0.7 + rng.random() * 0.6)
            colour = _mix(light.horizon, _mix(light.land, (14, 40, 28), 0.6), 0.55 + 0.2 * depth)
            for tier in range(5):
                top, wide = foot - tall * (1 - tier * 0.18), tall * (0.07 + 0.045 * tier)
                draw.polygon(
                    [(x, top), (x - wide, top + tall * 0.32), (x + wide, top + tall * 0.32)], fill=colour
                )


def _flowers(image: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image)
    hues: list[Colour] = [(226, 60, 74), (250, 202, 62), (244, 244, 240), (180, 92, 196), (244, 132, 60)]
    for number in range(520):
        near = (number / 520) ** 1.6
        x, y = rng.random() * image.width, image.height * (0.66 + 0.34 * near)
        r = image.height * (0.004 + 0.028 * near)
        draw.line((x, y, x, y + r * 3), fill=(44, 104, 46), width=max(1, int(r * 0.2)))
        colour = hues[int(rng.integers(len(hues)))]
        for petal in range(6):
            a = petal * math.pi / 3
            px, py = x + math.cos(a) * r * 0.6, y + math.sin(a) * r * 0.6
            draw.ellipse((px - r * 0.5, py - r * 0.5, px + r * 0.5, py + r * 0.5), fill=colour)
        draw.ellipse((x - r * 0.3, y - r * 0.3, x + r * 0.3, y + r * 0.3), fill=(120, 78, 30))


def _balloons(image: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image)
    hues: list[Colour] = [(220, 52, 56), (246, 178, 44), (60, 128, 204), (80, 164, 96), (168, 86, 182)]
    for number in range(6):
        x, y = (
            (0.1 + 0.15 * number + rng.random() * 0.08) * image.width,
            (0.1 + rng.random() * 0.4) * image.height,
        )
        r = image.height * (0.035 + rng.random() * 0.06)
        first, second = hues[number % 5], hues[(number + 2) % 5]
        draw.ellipse((x - r, y - r, x + r, y + r * 1.1), fill=first)
        draw.polygon([(x - r * 0.82, y + r * 0.6), (x + r * 0.82, y + r * 0.6), (x, y + r * 1.7)], fill=first)
        draw.ellipse((x - r * 0.4, y - r, x + r * 0.4, y + r * 1.3), fill=second)
        draw.rectangle((x - r * 0.16, y + r * 1.75, x + r * 0.16, y + r * 2), fill=(96, 66, 40))


def _boat(image: Image.Image, rng: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image)
    x, y, s = (0.25 + rng.random() * 0.5) * image.width, image.height * 0.7, image.height * 0.11
    draw.polygon(
        [(x - s, y), (x + s, y), (x + s * 0.7, y + s * 0.32), (x - s * 0.7, y + s * 0.32)], fill=(96, 50, 34)
    )
    draw.polygon([(x, y - s * 1.9), (x, y - s * 0.1), (x + s * 0.95, y - s * 0.1)], fill=(250, 248, 240))
    draw.polygon(
        [(x - s * 0.08, y - s * 1.6), (x - s * 0.08, y - s * 0.1), (x - s * 0.8, y - s * 0.1)],
        fill=(226, 222, 210),
    )


def landscape(seed: int, width: int = 1200, height: int = 800) -> tuple[str, Image.Image]:
    """A name that says what is on it, and the picture. The same for the same seed."""
    rng = np.random.default_rng(seed)
    hour = list(LIGHTS)[seed % len(LIGHTS)]
    light = LIGHTS[hour]
    at = 0.2 + rng.random() * 0.6
    kind = KINDS[(seed // len(LIGHTS) + seed) % len(KINDS)]
    image = _sky(width, height, light)
    if hour == "night":
        _stars(ImageDraw.Draw(image), image.size, rng)
    if hour != "storm":
        _disc(image, light, at, 0.48 if hour == "sunset" else 0.16 + rng.random() * 0.2, 0.05)
    if hour in ("day", "storm", "dawn"):
        _clouds(image, rng, light)
    if kind in ("sea", "boat"):
        _sea(image, rng, light, at)
    else:
        _land(image, rng, light, snow=kind == "snow")
    match kind:
        case "boat":
            _boat(image, rng)
        case "forest":
            _forest(image, rng, light)
        case "flowers":
            _flowers(image, rng)
        case "balloons":
            _balloons(image, rng)
    grain = rng.normal(0, 3.2, (height, width, 1))
    return f"{hour}-{kind}-{seed:02}", Image.fromarray(
        np.clip(np.asarray(image, float) + grain, 0, 255).astype(np.uint8)
    )
