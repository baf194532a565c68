"""Themes as the window asks for them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import ModelError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.engine import theme_worker
from safelight.engine.events import Event, RequestFailed, ThemesAnswered, ThemesProgress
from safelight.engine.requests import FindThemes
from safelight.engine.theme_worker import ThemeWorker
from safelight.services.library import Library
from safelight.services.understanding.themes import Report, State, ThemeFinder
from safelight.store import folders
from support.themed import SIZES, add_group, shown, themed


class Desk:
    def __init__(self, library: Library, finder: ThemeFinder) -> None:
        self.library = library
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.worker = ThemeWorker(finder, self.events.put, self.events.put)
        self.worker.start()

    def heard(self) -> list[Event]:
        """All up to the answer."""
        events: list[Event] = []
        while not events or not isinstance(events[-1], ThemesAnswered | RequestFailed):
            events.append(self.events.get(timeout=60))
        return events


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with themed(tmp_path, found=False) as (library, _):
        made = Desk(library, library.themes())
        yield made
        made.worker.close()


def test_a_request_finds_themes_reports_progress_and_is_answered(desk: Desk) -> None:
    desk.worker.submit(FindThemes(1))
    *before, change, answer = desk.heard()
    assert all(isinstance(event, ThemesProgress) and event.generation == 1 for event in before)
    assert len(before) > 5
    assert change == LibraryChanged(ChangeKind.THEMES)
    assert answer == ThemesAnswered(1, State.CURRENT, sum(SIZES))
    ids = [theme.id for theme in shown(desk.library)]
    desk.worker.submit(FindThemes(2))
    assert desk.heard() == [ThemesAnswered(2, State.CURRENT, sum(SIZES))]
    assert [theme.id for theme in shown(desk.library)] == ids
    desk.worker.submit(FindThemes(3, again=True))
    desk.heard()
    assert [theme.id for theme in shown(desk.library)] != ids


def test_new_photos_join_when_something_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(theme_worker, "_COLLECT_SECONDS", 0.0)
    desk.worker.submit(FindThemes(1))
    desk.heard()
    with desk.library.store.write() as db:
        (folder_id,) = [folder.id for folder in folders.all_folders(db)]
        add_group(db, folder_id, "red", range(100, 103))
    desk.worker.note_change()
    assert desk.events.get(timeout=60) == LibraryChanged(ChangeKind.THEMES)
    assert sum(theme.size for theme in shown(desk.library) if theme.parent_id is None) == sum(SIZES) + 3


class Slow(ThemeFinder):
    """Waits in the middle until it is cancelled."""

    def __init__(self, library: Library) -> None:
        super().__init__(library.store, library.answering)
        self.begun = threading.Event()

    def find(self, control: JobControl, report: Report = lambda _: None) -> LibraryChanged:
        def wait(share: float) -> None:
            report(share)
            self.begun.set()
            while not control.cancelled:
                self.begun.wait(0.01)

        return super().find(control, wait)


def test_cancelling_is_answered_and_leaves_no_themes(tmp_path: Path) -> None:
    with themed(tmp_path, found=False) as (library, _):
        slow = Slow(library)
        desk = Desk(library, slow)
        desk.worker.submit(FindThemes(1))
        assert slow.begun.wait(60)
        desk.worker.cancel()
        assert desk.heard()[-1] == ThemesAnswered(1, State.NONE, sum(SIZES), cancelled=True)
        assert shown(library) == []
        desk.worker.close()


class WithoutModel(ThemeFinder):
    def find(self, *_: object) -> LibraryChanged:
        raise ModelError("The model is missing; install it again.")


def test_a_missing_model_is_reported(tmp_path: Path) -> None:
    with themed(tmp_path, found=False) as (library, _):
        desk = Desk(library, WithoutModel(library.store, library.answering))
        desk.worker.submit(FindThemes(1))
        assert desk.heard() == [RequestFailed(Message("The model is missing; install it again."), 1)]
        desk.worker.close()
