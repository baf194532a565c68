"""Checks of the words that follow the action of a command."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.errors import UsageError


def required(text: str, message: str) -> str:
    """``text``. Raises UsageError with ``message`` if it is blank."""
    if not text.strip():
        raise UsageError(message)
    return text


def only(words: Sequence[str], what: str) -> str:
    """The one word that is given. Raises UsageError, which asks for ``what``."""
    if len(words) != 1:
        raise UsageError(f"Name {what}, once.")
    return words[0]


def none(words: Sequence[str]) -> None:
    """Raises UsageError if there are words."""
    if words:
        raise UsageError(f"This command takes no further names: {' '.join(words)}.")
