"""The full-size viewer: one photo at a time over the whole window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.explanation.why_card import ViewerWhy
from safelight.ui.key_bindings import act_on, claim
from safelight.ui.library_reader import LibraryReader
from safelight.ui.picture_loader import PictureLoader
from safelight.ui.reads import ReadPhotos
from safelight.ui.translation import translate
from safelight.ui.viewer.controls import ViewerControls
from safelight.ui.viewer.film_strip import FilmStrip
from safelight.ui.viewer.frames import ViewerFrames
from safelight.ui.viewer.info_card import InfoCard
from safelight.ui.viewer.keys import keys_of
from safelight.ui.viewer.message import ViewerMessage
from safelight.ui.viewer.part_chooser import PartChooser
from safelight.ui.viewer.pictures import FULL, ViewerPictures
from safelight.ui.viewer.rotations import Rotations, turned_back, turned_image, turned_size
from safelight.ui.viewer.sequence import PhotoSequence
from safelight.ui.viewer.slideshow import Slideshow
from safelight.ui.viewer.video import ViewerVideo
from safelight.ui.widgets.zoom_view import ZoomView

_SHARPEN_DELAY = 120
"""Milliseconds after the last zoom or resize before a sharper version is requested."""

_DEVELOP_DELAY = 700
"""Milliseconds for which a RAW photo is shown before it is developed, which takes seconds."""
_RAW = "RAW"
_SAID = 1500
"""Milliseconds for which the slideshow says how to end it."""


class Viewer(QWidget):
    """Shows the thumbnail at once, then the screen-size picture, and the full size when zoomed in.

    Holds the current photo and its two neighbours. Pictures of other photos that arrive late are dropped.
    """

    closed = Signal(int)  # the photo shown last
    photo_shown = Signal(int)
    favourite_toggled = Signal(int, bool)
    film_toggled = Signal(bool)
    similar_requested = Signal(int)
    part_requested = Signal(object, QRectF)  # Photo and region, as fractions of the picture
    context_menu_requested = Signal(QPoint, int)

    def __init__(
        self,
        loader: PictureLoader,
        reader: LibraryReader,
        thumbnail: Callable[[int], QPixmap | None],
        parent: QWidget | None = None,
        *,
        moment: Callable[[int], float | None] = lambda _: None,
        rotations: Rotations | None = None,
    ) -> None:
        """``thumbnail`` returns a cached thumbnail or None, without blocking. ``moment`` returns the time of
        the frame that stands for a video in the results shown.
        """
        super().__init__(parent)
        self._moment = moment
        self._rotations = rotations or Rotations()
        self._reader = reader
        self._thumbnail = thumbnail
        self._sequence = PhotoSequence()
        self._photos: dict[int, Photo] = {}
        self.pictures = ViewerPictures(loader, moment, self)
        self.pictures.arrived.connect(self._show_picture)
        self.pictures.failed.connect(self._show_failure)
        self._shown: int | None = None
        """The photo in the picture area; follows ``current`` once its row is loaded."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(translate("Viewer", "Viewer"))
        self.view = ZoomView(self)
        self.chooser = PartChooser(self.view)
        self.chooser.chosen.connect(self._search_part)
        self.chooser.left.connect(self.setFocus)
        self.film = FilmStrip(thumbnail, self)
        self.film.chosen.connect(lambda place: self.go(place - self._sequence.at))
        self._message = ViewerMessage(self)
        self.controls = ViewerControls(self)
        self.why = ViewerWhy(self.view, self, self._room)
        self.info = InfoCard(self)
        self.info.closed.connect(self.toggle_info)
        self.slideshow = Slideshow(lambda: self._step(1), self._next_is_loaded, self)
        self.slideshow.running_changed.connect(self._show_running)
        self.video = ViewerVideo(self, moment)
        self.video.failed.connect(self._say)
        self.frames = ViewerFrames(self, loader, self._screen_side)
        self.frames.frame_changed.connect(self._show_frame)
        self.frames.page_changed.connect(self._show_current)
        self.frames.failed.connect(self._say)
        self._develop = QTimer(self, singleShot=True, interval=_DEVELOP_DELAY)
        self._develop.timeout.connect(self._ask_for_pictures)
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_DELAY)
        self._sharpen.timeout.connect(self._ask_for_pictures)
        self.view.view_changed.connect(self._sharpen.start)
        self.view.view_changed.connect(lambda: self.controls.show_zoom(self.view.zoom))
        self._connect_controls()

    def _connect_controls(self) -> None:
        bar = self.controls
        bar.visibility_changed.connect(self._follow_controls)
        bar.back_requested.connect(self.close_viewer)
        bar.favourite_toggled.connect(self.toggle_favourite)
        bar.similar_requested.connect(lambda: self.similar_requested.emit(self.current))
        bar.why_requested.connect(self.why.toggle)
        bar.info_requested.connect(self.toggle_info)
        bar.film_requested.connect(self.toggle_film)
        bar.part_requested.connect(self.choose_part)
        bar.fit_requested.connect(self.view.fit)
        bar.actual_size_requested.connect(lambda: self.view.zoom_to(1.0))
        bar.other_half_requested.connect(self.show_other_half)
        bar.previous_requested.connect(lambda: self.go(-1))
        bar.next_requested.connect(lambda: self.go(1))

    @property
    def current(self) -> int | None:
        """The current photo; None while closed."""
        return self._sequence.current

    @property
    def photo(self) -> Photo | None:
        """The row of the current photo, once loaded."""
        return self._photos.get(self.current) if self.current is not None else None

    @property
    def message(self) -> str:
        return self._message.text() if self._message.isVisibleTo(self) else ""

    def open(self, ids: Sequence[int], current: int) -> None:
        """Show ``current``. ``ids`` are the photos to navigate through."""
        self._sequence.open(ids, current)
        self._arrive()
        self.setFocus()
        self.controls.wake()

    def update_ids(self, ids: Sequence[int]) -> None:
        """Replace the photos to navigate through. Moves to a neighbour if the current photo is gone."""
        if self.current is None:
            return
        if not ids:
            self.close_viewer()
        elif self._sequence.replace(ids):
            self._show_words()
        else:
            self._arrive()

    def refresh(self, ids: Sequence[int]) -> None:
        """Reload these photos, whose rows changed."""
        if self.current in ids:
            self._reader.read(ReadPhotos(self._sequence.near), self._take_photos)

    def go(self, by: int) -> None:
        """Move ``by`` photos forwards (backwards if negative), stopping at either end."""
        self.slideshow.restart()
        self._step(by)

    def _step(self, by: int) -> bool:
        """As :meth:`go`; whether there was a photo to go to."""
        moved = self._sequence.step(by)
        if moved:
            self._arrive()
        return moved

    def _next_is_loaded(self) -> bool:
        """Whether the next picture can be shown, or there is none, or it cannot be read."""
        following = self._sequence.following
        if following is None:
            return True
        return self.pictures.best(following) is not None or self.pictures.failure(following) is not None

    def _show_running(self, running: bool) -> None:
        if running:
            self.controls.sleep()
            self._say(translate("Viewer", "Slideshow · F6 ends it"))
            QTimer.singleShot(_SAID, self._message, self._message.hide)
        else:
            self.controls.wake()

    def turn(self, by: int) -> None:
        """Turn the picture clockwise by so many quarters. It is shown like this from now on; the file stays
        as it is.
        """
        if self._shown is not None and self._shown == self.current:
            self._rotations.turn(self._shown, by)
            self.chooser.leave()
            self._show_current()
            self.why.show_turned(self._rotations.of(self._shown))

    def show_other_half(self) -> None:
        """Show the next file of this shot, such as the JPEG of a RAW, or the next photo of this stack."""
        photo = self.photo
        if photo is not None and self._sequence.has_others(photo):
            self._sequence.show_other(photo)
            self._arrive()

    def toggle_actual_size(self) -> None:
        """Show the picture 1:1, or fit it to the window."""
        if self.view.fitting:
            self.view.zoom_to(1.0)
        else:
            self.view.fit()

    def toggle_favourite(self) -> None:
        if self.photo is not None:
            self.favourite_toggled.emit(self.photo.id, not self.photo.favourite)

    def toggle_film(self) -> None:
        """Show or hide the film strip."""
        self.show_film(self.film.isHidden())
        self.film_toggled.emit(not self.film.isHidden())

    def show_film(self, shown: bool) -> None:
        self.film.setVisible(shown)
        self._place_parts()

    def toggle_info(self) -> None:
        """Show or hide the photo's metadata and histogram."""
        self.info.setVisible(self.info.isHidden())
        self._show_info()

    def choose_part(self) -> None:
        """Start or stop choosing a region of the picture to search for."""
        if not self.chooser.isHidden():
            self.chooser.leave()
        elif self._shown is not None:
            self.chooser.begin()

    def _search_part(self, part: QRectF) -> None:
        self.setFocus()
        if self.photo is not None:
            self.part_requested.emit(self.photo, turned_back(part, self._rotations.of(self.photo.id)))

    def play(self) -> None:
        """Play or pause the animation or the video."""
        if not self.frames.toggle():
            self.video.play()

    def pause_or_close(self) -> None:
        """Pause what plays, or play on; otherwise close, as Space opens the viewer."""
        if self.video.is_playing:
            self.video.play()
        elif not self.frames.toggle():
            self.close_viewer()

    def leave(self) -> None:
        """Return from the player to the picture, and from there to the grid."""
        if not self.video.end():
            self.close_viewer()

    def close_viewer(self) -> None:
        """Release everything and emit ``closed``. Idempotent."""
        self._sequence.end_shot()
        self.slideshow.stop()
        current = self.current
        if current is None:
            return
        self._sequence.close()
        self._shown = None
        self.why.show_photo(None)
        self.info.show_photo(None)
        self.video.show_photo(None)
        self.frames.show_photo(None)
        self.film.forget()
        self.chooser.leave()
        self._sharpen.stop()
        self._develop.stop()
        self.controls.sleep()
        self.pictures.clear()
        self._photos.clear()
        self.view.show_picture(QImage(), QSize())
        self._message.hide()
        self.closed.emit(current)

    # --- what is at hand ----------------------------------------------------------------------

    def _arrive(self) -> None:
        near = set(self._sequence.near)
        self.pictures.keep(near)
        self._develop.start()
        self._photos = {k: v for k, v in self._photos.items() if k in near}
        self._message.hide()
        self.chooser.leave()
        current = self.current
        if current is not None and current in self._photos:
            self._show_current()
        self._reader.read(ReadPhotos(self._sequence.near), self._take_photos)
        self._show_words()
        if current is not None:
            self.photo_shown.emit(current)

    def _take_photos(self, photos: list[Photo]) -> None:
        if self.current is None:
            return
        near = self._sequence.near
        self._photos.update((photo.id, photo) for photo in photos if photo.id in near)
        if self._shown != self.current:
            self._show_current()
        self._show_words()
        self._ask_for_pictures()

    def _show_current(self) -> None:
        photo = self.photo
        if photo is None:
            return
        self._shown = photo.id
        self.frames.show_photo(photo)
        best = self.frames.image or self.pictures.best(photo.id)
        if best is None:
            pixmap = self._thumbnail(photo.id)
            best = pixmap.toImage() if pixmap is not None and not pixmap.isNull() else None
        if best is None:
            best = QImage(1, 1, QImage.Format.Format_RGB32)
            best.fill(QColor(photo.colour))
        turns = self._rotations.of(photo.id)
        size = turned_size(self.frames.size or QSize(photo.width, photo.height), turns)
        self.view.show_picture(turned_image(best, turns), size)
        self.why.show_turned(turns)
        self._show_info()
        failure = self.pictures.failure(photo.id)
        if failure is not None:
            self._say(failure)

    def _show_frame(self) -> None:
        """Show another frame of an animation, or a page that has been loaded."""
        image = self.frames.image
        if image is not None and self._shown is not None:
            self.view.set_image(turned_image(image, self._rotations.of(self._shown)))

    def take_thumbnail(self, photo_id: int) -> None:
        """Show an arriving thumbnail until the picture is loaded."""
        self.film.refresh(photo_id)
        if photo_id == self._shown and self.pictures.best(photo_id) is None and self.frames.image is None:
            pixmap = self._thumbnail(photo_id)
            if pixmap is not None and not pixmap.isNull():
                self.view.set_image(turned_image(pixmap.toImage(), self._rotations.of(photo_id)))

    def _show_words(self) -> None:
        photo, sequence = self.photo, self._sequence
        self.video.show_photo(photo)
        self.film.show_photos(sequence.ids, sequence.at)
        self.why.show_photo(self.current)
        place = translate("Viewer", "{value:,} of {count:,}").format(
            value=sequence.at + 1, count=len(sequence.ids)
        )
        if photo is None:
            self.controls.show_photo("", "", place, favourite=False)
            self.controls.other_half.hide()
            return
        name = wording.name_of(photo)
        date = wording.date_of(photo)
        self.controls.show_photo(name, date, place, photo.favourite)
        self.controls.other_half.setVisible(sequence.has_others(photo))
        self.setAccessibleDescription(f"{name}, {date}, {place}")

    def _show_info(self) -> None:
        if self.info.isHidden():
            return
        self.info.show_photo(self.photo)
        best = self.pictures.best(self._shown) if self._shown is not None else None
        self.info.histogram.show_image(best or QImage())
        self.info.raise_()
        self.info.place(self._room())

    # --- pictures -----------------------------------------------------------------------------

    def _ask_for_pictures(self) -> None:
        """Request the screen-size version of the photo and its neighbours, and the full size if zoomed in."""
        if self.photo is None:
            return
        screen = self._screen_side()
        zoomed = not self.view.fitting and self.view.wanted_side > screen
        if zoomed:
            self.pictures.want(self.photo, FULL)
            self.frames.want_full()
        for photo_id in self._sequence.near:
            if photo_id in self._photos:
                self.pictures.want(self._photos[photo_id], screen)
        self.frames.ask()
        # The camera's preview is shown at once. It is replaced when the user looks closely or stays.
        if self.photo.format == _RAW and (zoomed or not self._develop.isActive()):
            self.pictures.want(self.photo, FULL if zoomed else screen, developed=True)
        if not any(file.online for file in self.photo.files) and self.photo.files:
            self._say(translate("Viewer", "The folder is offline. Showing the stored thumbnail."))

    def _screen_side(self) -> int:
        """The long side in device pixels of a picture that fills the viewer."""
        return round(max(self.width(), self.height()) * self.devicePixelRatioF())

    def _show_picture(self, photo_id: int) -> None:
        best = self.pictures.best(photo_id)
        if photo_id == self.current == self._shown and best is not None:
            if self.frames.image is None:
                self.view.set_image(turned_image(best, self._rotations.of(photo_id)))
            self._show_info()

    def _show_failure(self, photo_id: int, message: str) -> None:
        if photo_id == self.current:
            self._say(message)

    def _say(self, message: str) -> None:
        self._message.say(message, self.view.geometry())

    # --- events -------------------------------------------------------------------------------

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

    def _follow_controls(self, visible: bool) -> None:
        """The pointer, and the control of an animation, fade with the controls."""
        self.view.hide_cursor(not visible)
        self.frames.bar.set_awake(visible)

    def step_frame(self, by: int) -> None:
        """Show another page or frame, and for a moment which one it is."""
        if self.frames.step(by):
            self.frames.bar.set_awake(True)
            self.controls.rest()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.current is not None:
            self.context_menu_requested.emit(event.globalPos(), self.current)

    def event(self, event: QEvent) -> bool:
        # Commands of the window have these keys too.
        own = (Qt.Key.Key_0, Qt.Key.Key_1, Qt.Key.Key_T, Qt.Key.Key_H)
        return claim(event, own) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts = keys_of(self, shift=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if not act_on(event, acts):
            super().keyPressEvent(event)
