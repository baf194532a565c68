"""A heat map over a picture that highlights where the match is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent

from safelight.core.explanation import Heat
from safelight.ui.widgets.zoom_view import ZoomCover, ZoomView


class HeatmapOverlay(ZoomCover):
    """Covers a zoom view and passes the pointer through."""

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._shade = QImage()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_heat(self, heat: Heat) -> None:
        """Set rows of values from 0 to 1 covering the whole picture; None hides the overlay."""
        if not heat:
            self.hide()
            return
        from safelight.ui.explanation.heatmap_shading import shade_of  # NumPy is loaded only when needed

        self._shade = shade_of(heat)
        self.cover()
        self.lower()  # below the region chooser
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(self.view.picture_rect()), self._shade)
        painter.end()
