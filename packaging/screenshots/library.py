"""Makes the screenshots of the README, from photographs under free licences (photographs.py).

    python packaging/screenshots/library.py [OUT]

Starts the real window, without a screen, over a new library of these pictures, with the real engine and the
built-in model, and writes WebP files to OUT (docs/images).
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
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from opened import home, opened_window
from photographs import photographs
from safelight.core.photo import Photo
from safelight.ui import wording
from safelight.ui.library.reads import ReadPhotos
from safelight.ui.view_request import ViewRequest
from safelight.ui.window.main_window import MainWindow

SIZE = (1280, 800)
_QUALITY = 86
_MONTH = 10
"""Pictures in each of the last two months of the library."""
_NEWEST = (
    *("Boats at sunset", "Dogs", "Dahlia", "Mountain path", "Chelsea", "Forest path", "Fig", "Pagoda"),
    *("Autumn leaf", "Dandelion", "Lake at dawn", "Coffee", "Stream", "Motorcycle", "Brushes", "Kite"),
    *("Mountain meadow", "Nuthatch", "Cups", "Rocket", "Jetty at sunset", "Moss"),
)


def draw(folder: Path) -> None:
    """The photographs as taken in the last months, the most colourful of them last."""
    folder.mkdir(parents=True)
    found = photographs()
    newest = [name for name in _NEWEST if name in found]
    names = newest + [name for name in found if name not in newest]
    for number, name in enumerate(names):
        month, place = divmod(number, _MONTH)
        day = (
            f"2026:{9 - month:02}:{28 - 2 * place:02}"
            if month < 2
            else f"{2025 - number % 2}:07:{1 + place:02}"
        )
        save(found[name], folder / f"{name}.jpg", f"{day} 12:00:00")


def save(image: Image.Image, path: Path, moment: str) -> None:
    """A JPEG that says when it was taken."""
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = moment
    image.save(path, quality=88, exif=exif)


def wait(app: QApplication, done: Callable[[], bool], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not done():
        app.processEvents()
        time.sleep(0.01)
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")


def settle(app: QApplication, seconds: float = 1.5) -> None:
    """Let thumbnails arrive and fade in."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)


def shoot(app: QApplication, window: MainWindow, path: Path, height: int = SIZE[1]) -> None:
    """The upper ``height`` pixels of the window."""
    settle(app)
    save_shot(window.grab().toImage().copy(0, 0, SIZE[0], height), path)


def save_shot(taken: QImage, path: Path) -> None:
    """A WebP file: photographs and text in few bytes."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    taken.save(buffer, "PNG")  # type: ignore[call-overload]
    Image.open(BytesIO(bytes(buffer.data().data()))).convert("RGB").save(path, quality=_QUALITY, method=6)
    print(f"{path}  {path.stat().st_size // 1024} KB")


def answered(app: QApplication, window: MainWindow, ask: Callable[[], None]) -> None:
    """Ask something, and wait until it is answered."""
    answers: list[object] = []
    window.services.bridge.results_arrived.connect(answers.append)
    ask()
    wait(app, lambda: bool(answers))
    window.services.bridge.results_arrived.disconnect(answers.append)


def search(app: QApplication, window: MainWindow, words: str) -> None:
    window.search_bar.reset()
    answered(app, window, lambda: window.search_bar.set_text(words))
    window.grid.setFocus()


def find(app: QApplication, window: MainWindow, kind: str) -> int:
    """The first photo whose name contains ``kind``."""
    found: list[list[Photo]] = []
    window.services.reader.read(ReadPhotos(window.model.photo_ids(0, window.model.rowCount())), found.append)
    wait(app, lambda: bool(found))
    return next(photo.id for photo in found[0] if kind in wording.name_of(photo))


def shoot_searches(app: QApplication, window: MainWindow, out: Path) -> None:
    """What the search language does, for docs/search-language.md."""
    bar = window.search_bar
    search(app, window, "flowers -grass date:2026 is:landscape")
    bar.chips.enter()
    shoot(app, window, out / "chips.webp", 480)
    bar.reset()
    bar.focus()
    settle(app, 1)
    QTest.keyClicks(bar.field, "mountains date:")
    QTest.keyClick(bar.field, Qt.Key.Key_Down)
    shoot(app, window, out / "completion.webp", 400)
    bar.help.dismiss()
    search(app, window, "mountains")
    shoot(app, window, out / "fold.webp", 480)
    search(app, window, "a birthday cake")
    shoot(app, window, out / "nothing-strong.webp", 480)
    window.views.show_scope(ViewRequest())
    settle(app, 1)
    path = find(app, window, "Mountain path")
    answered(app, window, lambda: window.views.find_similar(path))
    answered(app, window, lambda: bar.add_part("sunset"))
    window.grid.setFocus()
    shoot(app, window, out / "picture-and-words.webp", 560)


def shoot_part(app: QApplication, window: MainWindow, out: Path) -> None:
    window.views.show_scope(ViewRequest())
    settle(app, 1)
    window.views.open_viewer(find(app, window, "Dogs"))
    settle(app, 2)
    window.controllers.viewer.choose_part()
    shoot(app, window, out / "part.webp")
    window.controllers.viewer.close_viewer()


def shoot_why(app: QApplication, window: MainWindow, out: Path) -> None:
    search(app, window, "dogs")
    window.views.open_viewer(window.model.photo_id(0))
    settle(app, 2)
    window.controllers.viewer.why.open(light=True)
    wait(app, window.controllers.viewer.why.heat.isVisible)
    shoot(app, window, out / "why.webp")
    window.controllers.viewer.close_viewer()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parents[2] / "docs" / "images")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with home() as scratch:
        pictures = scratch / "Pictures" / "Travels"
        draw(pictures)
        with opened_window(scratch, SIZE) as (app, window):
            window.controllers.models.advice.dismiss.click()
            ready: list[object] = []
            window.services.bridge.model_ready.connect(ready.append)
            window.open_paths([str(pictures)])
            wait(app, lambda: bool(ready))
            settle(app, 3)  # what it has to read is known then
            wait(app, lambda: window.status.text.endswith("Everything is indexed"))
            settle(app, 6)
            shoot(app, window, out / "library.webp")
            search(app, window, "boats at sunset")
            window.grid.select_photo(window.model.photo_id(0))
            shoot(app, window, out / "search.webp", 620)
            shoot_searches(app, window, out)
            shoot_part(app, window, out)
            shoot_why(app, window, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
