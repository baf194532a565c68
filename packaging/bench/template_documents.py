"""Documents from templates, for the duplicate benchmark: they differ in a number, a date, a line or a score.

Every document is another one, however alike two of a template are. What is drawn follows from the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

TEMPLATES = ("invoice", "statement", "form", "ticket", "chat", "scoreboard")

_NAMES = (
    "Ada Lopez",
    "Ben Okafor",
    "Chen Wei",
    "Dina Haas",
    "Emil Novak",
    "Fatima Ali",
    "Greta Lund",
    "Hugo Marin",
)
_ITEMS = (
    "Paper A4",
    "Toner black",
    "Desk lamp",
    "Cable 2 m",
    "Chair",
    "Coffee 1 kg",
    "Stamps",
    "Folder blue",
)


def documents(seed: int, count: int) -> Iterator[tuple[str, str, bytes]]:
    """``count`` documents: name, suffix and encoded bytes. Those of one template and look share a layout."""
    for number in range(count):
        template = TEMPLATES[number % len(TEMPLATES)]
        look = number // len(TEMPLATES) // 10  # ten of each look
        layout, content = random.Random(f"{seed}-{template}-{look}"), random.Random(f"{seed}-{number}")
        image = _DRAWN[template](layout, content)
        buffer = BytesIO()
        suffix = layout.choice(("png", "jpg", "webp"))
        if suffix == "png":
            image.save(buffer, "PNG", compress_level=3)
        else:
            image.save(buffer, {"jpg": "JPEG", "webp": "WEBP"}[suffix], quality=content.choice((70, 80, 90)))
        yield f"template-{template}-{number:03d}", suffix, buffer.getvalue()


def _date(rng: random.Random) -> str:
    return f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.{rng.randint(2021, 2025)}"


def _money(rng: random.Random) -> str:
    return f"{rng.randint(10, 999)}.{rng.randint(0, 99):02d}"


def _invoice(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(page)
    size = layout.choice((22, 26, 30))
    draw.rectangle((80, 80, 400, 170), fill=layout.choice(("navy", "darkgreen", "firebrick", "black")))
    draw.text((100, 95), "ACME Ltd", "white", font_size=56)
    draw.text((800, 100), "Invoice", "black", font_size=60)
    draw.text((800, 190), f"No. {content.randint(1000, 9999)}", "black", font_size=size)
    draw.text((800, 230), f"Date {_date(content)}", "black", font_size=size)
    for line, text in enumerate(("Harbour Street 12", "20457 Hamburg", "VAT DE 123456789")):
        draw.text((80, 200 + 40 * line), text, "black", font_size=size)
    rows = layout.randint(4, 9)
    fixed = [(layout.choice(_ITEMS), layout.randint(1, 9), _money(layout)) for _ in range(rows)]
    for row, (item, amount, price) in enumerate(fixed):
        top = 480 + 60 * row
        draw.line((80, top - 10, 1160, top - 10), fill=(180, 180, 180), width=2)
        draw.text((90, top), item, "black", font_size=size)
        draw.text((700, top), str(amount), "black", font_size=size)
        draw.text((960, top), price, "black", font_size=size)
    draw.text((700, 500 + 60 * rows), "Total", "black", font_size=size)
    draw.text((960, 500 + 60 * rows), _money(content), "black", font_size=size)
    for line in range(6):
        draw.text(
            (80, 1400 + 34 * line),
            "Payable within 30 days without deduction. Goods remain ours until paid.",
            "black",
            font_size=20,
        )
    return page


def _statement(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (1240, 1754), (252, 252, 248))
    draw = ImageDraw.Draw(page)
    draw.text((100, 90), "Account statement", "black", font_size=48)
    draw.text(
        (100, 170),
        f"Period {content.randint(1, 12):02d}/{content.randint(2021, 2025)}",
        "black",
        font_size=26,
    )
    changed = content.randrange(12)
    for row in range(24):
        top = 260 + 52 * row
        if row % 2:
            draw.rectangle((90, top - 6, 1150, top + 40), fill=(236, 240, 246))
        rng = content if row == changed else layout
        draw.text((100, top), rng.choice(_ITEMS), "black", font_size=24)
        draw.text((900, top), f"-{_money(rng)}", "black", font_size=24)
    return page


def _form(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (1000, 1400), "white")
    draw = ImageDraw.Draw(page)
    draw.text((60, 60), "Registration form", "black", font_size=44)
    boxes = layout.randint(8, 12)
    for row in range(boxes):
        top = 160 + 90 * row
        draw.rectangle((60, top, 940, top + 70), outline="black", width=2)
        draw.text((70, top + 4), f"Field {row + 1}", "grey", font_size=16)
    draw.text((90, 188), content.choice(_NAMES), (20, 20, 120), font_size=32)
    draw.text((90, 278), _date(content), (20, 20, 120), font_size=32)
    place = content.randrange(2, boxes)
    draw.line((880, 170 + 90 * place, 920, 220 + 90 * place), fill=(20, 20, 120), width=5)
    draw.line((920, 170 + 90 * place, 880, 220 + 90 * place), fill=(20, 20, 120), width=5)
    return page


def _ticket(layout: random.Random, content: random.Random) -> Image.Image:
    page = Image.new("RGB", (800, 1200), layout.choice(((255, 244, 214), (220, 236, 255), (235, 255, 225))))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 800, 140), fill=(60, 30, 90))
    draw.text((40, 40), "City Theatre", "white", font_size=56)
    draw.text((40, 220), "The Winter Play", "black", font_size=64)
    draw.text(
        (40, 330), f"Row {content.randint(1, 30)}   Seat {content.randint(1, 60)}", "black", font_size=44
    )
    draw.text((40, 420), _date(content), "black", font_size=44)
    side = 24
    code = np.random.default_rng(content.randrange(2**32)).integers(0, 2, (side, side)) * 255
    square = Image.fromarray(code.astype(np.uint8)).resize((360, 360), Image.Resampling.NEAREST)
    page.paste(square.convert("RGB"), (220, 640))
    return page


def _chat(layout: random.Random, content: random.Random) -> Image.Image:
    """A screenshot of a phone whose last message is another."""
    screen = Image.new("RGB", (1080, 1920), (18, 27, 34))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1080, 160), fill=(32, 44, 51))
    draw.text((60, 40), f"{content.randint(0, 23):02d}:{content.randint(0, 59):02d}", "white", font_size=36)
    draw.text((220, 90), "Family", "white", font_size=48)
    for row in range(9):
        rng = content if row == 8 else layout
        left = 60 if layout.random() < 0.5 else 360
        top = 220 + 180 * row
        draw.rounded_rectangle(
            (left, top, left + 640, top + 130), 24, fill=(0, 92, 75) if left > 100 else (32, 44, 51)
        )
        draw.text(
            (left + 30, top + 40),
            f"{rng.choice(_NAMES)}: {rng.choice(_ITEMS)} {rng.randint(1, 99)}",
            "white",
            font_size=36,
        )
    return screen


def _scoreboard(layout: random.Random, content: random.Random) -> Image.Image:
    """A photo-like picture with a score drawn in."""
    rng = np.random.default_rng(layout.randrange(2**32))
    coarse = rng.integers(30, 220, (9, 12, 3), np.uint8)
    image = Image.fromarray(coarse).resize((1600, 1200), Image.Resampling.BICUBIC)
    fine = Image.fromarray(rng.integers(0, 255, (300, 400, 3), np.uint8)).resize(
        (1600, 1200), Image.Resampling.BICUBIC
    )
    image = Image.blend(image, fine, 0.25)
    draw = ImageDraw.Draw(image)
    draw.rectangle((60, 60, 520, 150), fill=(10, 10, 10))
    draw.text(
        (80, 72),
        f"HOME {content.randint(0, 9)} : {content.randint(0, 9)} AWAY",
        "white",
        font_size=layout.choice((40, 48, 56)),
    )
    draw.text(
        (1380, 1140), f"{content.randint(0, 89):02d}:{content.randint(0, 59):02d}", "white", font_size=48
    )
    return image


_DRAWN: dict[str, Callable[[random.Random, random.Random], Image.Image]] = {
    "invoice": _invoice,
    "statement": _statement,
    "form": _form,
    "ticket": _ticket,
    "chat": _chat,
    "scoreboard": _scoreboard,
}
