"""The words that a model was trained on, for models that come with a list of them. No torch here."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

VOCABULARY_NAME = "known_words.txt.gz"
"""One lower-case word a line, UTF-8."""

_WORD = re.compile(r"[^\W\d_]+")
"""A run of letters of any script; digits are never unknown."""
_SHORTEST = 2
_ENDINGS = ("s", "es", "ed", "ing", "er", "ers", "ly", "d", "r", "y")
"""Endings of English words. A model that was trained on "surfer" also understands "surfers", because its
tokens are parts of words."""


class Vocabulary:
    """Finds the words of a text that a model was not trained on. Read from its file on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def words(self) -> frozenset[str]:
        """The known words. Empty if the file cannot be read; then no word counts as unknown."""
        try:
            with gzip.open(self._path, "rt", encoding="utf-8") as file:
                return frozenset(file.read().split())
        except (OSError, EOFError, UnicodeDecodeError):
            return frozenset()

    def unknown(self, text: str) -> tuple[str, ...]:
        """The words of ``text`` outside what was taught, as written, each once, in their order.

        A word is known with an English ending too. Single letters and numbers are never reported.
        """
        if not self.words:
            return ()
        found = dict.fromkeys(word for word in _WORD.findall(text) if len(word) >= _SHORTEST)
        return tuple(word for word in found if not self._knows(word.lower()))

    def _knows(self, word: str) -> bool:
        if word in self.words:
            return True
        stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
        return any(
            len(stem) > 2 and (stem in self.words or stem + "e" in self.words or stem[:-1] in self.words)
            for stem in stems
        )


def vocabulary_of(folder: Path) -> Vocabulary | None:
    """The vocabulary of the model in ``folder``; None if it is not known, as for models trained on the
    web."""
    path = folder / VOCABULARY_NAME
    return Vocabulary(path) if path.is_file() else None


def write_vocabulary(folder: Path, words: Iterable[str]) -> None:
    """Write the list of a model; the same words always give the same bytes."""
    text = "\n".join(sorted(set(words))) + "\n"
    (folder / VOCABULARY_NAME).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
