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

_MIN_WORDS = 2
"""Sentences with fewer words are not searched for, because they do not describe a picture."""
_MIN_WORDS_FOR_MAYBE = 4
"""Sentences with fewer words, such as headings, get only strong matches, because others are mostly wrong."""


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
    """Best first: photos that match strongly, or else those that may match."""


def find_for(library: Library, document: str, limit: int = 3) -> list[Paragraph]:
    """At most ``limit`` photos for each paragraph of a Markdown or plain text: those that match one of its
    sentences strongly or, where there are none, those that may match a sentence of several words. Raises as
    :meth:`Library.search`.

    Sentences of prose name many things, so that few photos match them strongly: of 150 captions, 15 got a
    photo that way and 63 with those that may match (61 of them the photo of the caption), of 150 paragraphs
    about software 1 and 8. Searching for the parts of sentences proposed photos for 50 of the latter.
    """
    found = []
    for line, text in paragraphs(document):
        best: dict[Band, dict[str, Proposal]] = {Band.STRONG: {}, Band.MAYBE: {}}
        for sentence in _SENTENCE.split(text):
            words = _plain(sentence)
            if len(words.split()) < _MIN_WORDS:
                continue
            for match in library.search(words, limit):
                of_band = best.get(match.band)
                is_short = len(words.split()) < _MIN_WORDS_FOR_MAYBE
                if of_band is None or (is_short and match.band is Band.MAYBE):
                    continue
                known = of_band.get(match.key)
                if known is None or _rank(match) > _rank(known.match):
                    of_band[match.key] = Proposal(match, sentence)
        shown = best[Band.STRONG] or best[Band.MAYBE]
        ordered = sorted(shown.values(), key=lambda proposal: _rank(proposal.match), reverse=True)
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
