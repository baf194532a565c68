"""Checks of the words that follow the action of a command."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.core.errors import UsageError


def required(text: str, missing: UsageError) -> str:
    """``text``. Raises ``missing`` if it is blank."""
    if not text.strip():
        raise missing
    return text


def only(words: Sequence[str], otherwise: UsageError) -> str:
    """The word, if there is exactly one. Raises ``otherwise`` if not."""
    if len(words) != 1:
        raise otherwise
    return words[0]


def none(words: Sequence[str]) -> None:
    """Raises UsageError if there are words."""
    if words:
        raise UsageError("This command takes no further names: {words}.", words=" ".join(words))
