"""Stacks that change while they are read: what is shown are their photos after the change."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadStacks
from safelight.ui.window.open_stacks import OpenStacks
from support.held_reads import HeldReads
from support.scripted_client import ScriptedClient

CHANGED = LibraryChanged(ChangeKind.FILES, updated=(1, 2, 3))


@pytest.fixture
def bridge(client: ScriptedClient, qapp: object) -> EngineBridge:
    return EngineBridge(lambda: client)


@pytest.fixture
def reads(qtbot: QtBot) -> HeldReads:
    return HeldReads(qtbot)


@pytest.fixture
def stacks(
    reads: HeldReads, bridge: EngineBridge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> OpenStacks:
    reader = LibraryReader(tmp_path)  # never started
    monkeypatch.setattr(reader, "read", reads.read)
    owner = QObject(reader)
    stacks = OpenStacks(bridge, reader, owner)
    stacks.setParent(None)
    return stacks


def shown(stacks: OpenStacks, *ids: int) -> list[int]:
    return list(stacks.expand(ids))


def test_a_stack_that_changes_while_it_is_opened_is_read_again(
    stacks: OpenStacks, reads: HeldReads, bridge: EngineBridge
) -> None:
    stacks.toggle((1,))
    before = reads.next(ReadStacks((1,)))
    bridge.library_changed.emit(CHANGED)
    before([(1, 2, 3)])
    assert shown(stacks, 1, 9) == [1, 9]
    reads.next(ReadStacks((1,)))([(1, 3)])
    assert shown(stacks, 1, 2, 9) == [1, 3, 2, 9]


def test_open_stacks_that_change_while_another_is_opened_are_read_again(
    stacks: OpenStacks, reads: HeldReads, bridge: EngineBridge
) -> None:
    stacks.toggle((1,))
    reads.next(ReadStacks((1,)))([(1, 2, 3)])
    bridge.library_changed.emit(CHANGED)
    of_open = reads.next(ReadStacks((1, 2, 3)))
    stacks.toggle((5,))
    reads.next(ReadStacks((5,)))([(5, 6)])
    of_open([(1, 3)])
    reads.next(ReadStacks((1, 2, 3, 5, 6)))([(1, 3), (5, 6)])
    assert shown(stacks, 1, 2, 5) == [1, 3, 2, 5, 6]


def test_a_second_change_counts_though_the_first_was_shown_meanwhile(
    stacks: OpenStacks, reads: HeldReads, bridge: EngineBridge
) -> None:
    stacks.toggle((1,))
    reads.next(ReadStacks((1,)))([(1, 2, 3)])
    bridge.library_changed.emit(CHANGED)
    reads.next(ReadStacks((1, 2, 3)))([(1, 2)])
    bridge.library_changed.emit(CHANGED)
    second = reads.next(ReadStacks((1, 2, 3)))
    assert shown(stacks, 1, 3) == [1, 2, 3]
    second([(1, 2, 3)])
    reads.next(ReadStacks((1, 2)))([(1, 2, 3)])
    assert shown(stacks, 1) == [1, 2, 3]
    assert not reads.count
