"""Generated texts in many scripts, for comparing tokenizers."""

from __future__ import annotations

import random
from typing import Final

SCRIPTS: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "Latin": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F)),
    "Greek": ((0x391, 0x3A1), (0x3A3, 0x3C9)),
    "Cyrillic": ((0x410, 0x45F),),
    "Armenian": ((0x531, 0x556), (0x561, 0x587)),
    "Hebrew": ((0x5D0, 0x5EA), (0x5B0, 0x5BC)),
    "Arabic": ((0x621, 0x64A), (0x64B, 0x652)),
    "Syriac": ((0x710, 0x72F),),
    "Thaana": ((0x780, 0x7B1),),
    "Devanagari": ((0x905, 0x939), (0x93E, 0x94D)),
    "Bengali": ((0x985, 0x98C), (0x993, 0x9A8), (0x9BE, 0x9C4)),
    "Gurmukhi": ((0xA05, 0xA0A), (0xA13, 0xA28), (0xA3E, 0xA42)),
    "Gujarati": ((0xA85, 0xA8D), (0xA93, 0xAA8), (0xABE, 0xAC5)),
    "Oriya": ((0xB05, 0xB0C), (0xB13, 0xB28)),
    "Tamil": ((0xB85, 0xB8A), (0xBAE, 0xBB9), (0xBBE, 0xBC2)),
    "Telugu": ((0xC05, 0xC0C), (0xC12, 0xC28), (0xC3E, 0xC44)),
    "Kannada": ((0xC85, 0xC8C), (0xC92, 0xCA8), (0xCBE, 0xCC4)),
    "Malayalam": ((0xD05, 0xD0C), (0xD12, 0xD3A), (0xD3E, 0xD44)),
    "Sinhala": ((0xD85, 0xD96), (0xD9A, 0xDB1)),
    "Thai": ((0xE01, 0xE3A), (0xE40, 0xE4E)),
    "Lao": ((0xE81, 0xE82), (0xE94, 0xEA3), (0xEB0, 0xEBD)),
    "Tibetan": ((0xF40, 0xF47), (0xF49, 0xF6C), (0xF71, 0xF7E)),
    "Myanmar": ((0x1000, 0x1049),),
    "Georgian": ((0x10A0, 0x10C5), (0x10D0, 0x10FA), (0x1C90, 0x1CBA)),
    "Hangul": ((0xAC00, 0xD7A3), (0x1100, 0x1112), (0x1161, 0x1175)),
    "Ethiopic": ((0x1200, 0x1248),),
    "Cherokee": ((0x13A0, 0x13F4),),
    "Khmer": ((0x1780, 0x17B3), (0x17B6, 0x17D3)),
    "Mongolian": ((0x1820, 0x1842),),
    "Hiragana": ((0x3041, 0x3096),),
    "Katakana": ((0x30A1, 0x30FA), (0xFF66, 0xFF9D)),
    "Han": ((0x4E00, 0x9FA5), (0x20000, 0x2A6D6)),
    "Symbols": ((0x2190, 0x21FF), (0x2600, 0x27BF), (0x1F300, 0x1FAFF)),
}
"""Ranges of code points of 31 scripts, and of symbols and emoji."""

_SPACES = (" ", "  ", "\t", "\n", " ", " ", "　", "\u200b", "\u200d", "_", "-", "\ufeff")
_EXTRAS = (
    "&amp;", "&amp;lt;", "&#8364;", "<eos>", "<bos>", "<pad>", "<mask>", "▁", "…", "’", "“", "ﬁ", "İ",
    "ẞ", "ß", "№",
    "e\u0301", "A\u030a", "Ã©", "â€™", "ＡＢＣ", "１２３", "f/2.8", "IMG_0042.JPG",
    "#tag", "@x", "it's", "!?", "\x00", "\x7f",
)  # fmt: skip


def strings(count: int, *, seed: int) -> list[str]:
    """``count`` texts: words of one script or two, of any length up to beyond 64 tokens, with odd spaces,
    entities, wrongly decoded characters and special tokens among them. The same for the same seed."""
    source = random.Random(seed)
    names = sorted(SCRIPTS)
    made = []
    for number in range(count):
        scripts = [names[number % len(names)]]
        if source.random() < 0.3:
            scripts.append(source.choice(names))
        words = source.choice((1, 2, 3, 5, 8, 40))
        parts: list[str] = []
        for _ in range(words):
            parts.append(_word(source, source.choice(scripts)))
            if source.random() < 0.15:
                parts.append(source.choice(_EXTRAS))
            parts.append(source.choice(_SPACES) if source.random() < 0.4 else " ")
        made.append("".join(parts if source.random() < 0.5 else parts[:-1]))
    return made


def _word(source: random.Random, script: str) -> str:
    ranges = SCRIPTS[script]
    return "".join(chr(source.randint(*source.choice(ranges))) for _ in range(source.randint(1, 9)))
