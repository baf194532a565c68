"""Which marks, names and texts photos can have."""

from __future__ import annotations

from safelight.core.errors import UsageError
from safelight.core.plain_text import one_line

REJECTED = -1
"""The rating of a photo that the user rejected, as in XMP."""

LABELS = ("red", "yellow", "green", "blue", "purple")
"""Colour labels. XMP stores the same names with a capital letter (``xmp:Label``)."""

MAX_NAME_LENGTH = 500
"""Characters in the name of a tag (with its parents) or of an album."""

MAX_TEXT_LENGTH = 100_000
"""Characters in a title or caption."""


def clean_tag(text: str) -> str:
    """The name of a tag as it is stored: ``animals/dog``, with single spaces and without empty levels.

    Lightroom separates levels with ``|``, so that is a separator too. Raises UsageError where nothing is left
    or the name is too long.
    """
    levels = (one_line(level) for level in text.replace("|", "/").split("/"))
    name = "/".join(level for level in levels if level)
    if not name:
        raise UsageError("A tag needs a name.")
    if len(name) > MAX_NAME_LENGTH:
        raise UsageError("The name of a tag has at most {limit} characters.", limit=MAX_NAME_LENGTH)
    return name


def clean_album_name(text: str) -> str:
    """The name of an album as it is stored. Raises UsageError for an empty or unusable name."""
    name = one_line(text)
    if not name:
        raise UsageError("An album needs a name.")
    if len(name) > MAX_NAME_LENGTH:
        raise UsageError("The name of an album has at most {limit} characters.", limit=MAX_NAME_LENGTH)
    if "/" in name:
        raise UsageError(
            "The name of an album cannot contain “/”: {name}. It separates nested albums.", name=name
        )
    return name


def is_within(tag: str, parent: str) -> bool:
    """Whether a tag is ``parent`` or below it. Case does not matter."""
    return f"{tag}/".lower().startswith(f"{parent}/".lower())
