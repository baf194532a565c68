"""The full-size viewer: one photo at a time over the whole window."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QWidget

from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.key_bindings import act_on, claim
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadPhotos
from safelight.ui.translation import translate
from safelight.ui.viewer.pictures import is_online
from safelight.ui.viewer.slideshow import Slideshow
from safelight.ui.viewer.surface import ViewerSurface

_HINT_DURATION = 1500
"""Milliseconds for which a starting slideshow shows how to end it."""


class Viewer(ViewerSurface):
    """Shows one photo of a sequence, with controls, film strip, metadata and the explanation of a match.

    :class:`~safelight.ui.viewer.photo_display.PhotoDisplay` loads and shows the picture itself.
    """

    closed = Signal(int)  # the photo shown last
    photo_shown = Signal(int)
    favourite_toggled = Signal(int, bool)
    film_toggled = Signal(bool)
    similar_requested = Signal(int)
    turned = Signal(int, int)  # photo, clockwise quarter turns
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
    ) -> None:
        """``thumbnail`` and ``moment``: as for :class:`ViewerSurface`."""
        super().__init__(loader, thumbnail, moment, parent)
        self._reader = reader
        self.slideshow = Slideshow(lambda: self._step(1), self._next_is_loaded, self)
        self.slideshow.running_changed.connect(self._show_running)
        self.chooser.chosen.connect(self._search_part)
        self.film.chosen.connect(lambda place: self.go(place - self._sequence.at))
        self.info.closed.connect(self.toggle_info)
        self.display.picture_changed.connect(self._on_picture_shown)
        self._connect_controls()

    def _connect_controls(self) -> None:
        bar = self.controls
        bar.back_requested.connect(self.close_viewer)
        bar.favourite_toggled.connect(self.toggle_favourite)
        bar.similar_requested.connect(lambda: self.similar_requested.emit(self.current))
        bar.why_requested.connect(self.why.toggle)
        bar.info_requested.connect(self.toggle_info)
        bar.film_requested.connect(self.toggle_film)
        bar.slideshow_requested.connect(self.slideshow.toggle)
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
        return self.display.photo

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
            self._reader.read(ReadPhotos(self._sequence.near), self._on_photos_read)

    def go(self, by: int) -> None:
        """Move ``by`` photos forwards (backwards if negative), stopping at either end."""
        self.slideshow.restart()
        self._step(by)

    def _step(self, by: int) -> bool:
        """Move as :meth:`go` does. Returns whether there was a photo to go to."""
        moved = self._sequence.step(by)
        if moved:
            self._arrive()
        return moved

    def _next_is_loaded(self) -> bool:
        """Whether the next picture can be shown, or there is none, or it cannot be read."""
        following = self._sequence.following
        return following is None or self.display.is_ready(following)

    def _show_running(self, running: bool) -> None:
        if running:
            self.controls.dismiss()
            self._show_message(translate("Viewer", "Slideshow · F6 ends it"))
            QTimer.singleShot(_HINT_DURATION, self._message, self._message.hide)
        else:
            self.controls.wake()

    def turn(self, by: int) -> None:
        """Turn the picture clockwise by this many quarters, from now on. The file is not changed."""
        if self.display.turn(by) and self.current is not None:
            self.chooser.leave()
            self.turned.emit(self.current, by)

    def show_other_half(self) -> None:
        """Show the next file of this shot, such as the JPEG of a RAW, or the next photo of this stack."""
        photo = self.photo
        if photo is not None and self._sequence.has_others(photo):
            self._sequence.show_other(photo)
            self._arrive()

    def toggle_favourite(self) -> None:
        if self.photo is not None:
            self.favourite_toggled.emit(self.photo.id, not self.photo.favourite)

    def toggle_film(self) -> None:
        """Show or hide the film strip."""
        self.show_film(self.film.isHidden())
        self.film_toggled.emit(not self.film.isHidden())

    def toggle_info(self) -> None:
        """Show or hide the photo's metadata and histogram."""
        self.info.setVisible(self.info.isHidden())
        self.faces.refresh()
        self._show_info()

    def choose_part(self) -> None:
        """Start or stop choosing a region of the picture to search for."""
        if not self.chooser.isHidden():
            self.chooser.leave()
        elif self.display.shown is not None:
            self.chooser.begin()

    def _search_part(self, part: QRectF) -> None:
        self.setFocus()
        if self.photo is not None:
            self.part_requested.emit(self.photo, self.display.upright(part))

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
        self.display.clear()
        self.why.show_photo(None)
        self.info.show_photo(None)
        self.faces.refresh()
        self.video.show_photo(None)
        self.film.forget()
        self.chooser.leave()
        self.controls.sleep()
        self._message.hide()
        self.closed.emit(current)

    # --- the current photo --------------------------------------------------------------------

    def _arrive(self) -> None:
        """Show the photo that is current now."""
        self._message.hide()
        self.chooser.leave()
        self.display.arrive()
        self._reader.read(ReadPhotos(self._sequence.near), self._on_photos_read)
        self._show_words()
        if self.current is not None:
            self.photo_shown.emit(self.current)

    def _on_photos_read(self, photos: list[Photo]) -> None:
        if self.current is not None:
            before = self.photo
            self.display.take_photos(photos)
            self.faces.refresh()
            self._show_words()
            after = self.photo
            if before is not None and after is not None and before != after:
                if is_online(after) and not is_online(before):
                    self._message.hide()  # it said that the folder is offline
                self._show_info()

    def take_thumbnail(self, photo_id: int) -> None:
        """Show an arriving thumbnail until the picture is loaded."""
        self.film.refresh(photo_id)
        self.display.take_thumbnail(photo_id)

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
        self.info.histogram.show_image(self.display.loaded)
        self.info.raise_()
        self.info.place(self._room())

    def _on_picture_shown(self) -> None:
        self.why.show_turned(self.display.turns)
        self._show_info()

    # --- events -------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.current is not None:
            self.context_menu_requested.emit(event.globalPos(), self.current)

    def event(self, event: QEvent) -> bool:
        # Commands of the window have these keys too.
        own = (
            Qt.Key.Key_0,
            Qt.Key.Key_1,
            Qt.Key.Key_T,
            Qt.Key.Key_H,
            Qt.Key.Key_O,
            Qt.Key.Key_R,
            Qt.Key.Key_F6,
        )
        return claim(event, own) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not act_on(event, self._keys(shift=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))):
            super().keyPressEvent(event)

    def _keys(self, *, shift: bool) -> Mapping[int, Callable[[], object]]:
        """The action of each key. ``shift``: whether Shift is held."""
        return {
            Qt.Key.Key_Escape: self.leave,
            Qt.Key.Key_R: lambda: self.turn(3 if shift else 1),
            Qt.Key.Key_F6: self.slideshow.toggle,
            Qt.Key.Key_P: self.play,
            Qt.Key.Key_Comma: lambda: self.step_frame(-1),
            Qt.Key.Key_Period: lambda: self.step_frame(1),
            Qt.Key.Key_O: self.show_other_half,
            Qt.Key.Key_Space: self.pause_or_close,
            Qt.Key.Key_Return: self.close_viewer,
            Qt.Key.Key_Enter: self.close_viewer,
            Qt.Key.Key_Left: lambda: self.go(-1),
            Qt.Key.Key_Right: lambda: self.go(1),
            Qt.Key.Key_PageUp: lambda: self.go(-1),
            Qt.Key.Key_PageDown: lambda: self.go(1),
            Qt.Key.Key_Home: lambda: self.go(-sys.maxsize),
            Qt.Key.Key_End: lambda: self.go(sys.maxsize),
            Qt.Key.Key_S: self.choose_part,
            Qt.Key.Key_T: self.toggle_film,
            Qt.Key.Key_I: self.toggle_info,
            Qt.Key.Key_W: self.why.toggle,
            Qt.Key.Key_H: self.why.toggle_light,
            Qt.Key.Key_0: self.view.fit,
            Qt.Key.Key_1: lambda: self.view.zoom_to(1.0),
            Qt.Key.Key_Z: self.toggle_actual_size,
            Qt.Key.Key_Plus: self.view.zoom_in,
            Qt.Key.Key_Equal: self.view.zoom_in,
            Qt.Key.Key_Minus: self.view.zoom_out,
        }
