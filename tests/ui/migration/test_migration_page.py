"""Importing from another program in the window, as a person does it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.message import Message
from safelight.core.migration import ImportConflict, ImportKind, ImportPreview, KindCount
from safelight.core.operations import SetRating
from safelight.engine.events import EngineStopped, Event
from safelight.engine.migration_worker import MigrationWorker
from safelight.engine.requests import ApplyMigration, ListMigration, PreviewMigration, Request, StopMigration
from safelight.engine.writer import Writer
from safelight.services.migration.sources import SOURCES
from safelight.services.operations.runner import OperationRunner
from safelight.store import albums
from safelight.ui.migration import words
from safelight.ui.migration.moved_dialog import MovedDialog, common_folder
from safelight.ui.migration.page import MigrationPage
from safelight.ui.migration.preview_pane import PreviewPane
from safelight.ui.pages.declarations import MIGRATION
from safelight.ui.window.gui_gc import GuiGarbageCollector
from support.window_driver import WindowDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


class Driver(WindowDriver):
    """A window whose engine also imports."""

    def __init__(self, place: Path, app: QApplication, bot: QtBot) -> None:
        super().__init__(place, app, bot)
        store = self.library.store
        self.writer = Writer(OperationRunner(store, on_change=self.client.say), self.client.say)
        self.worker = MigrationWorker(store, self.writer.ask, self.client.say)
        self.writer.start()
        self.worker.start()
        run = self.client.answers

        def answer(request: Request) -> list[Event]:
            if isinstance(request, PreviewMigration | ApplyMigration | ListMigration | StopMigration):
                self.worker.submit(request)
            return run(request)

        self.client.answers = answer
        self.page = self.open()

    def open(self) -> MigrationPage:
        self.window.commands[MIGRATION].trigger()
        page = self.window.findChild(MigrationPage)
        assert page is not None
        self.wait(page.isVisible)
        return page

    def table(self, *lines: str) -> Path:
        path = self.library.directory.parent / "old.csv"
        path.write_text("\n".join(["path,rating,title,tags,albums", *lines]))
        return path

    def shows(self, widget: object) -> bool:
        return self.page.panes.currentWidget() is widget

    def close(self) -> None:
        assert self.window.shutdown()
        self.worker.close()
        self.writer.close()
        self.library.close()


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Driver]:
    with GuiGarbageCollector():  # the engine's threads must not collect widgets
        made = Driver(tmp_path, qapp, qtbot)
        yield made
        made.close()


def choose(driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_, **__: (str(path), ""))
    driver.page.file.setFocus()
    driver.key(Qt.Key.Key_Space)


def test_previewing_importing_and_undoing_by_keyboard(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    OperationRunner(driver.library.store).run(SetRating((driver.ids[0],), 2))
    folder = driver.library.folder
    path = driver.table(
        f"{folder}/photo0.jpg,5,First,sea;a/b,Trips/Italy",
        f"{folder}/photo1.jpg,4,,sea,Trips/Italy",
        "/gone/lost.jpg,3,,,",
    )
    choose(driver, path, monkeypatch)
    preview = driver.page.preview
    driver.wait(lambda: driver.shows(preview))
    assert preview.headline.text() == "3 photos in CSV"
    assert preview.recognised.text() == (
        "2 are in the library: 2 by their path. 2 photos would get something new."
    )
    assert [preview.tabs.tabText(n) for n in range(preview.tabs.count())] == [
        "Different values · 1",
        "Not found · 1",
    ]
    listed = tmp_path / "list.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(listed), ""))
    preview.save.click()
    driver.wait(lambda: "Saved as" in preview.notes.text())
    assert "lost.jpg" in listed.read_text()
    preview.save.click()
    driver.wait(lambda: "exists already" in preview.notes.text())
    assert driver.shows(preview)
    driver.wait(lambda: QApplication.focusWidget() is preview.start)
    driver.key(Qt.Key.Key_Return)
    driver.wait(lambda: driver.page.result.text() == "2 photos changed.")
    assert driver.photo(0).rating == 2
    assert driver.photo(1).rating == 4
    assert {"sea": 2, "a/b": 1}.items() <= driver.tags().items()
    driver.wait(lambda: QApplication.focusWidget() is driver.page.again)  # a second Return is harmless
    driver.page.undo.setFocus()
    driver.key(Qt.Key.Key_Space)
    driver.wait(lambda: "imported what CSV knew about 2 photos" in driver.page.result.text())
    assert driver.photo(1).rating == 0
    assert "sea" not in driver.tags()
    with driver.library.store.read() as db:
        assert albums.find_path(db, "Trips/Italy") is None
    driver.key(Qt.Key.Key_Escape)
    driver.wait(lambda: not driver.page.isVisible())


def test_values_that_are_invalid_are_counted_named_and_listed(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = f"{driver.library.folder}/photo0.jpg"
    choose(driver, driver.table(f"{place},7,First,,"), monkeypatch)
    preview = driver.page.preview
    driver.wait(lambda: driver.shows(preview))
    assert preview.notes.text() == "Not taken over: invalid values: 1"
    assert preview.tabs.tabText(0) == "Not taken over · 1"
    assert preview.problems.item(0).text() == f"{place}: the rating “7” is left out; ratings are 1 to 5."
    listed = tmp_path / "list.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(listed), ""))
    preview.save.click()
    driver.wait(lambda: "Saved as" in preview.notes.text())
    assert f"not taken over,{place},,rating,,7" in listed.read_text()


def test_a_low_window_scrolls_and_keeps_the_buttons(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    pane = PreviewPane()
    pane.setParent(window)
    counts = tuple(KindCount(kind, 2, 1, 0, 1) for kind in ImportKind)
    conflict = ImportConflict(1, "rating", 2, 3, "/pictures/a.jpg")
    pane.show_preview(ImportPreview("CSV", 3, counts=counts, conflicts=(conflict,)))
    window.resize(480, 260)
    pane.setGeometry(window.rect())
    window.show()
    qtbot.waitExposed(window)
    assert pane.rect().contains(pane.start.geometry())
    labels = [each for each in pane.findChildren(QLabel) if each.text() in ("Ratings", "Places")]
    assert len(labels) == 2
    qtbot.waitUntil(lambda: all(each.height() >= each.minimumSizeHint().height() for each in labels))


def test_values_of_the_other_program_can_be_taken(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    OperationRunner(driver.library.store).run(SetRating(tuple(driver.ids[:3]), 2))
    folder = driver.library.folder
    path = driver.table(*(f"{folder}/photo{n}.jpg,{n + 3},,,x" for n in range(3)))
    choose(driver, path, monkeypatch)
    preview = driver.page.preview
    driver.wait(lambda: driver.shows(preview))
    model = preview.conflicts
    texts = [model.index(0, column).data() for column in range(4)]
    assert texts[1:] == ["Rating", "★★", "★★★"]
    box = model.index(1, 3)
    assert model.setData(box, Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    assert model.taken == ((driver.ids[1], "rating"),)
    preview.start.click()
    driver.wait(lambda: driver.page.result.text() == "3 photos changed.")
    assert [driver.photo(n).rating for n in range(3)] == [2, 4, 2]
    driver.page.again.click()
    choose(driver, path, monkeypatch)
    driver.wait(lambda: driver.shows(preview))
    preview.theirs.setFocus()
    driver.key(Qt.Key.Key_Space)
    assert len(preview.conflicts.taken) == 2  # one is the same by now
    preview.start.click()
    driver.wait(lambda: driver.page.result.text() == "2 photos changed.")
    assert [driver.photo(n).rating for n in range(3)] == [3, 4, 5]


def test_a_moved_folder_can_be_named(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    (driver.library.folder / "Sub").mkdir()
    path = driver.table("X:\\Pics\\photo3.jpg,5,,,", "X:\\Pics\\photo4.jpg,4,,,")
    choose(driver, path, monkeypatch)
    preview = driver.page.preview
    driver.wait(lambda: driver.shows(preview))
    assert preview.recognised.text().startswith("None of them was recognised")
    assert not preview.start.isEnabled()
    preview.moved.click()
    driver.wait(lambda: isinstance(QApplication.activeModalWidget(), MovedDialog))
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, MovedDialog)
    assert dialog.focusWidget() is dialog.target
    assert dialog.source.text() == "X:\\Pics"
    dialog.target.setText(str(driver.library.folder))
    dialog.target.setFocus()
    QTest.keyClick(dialog.target, Qt.Key.Key_Return)
    driver.wait(preview.start.isEnabled)
    assert "X:\\Pics is now" in preview.notes.text()


def test_what_cannot_be_read_is_reported_where_it_was_chosen(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"nothing")
    choose(driver, path, monkeypatch)
    driver.wait(lambda: "is not a catalogue or export" in driver.page.error.text())
    assert driver.page.error.isVisible()
    path = driver.table(f"{driver.library.folder}/photo0.jpg,5,,,")
    choose(driver, path, monkeypatch)
    driver.wait(lambda: driver.shows(driver.page.preview))
    driver.client.say(EngineStopped(True, Message("it stopped")))
    driver.wait(lambda: "The engine stopped" in driver.page.error.text())


def test_reading_can_be_cancelled(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    path = driver.table(f"{driver.library.folder}/photo0.jpg,5,,,")
    driver.client.answers = lambda _: []  # an engine that takes its time
    choose(driver, path, monkeypatch)
    driver.wait(lambda: QApplication.focusWidget() is driver.page.cancel)
    driver.key(Qt.Key.Key_Space)
    driver.wait(driver.page.file.isVisible)


def test_every_source_is_described() -> None:
    assert words.CHOOSE.keys() == {source.name for source in SOURCES}


def test_the_folder_that_paths_have_in_common() -> None:
    assert common_folder(["D:\\a\\b\\1.jpg", "D:\\a\\c\\2.jpg"]) == "D:\\a"
    assert common_folder(["/x/y/1.jpg"]) == "/x/y"
    assert common_folder(["1.jpg", "/x/2.jpg"]) == common_folder([]) == ""
