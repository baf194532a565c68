"""Which part of a tall picture a square cell shows."""

from __future__ import annotations

from itertools import accumulate, pairwise

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPixmap

_TALL_FROM = 1.2
"""Height as a share of the width from which the crop looks for detail."""
_COLUMNS = 16
"""Width of the reduced picture in which detail is measured. This takes a fraction of a millisecond."""
_MIN_GAIN = 1.15
"""How much more detail another part must have than the middle. Otherwise the middle is shown."""


def square_of(pixmap: QPixmap) -> QRect:
    """The square of a picture that fills a cell: of a tall picture the part with most detail, else the
    middle.
    """
    square = middle_of(pixmap, QSize(1, 1))
    if pixmap.height() > _TALL_FROM * pixmap.width():
        square.moveTop(round(_best_top(pixmap.toImage()) * (pixmap.height() - square.height())))
    return square


def middle_of(pixmap: QPixmap, shape: QSize) -> QRect:
    """The largest part in the middle of a picture that has the same shape as ``shape``."""
    width, height = pixmap.width(), pixmap.height()
    if width * shape.height() > height * shape.width():
        width = max(1, round(height * shape.width() / shape.height()))
    else:
        height = max(1, round(width * shape.height() / shape.width()))
    return QRect((pixmap.width() - width) // 2, (pixmap.height() - height) // 2, width, height)


def _best_top(image: QImage) -> float:
    """Where the square begins, from 0 (top) to 1 (bottom)."""
    rows = max(_COLUMNS + 2, round(_COLUMNS * image.height() / image.width()))
    small = image.scaled(
        _COLUMNS, rows, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    ).convertToFormat(QImage.Format.Format_Grayscale8)
    pixels, line_length = bytes(small.constBits()), small.bytesPerLine()
    grey = [pixels[row * line_length :][:_COLUMNS] for row in range(rows)]
    detail = [
        sum(abs(a - b) for a, b in pairwise(line))
        + sum(abs(a - b) for a, b in zip(line, grey[min(row + 1, rows - 1)], strict=True))
        for row, line in enumerate(grey)
    ]
    sums = [0, *accumulate(detail)]
    places = range(rows - _COLUMNS + 1)
    within = [sums[top + _COLUMNS] - sums[top] for top in places]
    middle = len(places) // 2
    # Of equal parts, the one nearest to the middle.
    best = max(places, key=lambda top: (within[top], -abs(top - middle)))
    if within[best] < _MIN_GAIN * within[middle]:
        best = middle
    return best / max(1, len(places) - 1)
