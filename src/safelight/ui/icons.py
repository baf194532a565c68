"""Safelight's own line icons: 20 px, 1.6 px stroke, tinted with whatever colour a place needs."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from safelight.paths import resources_dir

_SIZES = (16, 20, 24)
"""Sizes in use, in device-independent pixels; each is drawn by itself so that no line is resampled."""

_APP_SIZES = (16, 24, 32, 48, 64, 128, 256)


def icon(name: str, colour: str | QColor) -> QIcon:
    """The icon ``name`` (a file in ``resources/icons``) in ``colour``, with a faint disabled form.

    Crisp at every pixel ratio of the screens that are there. Raises FileNotFoundError for a name
    that does not exist.
    """
    renderer = _renderer(_source(name), QColor(colour))
    result = QIcon()
    for ratio in _pixel_ratios():
        for size in _SIZES:
            drawing = _render(renderer, size, ratio)
            result.addPixmap(drawing, QIcon.Mode.Normal)
            result.addPixmap(drawing, QIcon.Mode.Selected)  # left to itself, Qt mixes it with red
            result.addPixmap(_faint(drawing), QIcon.Mode.Disabled)
    return result


def pixmap(name: str, colour: str | QColor, size: int, ratio: float) -> QPixmap:
    """One drawing of an icon for code that paints by itself: ``size`` px at ``ratio`` device pixels."""
    return _render(_renderer(_source(name), QColor(colour)), size, ratio)


def app_icon() -> QIcon:
    """The program's mark, for windows, task bars and launchers."""
    renderer = QSvgRenderer(QByteArray(_source("safelight").encode()))
    result = QIcon()
    for size in _APP_SIZES:
        result.addPixmap(_render(renderer, size, 1.0))
    return result


def _source(name: str) -> str:
    return (resources_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _renderer(source: str, colour: QColor) -> QSvgRenderer:
    # SVG Tiny has no alpha in colours: the name goes into the colour, the alpha beside it.
    tinted = source.replace("currentColor", colour.name()).replace(
        "<svg ", f'<svg opacity="{colour.alphaF():.3f}" ', 1
    )
    return QSvgRenderer(QByteArray(tinted.encode()))


def _faint(drawing: QPixmap) -> QPixmap:
    """Made of the drawing rather than drawn: a window has hundreds of them before it is first painted."""
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
