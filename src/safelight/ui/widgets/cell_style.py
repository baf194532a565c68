"""The ways in which the grid shows photos."""

from __future__ import annotations

from enum import StrEnum


class CellStyle(StrEnum):
    """The values are saved in settings: never rename one."""

    SQUARE = "square"
    """Photos fill square cells."""
    FIT = "fit"
    """Whole photos in square cells."""
    ROWS = "rows"
    """Whole photos in rows that fill the width."""
