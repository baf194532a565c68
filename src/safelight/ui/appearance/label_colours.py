"""The colours in which colour labels are shown."""

from __future__ import annotations

LABEL_COLOURS = {
    "red": "#e5484d",
    "yellow": "#f5c518",
    "green": "#30a46c",
    "blue": "#3b82f6",
    "purple": "#8e4ec6",
}
