"""The small picture that shows which part of a magnified photo is visible."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from safelight.ui.translation import translate
from safelight.ui.widgets.zoom_view import ZoomView

_MAX_SIDE = 168
"""The long side, in device-independent pixels."""
_EDGE = 16
_HIDE_DELAY = 1500
"""Milliseconds after the last change of the view before it is hidden."""
_DIM = QColor(0, 0, 0, 140)
_FRAME = QColor(255, 255, 255, 70)
_RIM = QColor("#ffffff")


class Navigator(QWidget):
    """Appears in the corner of a view while a photo that is larger than the view is moved or magnified.

    A click or a drag in it moves the view there.
    """

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._view = view
        self._picture = QImage()
        self._source_key = 0
        """The cache key of the image that :attr:`_picture` was made of."""
        self._rest = QTimer(self, singleShot=True, interval=_HIDE_DELAY)
        self._rest.timeout.connect(self._hide_unless_used)
        self.setAccessibleName(translate("Navigator", "Visible part of the picture"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        view.view_changed.connect(self._on_view_changed)
        view.moved.connect(self._on_view_changed)
        self.hide()

    @property
    def visible_part(self) -> QRectF:
        """The part of the picture that is visible, as fractions of the picture."""
        at = self._view.picture_rect()
        part = QRectF(
            -at.left() / at.width(),
            -at.top() / at.height(),
            self._view.width() / at.width(),
            self._view.height() / at.height(),
        )
        return part.intersected(QRectF(0, 0, 1, 1))

    def _on_view_changed(self) -> None:
        size = self._view.picture_rect().size()
        hidden = size.width() > self._view.width() + 1 or size.height() > self._view.height() + 1
        small = min(self._view.width(), self._view.height()) < 3 * _MAX_SIDE
        if self._view.fitting or not hidden or small:
            self._rest.stop()
            self.hide()
            return
        shown = size.scaled(_MAX_SIDE, _MAX_SIDE, Qt.AspectRatioMode.KeepAspectRatio).toSize()
        shown = shown.expandedTo(QSize(8, 8))
        self.setGeometry(
            self._view.width() - _EDGE - shown.width(),
            self._view.height() - _EDGE - shown.height(),
            shown.width(),
            shown.height(),
        )
        self.show()
        self.raise_()
        self.update()
        self._rest.start()

    def _hide_unless_used(self) -> None:
        if self.underMouse():
            self._rest.start()
        else:
            self.hide()

    def _small_picture(self) -> QImage:
        """The view's image in the size of this widget."""
        image, ratio = self._view.image, self.devicePixelRatioF()
        wanted = QSize(round(self.width() * ratio), round(self.height() * ratio))
        if image.cacheKey() != self._source_key or self._picture.size() != wanted:
            self._source_key = image.cacheKey()
            # Averaging all pixels of a large image would block the window for tens of milliseconds.
            coarse = image.scaled(wanted * 2) if image.width() > 2 * wanted.width() else image
            self._picture = coarse.scaled(
                wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
        return self._picture

    # --- events -------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect())
        painter.fillRect(area, Qt.GlobalColor.black)
        if not self._view.image.isNull():
            painter.drawImage(area, self._small_picture())
        part = self.visible_part
        visible = QRectF(
            part.x() * area.width(),
            part.y() * area.height(),
            part.width() * area.width(),
            part.height() * area.height(),
        )
        painter.save()
        painter.setClipping(True)
        painter.fillRect(QRectF(0, 0, area.width(), visible.top()), _DIM)
        painter.fillRect(QRectF(0, visible.bottom(), area.width(), area.height() - visible.bottom()), _DIM)
        painter.fillRect(QRectF(0, visible.top(), visible.left(), visible.height()), _DIM)
        right = QRectF(visible.right(), visible.top(), area.width() - visible.right(), visible.height())
        painter.fillRect(right, _DIM)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(_FRAME, 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(QPen(_RIM, 1.5))
        painter.drawRect(visible.adjusted(0.75, 0.75, -0.75, -0.75))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._go_to(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go_to(event.position())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()  # in the view it would end the magnification

    def _go_to(self, place: QPointF) -> None:
        magnification, _ = self._view.viewpoint
        self._view.show_viewpoint(magnification, QPointF(place.x() / self.width(), place.y() / self.height()))
