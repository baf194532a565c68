"""Delete and Ctrl+Z: what is asked of the engine, and how the user sees the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from safelight.core.message import Message
from safelight.core.operations import Operation, Outcome, TrashOutcome, TrashPhotos, Undo, UndoOutcome
from safelight.core.photo import ImageMetadata, Photo, PhotoFile
from safelight.engine.events import OperationDone, OperationFailed
from safelight.ui.commands.trash_commands import TrashCommands
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reads import ReadPhotos
from safelight.ui.widgets.toast import STEPS_TOPIC
from support.scripted_client import ScriptedClient
from support.waiting import PATIENCE, wait_until

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

Toast = tuple[str, str, Callable[[], None] | None]


class Commanded:
    def __init__(self, qtbot: QtBot) -> None:
        self.client = ScriptedClient()
        self.bridge = EngineBridge(lambda: self.client)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.toasts: list[Toast] = []
        self.window.show()
        self.bridge.start()
        self._qtbot = qtbot

    def commands(self, platform: str = "linux") -> TrashCommands:
        return TrashCommands(self.bridge, self.window, self._tell, platform=platform)

    def _tell(
        self, text: str, action: str = "", act: Callable[[], None] | None = None, *, topic: str = ""
    ) -> None:
        assert topic == STEPS_TOPIC  # so that Undo is never shown beside an older step
        self.toasts.append((text, action, act))

    def asked(self, count: int = 1) -> list[Operation[Any]]:
        wait_until(lambda: len(self.client.operations) >= count, "the operation")
        return self.client.operations

    def finish(self, operation: Operation[Any], outcome: Outcome) -> None:
        with self._qtbot.waitSignal(self.bridge.operation_done):
            self.client.finish(operation, outcome)

    @property
    def texts(self) -> list[str]:
        return [text for text, _, _ in self.toasts]

    def box(self) -> QMessageBox | None:
        return next((box for box in self.window.findChildren(QMessageBox) if box.isVisible()), None)


@pytest.fixture
def commanded(qtbot: QtBot) -> Iterator[Commanded]:
    made = Commanded(qtbot)
    yield made
    assert made.bridge.stop(PATIENCE)


def test_a_few_photos_go_without_a_question_and_undo_names_that_step(commanded: Commanded) -> None:
    commands = commanded.commands()
    commands.trash([4, 7])
    (request,) = commanded.asked()
    assert isinstance(request, TrashPhotos)
    assert request.photo_ids == (4, 7)
    assert commanded.box() is None
    commanded.finish(request, TrashOutcome(12, trashed=2, freed=3_000_000))
    ((text, action, act),) = commanded.toasts
    assert (text, action) == ("Moved 2 files to the trash", "Undo")
    assert act is not None
    act()
    undo = commanded.asked(2)[1]
    assert isinstance(undo, Undo)
    assert undo.step == 12
    commanded.finish(undo, UndoOutcome(undone=12, code="trash", restored=2))
    assert commanded.texts[1:] == ["2 files restored"]


def test_many_photos_are_asked_about_and_no_is_the_default(commanded: Commanded) -> None:
    commands = commanded.commands()
    commands.trash(range(1234))
    box = commanded.box()
    assert box is not None
    assert box.text() == "Move 1,234 photos to the trash?"
    assert "Undo restores them" in box.informativeText()
    default = box.defaultButton()
    assert default.text() == "Cancel"
    default.click()
    commands.trash(range(1234))
    box = next(box for box in commanded.window.findChildren(QMessageBox) if box.isVisible())
    go, cancel = (
        next(button for button in box.buttons() if button.text() == text)
        for text in ("Move to trash", "Cancel")
    )
    assert cancel.x() < go.x()  # as in every dialog
    go.click()
    (request,) = commanded.asked()
    assert isinstance(request, TrashPhotos)
    assert len(request.photo_ids) == 1234


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_where_undo_cannot_reach_into_the_trash_even_one_is_asked_about(
    commanded: Commanded, platform: str
) -> None:
    commanded.commands(platform).trash([1])
    box = commanded.box()
    assert box is not None
    assert box.text() == "Move 1 photo to the trash?"
    assert "restored from there" in box.informativeText()
    assert box.textFormat() is Qt.TextFormat.PlainText


def test_what_was_spared_or_did_not_come_back_is_reported_with_its_reason(commanded: Commanded) -> None:
    commands = commanded.commands()
    commands.trash([1])
    first = commanded.asked()[0]
    assert isinstance(first, TrashPhotos)
    spared = (("/a/b.jpg", Message("protected by you")), ("/a/c.jpg", Message("protected by you")))
    commanded.finish(first, TrashOutcome(None, trashed=0, freed=0, spared=spared))
    commands.undo()
    second = commanded.asked(2)[1]
    assert isinstance(second, Undo)
    assert second.step is None
    commanded.finish(
        second,
        UndoOutcome(
            undone=3,
            code="trash",
            restored=0,
            failed=(("/a/d.jpg", Message("it is no longer in the trash")),),
        ),
    )
    assert commanded.texts == [
        "“b.jpg” was left alone: protected by you · 1 more for the same reason",
        "“d.jpg” could not be restored to its place: it is no longer in the trash",
    ]


def test_one_message_says_what_was_trashed_and_what_was_not(commanded: Commanded) -> None:
    commands = commanded.commands()
    commands.trash([1, 2])
    first = commanded.asked()[0]
    assert isinstance(first, TrashPhotos)
    commanded.finish(
        first,
        TrashOutcome(
            5,
            trashed=1,
            moved=("/a/a.jpg",),
            freed=9,
            spared=(("/a/b.jpg", Message("it is no longer there")),),
        ),
    )
    commands.undo(5)
    second = commanded.asked(2)[1]
    assert isinstance(second, Undo)
    commanded.finish(
        second,
        UndoOutcome(
            undone=5,
            code="trash",
            restored=1,
            failed=(("/a/d.jpg", Message("it is no longer in the trash")),),
        ),
    )
    assert [(text, action) for text, action, _ in commanded.toasts] == [
        ("Moved “a.jpg” to the trash · “b.jpg” was left alone: it is no longer there", "Undo"),
        ("1 file restored · “d.jpg” could not be restored to its place: it is no longer in the trash", ""),
    ]


def test_only_own_failures_are_reported(commanded: Commanded) -> None:
    commands = commanded.commands()
    commanded.bridge.run(TrashPhotos((5,)))
    commanded.bridge.run(Undo(9))
    other, undo = commanded.asked(2)
    commanded.finish(undo, UndoOutcome(undone=9, code="trash", restored=1))
    commanded.finish(other, TrashOutcome(1, trashed=1, freed=1))
    commanded.client.say(OperationDone(10_000, TrashOutcome(1, trashed=1, freed=1)))
    commanded.client.say(OperationFailed(10_001, "no_space", Message("of another")))
    assert commanded.texts == []
    commands.undo()
    own = commanded.asked(3)[2]
    commanded.client.say(
        OperationFailed(commanded.client.generation_of(own), "no_space", Message("The disk is full."))
    )
    wait_for_toast(commanded, "The disk is full.")


def wait_for_toast(commanded: Commanded, text: str) -> None:
    commanded._qtbot.waitUntil(lambda: commanded.texts == [text])


def test_nothing_selected_asks_for_nothing(commanded: Commanded) -> None:
    commands = commanded.commands()
    commands.trash([])
    commands.undo()
    assert [type(request) for request in commanded.asked()] == [Undo]


def test_nothing_to_undo_is_reported(commanded: Commanded) -> None:
    commanded.commands().undo()
    request = commanded.asked()[0]
    assert isinstance(request, Undo)
    commanded.finish(request, UndoOutcome(undone=None, code="trash", restored=0))
    assert commanded.texts == ["There is nothing to undo."]


class StandInReader:
    """Answers with photos as soon as it is asked."""

    def __init__(self, *photos: Photo) -> None:
        self.photos = photos

    def read(
        self, question: ReadPhotos, answered: Callable[[list[Photo]], object], *, key: object = None
    ) -> None:
        assert key is not None
        answered([photo for photo in self.photos if photo.id in question.ids])


def stored_in(photo_id: int, *paths: str) -> Photo:
    places = tuple(PhotoFile(1, path, 0, True, 10 * photo_id + n) for n, path in enumerate(paths))
    return Photo(photo_id, 1, "JPEG", 4, 3, 0, "2020-01-01T00:00:00", True, ImageMetadata(), False, 0, places)


def test_copies_in_other_places_are_named_before_they_go(commanded: Commanded) -> None:
    reader = StandInReader(stored_in(4, "/a/x.jpg", "/b/copy.jpg"), stored_in(5, "/a/y.jpg"))
    commands = TrashCommands(commanded.bridge, commanded.window, commanded._tell, reader, platform="linux")  # type: ignore[arg-type]
    commands.trash([5])  # stored once: no question
    (request,) = commanded.asked()
    assert request == TrashPhotos((5,))
    commands.trash([4])
    box = commanded.box()
    assert box is not None
    assert box.text() == "This photo is stored in 2 files. Move them all to the trash?"
    assert box.informativeText() == "/a/x.jpg\n/b/copy.jpg"
    assert box.defaultButton() is not None
    assert box.defaultButton().text() == "Cancel"
    next(button for button in box.buttons() if button.text() == "Only the first one").click()
    assert commanded.asked(2)[1] == TrashPhotos((4,), (40,))


def test_all_copies_go_if_the_user_says_so(commanded: Commanded) -> None:
    reader = StandInReader(stored_in(4, "/a/x.jpg", "/b/copy.jpg"), stored_in(5, "/a/y.jpg"))
    commands = TrashCommands(commanded.bridge, commanded.window, commanded._tell, reader, platform="linux")  # type: ignore[arg-type]
    commands.trash([4, 5])
    box = commanded.box()
    assert box is not None
    assert [button.text() for button in box.buttons() if "first" in button.text()] == []
    next(button for button in box.buttons() if button.text() == "Move all 3 files").click()
    assert commanded.asked() == [TrashPhotos((4, 5))]
