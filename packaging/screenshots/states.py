"""Makes pictures of every page and state of the window, to look at after a change.

    python packaging/screenshots/states.py OUT [--ratio 1.5] [--size 640x480] [--reverse]

Starts the real window, without a screen, in the dark and the light theme, at 100 % and 200 %, and in two
sizes, over the photographs of photographs.py. ``--reverse`` mirrors it as in a language written from right to
left.
Writes OUT/THEME-RATIOx-WIDTHxHEIGHT/STATE.png.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import av
import numpy as np
from PIL import Image, ImageOps
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from library import answered, find, search, settle, wait
from opened import opened_window
from photographs import photographs
from safelight.core.jobs import Phase
from safelight.core.operations import AddTag, CreateAlbum, SaveSearch, SetLabel, SetRating, StackPhotos
from safelight.core.settings import ColourScheme
from safelight.ui.pages.declarations import (
    ALBUMS,
    DUPLICATES,
    EXPLORE,
    MIGRATION,
    MODELS,
    PROBLEMS,
    SETTINGS,
    TRASH,
)
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.widgets.cell_style import CellStyle
from safelight.ui.window.commands import open_palette
from safelight.ui.window.main_window import MainWindow

SIZES = ((1000, 700), (1440, 900))
RATIOS = (1.0, 2.0)
_Size = tuple[int, int]
_State = tuple[str, Callable[[], object], Callable[[], object]]
"""A name, what leads there, and what leads back."""


def draw(folder: Path) -> None:
    """Photographs in folders by year, with copies, a panorama, films and a file that is damaged."""
    for number, (name, image) in enumerate(photographs().items()):
        year, month = 2022 + number % 4, 1 + number * 5 % 12
        exif = Image.Exif()
        exif[0x0110] = "Camera"
        exif.get_ifd(0x8769)[0x9003] = f"{year}:{month:02}:{1 + number % 28:02} 12:{number % 60:02}:00"
        place = folder / str(year) / f"{month:02}"
        place.mkdir(parents=True, exist_ok=True)
        image.save(place / f"{name}.jpg", quality=90, exif=exif)
        if number % 9 == 0:
            (folder / "Copies").mkdir(exist_ok=True)
            (folder / "Copies" / f"{name} (1).jpg").write_bytes((place / f"{name}.jpg").read_bytes())
    (folder / "damaged.jpg").write_bytes(b"no picture")
    _draw_further(folder)


def _draw_further(folder: Path) -> None:
    """A panorama, a video and a motion photo."""
    images = [image.convert("RGB") for image in photographs().values()]
    wide = Image.new("RGB", (3200, 400))
    for number, image in enumerate(images[:8]):
        wide.paste(ImageOps.fit(image, (400, 400)), (400 * number, 0))
    wide.save(folder / "Panorama.jpg", quality=90)
    clip = folder / "Clip.mp4"
    with av.open(str(clip), "w") as out:
        stream = out.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for image in images[2:8]:
            frame = av.VideoFrame.from_ndarray(np.asarray(ImageOps.fit(image, (640, 360))), format="rgb24")
            for _ in range(24):
                out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    # A film behind a picture is found without metadata, too.
    still, film = folder / "Motion.jpg", clip.read_bytes()
    images[1].save(still, quality=90)
    still.write_bytes(still.read_bytes() + film)


class Tour:
    """Leads a window through its states."""

    def __init__(self, app: QApplication, window: MainWindow, pictures: Path) -> None:
        self.app, self.window, self.pictures = app, window, pictures

    def states(self) -> Iterator[_State]:
        window, views = self.window, self.window.views

        def home() -> None:
            views.overlays_dismissed.emit()
            window.content.close_page()
            views.show_scope(ViewRequest())
            self._until(lambda: window.model.rowCount() > 1)

        yield "library", home, lambda: None
        yield "selection", lambda: window.grid.select_photos(window.model.photo_ids(1, 4)), home
        yield "folders", self._open_folders, home
        yield (
            "rows",
            partial(self._choose_cells, CellStyle.ROWS),
            partial(self._choose_cells, CellStyle.SQUARE),
        )
        yield "excluded", self._exclude, self._include
        yield "large-cells", lambda: window.grid.set_cell_size(320), lambda: window.grid.set_cell_size(176)
        yield "search", lambda: search(self.app, window, "a cat"), home
        yield "search-chips", lambda: search(self.app, window, "flowers -night date:2023.."), home
        yield "search-nothing", lambda: search(self.app, window, "camera:none"), home
        yield "search-help", self._open_help, home
        yield "similar", lambda: answered(self.app, window, self._find_similar), home
        yield "viewer", self._view, home
        yield "viewer-details", self._view_details, self._leave_details
        yield "viewer-film", self._view_film, self._leave_film
        for kind in ("Panorama", "Clip", "Motion"):
            yield f"viewer-{kind.lower()}", partial(self._view, kind), home
        yield "viewer-playing", self._play, home
        yield "slideshow", self._show_slides, home
        yield "compare-photos", self._compare_photos, home
        yield "days", lambda: window.search_bar.slider.setValue(250), lambda: None
        yield "scrubber", self._hold_scroll_bar, self._release_scroll_bar
        yield "opened-file", self._open_file, home
        yield "drag", window.controllers.drop_overlay.show_highlight, window.controllers.drop_overlay.hide
        yield "favourites-empty", lambda: views.show_scope(ViewRequest(Place.FAVOURITES)), home
        for name, place in (("duplicates", DUPLICATES), ("problems", PROBLEMS), ("trash", TRASH)):
            yield name, partial(views.show_page, place), home
        yield "compare", self._compare, home
        yield "batch-edit", self._organise, home
        yield "album", self._open_album, home
        yield "smart-album", lambda: search(self.app, window, "tag:places rating:>=3"), home
        yield "palette", self._open_palette, self._close_dialogs
        yield "copy-to-folder", self._open_export, self._close_dialogs
        yield "models", lambda: views.show_page(MODELS), home
        for name, place in (("explore", EXPLORE), ("albums", ALBUMS), ("migration", MIGRATION)):
            yield name, partial(views.show_page, place), home
        yield "go-to-date", window.controllers.date_jump.ask, self._close_dialogs
        for row in range(7):
            yield f"settings-{row + 1}", partial(self._show_settings, row), home
        yield "shortcuts", window.controllers.settings.show_shortcuts, self._close_dialogs
        yield "message", lambda: window.toasts.show_error("This picture could not be read."), home

    def _until(self, done: Callable[[], bool]) -> None:
        wait(self.app, done)

    def _open_folders(self) -> None:
        tree, places = self.window.sidebar.list, self.window.sidebar.places
        for scope in list(self.window.sidebar.scopes):
            if scope.place == Place.FOLDER:
                tree.expand(places.find(scope))
        settle(self.app, 0.5)
        tree.setCurrentIndex(places.find(ViewRequest(Place.FOLDER, 1, "2023")))

    def _choose_cells(self, style: CellStyle) -> None:
        next(each for each in self.window.search_bar.arrange.styles if each.data() == style).trigger()

    def _exclude(self) -> None:
        self.window.controllers.folder_commands.exclude(str(self.pictures / "Copies"))
        settle(self.app, 1.5)
        self.window.views.show_scope(ViewRequest(Place.FOLDER, 1, "Copies"))

    def _include(self) -> None:
        self.window.controllers.folder_commands.include(str(self.pictures / "Copies"))
        settle(self.app, 1.5)
        self.window.toasts.clear()
        self.window.views.show_scope(ViewRequest())
        self._until(lambda: self.window.model.rowCount() > 1)

    def _open_help(self) -> None:
        self.window.search_bar.focus()
        QTest.keyClicks(self.window.search_bar.field, "camera:")

    def _find_similar(self) -> None:
        self.window.views.find_similar(find(self.app, self.window, "Chelsea"))

    def _view(self, kind: str = "Astronaut") -> None:
        self.window.views.open_viewer(find(self.app, self.window, kind))

    def _play(self) -> None:
        """A frame of a video in the player."""
        self._view("Clip")
        settle(self.app, 1.0)
        self.window.controllers.viewer.video.play()
        settle(self.app, 1.5)

    def _show_slides(self) -> None:
        self._view("Rocket")
        settle(self.app, 1.0)
        self.window.controllers.viewer.slideshow.toggle()

    def _compare_photos(self) -> None:
        grid = self.window.grid
        grid.select_photos(self.window.model.photo_ids(2, 5))
        grid.setFocus()
        QTest.keyClick(grid, Qt.Key.Key_C)

    def _hold_scroll_bar(self) -> None:
        bar = self.window.grid.verticalScrollBar()
        QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() // 2, 10))
        bar.setValue(bar.maximum() // 2)

    def _release_scroll_bar(self) -> None:
        bar = self.window.grid.verticalScrollBar()
        QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(bar.width() // 2, bar.height() // 2))
        self.window.search_bar.slider.setValue(176)

    def _view_details(self) -> None:
        self._view()
        self.window.controllers.viewer.toggle_info()

    def _view_film(self) -> None:
        self._view()
        self.window.controllers.viewer.show_film(True)

    def _leave_details(self) -> None:
        self.window.controllers.viewer.toggle_info()
        self.window.controllers.viewer.close_viewer()

    def _leave_film(self) -> None:
        self.window.controllers.viewer.show_film(False)
        self.window.controllers.viewer.close_viewer()

    def _open_file(self) -> None:
        self.window.open_paths([str(self.pictures.parent / "Card" / "Coffee.jpg")])

    def _compare(self) -> None:
        self.window.views.show_page(DUPLICATES)
        settle(self.app, 0.5)
        self.window.controllers.duplicates.open_compare()

    def _organise(self) -> None:
        """Tags, ratings, albums, a stack and a saved search; then several photos are selected."""
        ids = self.window.model.photo_ids(0, self.window.model.rowCount())
        albums = self.window.controllers.organise
        for number, tag in enumerate(("places/Italy/Rome", "places/Norway", "animals/cat", "People/Anna")):
            albums.run(AddTag(tuple(ids[number::5]), tag))
        for rating in range(1, 6):
            albums.run(SetRating(tuple(ids[rating::7]), rating))
        albums.run(SetLabel(tuple(ids[1::6]), "green"))
        albums.run(StackPhotos(tuple(ids[4:7])))
        albums.run(SaveSearch("Best places", "tag:places rating:>=3"))
        albums.run(CreateAlbum("Trips", None, tuple(ids[:9])))
        self._until(lambda: len(self.window.controllers.organise.albums) == 1)
        albums.run(CreateAlbum("Norway", albums.albums[0].album.id, tuple(ids[9:30])))
        self._until(lambda: len(self.window.controllers.organise.albums) == 2)
        self.window.grid.select_photos(ids[:4])

    def _open_album(self) -> None:
        album_id = self.window.controllers.organise.albums[1].album.id
        self.window.views.show_scope(ViewRequest(Place.ALBUM, album_id=album_id))

    def _open_palette(self) -> None:
        palette = open_palette(self.window, self.window.controllers, self.window.commands)
        palette.open()
        QTest.keyClicks(palette.field, "nor")

    def _open_export(self) -> None:
        self.window.controllers.exports.open(self.window.model.photo_ids(0, 12))

    def _show_settings(self, row: int) -> None:
        self.window.views.show_page(SETTINGS)
        self.window.controllers.settings.page.get().sections.setCurrentRow(row)

    def _close_dialogs(self) -> None:
        for dialog in self.window.findChildren(QDialog):
            dialog.reject()


class Album:
    """Takes the pictures of one ratio, in each theme and size."""

    def __init__(
        self, app: QApplication, window: MainWindow, out: Path, ratio: float, sizes: Sequence[_Size]
    ) -> None:
        self._app, self._window, self._out, self._ratio, self._sizes = app, window, out, ratio, sizes

    def shoot(self, name: str) -> None:
        """Pictures of the state that the window is in."""
        for look in (ColourScheme.DARK, ColourScheme.LIGHT):
            self._window.services.themes.set_scheme(look)
            for width, height in self._sizes:
                self._window.resize(width, height)
                folder = self._out / f"{look}-{self._ratio:g}x-{width}x{height}"
                folder.mkdir(parents=True, exist_ok=True)
                self._shown().grab().save(str(folder / f"{name}.png"))
        print(f"{self._ratio:g}x {name}", flush=True)

    def _shown(self) -> QWidget:
        """The dialog that is open, or the window."""
        if self._window.controllers.drop_overlay.isVisible():
            self._window.controllers.drop_overlay.show_highlight()  # no window is resized during a drag
        settle(self._app, 0.7)
        dialogs = [each for each in self._window.findChildren(QDialog) if each.isVisible()]
        return dialogs[-1] if dialogs else self._window


def tour(out: Path, ratio: float, only: Sequence[str], sizes: Sequence[_Size], *, reverse: bool) -> None:
    """All states, or ``only`` those named, at one ratio: Qt reads it once, at its start."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_DATA_HOME"] = scratch  # whose trash is used
        pictures = Path(scratch) / "Pictures"
        draw(pictures)
        (Path(scratch) / "Card").mkdir()
        for name, image in photographs().items():
            image.save(Path(scratch) / "Card" / f"{name}.jpg")
        with opened_window(Path(scratch), reverse=reverse) as (app, window):
            album = Album(app, window, out, ratio, sizes)
            album.shoot("welcome")
            phases: list[Phase] = []
            window.services.bridge.progress_changed.connect(lambda progress: phases.append(progress.phase))
            window.open_paths([str(pictures)])
            wait(app, lambda: Phase.INDEXING in phases and phases[-1] is Phase.IDLE)
            # The model may still be loading, and has then read nothing.
            wait(app, lambda: bool(window.status.model) and "%" not in window.status.model)
            wait(app, lambda: window.controllers.duplicates.session.complete)
            window.controllers.models.advice.dismiss.click()
            window.controllers.trash_commands.trash([find(app, window, list(photographs())[-1])])
            wait(app, lambda: window.toasts.text.startswith("Moved"))
            window.toasts.clear()
            for name, there, back in Tour(app, window, pictures).states():
                if only and name not in only:
                    continue
                there()
                album.shoot(name)
                back()
                settle(app, 0.2)


def size_of(text: str) -> _Size:
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--ratio", type=float, nargs="*", default=RATIOS, help="only these ratios")
    parser.add_argument("--size", type=size_of, nargs="*", default=SIZES, help="only these sizes")
    parser.add_argument("--state", nargs="*", default=[], help="only these states")
    parser.add_argument("--reverse", action="store_true", help="from right to left")
    given = parser.parse_args()
    if len(given.ratio) == 1 and os.environ.get("QT_SCALE_FACTOR") == str(given.ratio[0]):
        tour(given.out, given.ratio[0], given.state, given.size, reverse=given.reverse)
        return 0
    for ratio in given.ratio:  # Qt reads it once, at its start
        sizes = [f"{width}x{height}" for width, height in given.size]
        command = [sys.executable, __file__, str(given.out), "--ratio", str(ratio), "--size", *sizes]
        command += ["--state", *given.state, *(["--reverse"] if given.reverse else [])]
        subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": str(ratio)}, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
