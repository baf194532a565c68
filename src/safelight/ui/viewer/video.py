"""Videos and motion photos in the viewer: a button over the picture that plays from the frame shown."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QRect, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QToolButton, QWidget

from safelight.core.photo import Photo
from safelight.core.quantities import clock
from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.library.picture_loader import FilmFile, PictureLoader
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.ui.viewer.video_player import VideoPlayer

_EDGE = 16
_SHEET = """
QToolButton { background: rgba(20, 20, 22, 205); color: #f2f2f4; border: none; border-radius: 20px;
    padding: 0 18px 0 12px; }
QToolButton:hover { background: rgba(60, 60, 64, 225); }
"""


class _FilmKey(NamedTuple):
    """A request for the film of a motion photo."""

    number: int
    in_file: bool


class TemporaryFilms:
    """A folder for the film that another program plays. It goes when the program ends."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._last: Path | None = None

    def new(self, photo_path: str) -> str:
        """The path of a film that is to be written. The one before it is removed. Raises OSError."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="safelight-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        if self._last is not None:
            shutil.rmtree(self._last.parent, ignore_errors=True)
        self._last = Path(tempfile.mkdtemp(dir=self._folder), f"{Path(photo_path).stem}.mp4")
        return str(self._last)


def make_player(parent: QWidget) -> VideoPlayer | None:
    """A player, or None where QtMultimedia or a library that it needs is not installed."""
    try:
        from safelight.ui.viewer.video_player import VideoPlayer
    except ImportError:
        return None
    return VideoPlayer(parent)


def open_externally(path: str) -> bool:
    """Open a file in the system's own program; whether there is one."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(path))


class ViewerVideo(QObject):
    """Shows the button for videos and motion photos, and the player while it plays."""

    failed = Signal(str)  # one-line message

    def __init__(
        self,
        host: QWidget,
        controls: QWidget,
        moment: Callable[[int], float | None],
        loader: PictureLoader,
        *,
        player: Callable[[QWidget], VideoPlayer | None] = make_player,
        opener: Callable[[str], bool] = open_externally,
    ) -> None:
        """``controls``: a bar at the top of the host, which fades.

        ``moment`` returns the time of the frame that represents a video in the results.
        """
        super().__init__(host)
        self._host = host
        self._controls = controls
        self._moment = moment
        self._loader = loader
        self._films = TemporaryFilms()
        self._asked: _FilmKey | None = None
        self._requests = 0
        self._make_player = player
        self._opener = opener
        self._photo: Photo | None = None
        self._room = QRect()
        self.player: VideoPlayer | None = None
        """Made when the first video is played."""
        self.button = QToolButton(host)
        self.button.setStyleSheet(_SHEET)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setIcon(icon("play", "#f2f2f4"))
        self.button.setIconSize(QSize(18, 18))
        self.button.setFixedHeight(40)
        self.button.setAccessibleName(translate("ViewerVideo", "Play"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.play)
        self.button.hide()
        loader.film_loaded.connect(self._on_film_loaded)
        loader.picture_failed.connect(self._on_film_failed)

    @property
    def is_playing(self) -> bool:
        """Whether the player covers the picture."""
        return self.player is not None and self.player.isVisibleTo(self._host)

    def show_photo(self, photo: Photo | None) -> None:
        """Follow the viewer to another photo, or None. What plays ends."""
        if photo is not None and self._photo is not None and photo.id == self._photo.id:
            self._photo = photo
            return
        self.end()
        self._forget()
        self._photo = photo
        length = None if photo is None else _length_of(photo)
        self.button.setVisible(length is not None)
        if photo is None or length is None:
            return
        begin = self._moment(photo.id)
        if begin:
            text = translate("ViewerVideo", "Play from {time}").format(time=clock(begin))
        else:
            text = translate("ViewerVideo", "Play")
        tip = translate("ViewerVideo", "Play the video (P)")
        if photo.duration is None:
            tip = translate("ViewerVideo", "Play the film of this motion photo (P)")
        self.button.setText(f"{text}  ·  {clock(length)}")
        self.button.setAccessibleName(text)
        self.button.setToolTip(tip)
        self.place(self._room)

    def play(self) -> None:
        """Play from the frame shown, or pause and go on. Does nothing for a picture."""
        photo = self._photo
        path = None if photo is None else wording.path_of(photo)
        if photo is None or _length_of(photo) is None or path is None:
            return
        if self.is_playing and self.player is not None:
            self.player.toggle()
            return
        if self.player is None:
            self.player = self._make_player(self._host)
            if self.player is not None:
                self.player.failed.connect(self._on_player_failed)
        if photo.duration is None:
            self._ask_for_film(path, in_file=self.player is None)
        elif self.player is None:
            self._open_externally(path)
        else:
            self._place_player(self.player)
            self.player.start(path, self._moment(photo.id) or 0.0)

    def end(self) -> bool:
        """Return to the picture. Whether something was playing."""
        if not self.is_playing or self.player is None:
            return False
        self.player.end()
        return True

    def place(self, room: QRect) -> None:
        """Use this area of the host, which begins below the controls."""
        self._room = room
        self.button.adjustSize()
        self.button.move(
            room.center().x() - self.button.width() // 2, room.bottom() - _EDGE - self.button.height()
        )
        self.button.raise_()
        if self.player is not None:
            self._place_player(self.player)

    def _place_player(self, player: VideoPlayer) -> None:
        """Cover the picture also behind the controls: it would be seen above the video once they fade."""
        covered = self._controls.height()
        player.setGeometry(self._room.adjusted(0, -covered, 0, 0))
        player.leave_free(covered)
        player.raise_()
        self._controls.raise_()

    def _on_player_failed(self, _: str) -> None:
        """The player cannot read it: perhaps the system's own can."""
        photo = self._photo
        path = None if photo is None else wording.path_of(photo)
        if not self.end() or photo is None or path is None:
            return
        if photo.duration is None:
            self._ask_for_film(path, in_file=True)
        else:
            self._open_externally(path)

    # --- the film of a motion photo -------------------------------------------------------------------

    def _ask_for_film(self, path: str, *, in_file: bool) -> None:
        """Request the film inside a motion photo; ``in_file`` for another program."""
        if self._asked is not None:
            return
        try:
            target = self._films.new(path) if in_file else None
        except OSError as error:
            text = translate("ViewerVideo", "The film could not be written to a temporary file: {reason}")
            self.failed.emit(text.format(reason=error.strerror or error))
            return
        self._requests += 1
        self._asked = _FilmKey(self._requests, in_file)
        self._loader.load_film(self._asked, path, target)

    def _on_film_loaded(self, key: object, film: bytes | FilmFile) -> None:
        if key != self._asked or not isinstance(key, _FilmKey):
            return
        self._asked = None
        if isinstance(film, FilmFile):
            self._open_externally(film.path)
        elif self.player is not None:
            self._place_player(self.player)
            self.player.start_film(film)

    def _on_film_failed(self, key: object, message: str) -> None:
        if isinstance(key, _FilmKey) and key == self._asked:
            self._asked = None
            self.failed.emit(message)

    def _forget(self) -> None:
        if self._asked is not None:
            self._loader.forget(self._asked)
            self._asked = None

    def _open_externally(self, path: str) -> None:
        if not self._opener(path):
            self.failed.emit(
                translate("ViewerVideo", "No program on this computer plays {name}.").format(
                    name=wording.display_name(path)
                )
            )


def _length_of(photo: Photo) -> float | None:
    """The seconds of a video, or of the film inside a motion photo; None for another picture."""
    return photo.duration if photo.duration is not None else photo.metadata.film
