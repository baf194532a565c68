"""Safelight: a desktop photo library that finds pictures by what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safelight.api import Library as Library

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """``from safelight import Library`` loads the interface only where it is used: every process of the
    program imports this module."""
    if name == "Library":
        from safelight.api import Library

        return Library
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
