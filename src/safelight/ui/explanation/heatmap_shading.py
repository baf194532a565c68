"""The shading that darkens the parts of a photo unrelated to a search."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from safelight.core.explanation import Heat

_DARKEST = 205
"""Opacity (of 255) where the heat is zero."""
_FINE = 24
"""Pixels per cell of the map, for soft edges."""


def shade_of(heat: Heat) -> QImage:
    """A picture that is darker where there is less heat, interpolated between cells."""
    cells = np.clip(np.nan_to_num(np.array(heat, np.float64)), 0.0, 1.0)
    rows, columns = cells.shape
    down, across = _between(rows), _between(columns)
    fine = down @ cells @ across.T
    alpha = np.ascontiguousarray((_DARKEST * (1.0 - fine)).astype(np.uint8))
    shade = QImage(columns * _FINE, rows * _FINE, QImage.Format.Format_ARGB32_Premultiplied)
    shade.fill(QColor(0, 0, 0, 0))
    mask = QImage(alpha.data, alpha.shape[1], alpha.shape[0], alpha.shape[1], QImage.Format.Format_Alpha8)
    painter = QPainter(shade)
    painter.drawImage(0, 0, mask)
    painter.end()
    return shade


def _between(cells: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Weights, shape (cells × fine, cells), for linear interpolation between cell centres."""
    at = (np.arange(cells * _FINE) + 0.5) / _FINE - 0.5
    return np.maximum(0.0, 1.0 - np.abs(np.clip(at, 0, cells - 1)[:, None] - np.arange(cells)[None, :]))
