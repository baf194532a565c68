"""One picture on a plain background, with fit, zoom to the pointer and pan."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

_ZOOM_STEP = 1.25
_MAX_FIT_ZOOM = 2.0
"""Limits the enlargement of small pictures, which would only show blur."""
_MAX_ZOOM = 8.0
"""Maximum zoom, in device pixels per picture pixel."""


class ZoomCover(QWidget):
    """A widget that covers a zoom view and follows the picture."""

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self.view = view
        view.view_changed.connect(self._cover_view)
        view.moved.connect(self._cover_view)

    def cover(self) -> None:
        """Show, covering the whole view."""
        self.setGeometry(self.view.rect())
        self.show()
        self.raise_()

    def _cover_view(self) -> None:
        if not self.isHidden():
            self.setGeometry(self.view.rect())
            self.update()


class ZoomView(QWidget):
    """Shows a picture of a known size from whatever resolution is available.

    The *zoom* is device pixels per picture pixel: 1.0 is 1:1 on any screen. A thumbnail, a screen-size
    version and a full-size version of the same picture can replace each other without a visible jump.
    """

    view_changed = Signal()
    """The zoom or the view's size changed; a sharper version may be needed."""
    moved = Signal()
    """The picture was panned."""

    def __init__(self, parent: QWidget | None = None, *, max_fit_zoom: float = _MAX_FIT_ZOOM) -> None:
        """``max_fit_zoom``: maximum device-independent pixels per picture pixel when fitting."""
        super().__init__(parent)
        self._max_fit_zoom = max_fit_zoom
        self._image = QImage()
        self._size = QSize()
        self._zoom: float | None = None
        """None means fit."""
        self._centre = QPointF(0.5, 0.5)
        """The point of the picture at the centre of the view, as fractions."""
        self._dragged_from: QPoint | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self._cursor_hidden = False

    @property
    def fitting(self) -> bool:
        return self._zoom is None

    @property
    def zoom(self) -> float:
        return self._zoom if self._zoom is not None else self._fit_zoom()

    @property
    def picture_size(self) -> QSize:
        """The size in pixels of the upright original; empty while there is no picture."""
        return QSize(self._size)

    @property
    def image(self) -> QImage:
        """The available version; null before the first one."""
        return self._image

    @property
    def image_side(self) -> int:
        """The long side in pixels of the available version, or 0."""
        return max(self._image.width(), self._image.height())

    @property
    def wanted_side(self) -> int:
        """The long side in pixels that the current zoom can display."""
        longest = max(self._size.width(), self._size.height())
        return min(longest, round(longest * self.zoom))

    def show_picture(self, image: QImage, size: QSize) -> None:
        """Show a new picture, fitted. ``size`` is that of the upright original."""
        self._size = size
        self._zoom = None
        self._centre = QPointF(0.5, 0.5)
        self.set_image(image)
        self.view_changed.emit()

    def set_image(self, image: QImage) -> None:
        """Replace the version of the same picture. Zoom and position stay."""
        self._image = image
        self.update()

    def fit(self) -> None:
        self._set_zoom(None, None)

    def zoom_to(self, zoom: float, about: QPointF | None = None) -> None:
        """``about`` is the point of the view that keeps its position; the centre by default."""
        self._set_zoom(zoom, about)

    def zoom_in(self) -> None:
        self._set_zoom(self.zoom * _ZOOM_STEP, None)

    def zoom_out(self) -> None:
        self._set_zoom(self.zoom / _ZOOM_STEP, None)

    def pan(self, by: QPointF) -> None:
        """Move the picture by device-independent pixels."""
        if self.fitting:
            return
        shown = self._shown_size()
        self._centre -= QPointF(by.x() / shown.x(), by.y() / shown.y())
        self._keep_in_view()
        self.update()
        self.moved.emit()

    @property
    def viewpoint(self) -> tuple[float, QPointF]:
        """Zoom relative to fit, and the point at the centre (as fractions)."""
        return self.zoom / self._fit_zoom(), QPointF(self._centre)

    def show_viewpoint(self, magnification: float, centre: QPointF) -> None:
        """Show the same part as another view with this :attr:`viewpoint`, whatever the sizes."""
        if self._size.isEmpty():
            return
        fitted = magnification <= 1.001
        self._zoom = None if fitted else self._fit_zoom() * magnification
        self._centre = QPointF(0.5, 0.5) if fitted else QPointF(centre)
        self._keep_in_view()
        self._show_cursor()
        self.update()
        self.view_changed.emit()

    # --- geometry ---------------------------------------------------------------------------

    def _fit_zoom(self) -> float:
        if self._size.isEmpty():
            return 1.0
        ratio = self.devicePixelRatioF()
        fit = min(
            self.width() * ratio / self._size.width(),
            self.height() * ratio / self._size.height(),
        )
        return min(fit, self._max_fit_zoom * ratio)

    def _shown_size(self) -> QPointF:
        """The displayed size of the whole picture, in device-independent pixels."""
        scale = self.zoom / self.devicePixelRatioF()
        return QPointF(max(1.0, self._size.width() * scale), max(1.0, self._size.height() * scale))

    def picture_rect(self) -> QRectF:
        """The rectangle of the whole picture in widget coordinates; it may extend beyond the view."""
        shown = self._shown_size()
        left = self.width() / 2 - self._centre.x() * shown.x()
        top = self.height() / 2 - self._centre.y() * shown.y()
        return QRectF(left, top, shown.x(), shown.y())

    def _set_zoom(self, zoom: float | None, about: QPointF | None) -> None:
        if self._size.isEmpty():
            return
        fit_zoom = self._fit_zoom()
        middle = QPointF(self.width() / 2, self.height() / 2)
        anchor = about if about is not None else middle
        before = self.picture_rect()
        fraction = QPointF(
            (anchor.x() - before.left()) / before.width(), (anchor.y() - before.top()) / before.height()
        )
        # Snap to fit when close to it, so that zooming out ends where it began.
        if zoom is None or zoom <= fit_zoom * 1.001:
            self._zoom = None
            self._centre = QPointF(0.5, 0.5)
        else:
            self._zoom = min(zoom, max(_MAX_ZOOM, fit_zoom))
            shown = self._shown_size()
            self._centre = QPointF(
                fraction.x() - (anchor.x() - middle.x()) / shown.x(),
                fraction.y() - (anchor.y() - middle.y()) / shown.y(),
            )
            self._keep_in_view()
        self._show_cursor()
        self.update()
        self.view_changed.emit()

    def _keep_in_view(self) -> None:
        """Leave no empty band while the picture is larger than the view; centre it otherwise."""
        shown = self._shown_size()

        def kept(at: float, view: float, size: float) -> float:
            half = view / size / 2
            return 0.5 if half >= 0.5 else min(max(at, half), 1 - half)

        self._centre = QPointF(
            kept(self._centre.x(), self.width(), shown.x()), kept(self._centre.y(), self.height(), shown.y())
        )

    def hide_cursor(self, hidden: bool) -> None:
        """Hide the pointer over the picture, or show it again."""
        if hidden != self._cursor_hidden:
            self._cursor_hidden = hidden
            self._show_cursor()

    def _show_cursor(self) -> None:
        if self._cursor_hidden:
            self.setCursor(Qt.CursorShape.BlankCursor)
            return
        if self.fitting:
            self.unsetCursor()
        else:
            dragging = self._dragged_from is not None
            self.setCursor(Qt.CursorShape.ClosedHandCursor if dragging else Qt.CursorShape.OpenHandCursor)

    # --- events -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if self._image.isNull():
            return
        # Beyond three screen pixels per picture pixel, show the pixels unsmoothed.
        sharp = self.zoom >= 3 and self.image_side >= self.wanted_side
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not sharp)
        # Align to device pixels, so that a version made for this size is not resampled.
        ratio = self.devicePixelRatioF()
        at = self.picture_rect()
        painter.drawImage(
            QRectF(*(round(edge * ratio) / ratio for edge in (at.x(), at.y(), at.width(), at.height()))),
            self._image,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self.fitting:
            self._keep_in_view()
        self.view_changed.emit()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching, on a touchpad or a touchscreen."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self._set_zoom(self.zoom * max(0.1, 1 + event.value()), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                about = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint()))
                self._set_zoom(self.zoom * max(0.1, pinch.scaleFactor()), about)
                event.accept()
                return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self._set_zoom(self.zoom * _ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and not self.fitting:
            self._dragged_from = event.position().toPoint()
            self._show_cursor()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged_from is not None:
            here = event.position().toPoint()
            self.pan(QPointF(here - self._dragged_from))
            self._dragged_from = here
        event.ignore()  # the viewer shows its controls while the pointer moves

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            if self.fitting and self.zoom < 1:
                self._set_zoom(1.0, event.position())
            else:
                self.fit()
