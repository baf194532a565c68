"""Photos for the paragraphs of a document."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.api.library import Library
from safelight.api.values import Match
from safelight.core.search import Band

_FENCE = re.compile(r"^(```|~~~).*?^\1[^\S\n]*$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"<[^>]*>|^\s*(?:#+|>|[-*+]|\d+[.)])\s+", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_LEAST_WORDS = 2
"""A sentence of fewer words describes no picture."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A photo for a paragraph."""

    match: Match
    sentence: str
    """The sentence that it matches."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a document, and the photos that match it."""

    line: int
    """Where it begins, from 1."""
    text: str
    proposals: tuple[Proposal, ...]
    """Best first; none where no photo matches strongly."""


def find_for(library: Library, document: str, limit: int = 3) -> list[Paragraph]:
    """At most ``limit`` photos for each paragraph of a Markdown or plain text, those that match one of its
    sentences strongly. Raises as :meth:`Library.search`."""
    found = []
    for line, text in paragraphs(document):
        best: dict[str, Proposal] = {}
        for sentence in _SENTENCE.split(text):
            words = _plain(sentence)
            if len(words.split()) < _LEAST_WORDS:
                continue
            for match in library.search(words, limit):
                known = best.get(match.key)
                if match.band is Band.STRONG and (known is None or _rank(match) > _rank(known.match)):
                    best[match.key] = Proposal(match, sentence)
        ordered = sorted(best.values(), key=lambda proposal: _rank(proposal.match), reverse=True)
        found.append(Paragraph(line, text, tuple(ordered[:limit])))
    return found


def paragraphs(document: str) -> list[tuple[int, str]]:
    """(line, text on one line) of each paragraph, without code, links and other markup. Headings count."""
    # Code keeps its line breaks, so that the numbers of lines stay right.
    prose = _FENCE.sub(lambda code: "\n" * code[0].count("\n"), document.replace("\r\n", "\n"))
    found = []
    for block in re.finditer(r"(?:^[^\n]*\S[^\n]*\n?)+", prose, re.MULTILINE):
        text = " ".join(_MARKUP.sub(" ", _LINK.sub(r"\1", block[0])).split()).strip("*_` ")
        if text:
            found.append((prose.count("\n", 0, block.start()) + 1, text))
    return found


def _plain(sentence: str) -> str:
    """Words only, so that nothing is read as an operator or filter of the search language."""
    return " ".join(word.lower() if word == "OR" else word for word in _WORD.findall(sentence))


def _rank(match: Match) -> tuple[float, float]:
    return (-1.0 if match.probability is None else match.probability), match.score
