"""Frames around the faces in the viewer's picture, with the names of people."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton

from safelight.core.photo import FaceRegion
from safelight.ui.appearance.theme import DARK
from safelight.ui.translation import translate
from safelight.ui.viewer.info_card import InfoCard
from safelight.ui.viewer.photo_display import PhotoDisplay
from safelight.ui.widgets.zoom_view import ZoomCover, ZoomView

_GAP = 4
"""Pixels between a frame and its name."""
_CORNER = 4.0
_SHADOW = QColor(0, 0, 0, 90)
_KNOWN, _UNKNOWN = QColor(255, 255, 255, 220), QColor(255, 255, 255, 130)
"""Frames of faces with and without a name."""
_SHEET = f"""
QPushButton {{
    background: rgba(20, 20, 22, 190); color: {DARK.text}; border: 1px solid transparent;
    border-radius: {_CORNER}px; padding: 1px 6px; min-height: 0; font-weight: normal;
}}
QPushButton:hover:enabled {{ background: rgba(60, 60, 64, 230); }}
QPushButton:focus {{ border: 1px solid {DARK.accent}; }}
"""


class FaceFrames(ZoomCover):
    """Covers a zoom view and passes the pointer through, except on the names."""

    person_chosen = Signal(str)
    """The name that was clicked."""

    def __init__(self, view: ZoomView) -> None:
        super().__init__(view)
        self._faces: tuple[FaceRegion, ...] = ()
        self.names: list[QPushButton] = []
        """One button for each face with a name. They are not children of this widget, because those would
        pass the pointer through too."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def faces(self) -> tuple[FaceRegion, ...]:
        """The faces with a frame."""
        return self._faces

    def show_faces(self, faces: Sequence[FaceRegion]) -> None:
        """Frame these faces, as fractions of the picture as it is shown. None hides the frames."""
        if tuple(faces) != self._faces:
            self._faces = tuple(faces)
            for button in self.names:
                button.hide()
                button.deleteLater()
            self.names = [self._button(each) for each in faces if each.name]
            if faces:
                self.cover()
                self.lower()  # below the region chooser
            else:
                self.hide()
        self._cover_view()

    def _button(self, face: FaceRegion) -> QPushButton:
        button = QPushButton(face.name.replace("&", "&&"), self.view)
        button.setStyleSheet(_SHEET)
        if face.is_person:
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setToolTip(translate("FaceFrames", "Search for {name}").format(name=face.name))
            button.clicked.connect(lambda: self.person_chosen.emit(face.name))
        else:  # names of animals are not tags
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        button.show()
        return button

    def _cover_view(self) -> None:
        super()._cover_view()
        named = [each for each in self._faces if each.name]
        for face, button in zip(named, self.names, strict=True):
            frame = self._placed(face)
            button.adjustSize()
            button.move(round(frame.center().x() - button.width() / 2), round(frame.bottom() + _GAP))

    def _placed(self, face: FaceRegion) -> QRectF:
        """A face in pixels of the view."""
        picture = self.view.picture_rect()
        return QRectF(
            picture.left() + face.left * picture.width(),
            picture.top() + face.top * picture.height(),
            face.width * picture.width(),
            face.height * picture.height(),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for face in self._faces:
            for pen in (QPen(_SHADOW, 3.0), QPen(_KNOWN if face.name else _UNKNOWN, 1.5)):
                painter.setPen(pen)
                painter.drawRoundedRect(self._placed(face), _CORNER, _CORNER)
        painter.end()


class ViewerFaces(QObject):
    """Shows the frames while the photo's details are shown, unless they are switched off there."""

    def __init__(self, view: ZoomView, display: PhotoDisplay, info: InfoCard) -> None:
        super().__init__(info)
        self._display = display
        self._info = info
        self.frames = FaceFrames(view)
        info.faces_toggled.connect(self.refresh)
        display.picture_changed.connect(self.refresh)
        display.frames.frame_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Frame the faces of the photo in the view. Other frames and pages of a file have none."""
        photo, display = self._display.photo, self._display
        wanted = not self._info.isHidden() and self._info.shows_faces and display.frames.image is None
        if photo is None or photo.id != display.shown or not wanted:
            self.frames.show_faces(())
        else:
            self.frames.show_faces([each.turned(display.turns) for each in photo.faces])
