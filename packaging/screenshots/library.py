"""Makes the screenshots of the README, from photographs that scikit-image ships and drawn landscapes.

    python packaging/screenshots/library.py [OUT]

Starts the real window, without a screen, over a new library of these pictures, with the real engine and the
built-in model, and writes PNG files to OUT (docs/images).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image, ImageColor
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from opened import opened_window
from photographs import photographs
from safelight.core.photo import Photo
from safelight.ui import theme, wording
from safelight.ui.main_window import MainWindow
from safelight.ui.reads import ReadPhotos
from safelight.ui.view_request import ViewRequest
from scenery import landscape

PICTURES = 60
"""Landscapes."""
SIZE = (1280, 800)


def amount() -> int:
    """How many pictures :func:`draw` makes."""
    return len(photographs()) + PICTURES


def draw(folder: Path) -> None:
    """Photographs as the newest pictures, and landscapes of the three summers before."""
    folder.mkdir(parents=True)
    for number, (name, image) in enumerate(photographs().items()):
        save(image, folder / f"{name}.jpg", f"2025:{11 - number // 8:02}:{28 - number:02} 12:00:00")
    for seed in range(PICTURES):
        name, image = landscape(seed)
        day = f"{2023 + seed % 3}:{6 + seed % 4:02}:{1 + seed % 28:02}"
        save(image, folder / f"{name}.jpg", f"{day} {8 + seed % 12:02}:{seed % 60:02}:00")


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


def colours_of(image: Image.Image) -> Image.Image:
    """A palette for an image: the theme's own colours, which may be in few pixels, and the best others."""
    own = [value for value in asdict(theme.DARK).values() if isinstance(value, str) and value[:1] == "#"]
    fixed = [ImageColor.getrgb(colour)[:3] for colour in dict.fromkeys(own)]
    others = image.quantize(256 - len(fixed)).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(part for colour in fixed for part in colour), *others])
    return palette


def shoot(app: QApplication, window: MainWindow, path: Path, height: int = SIZE[1]) -> None:
    """The upper ``height`` pixels of the window."""
    settle(app)
    taken = window.grab().toImage().copy(0, 0, SIZE[0], height)
    taken.save(str(path))
    with Image.open(path) as image:  # 256 colours are enough for the web, and a third of the bytes
        few = image.convert("RGB")
        few.quantize(palette=colours_of(few), dither=Image.Dither.NONE).save(path, optimize=True)
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
    """The first photo of a kind of landscape, by its name."""
    found: list[list[Photo]] = []
    window.services.reader.read(ReadPhotos(window.model.photo_ids(0, window.model.rowCount())), found.append)
    wait(app, lambda: bool(found))
    return next(photo.id for photo in found[0] if kind in wording.name_of(photo))


def shoot_searches(app: QApplication, window: MainWindow, out: Path) -> None:
    """What the search language does, for docs/search-language.md."""
    bar = window.search_bar
    search(app, window, "flowers -night date:2024..2025 is:landscape")
    bar.chips.enter()
    shoot(app, window, out / "chips.png", 480)
    bar.reset()
    bar.focus()
    settle(app, 1)
    QTest.keyClicks(bar.field, "mountains date:")
    QTest.keyClick(bar.field, Qt.Key.Key_Down)
    shoot(app, window, out / "completion.png", 400)
    bar.help.dismiss()
    search(app, window, "flowers")
    window.grid.verticalScrollBar().setValue(window.grid.verticalScrollBar().maximum())
    shoot(app, window, out / "fold.png")
    search(app, window, "a birthday cake")
    shoot(app, window, out / "nothing-strong.png", 480)
    search(app, window, "mountains -snow")
    shoot(app, window, out / "exclusion.png", 560)
    window.views.show_scope(ViewRequest())
    settle(app, 1)
    boat = find(app, window, "day-boat")
    answered(app, window, lambda: window.views.find_similar(boat))
    answered(app, window, lambda: bar.add_part("night"))
    window.grid.setFocus()
    shoot(app, window, out / "picture-and-words.png", 560)


def shoot_part(app: QApplication, window: MainWindow, out: Path) -> None:
    window.views.show_scope(ViewRequest())
    settle(app, 1)
    window.views.open_viewer(find(app, window, "balloons"))
    settle(app, 2)
    window.controllers.viewer.choose_part()
    shoot(app, window, out / "part.png")
    window.controllers.viewer.close_viewer()


def shoot_why(app: QApplication, window: MainWindow, out: Path) -> None:
    search(app, window, "flowers -night")
    window.views.open_viewer(window.model.photo_id(0))
    settle(app, 2)
    window.controllers.viewer.why.open(light=True)
    wait(app, window.controllers.viewer.why.heat.isVisible)
    shoot(app, window, out / "why.png")
    window.controllers.viewer.close_viewer()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", type=Path, default=Path(__file__).parents[2] / "docs" / "images")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        pictures = Path(scratch) / "Pictures" / "Travels"
        draw(pictures)
        with opened_window(Path(scratch), SIZE) as (app, window):
            shoot(app, window, out / "welcome.png")
            window.controllers.models.advice.dismiss.click()
            ready: list[object] = []
            window.services.bridge.model_ready.connect(ready.append)
            window.open_paths([str(pictures)])
            wait(app, lambda: bool(ready))
            settle(app, 3)  # what it has to read is known then
            wait(app, lambda: window.status.text.endswith("Everything is indexed"))
            settle(app, 6)
            shoot(app, window, out / "library.png")
            search(app, window, "a sailing boat at sunset")
            window.grid.select_photo(window.model.photo_id(0))
            shoot(app, window, out / "search.png")
            shoot_searches(app, window, out)
            shoot_part(app, window, out)
            shoot_why(app, window, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
