"""The picture that darkens a photo where it has little to do with a search."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from safelight.core.explanation import Heat

_DARKEST = 205
"""Opacity of the shade, of 255, where there is nothing of it."""
_FINE = 24
"""Pixels of the shade for each cell of the map, so that its edges are soft."""


def shade_of(heat: Heat) -> QImage:
    """A picture that is the darker the less heat there is; finer than the map, between its cells smooth."""
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
    """Weights (cells × fine, cells) that interpolate linearly between the middles of cells."""
    at = (np.arange(cells * _FINE) + 0.5) / _FINE - 0.5
    return np.maximum(0.0, 1.0 - np.abs(np.clip(at, 0, cells - 1)[:, None] - np.arange(cells)[None, :]))
