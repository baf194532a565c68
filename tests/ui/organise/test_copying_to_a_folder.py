"""Copying the selected photos to a folder, as a person does it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.exporting import ExportFormat, ExportProgress, ExportRequest, ExportResult, PrivateInfo
from safelight.core.message import Message
from safelight.core.operations import AddTag, TurnPhotos
from safelight.engine.events import EngineStopped, ExportAdvanced, ExportEnded, RequestFailed
from safelight.engine.requests import CancelExport
from safelight.services.operations.runner import OperationRunner
from safelight.ui.organise.export_form import ExportForm
from safelight.ui.window.gui_gc import GuiGarbageCollector
from support.copying_driver import CopyingDriver

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[CopyingDriver]:
    with GuiGarbageCollector():  # the engine's thread must not collect widgets
        made = CopyingDriver(tmp_path, qapp, qtbot)
        yield made
        made.close()


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.rglob("*") if each.is_file())


def test_photos_are_copied_under_names_from_a_template(driver: CopyingDriver) -> None:
    dialog = driver.open_form(0, 2)
    assert dialog.form.example == "For example photo0.jpg"
    dialog.form.template.setText("{number} of {date}")
    assert dialog.form.example == "For example 1 of 2021-06-09.jpg"
    QTest.keyClick(dialog.form.template, Qt.Key.Key_Return)
    driver.wait(lambda: bool(dialog.progress.result_text))
    assert dialog.progress.result_text == "2 photos copied to Copies"
    assert names(driver.target) == ["1 of 2021-06-09.jpg", "2 of 2021-06-07.jpg"]
    dialog.progress.close_button.click()
    driver.wait(lambda: driver.window.controllers.exports.dialog is None)
    # The next time, the choices are the same.
    again = driver.open_form(1)
    assert (again.form.folder.text(), again.form.template.text()) == (
        str(driver.target),
        "{number} of {date}",
    )
    QTest.keyClick(again, Qt.Key.Key_Escape)
    driver.wait(lambda: driver.window.controllers.exports.dialog is None)


def test_safe_to_share_lists_what_is_given_away(driver: CopyingDriver) -> None:
    OperationRunner(driver.library.store).run(AddTag((driver.ids[0],), "People/Anna"))
    dialog = driver.open_form(0, 1)
    assert "names of people (1)" in dialog.form.disclosure_text
    assert "title, caption, tags, rating (1)" in dialog.form.disclosure_text
    dialog.form.safe.click()
    assert dialog.form.request.withheld == {PrivateInfo.PLACE, PrivateInfo.NAMES}
    assert "names of people" not in dialog.form.disclosure_text
    assert not dialog.form.sidecars.isEnabled()
    dialog.form.withheld[PrivateInfo.PLACE].click()
    assert not dialog.form.safe.isChecked()
    dialog.form.safe.click()
    dialog.form.format.setCurrentIndex(3)
    dialog.form.size_limit.setValue(200)
    assert dialog.form.request.format is ExportFormat.WEBP
    dialog.form.button.click()
    driver.wait(lambda: bool(dialog.progress.result_text))
    assert names(driver.target) == ["photo0.webp", "photo1.webp"]
    assert b"Anna" not in (driver.target / "photo0.webp").read_bytes()
    dialog.progress.close_button.click()


def test_turns_are_offered_where_a_photo_was_turned(driver: CopyingDriver) -> None:
    form = driver.open_form(0, 1).form
    driver.wait(lambda: bool(form.disclosure_text))
    assert not form.turned.isVisible()
    QTest.keyClick(form, Qt.Key.Key_Escape)
    driver.wait(lambda: driver.window.controllers.exports.dialog is None)
    OperationRunner(driver.library.store).run(TurnPhotos((driver.ids[0],), 1))
    dialog = driver.open_form(0, 1)
    driver.wait(dialog.form.turned.isVisible)
    assert dialog.form.turned.isChecked()
    dialog.form.button.click()
    driver.wait(lambda: bool(dialog.progress.result_text))
    with (
        Image.open(driver.target / "photo0.jpg") as turned,
        Image.open(driver.target / "photo1.jpg") as plain,
    ):
        assert (turned.getexif().get(0x0112), plain.getexif().get(0x0112)) == (6, None)


def test_what_cannot_be_done_disables_the_button(driver: CopyingDriver) -> None:
    dialog = driver.open_form(0)
    dialog.form.template.setText("{nothing}")
    assert "{nothing} is not a field" in dialog.form.example
    assert not dialog.form.button.isEnabled()
    dialog.form.template.setText("{name}")
    assert dialog.form.button.isEnabled()
    dialog.form.folder.setText("  ")
    assert not dialog.form.button.isEnabled()
    dialog.form.folder.setText(str(driver.library.folder / "photo0.jpg"))
    dialog.form.button.click()
    driver.wait(lambda: bool(dialog.progress.result_text))
    assert dialog.progress.result_text.endswith("is not a folder.")
    dialog.progress.close_button.click()


def test_the_folder_of_the_last_export_is_offered_as_it_is(qtbot: QtBot) -> None:
    folder = "/a/\u05d0\u05d1"  # a label would show this with invisible characters around it
    form = ExportForm(ExportRequest((1,), folder))
    qtbot.addWidget(form)
    assert form.request.folder == folder
    assert form.button.isEnabled()


def test_failures_are_listed_and_copies_in_the_library_reported(driver: CopyingDriver) -> None:
    (driver.library.folder / "photo1.jpg").unlink()
    dialog = driver.open_form(0, 1)
    dialog.form.folder.setText(str(driver.library.folder / "chosen"))
    dialog.form.button.click()
    driver.wait(lambda: bool(dialog.progress.result_text))
    assert "The folder is part of the library" in dialog.progress.result_text
    assert "1 file could not be copied" in dialog.progress.result_text
    assert dialog.progress.failures.count() == 1
    assert "photo1.jpg" in dialog.progress.failures.item(0).text()
    dialog.progress.close_button.click()


def test_an_export_continues_in_the_background_and_can_be_stopped(driver: CopyingDriver) -> None:
    driver.copies = False
    dialog = driver.open_form(0, 1)
    dialog.form.button.click()
    sent = driver.asked()
    driver.client.say(ExportAdvanced(sent.generation, ExportProgress(1, 2)))
    driver.wait(lambda: dialog.progress.bar.value() == 1)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()
    assert dialog.running
    driver.window.commands["export"].trigger()  # shows the same one again
    assert not dialog.isHidden()
    dialog.progress.stop.click()
    driver.wait(lambda: CancelExport(sent.generation) in driver.client.requests)
    dialog.hide()
    driver.client.say(ExportEnded(sent.generation, ExportResult(str(driver.target), 2, 1, cancelled=True)))
    driver.wait(lambda: driver.window.controllers.exports.dialog is None)
    assert driver.window.toasts.text == "Stopped. 1 photo of 2 copied"


@pytest.mark.parametrize("how", ["failed", "engine"])
def test_a_failure_is_reported_in_the_dialog(driver: CopyingDriver, how: str) -> None:
    driver.copies = False
    dialog = driver.open_form(0)
    dialog.form.button.click()
    sent = driver.asked()
    if how == "failed":
        driver.client.say(RequestFailed(Message("There is no room."), sent.generation))
    else:
        driver.client.say(EngineStopped(True, Message("The engine stopped and is restarting.")))
    driver.wait(lambda: bool(dialog.progress.result_text))
    assert dialog.progress.result_text.startswith(
        "There is no room." if how == "failed" else "The engine stopped."
    )
    dialog.progress.close_button.click()
