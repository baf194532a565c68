"""Pictures of a folder, one at a time over the whole window, whether or not the library has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from safelight.ui import wording
from safelight.ui.appearance.theme import DARK
from safelight.ui.key_bindings import act_on, claim
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.translation import translate
from safelight.ui.viewer.controls import ViewerControls
from safelight.ui.viewer.message import ViewerMessage
from safelight.ui.viewer.navigator import Navigator
from safelight.ui.viewer.pictures import full_side, is_full
from safelight.ui.widgets.zoom_view import ZoomView

_LOADER_OWNER = "file"
_SHARPEN_DELAY = 120
"""Milliseconds after the last zoom before a sharper version is requested."""
_SHEET = f"""
QFrame#offer {{ background: rgba(20, 20, 22, 225); border: none; border-radius: {DARK.radius_card}px; }}
QFrame#offer QLabel {{ color: {DARK.text}; }}
QFrame#offer QPushButton {{ background: {DARK.pressed}; color: {DARK.text}; border: 1px solid {DARK.line}; }}
QFrame#offer QPushButton:hover {{ background: {DARK.hover}; }}
QFrame#offer QPushButton:focus {{ border-color: {DARK.accent}; }}
"""

_SIZE = 0
"""The side of a request for the size of a picture."""

_Key = tuple[str, str, int]


class FolderOffer(QFrame):
    """A card that offers to add the folder of the picture to the library."""

    accepted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("offer")
        self.setStyleSheet(_SHEET)
        self._text = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.button = QPushButton(translate("FileViewer", "Add folder"))
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.accepted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(16)
        layout.addWidget(self._text)
        layout.addWidget(self.button)
        self.hide()

    def offer(self, folder: str) -> None:
        """Name a folder; hides the card where it is empty."""
        name = wording.display_name(folder) if folder else ""
        shown = self._text.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 240)
        self._text.setText(translate("FileViewer", "“{folder}” is not in the library.").format(folder=shown))
        self.setVisible(bool(folder))
        self.adjustSize()

    def place(self, room: QRect) -> None:
        self.move(room.center().x() - self.width() // 2, room.bottom() - self.height() - 24)


class FileViewer(QWidget):
    """Shows a screen-size picture first, then the full size when zoomed in."""

    closed = Signal()
    similar_requested = Signal(str)  # path

    def __init__(self, loader: PictureLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self._paths: list[str] = []
        self._at = -1
        self._images: dict[_Key, QImage] = {}
        self._sizes: dict[str, QSize] = {}
        """The pixels of pictures, once they are known."""
        self._asked: set[_Key] = set()
        self._failures: dict[str, str] = {}
        self._shown = ""
        """The file whose picture is shown."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(translate("FileViewer", "Viewer"))
        self.view = ZoomView(self)
        self.navigator = Navigator(self.view)
        self._message = ViewerMessage(self)
        self.offer = FolderOffer(self)
        self.controls = ViewerControls(self, of_library=False)
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_DELAY)
        self._sharpen.timeout.connect(self._load)
        self.view.view_changed.connect(self._sharpen.start)
        self.view.view_changed.connect(lambda: self.controls.show_zoom(self.view.zoom))
        self.controls.back_requested.connect(self.close_viewer)
        self.controls.similar_requested.connect(self._find_similar)
        self.controls.fit_requested.connect(self.view.fit)
        self.controls.actual_size_requested.connect(lambda: self.view.zoom_to(1.0))
        self.controls.previous_requested.connect(lambda: self.go(-1))
        self.controls.next_requested.connect(lambda: self.go(1))
        loader.picture_loaded.connect(self._on_picture_loaded)
        loader.picture_failed.connect(self._on_failed)
        loader.size_read.connect(self._on_size_read)

    @property
    def current(self) -> str | None:
        """The path of the current file; None while closed."""
        return self._paths[self._at] if 0 <= self._at < len(self._paths) else None

    @property
    def paths(self) -> Sequence[str]:
        """The files to leaf through."""
        return tuple(self._paths)

    @property
    def message(self) -> str:
        return self._message.text() if self._message.isVisibleTo(self) else ""

    def open(self, path: str) -> None:
        """Show a file. :meth:`set_paths` adds the others of its folder."""
        self._paths, self._at = [path], 0
        self._arrive()
        self.setFocus()
        self.controls.wake()

    def set_paths(self, paths: Sequence[str]) -> None:
        """The files to leaf through. Nothing changes where the current one is not among them."""
        if self.current in paths:
            self._at = paths.index(self.current)
            self._paths = list(paths)
            self._show_words()
            self._load()

    def go(self, by: int) -> None:
        """Move ``by`` files forwards (backwards if negative), stopping at either end."""
        at = min(max(self._at + by, 0), len(self._paths) - 1)
        if at != self._at:
            self._at = at
            self._arrive()

    def close_viewer(self) -> None:
        """Release everything and emit ``closed``. Idempotent."""
        if self.current is None:
            return
        self._at, self._paths, self._shown = -1, [], ""
        self._sharpen.stop()
        self.controls.sleep()
        self._loader.forget(*self._asked)
        self._asked.clear()
        self._images.clear()
        self._sizes.clear()
        self._failures.clear()
        self.view.show_picture(QImage(), QSize())
        self._message.hide()
        self.closed.emit()

    def _find_similar(self) -> None:
        if self.current is not None:
            self.similar_requested.emit(self.current)

    # --- pictures -----------------------------------------------------------------------------

    def _near(self) -> list[str]:
        """The current file, then the next and the previous one."""
        places = (self._at, self._at + 1, self._at - 1)
        return [self._paths[at] for at in places if 0 <= at < len(self._paths)]

    def _arrive(self) -> None:
        near = self._near()
        stale = {key for key in self._asked if key[1] not in near or is_full(key[2])}
        self._loader.forget(*stale)
        self._asked -= stale
        self._images = {k: v for k, v in self._images.items() if k[1] in near and not is_full(k[2])}
        self._sizes = {path: size for path, size in self._sizes.items() if path in near}
        self._message.hide()
        self._show_words()
        self._show_best()
        self._load()

    def _load(self) -> None:
        if self.current is None:
            return
        screen = round(max(self.width(), self.height()) * self.devicePixelRatioF())
        for path in self._near():
            self._ask(path, screen)
            self._ask_for_size(path)
        if not self.view.fitting and self.view.wanted_side > screen:
            size = self.view.picture_size
            self._ask(self.current, full_side(size.width(), size.height()))

    def _ask(self, path: str, side: int) -> None:
        key = (_LOADER_OWNER, path, side)
        known = any(each[1] == path and each[2] >= side for each in self._images)
        if not known and key not in self._asked and path not in self._failures:
            self._asked.add(key)
            self._loader.load(key, path, side, checkered=True)

    def _ask_for_size(self, path: str) -> None:
        key = (_LOADER_OWNER, path, _SIZE)
        if path not in self._sizes and key not in self._asked and path not in self._failures:
            self._asked.add(key)
            self._loader.read_size(key, path)

    def _on_size_read(self, key: object, size: QSize) -> None:
        if isinstance(key, tuple) and key in self._asked:
            self._asked.discard(key)
            self._sizes[key[1]] = size
            if key[1] == self.current and self._shown == self.current:
                self._show_best()

    def _on_picture_loaded(self, key: object, image: QImage) -> None:
        if isinstance(key, tuple) and key in self._asked:
            self._asked.discard(key)
            self._images[key] = image
            if key[1] == self.current:
                self._show_best()

    def _on_failed(self, key: object, message: str) -> None:
        if isinstance(key, tuple) and key in self._asked:
            self._asked.discard(key)
            if key[2] == _SIZE:
                return  # the picture itself tells why
            self._failures[key[1]] = message
            if key[1] == self.current:
                self._show_best()

    def _show_best(self) -> None:
        current = self.current
        assert current is not None
        found = [(key[2], image) for key, image in self._images.items() if key[1] == current]
        if not found:
            self.view.show_picture(QImage(), QSize())
            self._shown = ""
        else:
            image = max(found, key=lambda pair: pair[0])[1]
            size = self._sizes.get(current, image.size())
            if self._shown == current and not self.view.fitting:
                # A sharper one, or its size is known now: at the place that is looked at.
                viewpoint = self.view.viewpoint
                self.view.show_picture(image, size)
                self.view.show_viewpoint(*viewpoint)
            else:
                self.view.show_picture(image, size)
            self._shown = current
        if current in self._failures:
            self._message.show_text(self._failures[current], self.view.geometry())

    def _show_words(self) -> None:
        current = self.current
        assert current is not None
        name = wording.display_name(current)
        place = translate("FileViewer", "{value:,} of {count:,}")
        place = place.format(value=self._at + 1, count=len(self._paths))
        self.controls.show_photo(name, "", place, favourite=False)
        self.setAccessibleDescription(f"{name}, {place}")

    # --- events -------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.view.setGeometry(self.rect())
        self.controls.setGeometry(0, 0, self.width(), self.controls.height())
        self._message.place(self.view.geometry())
        self.place_offer()
        self._sharpen.start()

    def place_offer(self) -> None:
        self.offer.place(self.rect())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.controls.wake()

    def event(self, event: QEvent) -> bool:
        # Zooming, though the window rates photos with these keys.
        return claim(event, (Qt.Key.Key_0, Qt.Key.Key_1)) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        acts: dict[int, Callable[[], object]] = {
            **dict.fromkeys(
                (Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter),
                self.close_viewer,
            ),
            **dict.fromkeys((Qt.Key.Key_Left, Qt.Key.Key_PageUp), lambda: self.go(-1)),
            **dict.fromkeys((Qt.Key.Key_Right, Qt.Key.Key_PageDown), lambda: self.go(1)),
            Qt.Key.Key_Home: lambda: self.go(-len(self._paths)),
            Qt.Key.Key_End: lambda: self.go(len(self._paths)),
            Qt.Key.Key_0: self.view.fit,
            Qt.Key.Key_1: lambda: self.view.zoom_to(1.0),
            **dict.fromkeys((Qt.Key.Key_Plus, Qt.Key.Key_Equal), self.view.zoom_in),
            Qt.Key.Key_Minus: self.view.zoom_out,
        }
        if not act_on(event, acts):
            super().keyPressEvent(event)
