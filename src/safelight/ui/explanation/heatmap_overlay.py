"""Where in a picture something is: lit, with the rest in the dark."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent

from safelight.core.explanation import Heat
from safelight.ui.widgets.zoom_view import ZoomCover, ZoomView


class HeatmapOverlay(ZoomCover):
    """Lies over a zoom view and lets the pointer through."""

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._shade = QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_heat(self, heat: Heat) -> None:
        """Rows of numbers from 0 to 1, over the whole of the picture; none hides it."""
        if not heat:
            self.hide()
            return
        from safelight.ui.explanation.heatmap_shading import shade_of  # NumPy is for those who ask where

        self._shade = shade_of(heat)
        self.cover()
        self.lower()  # below what is chosen on the picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(self.view.picture_rect()), self._shade)
        painter.end()
