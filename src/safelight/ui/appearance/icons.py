"""Safelight's line icons: 20 px, 1.6 px stroke, tinted with any colour.

A window has hundreds of icons, many of them several times. Each drawing is rendered once and kept in
Qt's cache of pixmaps.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from safelight.paths import resources_dir
from safelight.ui import direction

_SIZES = (16, 20, 24)
"""Sizes in use, in device-independent pixels. Each is rendered separately, so that lines stay sharp."""

_OPPOSITE = {
    "arrow-left": "arrow-right",
    "arrow-right": "arrow-left",
    "chevron-right": "chevron-left",
    "control-right": "control-left",
}
"""Icons that point along the line, and those that right-to-left languages have in their place."""

_APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, colour: str | QColor) -> QIcon:
    """The icon ``name`` (a file in ``resources/icons``) in ``colour``, with a faint disabled variant.

    Sharp at the pixel ratio of every connected screen. Raises FileNotFoundError for an unknown name.
    """
    name, tint = directed(name), QColor(colour)
    result = QIcon()
    for ratio in _pixel_ratios():
        for size in _SIZES:
            drawing = _drawing(name, tint, size, ratio)
            result.addPixmap(drawing, QIcon.Mode.Normal)
            result.addPixmap(drawing, QIcon.Mode.Selected)  # by default Qt mixes it with red
            result.addPixmap(_faint_drawing(name, tint, size, ratio), QIcon.Mode.Disabled)
    return result


def pixmap(name: str, colour: str | QColor, size: int, ratio: float) -> QPixmap:
    """An icon as a pixmap for custom painting: ``size`` px at ``ratio`` device pixels."""
    return _drawing(directed(name), QColor(colour), size, ratio)


def app_icon() -> QIcon:
    """The application icon."""
    renderer = QSvgRenderer(QByteArray(_source("safelight").encode()))
    result = QIcon()
    for size in _APP_SIZES:
        result.addPixmap(_render(renderer, size, 1.0))
    return result


def directed(name: str) -> str:
    """The icon that has the meaning of ``name`` in the direction of the window."""
    return _OPPOSITE.get(name, name) if direction.is_mirrored() else name


def _drawing(name: str, tint: QColor, size: int, ratio: float) -> QPixmap:
    return _cached(
        f"icon/{name}/{tint.rgba():x}/{size}/{ratio}",
        lambda: _render(_renderer(_source(name), tint), size, ratio),
    )


def _faint_drawing(name: str, tint: QColor, size: int, ratio: float) -> QPixmap:
    return _cached(
        f"faint-icon/{name}/{tint.rgba():x}/{size}/{ratio}", lambda: _faint(_drawing(name, tint, size, ratio))
    )


def _cached(key: str, draw: Callable[[], QPixmap]) -> QPixmap:
    found = QPixmap()
    if not QPixmapCache.find(key, found):
        found = draw()
        QPixmapCache.insert(key, found)
    return found


def _source(name: str) -> str:
    return (resources_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _renderer(source: str, colour: QColor) -> QSvgRenderer:
    # SVG Tiny has no alpha in colours, so the opacity is a separate attribute.
    tinted = source.replace("currentColor", colour.name()).replace(
        "<svg ", f'<svg opacity="{colour.alphaF():.3f}" ', 1
    )
    return QSvgRenderer(QByteArray(tinted.encode()))


def _faint(drawing: QPixmap) -> QPixmap:
    """Made from the rendered picture, which is faster than rendering it again."""
    result = QPixmap(drawing.size())
    result.setDevicePixelRatio(drawing.devicePixelRatio())
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.setOpacity(0.4)
    painter.drawPixmap(0, 0, drawing)
    painter.end()
    return result


def _pixel_ratios() -> list[float]:
    return sorted({1.0, 2.0} | {screen.devicePixelRatio() for screen in QGuiApplication.screens()})


def _render(renderer: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    side = round(size * ratio)
    result = QPixmap(side, side)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    result.setDevicePixelRatio(ratio)
    return result
