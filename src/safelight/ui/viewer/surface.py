"""The picture of the viewer with the widgets over it: where they are, and when they fade."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QMouseEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from safelight.ui.explanation.why_card import ViewerWhy
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.translation import translate
from safelight.ui.viewer.controls import ViewerControls
from safelight.ui.viewer.face_frames import ViewerFaces
from safelight.ui.viewer.film_strip import FilmStrip
from safelight.ui.viewer.info_card import InfoCard
from safelight.ui.viewer.message import ViewerMessage
from safelight.ui.viewer.navigator import Navigator
from safelight.ui.viewer.part_chooser import PartChooser
from safelight.ui.viewer.photo_display import PhotoDisplay
from safelight.ui.viewer.sequence import PhotoSequence
from safelight.ui.viewer.video import ViewerVideo
from safelight.ui.widgets.zoom_view import ZoomView


class ViewerSurface(QWidget):
    """The widgets of the viewer. :class:`~safelight.ui.viewer.viewer.Viewer` decides what they show."""

    def __init__(
        self,
        loader: PictureLoader,
        thumbnail: Callable[[int], QPixmap | None],
        moment: Callable[[int], float | None],
        parent: QWidget | None = None,
    ) -> None:
        """``thumbnail`` returns a cached thumbnail or None, without blocking. ``moment`` returns the time of
        the frame that represents a video in the results shown.
        """
        super().__init__(parent)
        self._sequence = PhotoSequence()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(translate("Viewer", "Viewer"))
        self.view = ZoomView(self)
        self.navigator = Navigator(self.view)
        self.chooser = PartChooser(self.view)
        self.film = FilmStrip(thumbnail, self)
        self._message = ViewerMessage(self)
        self.controls = ViewerControls(self)
        self.why = ViewerWhy(self.view, self, self._room)
        self.info = InfoCard(self)
        self.video = ViewerVideo(self, self.controls, moment, loader)
        self.display = PhotoDisplay(self, self.view, self._sequence, loader, thumbnail, moment)
        self.frames = self.display.frames
        self.faces = ViewerFaces(self.view, self.display, self.info)
        self.chooser.left.connect(self.setFocus)
        self.video.failed.connect(self._show_message)
        self.display.failed.connect(self._show_message)
        self.view.view_changed.connect(lambda: self.controls.show_zoom(self.view.zoom))
        self.controls.visibility_changed.connect(self._on_controls_shown)

    @property
    def message(self) -> str:
        return self._message.text() if self._message.isVisibleTo(self) else ""

    def show_film(self, shown: bool) -> None:
        """Show or hide the film strip."""
        self.film.setVisible(shown)
        self._place_parts()

    def toggle_actual_size(self) -> None:
        """Show the picture 1:1, or fit it to the window."""
        if self.view.fitting:
            self.view.zoom_to(1.0)
        else:
            self.view.fit()

    def step_frame(self, by: int) -> None:
        """Show another page or frame, and for a moment which one it is."""
        if self.frames.step(by):
            self.frames.bar.set_awake(True)
            self.controls.rest()

    def _show_message(self, message: str) -> None:
        self._message.show_text(message, self.view.geometry())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place_parts()

    def _place_parts(self) -> None:
        film = 0 if self.film.isHidden() else self.film.height()
        self.view.setGeometry(0, 0, self.width(), self.height() - film)
        self.film.setGeometry(0, self.height() - film, self.width(), self.film.height())
        self.controls.setGeometry(0, 0, self.width(), self.controls.height())
        self._message.place(self.view.geometry())
        self.why.place()
        self.info.place(self._room())
        self.video.place(self._room())
        self.frames.bar.place(self._room())

    def _room(self) -> QRect:
        """The area not covered by the controls."""
        return self.view.geometry().adjusted(0, self.controls.height(), 0, 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # In full screen nothing covers the picture, until the pointer moves to where the controls are.
        top = event.position().y() < 2 * self.controls.height()
        if top or not self.window().isFullScreen():
            self.controls.wake()
        else:
            self.controls.rest()
        self.view.hide_cursor(False)

    def _on_controls_shown(self, visible: bool) -> None:
        """The pointer, and the control of an animation, fade with the controls."""
        self.view.hide_cursor(not visible)
        self.frames.bar.set_awake(visible)
