"""A whole afternoon of sorting, by keyboard alone: from the first rating to the copies for a friend."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from safelight.store import albums, journal, stacks
from safelight.ui.organise.palette import CommandPalette
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.view_request import Place
from safelight.ui.window.gui_gc import GuiGarbageCollector
from support.copying_driver import CopyingDriver

pytestmark = [
    pytest.mark.slow,
    pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)"),
]

Key = Qt.Key
CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


class Person(CopyingDriver):
    """Presses keys, and never touches the mouse."""

    def numbers(self) -> list[int]:
        return [self.ids.index(photo) for photo in self.shown()]

    def chosen(self) -> list[int]:
        return [self.ids.index(photo) for photo in self.window.controllers.selection.ids]

    def go_to(self, number: int) -> None:
        """With Home and the right arrow."""
        self.return_to_grid()
        self.key(Key.Key_Home)
        for _ in range(self.numbers().index(number)):
            self.key(Key.Key_Right)
        self.wait(lambda: self.chosen() == [number])

    def extend(self, by: int) -> None:
        for _ in range(by):
            self.key(Key.Key_Right, SHIFT)

    def command(self, words: str) -> None:
        """Run the first choice of the palette."""
        self.return_to_grid()
        self.key(Key.Key_K, CTRL)
        self.dialog(CommandPalette)
        self.write(words)
        self.key(Key.Key_Return)

    def tab_to(self, name: str) -> QWidget:
        for _ in range(80):
            self.key(Key.Key_Tab)
            focused = QApplication.focusWidget()
            if focused is not None and focused.accessibleName() == name:
                return focused
        raise AssertionError(f"Tab does not reach {name}")


@pytest.fixture
def person(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Person]:
    with GuiGarbageCollector():
        made = Person(tmp_path, qapp, qtbot)
        yield made
        made.close()


def test_a_whole_afternoon(person: Person) -> None:
    # Rate the first five, label one, reject the last.
    for number, rating in enumerate((5, 3, 4, 1)):
        person.go_to(number)
        person.key(Key(Key.Key_0 + rating))
    person.key(Key.Key_7)
    person.go_to(5)
    person.key(Key.Key_X)
    person.wait(lambda: [person.photo(n).rating for n in range(6)] == [5, 3, 4, 1, 0, -1])
    person.wait(lambda: person.photo(3).label == "yellow")

    # The best two get a nested tag, a title for both, and a caption for one.
    person.go_to(0)
    person.extend(2)
    person.wait(lambda: person.chosen() == [0, 1, 2])
    person.key(Key.Key_T)
    person.dialog(NamePrompt)
    person.write("places/Italy")
    person.key(Key.Key_Return)
    person.wait(lambda: person.tags().get("places/Italy") == 3)
    person.return_to_grid()
    if not person.window.details.isVisible():
        person.key(Key.Key_I, CTRL)
    person.wait(person.window.controllers.organise.editor.title.isVisible)
    # The details follow the selection a moment later.
    buttons = person.window.controllers.organise.editor.findChildren
    person.wait(lambda: any("places/Italy" in each.text() for each in buttons(QAbstractButton)))
    person.tab_to("Title")
    person.write("A week in Italy")
    person.key(Key.Key_Return)
    person.wait(lambda: [person.photo(n).title for n in range(4)] == ["A week in Italy"] * 3 + [""])

    # An album inside another, arranged by hand, with a cover.
    person.go_to(0)
    person.extend(3)
    person.key(Key.Key_A, SHIFT)
    person.dialog(NamePrompt)
    person.write("Trips/Italy")
    person.key(Key.Key_Return)
    person.wait(
        lambda: [each.path for each in person.window.controllers.organise.albums] == ["Trips", "Trips/Italy"]
    )
    person.command("Trips/Italy")
    person.wait(lambda: person.numbers() == [0, 1, 2, 3])
    person.go_to(2)
    person.key(Key.Key_Home, ALT | SHIFT)
    person.wait(lambda: person.numbers() == [2, 0, 1, 3])
    person.go_to(1)
    person.command("use as cover")
    person.wait(lambda: person.window.controllers.organise.albums[1].cover == person.ids[1])
    person.key(Key.Key_Left, ALT | SHIFT)
    person.return_to_grid()
    person.go_to(3)
    person.command("remove from this album")
    person.wait(lambda: person.numbers() == [2, 0, 1])

    # Back in the library: two attempts become a stack, and one photo is hidden.
    person.command("library")
    person.wait(lambda: person.window.results.scope.place == Place.LIBRARY and len(person.numbers()) == 6)
    person.go_to(3)
    person.extend(1)
    person.key(Key.Key_G)
    person.wait(lambda: person.numbers() == [0, 1, 2, 3, 5])
    person.go_to(5)
    person.key(Key.Key_H)
    person.wait(lambda: person.numbers() == [0, 1, 2, 3])

    # The copies for a friend.
    person.go_to(0)
    person.extend(2)
    person.wait(lambda: person.chosen() == [0, 1, 2])
    person.key(Key.Key_E, CTRL | SHIFT)
    person.wait(lambda: person.window.controllers.exports.dialog is not None)
    dialog = person.window.controllers.exports.dialog
    assert dialog is not None
    person.wait(lambda: bool(dialog.form.example))
    for field, text in ((dialog.form.folder, str(person.target)), (dialog.form.template, "{number} {title}")):
        QTest.keyClick(field, Key.Key_A, CTRL)
        QTest.keyClicks(field, text)
    QTest.keyClick(dialog.form.safe, Key.Key_Space)
    QTest.keyClick(dialog.form.template, Key.Key_Return)
    person.wait(lambda: bool(dialog.progress.result_text))
    assert dialog.progress.result_text == "3 photos copied to Copies"
    # A copy that is safe to share does not give the title away either.
    assert sorted(each.name for each in person.target.iterdir()) == ["1.jpg", "2.jpg", "3.jpg"]
    QTest.keyClick(dialog.progress.close_button, Key.Key_Space)

    # All of it is undone, one step after another.
    person.return_to_grid()
    with person.library.store.read() as db:
        steps = sum(1 for each in journal.steps(db) if each.step.undone_at is None)
    assert steps >= 15
    for _ in range(steps - 3):  # three steps are older than this afternoon
        person.key(Key.Key_Z, CTRL)
    person.wait(lambda: person.numbers() == [0, 1, 2, 3, 4, 5])
    person.wait(lambda: person.tags() == {"animals/dog": 1})
    for number in range(6):
        photo = person.photo(number)
        assert (photo.rating, photo.label, photo.title, photo.hidden) == (0, "", "", False)
    with person.library.store.read() as db:
        assert [each.path for each in albums.all_albums(db)] == ["Trips"]
        assert stacks.all_stacks(db) == {}
