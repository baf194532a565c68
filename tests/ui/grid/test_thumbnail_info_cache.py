"""Answers that arrive after their photos have changed are not kept."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.photo import Folder, FolderState, LibraryCounts
from safelight.store.thumbnail_info import ThumbnailInfo
from safelight.ui.grid.thumbnail_info_cache import ThumbnailInfoCache
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import Overview, ReadThumbnailInfo
from safelight.ui.view_request import Place, ViewRequest
from support.held_reads import HeldReads
from support.scripted_client import ScriptedClient

FOLDER = ViewRequest(Place.FOLDER, 1)


def asked_for(*ids: int) -> ReadThumbnailInfo:
    return ReadThumbnailInfo(ids)


@pytest.fixture
def bridge(client: ScriptedClient, qapp: object) -> EngineBridge:
    return EngineBridge(lambda: client)


@pytest.fixture
def reads(qtbot: QtBot) -> HeldReads:
    return HeldReads(qtbot)


@pytest.fixture
def cache(
    reads: HeldReads, bridge: EngineBridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ThumbnailInfoCache:
    reader = LibraryReader(tmp_path)  # never started
    monkeypatch.setattr(reader, "read", reads.read)
    return ThumbnailInfoCache(reader, bridge)


def named(*names: str) -> dict[int, ThumbnailInfo]:
    """Answers for photos 1, 2, and so on. All have two files."""
    return {number: ThumbnailInfo(name, "JPEG", 2) for number, name in enumerate(names, start=1)}


def titles(cache: ThumbnailInfoCache, ids: Collection[int]) -> list[str | None]:
    return [cache.title_of(photo) for photo in ids]


def test_an_answer_from_before_a_change_is_not_kept(
    cache: ThumbnailInfoCache, reads: HeldReads, bridge: EngineBridge
) -> None:
    cache.get(1)
    cache.get(2)
    before = reads.next(asked_for(1, 2))
    bridge.library_changed.emit(LibraryChanged(ChangeKind.MARKS, updated=(1,)))
    before(named("old.jpg", "same.jpg"))
    assert titles(cache, (1, 2)) == [None, "same.jpg · in 2 files"]
    reads.next(asked_for(1))(named("new.jpg"))
    assert titles(cache, (1, 2)) == ["new.jpg · in 2 files", "same.jpg · in 2 files"]


def test_an_answer_from_before_a_change_that_arrives_last_is_not_kept(
    cache: ThumbnailInfoCache, reads: HeldReads
) -> None:
    cache.get(1)
    before = reads.next(asked_for(1))
    cache.invalidate([1])
    cache.get(1)
    after = reads.next(asked_for(1))
    after(named("new.jpg"))
    before(named("old.jpg"))
    assert cache.title_of(1) == "new.jpg · in 2 files"


def test_names_that_arrive_late_are_not_those_of_the_folder_before(
    cache: ThumbnailInfoCache, reads: HeldReads
) -> None:
    cache.get(1)
    before = reads.next(asked_for(1))
    cache.show_scope(FOLDER)
    before(named("elsewhere.jpg"))
    assert cache.title_of(1) is None
    reads.next(asked_for(1))(named("here.jpg"))
    assert cache.title_of(1) == "here.jpg · in 2 files"
    cache.show_scope(ViewRequest())
    assert cache.title_of(1) is None
    reads.next(asked_for(1))(named("elsewhere.jpg"))
    assert cache.title_of(1) == "elsewhere.jpg · in 2 files"


def test_an_answer_from_before_a_drive_was_disconnected_is_not_kept(
    cache: ThumbnailInfoCache, reads: HeldReads
) -> None:
    cache.get(1)
    before = reads.next(asked_for(1))
    folder = Folder(1, "/photos", FolderState.OFFLINE, 1)
    cache.show_overview(Overview(LibraryCounts(1, 1, 0, 0, 1, 0), (folder,)))
    before(named("a.jpg"))
    assert cache.title_of(1) is None
    reads.next(asked_for(1))({1: ThumbnailInfo("a.jpg", "JPEG", offline=True)})
    assert cache.title_of(1) == "a.jpg · offline"


def test_a_photo_that_was_not_found_is_asked_for_again_after_a_change(
    cache: ThumbnailInfoCache, reads: HeldReads, bridge: EngineBridge
) -> None:
    cache.get(1)
    cache.get(2)
    reads.next(asked_for(1, 2))(named("a.jpg"))
    assert titles(cache, (1, 2)) == ["a.jpg · in 2 files", None]
    bridge.library_changed.emit(LibraryChanged(ChangeKind.PHOTOS, updated=(2,)))
    assert cache.get(2) is None
    reads.next(asked_for(2))(named("a.jpg", "b.jpg"))
    assert cache.title_of(2) == "b.jpg · in 2 files"
