"""CLIP's byte-pair tokenizer without torch. It gives the same ids as open_clip's."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import regex

from safelight.embedding.text_cleaning import clean_lower

_VOCABULARY = "bpe_simple_vocab_16e6.txt.gz"
_MERGES = 49152 - 256 - 2
_START, _END = "<start_of_text>", "<end_of_text>"
_PIECES = regex.compile(
    rf"{_START}|{_END}|'s|'t|'re|'ve|'m|'ll|'d|\p{{L}}+|\p{{N}}|[^\s\p{{L}}\p{{N}}]+", regex.IGNORECASE
)
_LAST_OF_WORD = "</w>"


class BpeTokenizer:
    """The byte pair encoding of Sennrich et al. ("Neural Machine Translation of Rare Words with Subword
    Units", 2016) over bytes, with the merges of CLIP (Radford et al. 2021)."""

    def __init__(self, vocabulary: Path) -> None:
        """``vocabulary`` is CLIP's list of merges, which open_clip includes."""
        with gzip.open(vocabulary, "rt", encoding="utf-8") as file:
            lines = file.read().split("\n")[1 : _MERGES + 1]
        merges = [(first, second) for first, _, second in (line.partition(" ") for line in lines)]
        self._letters = _letters()
        units = list(self._letters.values())
        known = [
            *units,
            *(unit + _LAST_OF_WORD for unit in units),
            *(first + second for first, second in merges),
            _START,
            _END,
        ]
        self._ids = {unit: number for number, unit in enumerate(known)}
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}

    @property
    def vocabulary_size(self) -> int:
        return len(self._ids)

    def ids(self, text: str, most: int) -> list[int]:
        """At most ``most`` ids, the start and end tokens included; longer texts are truncated."""
        found = [self._ids[_START]]
        for piece in _PIECES.findall(clean_lower(text)):
            found += [self._ids[unit] for unit in self._units(piece)]
        return [*found[: most - 1], self._ids[_END]]

    def _units(self, piece: str) -> list[str]:
        if piece in (_START, _END):
            return [piece]
        units = [self._letters[byte] for byte in piece.encode()]
        units[-1] += _LAST_OF_WORD
        while len(units) > 1:
            best = min(pairwise(units), key=lambda pair: self._ranks.get(pair, _MERGES))
            if best not in self._ranks:
                break
            units = _merged(units, best)
        return units


def clip_vocabulary() -> Path | None:
    """The file with the merges in open_clip, which is not imported; None if it cannot be found."""
    spec = find_spec("open_clip")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name(_VOCABULARY)
    return path if path.is_file() else None


def _merged(units: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    place = 0
    while place < len(units):
        if tuple(units[place : place + 2]) == pair:
            merged.append(pair[0] + pair[1])
            place += 2
        else:
            merged.append(units[place])
            place += 1
    return merged


def _letters() -> dict[int, str]:
    """A printable character for each byte, in the order of CLIP's vocabulary: its own in Latin-1 if that is
    printable, otherwise one from code point 256 on."""
    own = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in own]
    return {byte: chr(byte) for byte in own} | {byte: chr(256 + n) for n, byte in enumerate(others)}
