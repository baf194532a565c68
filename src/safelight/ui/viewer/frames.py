"""Pages and animations in the viewer: which frame of the photo is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from safelight.core.multi_frame import Page, may_have_frames, may_have_pages
from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.library.picture_loader import AnimationFrames, PictureLoader
from safelight.ui.viewer.frame_bar import FrameBar
from safelight.ui.viewer.pictures import full_side, is_online

_FIRST_PART_BYTES = 8 * 2**20
_PART_BYTES = 48 * 2**20
"""Bytes of pixels of the first part of an animation, and of each further part. At most two parts are kept.
The first part is small, so that the animation starts soon.
"""
_MAX_ANIMATION_SIDE = 1280
"""Animations are decoded to this long side in pixels at most."""
_LOADING_COLOUR = QColor("#303034")


class _PageKey(NamedTuple):
    owner: str
    photo_id: int
    number: int
    """The page, or the first frame; -1 for the list of pages."""
    side: int


class ViewerFrames(QObject):
    """Follows the viewer. :attr:`image` replaces the photo's picture while a further frame is shown."""

    frame_changed = Signal()
    """:attr:`image` is another version or frame of the same size."""
    page_changed = Signal()
    """Another page is shown, whose :attr:`size` may differ."""
    failed = Signal(str)  # one-line message

    def __init__(self, host: QWidget, loader: PictureLoader, screen_side: Callable[[], int]) -> None:
        """``screen_side`` returns the long side in pixels of a picture that fills the viewer."""
        super().__init__(host)
        self._loader = loader
        self._screen_side = screen_side
        self._photo: Photo | None = None
        self._has_asked = False
        self._asked: set[_PageKey] = set()
        self._at = 0
        self._pages: tuple[Page, ...] = ()
        self._page_images: dict[tuple[int, int], QImage] = {}
        """Images by the index of the page and the requested side."""
        self._parts: list[AnimationFrames] = []
        """The part that is shown and the one that follows."""
        self._total = 0
        self._playing = False
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._advance)
        self.bar = FrameBar(host)
        self.bar.previous_requested.connect(lambda: self.step(-1))
        self.bar.next_requested.connect(lambda: self.step(1))
        self.bar.play_toggled.connect(self.toggle)
        loader.pages_listed.connect(self._on_pages_listed)
        loader.picture_loaded.connect(self._on_page_loaded)
        loader.frames_loaded.connect(self._on_frames_loaded)
        loader.picture_failed.connect(self._on_failed)

    @property
    def is_animated(self) -> bool:
        """Whether the photo is an animation whose frames are loaded."""
        return self._total > 1

    @property
    def is_playing(self) -> bool:
        return self._playing

    @property
    def at(self) -> int:
        """The page or frame shown, from 0."""
        return self._at

    @property
    def image(self) -> QImage | None:
        """The frame to show; None for the photo's own picture."""
        if self._total > 1:
            part = self._part_with(self._at)
            return None if part is None else part.images[self._at - part.first]
        if self._at == 0:
            return None
        found = [(side, image) for (at, side), image in self._page_images.items() if at == self._at]
        if found:
            return max(found, key=lambda pair: pair[0])[1]
        placeholder = QImage(1, 1, QImage.Format.Format_RGB32)
        placeholder.fill(_LOADING_COLOUR)
        return placeholder

    @property
    def size(self) -> QSize | None:
        """Size of the page in pixels; None for that of the photo."""
        if self._total > 1 or self._at == 0:
            return None
        page = self._pages[self._at]
        return QSize(page.width, page.height)

    def show_photo(self, photo: Photo | None) -> None:
        """Follow the viewer to another photo, or None."""
        if photo is not None and self._photo is not None and photo.id == self._photo.id:
            self._photo = photo
            return
        self._forget()
        self._photo = photo

    def ask(self) -> None:
        """Look for further frames. Call this after the photo's own picture was requested."""
        photo, has_asked = self._photo, self._has_asked
        self._has_asked = True
        if has_asked or photo is None or not may_have_frames(photo.format, photo.frames):
            return
        if not is_online(photo):
            return
        if may_have_pages(photo.format, photo.frames) or photo.format == "TIFF":
            self._ask_for_pages(photo)
        else:
            self._ask_for_frames(0)

    def want_full(self) -> None:
        """Load the page in full size, because the viewer is zoomed in."""
        if self._pages and self._at:
            page = self._pages[self._at]
            self._ask_for_page(self._at, full_side(page.width, page.height))

    def step(self, by: int) -> bool:
        """Show the next page or frame, or the previous one. Returns False if the photo has no others."""
        if self.is_animated:
            self._pause()
            self._show_frame((self._at + by) % self._total)
            return True
        if len(self._pages) < 2:
            return False
        at = min(max(self._at + by, 0), len(self._pages) - 1)
        if at != self._at:
            self._at = at
            self._page_images = {
                key: image for key, image in self._page_images.items() if abs(key[0] - at) <= 1
            }
            self._ask_for_near_pages()
            self.bar.show_page(at, len(self._pages))
            self.page_changed.emit()
        return True

    def toggle(self) -> bool:
        """Pause the animation, or play on. Returns False if the photo is not an animation."""
        if not self.is_animated:
            return False
        if self._playing:
            self._pause()
        else:
            self._playing = True
            self._show_frame((self._at + 1) % self._total)
        return True

    # --- pages --------------------------------------------------------------------------------

    def _ask_for_pages(self, photo: Photo) -> None:
        path = wording.path_of(photo)
        key = _PageKey("frames", photo.id, -1, 0)
        if path is not None:
            self._asked.add(key)
            self._loader.list_pages(key, path)

    def _on_pages_listed(self, key: object, pages: tuple[Page, ...]) -> None:
        if not self._claim(key):
            return
        if len(pages) > 1:
            self._pages = pages
            self.bar.show_page(0, len(pages))
            self._ask_for_near_pages()

    def _ask_for_near_pages(self) -> None:
        """Request the page and its neighbours. The viewer itself loads the first one."""
        for at in (self._at, self._at + 1, self._at - 1):
            if 0 < at < len(self._pages):
                self._ask_for_page(at, self._screen_side())

    def _ask_for_page(self, at: int, side: int) -> None:
        photo = self._photo
        path = None if photo is None else wording.path_of(photo)
        held = any(known == at and loaded >= side for known, loaded in self._page_images)
        if photo is None or path is None or held:
            return
        key = _PageKey("page", photo.id, at, side)
        self._asked.add(key)
        self._loader.load_page(key, path, self._pages[at].number, side)

    def _on_page_loaded(self, key: object, image: QImage) -> None:
        if not self._claim(key):
            return
        assert isinstance(key, _PageKey)
        if abs(key.number - self._at) > 1:
            return  # the user has moved on
        self._page_images[key.number, key.side] = image
        if key.number == self._at:
            self.frame_changed.emit()

    # --- animations ---------------------------------------------------------------------------

    def _part_with(self, at: int) -> AnimationFrames | None:
        return next((part for part in self._parts if part.first <= at < part.first + len(part.images)), None)

    def _ask_for_frames(self, first: int) -> None:
        photo = self._photo
        path = None if photo is None else wording.path_of(photo)
        if photo is None or path is None:
            return
        side = min(self._screen_side(), _MAX_ANIMATION_SIDE)
        key = _PageKey("frames", photo.id, first, side)
        if key not in self._asked:
            self._asked.add(key)
            self._loader.load_frames(
                key, path, first, side, _PART_BYTES if self._total else _FIRST_PART_BYTES
            )

    def _on_frames_loaded(self, key: object, part: AnimationFrames) -> None:
        if not self._claim(key):
            return
        begins = self._total == 0
        self._total = part.total
        if part.total < 2:
            return
        self._parts.append(part)
        if begins:
            self._playing = True
        if begins or self._part_with(self._at) is part:
            self._show_frame(self._at)

    def _show_frame(self, at: int) -> None:
        """Show a frame, or wait until it is loaded; then request the part that follows."""
        self._at = at
        part = self._part_with(at)
        if part is None:
            self._timer.stop()
            self._ask_for_frames(at)
            self.bar.show_frame(at, self._total, playing=self._playing)
            return
        following = (part.first + len(part.images)) % self._total
        after = self._part_with(following)
        self._parts = [part] if after is None or after is part else [part, after]
        if after is None:
            self._ask_for_frames(following)
        if self._playing:
            self._timer.start(part.durations[at - part.first])
        self.bar.show_frame(at, self._total, playing=self._playing)
        self.frame_changed.emit()

    def _advance(self) -> None:
        self._show_frame((self._at + 1) % self._total)

    def _pause(self) -> None:
        self._playing = False
        self._timer.stop()
        self.bar.show_frame(self._at, self._total, playing=False)

    # --- requests -----------------------------------------------------------------------------

    def _claim(self, key: object) -> bool:
        """Whether an answer is for this object and still wanted."""
        if not isinstance(key, _PageKey) or key not in self._asked:
            return False
        self._asked.discard(key)
        return True

    def _on_failed(self, key: object, message: str) -> None:
        # A failed list or first part leaves the photo's own picture, which says what is wrong with the file.
        if self._claim(key) and (self._pages or self._total):
            self._playing = False
            self.failed.emit(message)

    def _forget(self) -> None:
        self._loader.forget(*self._asked)
        self._asked.clear()
        self._timer.stop()
        self._has_asked = self._playing = False
        self._at = self._total = 0
        self._pages = ()
        self._page_images.clear()
        self._parts.clear()
        self.bar.release()
