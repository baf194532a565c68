"""The Trash page: what is listed, and what is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.message import Message
from safelight.core.operations import RestoreFiles, UndoOutcome
from safelight.core.photo import FileStat
from safelight.engine import events, requests
from safelight.store import journal
from safelight.store.journal import FileStep, NewJournalFile
from safelight.ui.pages.declarations import TRASH
from safelight.ui.pages.trash import TrashPage
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.filled_library import FilledLibrary
from support.open_windows import bring_up
from support.scripted_client import ScriptedClient
from support.sidebar_rows import choose, texts
from support.threaded_decoder import ThreadedDecoder

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    made = FilledLibrary(tmp_path)
    made.add(("a.jpg", "2021-06-03T10:00:00"))
    yield made
    made.close()


def note_trashed(library: FilledLibrary, *names: str, action: str = "trash") -> list[int]:
    """Files in the trash as the journal has them after an operation."""
    with library.store.write() as db:
        step = journal.begin(db, action, {}, 1_700_000_000.0)
        new = [
            NewJournalFile(bytes(library.folder / name), b"x" * 20, FileStat(52_000, 1, 1), None, None)
            for name in names
        ]
        ids = journal.record_moves(db, step, new)
        for file_id in ids:
            journal.set_trashed(db, file_id, None)
    return ids


@pytest.fixture
def window(
    library: FilledLibrary, client: ScriptedClient, qapp: QApplication, qtbot: QtBot
) -> Iterator[MainWindow]:
    made = build_window(qapp, library.directory, lambda: client, ThreadedDecoder())
    bring_up(made, qtbot)
    qtbot.waitUntil(lambda: made.model.rowCount() == 1)
    yield made
    assert made.shutdown()


def opened(window: MainWindow, qtbot: QtBot, rows: int) -> TrashPage:
    window.views.show_page(TRASH)
    page = window.content.page
    assert isinstance(page, TrashPage)
    qtbot.waitUntil(lambda: len(page.model.rows) == rows)
    return page


def asked(client: ScriptedClient) -> list[requests.RunOperation]:
    found = [each for each in client.requests if isinstance(each, requests.RunOperation)]
    return [each for each in found if isinstance(each.operation, RestoreFiles)]


def test_the_page_appears_with_the_first_file(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "Folders" in texts(window.sidebar))
    assert "Trash" not in texts(window.sidebar)
    note_trashed(library, "gone.jpg")
    client.say(LibraryChanged(ChangeKind.FILES))
    qtbot.waitUntil(lambda: "Trash" in texts(window.sidebar))
    choose(window.sidebar, "Trash")
    page = window.content.page
    assert isinstance(page, TrashPage)
    qtbot.waitUntil(lambda: len(page.model.rows) == 1)


def test_what_is_listed(window: MainWindow, library: FilledLibrary, qtbot: QtBot) -> None:
    note_trashed(library, "2019/a.jpg")
    note_trashed(library, "copy.jpg", action="settle")
    page = opened(window, qtbot, 2)
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [[str(page.model.index(row, column).data()) for column in range(4)] for row in range(2)]
    assert rows[0][:3] == [f"copy.jpg\n{library.folder}", "Duplicate", "52 kB"]
    assert rows[1][:2] == [f"a.jpg\n{library.folder / '2019'}", "Photo"]
    assert "Nov 2023" in rows[0][3]
    tip = page.model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == str(library.folder / "2019" / "a.jpg")


def test_selected_files_and_all_files_are_restored(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, qtbot: QtBot
) -> None:
    ids = note_trashed(library, "a.jpg", "b.jpg", "c.jpg")
    page = opened(window, qtbot, 3)
    assert not page.restore.isEnabled()
    page.table.selectRow(1)
    page.restore.click()
    qtbot.waitUntil(lambda: len(asked(client)) == 1)
    assert asked(client)[0].operation == RestoreFiles((ids[1],))
    with library.store.write() as db:
        journal.set_state(db, ids[1], FileStep.RESTORED)
    client.say(
        events.OperationDone(asked(client)[0].generation, UndoOutcome(code=RestoreFiles.code, restored=1))
    )
    qtbot.waitUntil(lambda: page.hint.text() == "1 file restored")
    qtbot.waitUntil(lambda: len(page.model.rows) == 2)
    page.restore_all.click()
    qtbot.waitUntil(lambda: len(asked(client)) == 2)
    assert asked(client)[1].operation == RestoreFiles((ids[2], ids[0]))
    reason = "it is no longer in the trash"
    client.say(
        events.OperationDone(
            asked(client)[1].generation,
            UndoOutcome(code=RestoreFiles.code, failed=((str(library.folder / "a.jpg"), Message(reason)),)),
        )
    )
    qtbot.waitUntil(lambda: page.hint.text() == f"“a.jpg” could not be restored to its place: {reason}")


def test_an_empty_trash_says_so(window: MainWindow, qtbot: QtBot) -> None:
    page = opened(window, qtbot, 0)
    assert page.empty.isVisible()
    assert page.empty.title.text() == "Nothing in the trash"
    assert "restored" in page.empty.text.text()


def test_a_second_press_of_restore_does_not_restore_everything(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, qtbot: QtBot
) -> None:
    ids = note_trashed(library, "a.jpg", "b.jpg")
    page = opened(window, qtbot, 2)
    page.table.selectRow(0)
    page.restore.setFocus()
    QTest.keyClick(page.restore, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(asked(client)) == 1)
    with library.store.write() as db:
        journal.set_state(db, ids[1], FileStep.RESTORED)
    client.say(
        events.OperationDone(asked(client)[0].generation, UndoOutcome(code=RestoreFiles.code, restored=1))
    )
    qtbot.waitUntil(lambda: len(page.model.rows) == 1)
    focused = window.focusWidget()
    assert focused is page.table
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert len(asked(client)) == 1


def test_the_focus_stays_on_the_page_when_the_last_file_is_restored(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, qtbot: QtBot
) -> None:
    (only,) = note_trashed(library, "a.jpg")
    page = opened(window, qtbot, 1)
    page.restore_all.click()
    qtbot.waitUntil(lambda: len(asked(client)) == 1)
    with library.store.write() as db:
        journal.set_state(db, only, FileStep.RESTORED)
    client.say(
        events.OperationDone(asked(client)[0].generation, UndoOutcome(code=RestoreFiles.code, restored=1))
    )
    qtbot.waitUntil(page.empty.isVisible)
    assert window.focusWidget() is page


def test_different_reasons_are_not_called_the_same(
    window: MainWindow, library: FilledLibrary, client: ScriptedClient, qtbot: QtBot
) -> None:
    note_trashed(library, "a.jpg", "b.jpg")
    page = opened(window, qtbot, 2)
    page.restore_all.click()
    qtbot.waitUntil(lambda: len(asked(client)) == 1)
    gone, taken = Message("it is no longer in the trash"), Message("another file has its place")
    failed = (("/x/a.jpg", taken), ("/x/b.jpg", gone))
    client.say(
        events.OperationDone(asked(client)[0].generation, UndoOutcome(code=RestoreFiles.code, failed=failed))
    )
    said = "another file has its place · 1 more, also for other reasons"
    qtbot.waitUntil(lambda: page.hint.text() == f"“a.jpg” could not be restored to its place: {said}")


def test_a_long_name_leaves_the_folder_visible(
    window: MainWindow, library: FilledLibrary, qtbot: QtBot
) -> None:
    note_trashed(library, "a long name " * 20 + ".jpg")
    table = opened(window, qtbot, 1).table
    delegate = table.itemDelegate()
    assert isinstance(delegate, QStyledItemDelegate)
    wraps = []
    for column in (0, 1):
        option = QStyleOptionViewItem()
        table.initViewItemOption(option)
        delegate.initStyleOption(option, table.model().index(0, column))
        wraps.append(bool(option.features & QStyleOptionViewItem.ViewItemFeature.WrapText))
    assert wraps == [False, True]
