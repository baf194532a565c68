"""Shows the current photo of the viewer in the best version that is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QWidget

from safelight.core.photo import Photo
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.library.turning import region_before_turn, turned_image, turned_size
from safelight.ui.translation import translate
from safelight.ui.viewer.frames import ViewerFrames
from safelight.ui.viewer.pictures import ViewerPictures, full_side, is_online
from safelight.ui.viewer.sequence import PhotoSequence
from safelight.ui.widgets.zoom_view import ZoomView

_SHARPEN_DELAY = 120
"""Milliseconds after the last zoom or resize before a sharper version is requested."""

_PREFETCH_DELAY = 20
"""Milliseconds after a picture arrived before its neighbours are requested, so that it is painted first."""

_DEVELOP_DELAY = 700
"""Milliseconds for which a RAW photo is shown before it is developed, which takes seconds."""
_RAW = "RAW"


class PhotoDisplay(QObject):
    """Shows the thumbnail at once, then the screen-size picture, and the full size when zoomed in.

    Holds the rows and pictures of the current photo and its two neighbours. Pictures of other photos that
    arrive late are dropped.
    """

    picture_changed = Signal()
    """Another photo is shown, or another version of it."""
    failed = Signal(str)  # one-line message

    def __init__(
        self,
        host: QWidget,
        view: ZoomView,
        sequence: PhotoSequence,
        loader: PictureLoader,
        thumbnail: Callable[[int], QPixmap | None],
        moment: Callable[[int], float | None],
    ) -> None:
        """Shows the current photo of ``sequence`` in ``view``, a child of ``host``.

        ``thumbnail`` returns a cached thumbnail or None, without blocking. ``moment`` returns the time of the
        frame that represents a video in the results.
        """
        super().__init__(host)
        self._host = host
        self._view = view
        self._sequence = sequence
        self._thumbnail = thumbnail
        self._turned: dict[int, int] = {}
        """The turns of photos that were turned here, until their rows say so too."""
        self._turning: Counter[int] = Counter()
        """How many turns of each photo are not stored yet."""
        self._photos: dict[int, Photo] = {}
        """The rows of the current photo and its neighbours, as far as they are loaded."""
        self._shown: int | None = None
        self.pictures = ViewerPictures(loader, moment, self)
        self.pictures.arrived.connect(self._show_picture)
        self.pictures.failed.connect(self._show_failure)
        self.frames = ViewerFrames(host, loader, self._screen_side)
        self.frames.frame_changed.connect(self._show_frame)
        self.frames.page_changed.connect(self._show_current)
        self.frames.failed.connect(self.failed)
        self._prefetch = QTimer(self, singleShot=True, interval=_PREFETCH_DELAY)
        self._prefetch.timeout.connect(self._ask_for_neighbours)
        self._develop = QTimer(self, singleShot=True, interval=_DEVELOP_DELAY)
        self._develop.timeout.connect(self._ask_for_pictures)
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_DELAY)
        self._sharpen.timeout.connect(self._ask_for_pictures)
        view.view_changed.connect(self._sharpen.start)

    @property
    def photo(self) -> Photo | None:
        """The row of the current photo, once loaded."""
        current = self._sequence.current
        return self._photos.get(current) if current is not None else None

    @property
    def shown(self) -> int | None:
        """The photo in the view. It follows the current photo once the row of that one is loaded."""
        return self._shown

    @property
    def turns(self) -> int:
        """The clockwise quarter turns of the picture, 0 to 3."""
        if self._shown is None:
            return 0
        photo = self._photos.get(self._shown)
        return self._turned.get(self._shown, 0 if photo is None else photo.turns)

    @property
    def loaded(self) -> QImage:
        """The best picture of the photo that is loaded, upright; null before the first one is."""
        best = None if self._shown is None else self.pictures.best(self._shown)
        return best or QImage()

    def arrive(self) -> None:
        """The current photo is another one. Show it if its row is loaded; otherwise it is shown by
        :meth:`take_photos`.
        """
        near = set(self._sequence.near)
        self.pictures.keep(near)
        self._develop.start()
        self._photos = {photo_id: photo for photo_id, photo in self._photos.items() if photo_id in near}
        self._show_current()

    def take_photos(self, photos: Iterable[Photo]) -> None:
        """Take rows, those of the current photo and its neighbours, and load their pictures."""
        near = self._sequence.near
        before = self.turns
        for photo in photos:
            if photo.id in near:
                self._photos[photo.id] = photo
                if not self._turning[photo.id]:
                    self._turned.pop(photo.id, None)
        if self._shown != self._sequence.current or self.turns != before:
            self._show_current()
        self._ask_for_pictures()

    def take_thumbnail(self, photo_id: int) -> None:
        """Show an arriving thumbnail until the picture is loaded."""
        if photo_id == self._shown and self.pictures.best(photo_id) is None and self.frames.image is None:
            pixmap = self._thumbnail(photo_id)
            if pixmap is not None and not pixmap.isNull():
                self._view.set_image(pixmap.toImage())  # thumbnails are turned

    def turn(self, by: int) -> bool:
        """Show the picture turned clockwise by this many quarters, until :meth:`turn_stored` is called and
        its row has been read again.

        Returns False if the current photo is not shown yet.
        """
        if self._shown is None or self._shown != self._sequence.current:
            return False
        self._turned[self._shown] = (self.turns + by) % 4
        self._turning[self._shown] += 1
        self._show_current()
        return True

    def turn_stored(self, photo_id: int) -> None:
        """One turn of a photo was stored, or could not be."""
        self._turning[photo_id] = max(0, self._turning[photo_id] - 1)

    def upright(self, part: QRectF) -> QRectF:
        """A region of the picture as shown, as fractions, in the picture that is not turned."""
        return region_before_turn(part, self.turns)

    def is_ready(self, photo_id: int) -> bool:
        """Whether the picture of a photo is loaded, or cannot be read."""
        return self.pictures.best(photo_id) is not None or self.pictures.failure(photo_id) is not None

    def clear(self) -> None:
        """Release everything."""
        self._shown = None
        for timer in (self._prefetch, self._sharpen, self._develop):
            timer.stop()
        self.frames.show_photo(None)
        self.pictures.clear()
        self._photos.clear()
        self._turned.clear()
        self._view.show_picture(QImage(), QSize())

    # --- showing ------------------------------------------------------------------------------

    def _show_current(self) -> None:
        photo = self.photo
        if photo is None:
            return
        self._shown = photo.id
        self.frames.show_photo(photo)
        size = turned_size(self.frames.size or QSize(photo.width, photo.height), self.turns)
        self._view.show_picture(self._best_image(photo), size)
        self.picture_changed.emit()
        failure = self.pictures.failure(photo.id)
        if failure is not None:
            self.failed.emit(failure)

    def _best_image(self, photo: Photo) -> QImage:
        """What there is to show now, turned: at least the photo's colour."""
        best = self.frames.image or self.pictures.best(photo.id)
        if best is not None:
            return turned_image(best, self.turns)
        pixmap = self._thumbnail(photo.id)
        if pixmap is not None and not pixmap.isNull():
            return turned_image(pixmap.toImage(), (self.turns - photo.turns) % 4)  # thumbnails are turned
        colour = QImage(1, 1, QImage.Format.Format_RGB32)
        colour.fill(QColor(photo.colour))
        return colour

    def _show_picture(self, photo_id: int) -> None:
        best = self.pictures.best(photo_id)
        if photo_id == self._sequence.current == self._shown and best is not None:
            if self.frames.image is None:
                self._set_image(best)
            self.picture_changed.emit()
        if photo_id == self._sequence.current:
            self._prefetch.start()

    def _show_frame(self) -> None:
        """Show another frame of an animation, or a page that has been loaded."""
        image = self.frames.image
        if image is not None and self._shown is not None:
            self._set_image(image)

    def _set_image(self, image: QImage) -> None:
        self._view.set_image(turned_image(image, self.turns))

    def _show_failure(self, photo_id: int, message: str) -> None:
        if photo_id == self._sequence.current:
            self.failed.emit(message)
            self._prefetch.start()

    # --- loading ------------------------------------------------------------------------------

    def _ask_for_pictures(self) -> None:
        """Request the screen-size version of the photo, the full size if zoomed in, and the neighbours."""
        photo = self.photo
        if photo is None:
            return
        screen = self._screen_side()
        zoomed = not self._view.fitting and self._view.wanted_side > screen
        full = full_side(photo.width, photo.height)
        if zoomed:
            self.pictures.request(photo, full)
            self.frames.want_full()
        self.pictures.request(photo, screen, drafted=True)
        self._prefetch.start()
        self.frames.ask()
        # The camera's preview is shown at once. It is replaced when the user looks closely or stays.
        if photo.format == _RAW and (zoomed or not self._develop.isActive()):
            self.pictures.request(photo, full if zoomed else screen, developed=True)
        if photo.files and not is_online(photo):
            self.failed.emit(translate("Viewer", "The folder is offline. Showing the stored thumbnail."))

    def _ask_for_neighbours(self) -> None:
        """Request the screen-size version of the neighbours, once the photo itself is loaded: decoding
        several pictures at the same time delays the one that the user waits for.
        """
        current, *others = self._sequence.near or (None,)
        if current is None or current not in self._photos or self.pictures.is_loading(current):
            return
        for photo_id in others:
            if photo_id in self._photos:
                self.pictures.request(self._photos[photo_id], self._screen_side())

    def _screen_side(self) -> int:
        """The long side in device pixels of a picture that fills the viewer."""
        return round(max(self._host.width(), self._host.height()) * self._host.devicePixelRatioF())
