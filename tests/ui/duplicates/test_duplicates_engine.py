"""A review of duplicates from end to end: the window, a real engine, real files, the real trash."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.core.duplicates import DuplicateKind
from safelight.engine.client import EngineClient
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.fake_engine import open_with_fake_model
from support.open_windows import bring_up
from support.pictures import scene
from support.processes import stopped

pytestmark = [
    pytest.mark.slow,
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the trash there gives nothing back"),
]

_WAIT = 120_000
"""Milliseconds: a limit for a machine under load, not a time that is expected."""


class WindowDriver:
    """Three originals: one copied, one saved again smaller, one alone."""

    def __init__(self, place: Path, qapp: QApplication, qtbot: QtBot) -> None:
        self.bot = qtbot
        self.pictures = place / "Pictures"
        (self.pictures / "Backup").mkdir(parents=True)
        for seed, name in enumerate(("copied", "small", "alone")):
            scene(900, 600, seed).save(self.pictures / f"{name}.jpg", quality=93)
        shutil.copy2(self.pictures / "copied.jpg", self.pictures / "Backup" / "copied.jpg")
        with Image.open(self.pictures / "small.jpg") as image:
            image.resize((450, 300)).save(self.pictures / "small again.jpg", quality=60)
        options = EngineOptions(place / "library", place / "models")
        self.client = EngineClient(options, open_with_fake_model)
        self.window: MainWindow = build_window(qapp, options.library, lambda: self.client, DecodePool(1))
        bring_up(self.window, qtbot)
        self.window.open_paths([str(self.pictures)])

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=_WAIT)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key, modifiers)

    def names(self, kind: DuplicateKind) -> list[list[str]]:
        """The files of each group of a kind, as far as the window knows."""
        groups = [group for group in self.window.controllers.duplicates.session.groups if group.kind is kind]
        return [
            [Path(member.path).relative_to(self.pictures).as_posix() for member in group.members]
            for group in groups
        ]

    @property
    def on_disk(self) -> set[str]:
        found = self.pictures.rglob("*.jpg")
        return {path.relative_to(self.pictures).as_posix() for path in found}


@pytest.fixture
def session(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    made = WindowDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()


def test_duplicates_are_found_trashed_judged_and_undone(session: WindowDriver) -> None:
    panel, toasts = session.window.controllers.duplicates, session.window.toasts
    everything = {"copied.jpg", "Backup/copied.jpg", "small.jpg", "small again.jpg", "alone.jpg"}
    session.until(lambda: len(session.names(DuplicateKind.IDENTICAL)) == 1)
    session.until(lambda: session.names(DuplicateKind.RESAVED) == [["small.jpg", "small again.jpg"]])
    session.key(Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    session.until(panel.page.list.hasFocus)

    # The details name the copy that is selected.
    for arrow, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, 0)):
        session.key(arrow)
        member = panel.review.member
        assert member is not None
        assert Path(member.path) == session.pictures / ("copied.jpg", "Backup/copied.jpg")[place]
        session.until(lambda: session.window.details.rows.get("Copy 1") == panel.path)

    # A copy goes, and comes back.
    session.key(Qt.Key.Key_Delete)
    session.until(lambda: toasts.text.startswith("Moved “copied.jpg” to the trash"))
    assert len(session.on_disk) == 4
    assert {"small.jpg", "small again.jpg", "alone.jpg"} < session.on_disk
    session.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: session.on_disk == everything)
    session.until(lambda: len(session.names(DuplicateKind.IDENTICAL)) == 1)

    # Both are kept, which is remembered of identical files too.
    session.key(Qt.Key.Key_A)
    session.until(lambda: toasts.text.startswith("Kept"))
    assert session.names(DuplicateKind.IDENTICAL) == []
    session.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: len(session.names(DuplicateKind.IDENTICAL)) == 1)

    # The smaller version is kept in the larger one's place, then that is thought better of.
    panel.page.tabs.setCurrentIndex(2)
    session.key(Qt.Key.Key_Right)
    session.key(Qt.Key.Key_K)
    session.key(Qt.Key.Key_Delete)
    session.until(lambda: session.on_disk == everything - {"small.jpg"})
    session.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: session.on_disk == everything)
    session.until(lambda: len(session.names(DuplicateKind.RESAVED)) == 1)

    # A verdict holds, and can be taken back.
    panel.page.list.setFocus()
    session.key(Qt.Key.Key_N)
    session.until(lambda: toasts.text.startswith("Not duplicates"))
    assert session.names(DuplicateKind.RESAVED) == []
    session.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: len(session.names(DuplicateKind.RESAVED)) == 1)
    assert session.on_disk == everything


def test_a_locked_folder_is_spared_and_a_changed_file_left_alone_with_the_reason(
    session: WindowDriver,
) -> None:
    panel, toasts = session.window.controllers.duplicates, session.window.toasts
    session.until(lambda: session.names(DuplicateKind.RESAVED) == [["small.jpg", "small again.jpg"]])
    panel.session.protect(str(session.pictures / "Backup"), True)

    def locked() -> bool:
        groups = [group for group in panel.session.groups if group.kind is DuplicateKind.IDENTICAL]
        return any(member.protected for group in groups for member in group.members)

    session.until(locked)
    panel.review.show_kind(DuplicateKind.RESAVED)
    group = panel.review.group
    assert group is not None
    # It changes, and the engine is asked to trash it before it can have noticed that.
    action = panel.review.choices.action(group)
    assert action is not None
    bridge, engine = session.window.services.bridge, session.client.pid
    assert engine is not None
    with stopped(engine):
        with (session.pictures / "small again.jpg").open("ab") as file:
            file.write(b"\0")
        panel.session.trash([group], [action])
        session.until(lambda: all(each.sent for each in bridge._operations.values()))
    session.until(lambda: toasts.text == "Nothing was moved · 1 left alone")
    assert not panel.page.notice.isHidden()
    assert (session.pictures / "small again.jpg").exists()
