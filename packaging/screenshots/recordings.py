"""Makes short animated WebP recordings: typing a search, comparing duplicates, dropping a picture.

    python packaging/screenshots/recordings.py [OUT]

Uses the real window and engine over the pictures of ``library.py``. Writes to OUT (docs/images).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from library import draw, settle, wait
from opened import home, opened_window
from photographs import photographs
from safelight.core.duplicates import DuplicateKind
from safelight.ui.pages.declarations import DUPLICATES
from safelight.ui.view_request import ViewRequest
from safelight.ui.window.main_window import MainWindow

SIZE = (1100, 700)
_WIDTH = 880
_FRAME = 120
"""Milliseconds."""
_LONG_AGO = 1_600_000_000


class Recording:
    """Frames of a window. A frame that equals the one before only extends it."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self._app, self._window = app, window
        self._frames: list[Image.Image] = []
        self._durations: list[int] = []
        self._last = b""

    def run(self, seconds: float) -> None:
        """Record what happens in this many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            settle(self._app, _FRAME / 1000)
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            self._window.grab().toImage().save(buffer, "PNG")  # type: ignore[call-overload]
            content = bytes(buffer.data().data())
            if content == self._last:
                self._durations[-1] += _FRAME
                continue
            self._last = content
            frame = Image.open(BytesIO(content)).convert("RGB")
            height = round(frame.height * _WIDTH / frame.width)
            self._frames.append(frame.resize((_WIDTH, height), Image.Resampling.LANCZOS))
            self._durations.append(_FRAME)

    def save(self, path: Path) -> None:
        self._durations[-1] += 1500
        first, *rest = self._frames
        first.save(
            path, save_all=True, append_images=rest, duration=self._durations, loop=0, quality=70, method=4
        )
        print(f"{path}  {path.stat().st_size // 1024} KB, {len(self._frames)} frames")


def record_search(app: QApplication, window: MainWindow, path: Path) -> None:
    window.views.show_scope(ViewRequest())
    settle(app, 1)
    recording = Recording(app, window)
    recording.run(0.6)
    window.search_bar.focus()
    answers: list[object] = []
    window.services.bridge.results_arrived.connect(answers.append)
    for letter in "a cat":
        QTest.keyClicks(window.search_bar.field, letter)
        recording.run(0.12)
    window.search_bar.help.dismiss()
    wait(app, lambda: bool(answers))
    recording.run(2.5)
    recording.save(path)


def record_comparison(app: QApplication, window: MainWindow, path: Path) -> None:
    window.views.show_page(DUPLICATES)
    window.controllers.duplicates.review.show_kind(DuplicateKind.RESAVED)
    window.activateWindow()
    window.controllers.duplicates.page.list.setFocus()
    settle(app, 1)
    recording = Recording(app, window)
    recording.run(0.8)
    compare = window.controllers.duplicates.compare
    ready: tuple[tuple[Qt.Key, Callable[[], bool]], ...] = (
        (Qt.Key.Key_Return, lambda: all(pane.view.image_side > 600 for pane in compare.area.shown)),
        (Qt.Key.Key_B, lambda: compare.overlay.aligned is not None),
        (Qt.Key.Key_D, lambda: compare.overlay.aligned is not None),
        (Qt.Key.Key_Escape, lambda: True),
    )
    for key, is_ready in ready:
        QTest.keyClick(QApplication.focusWidget() or window, key)
        wait(app, is_ready)
        recording.run(1.8)
    recording.save(path)


def record_drop(app: QApplication, window: MainWindow, path: Path, picture: Path) -> None:
    window.views.show_scope(ViewRequest())
    settle(app, 1)
    recording = Recording(app, window)
    recording.run(0.8)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    middle, action = window.rect().center(), Qt.DropAction.CopyAction
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(middle, action, mime, button, keys))
    recording.run(1.2)
    answers: list[object] = []
    window.services.bridge.results_arrived.connect(answers.append)
    QApplication.sendEvent(window, QDropEvent(QPointF(middle), action, mime, button, keys))
    wait(app, lambda: bool(answers))
    recording.run(2.5)
    recording.save(path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parents[2] / "docs" / "images")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with home() as scratch:
        pictures = scratch / "Pictures" / "Travels"
        draw(pictures)
        dropped = scratch / "cat.jpg"
        for number, (name, image) in enumerate(photographs().items()):
            smaller = image.resize((image.width * 3 // 4, image.height * 3 // 4))
            if number % 3 == 0:
                copy = pictures / f"{name} small.jpg"
                smaller.save(copy, quality=60)
                os.utime(copy, (_LONG_AGO, _LONG_AGO))  # at the end of the library
            if name == "Chelsea":
                smaller.crop((20, 10, 300, 210)).save(dropped)
        with opened_window(scratch, SIZE) as (app, window):
            ready: list[object] = []
            window.services.bridge.model_ready.connect(ready.append)
            window.controllers.models.advice.dismiss.click()
            window.open_paths([str(pictures)])
            wait(app, lambda: bool(ready))
            settle(app, 3)  # what it has to read is known then
            wait(app, lambda: window.status.text.endswith("Everything is indexed"))
            groups = window.controllers.duplicates.review.counts
            wait(
                app,
                lambda: window.controllers.duplicates.session.complete and DuplicateKind.RESAVED in groups,
            )
            settle(app, 2)
            record_search(app, window, out / "typing.webp")
            record_comparison(app, window, out / "comparing.webp")
            record_drop(app, window, out / "dropping.webp", dropped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
