"""Plays a video inside the viewer. Needs QtMultimedia, which is a package of its own."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QFile, QIODevice, Qt, QUrl, Signal
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer
from PySide6.QtMultimediaWidgets import QVideoWidget
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from safelight.core.quantities import clock
from safelight.ui.appearance.icons import icon
from safelight.ui.translation import translate

_ICON_COLOUR = "#f2f2f4"
_STEP = 5000
"""Milliseconds that the arrow keys move the slider."""
_SHEET = """
QWidget#player { background: #101012; }
QLabel { color: #f2f2f4; }
QToolButton { color: #f2f2f4; }
QToolButton:hover { background: rgba(255, 255, 255, 40); }
"""


class VideoPlayer(QWidget):
    """A picture with a bar below it: play, position, time."""

    failed = Signal(str)  # one-line message

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("player")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(_SHEET)
        self._begin = 0
        self._source: QIODevice | None = None
        self._sound = QAudioOutput(self)
        self.player = QMediaPlayer(self)
        self.player.setAudioOutput(self._sound)
        picture = QVideoWidget()
        picture.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.player.setVideoOutput(picture)
        self._play = QToolButton()
        self._play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._play.setAccessibleName(translate("VideoPlayer", "Play or pause"))
        self._play.setToolTip(translate("VideoPlayer", "Play or pause (P)"))
        self._play.clicked.connect(self.toggle)
        self.position = QSlider(Qt.Orientation.Horizontal)
        self.position.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.position.setSingleStep(_STEP)
        self.position.setAccessibleName(translate("VideoPlayer", "Position"))
        self.position.sliderMoved.connect(self.player.setPosition)
        self._time = QLabel()
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 12, 6)
        bar.setSpacing(8)
        for widget in (self._play, self.position, self._time):
            bar.addWidget(widget)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(picture, 1)
        self._layout.addLayout(bar)
        self.player.durationChanged.connect(lambda length: self.position.setRange(0, length))
        self.player.positionChanged.connect(self._show_position)
        self.player.playbackStateChanged.connect(lambda _: self._show_state())
        self.player.mediaStatusChanged.connect(self._begin_there)
        self.player.errorOccurred.connect(lambda _, message: self.failed.emit(message))
        self._show_state()
        self.hide()

    def leave_free(self, height: int) -> None:
        """Show the video below this many pixels, which only have the background."""
        self._layout.setContentsMargins(0, height, 0, 0)

    def start(self, path: str, seconds: float) -> None:
        """Play a file from a time."""
        self._start(QFile(path, self), seconds)

    def start_film(self, film: bytes) -> None:
        """Play the content of a video file."""
        held = QBuffer(self)
        held.setData(film)
        self._start(held, 0.0)

    def _start(self, source: QIODevice, seconds: float) -> None:
        self._begin = round(seconds * 1000)
        if not source.open(QIODevice.OpenModeFlag.ReadOnly):
            self.failed.emit(source.errorString())
            source.deleteLater()
            return
        # FFmpeg writes the address of what it plays to standard error, which desktops keep in a log. A device
        # that is already open has none.
        self.player.setSourceDevice(source, QUrl())
        self._release()
        self._source = source
        self.show()
        self.player.play()

    def toggle(self) -> None:
        """Pause, or play on."""
        if self.player.playbackState() is QMediaPlayer.PlaybackState.PlayingState:
            self.player.pause()
        else:
            self.player.play()

    def end(self) -> None:
        """Stop, and release the file."""
        self.player.stop()
        self.player.setSource(QUrl())
        self._release()
        self.hide()

    def _release(self) -> None:
        """Close what was played, which the player does not use any more."""
        if self._source is not None:
            self._source.deleteLater()
            self._source = None

    def _begin_there(self, status: QMediaPlayer.MediaStatus) -> None:
        # A position that is set before the file is loaded is ignored.
        ready = QMediaPlayer.MediaStatus.LoadedMedia, QMediaPlayer.MediaStatus.BufferedMedia
        if status in ready and self._begin:
            begin, self._begin = self._begin, 0
            self.player.setPosition(begin)

    def _show_position(self, position: int) -> None:
        if not self.position.isSliderDown():
            self.position.setValue(position)
        self._time.setText(f"{clock(position / 1000)} / {clock(self.player.duration() / 1000)}")

    def _show_state(self) -> None:
        playing = self.player.playbackState() is QMediaPlayer.PlaybackState.PlayingState
        self._play.setIcon(icon("pause" if playing else "play", _ICON_COLOUR))
