"""The notice about words that the model was never taught: their results are not presented as an answer."""

from __future__ import annotations

from dataclasses import replace

from safelight.services.searching.results import Found

_LISTED = 3
"""Words that the sentence lists."""


def with_unknown_words(found: Found, words: tuple[str, ...]) -> Found:
    """``found`` with one sentence about ``words``, which the model was never taught; unchanged without
    such words.
    """
    if not words:
        return found
    listed = ", ".join(f"“{word}”" for word in words[:_LISTED]) + (" …" if len(words) > _LISTED else "")
    sentence = (
        f"This model was not taught {listed}; a larger or multilingual model may know "
        f"{'it' if len(words) == 1 else 'them'} (see Models)."
    )
    return replace(found, notice=f"{sentence} {found.notice}".rstrip(), unknown_words=words)
