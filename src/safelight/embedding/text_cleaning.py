"""Text normalisation before tokenisation, as open_clip's ``tokenizer_kwargs.clean`` names it."""

from __future__ import annotations

import html
import string
from collections.abc import Callable
from typing import Final

import ftfy

_WITHOUT_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)


def _repaired(text: str) -> str:
    """``text`` with wrongly decoded characters repaired and HTML entities replaced, twice."""
    return html.unescape(html.unescape(ftfy.fix_text(text)))


def clean_whitespace(text: str) -> str:
    """Repair ``text`` and collapse each run of white space to one space."""
    return " ".join(_repaired(text).split())


def clean_lower(text: str) -> str:
    """:func:`clean_whitespace` in lower case; what the CLIP models were trained on."""
    return clean_whitespace(text).lower()


def clean_canonical(text: str) -> str:
    """:func:`clean_lower` without ASCII punctuation; what the SigLIP models were trained on.

    An underscore separates words; other punctuation joins what it separates (``it's`` becomes ``its``).
    """
    plain = _repaired(text).strip().replace("_", " ").translate(_WITHOUT_PUNCTUATION)
    return " ".join(plain.lower().split())


CLEANERS: Final[dict[str, Callable[[str], str]]] = {
    "whitespace": clean_whitespace,
    "lower": clean_lower,
    "canonicalize": clean_canonical,
}
"""By the name that a model's configuration uses."""
