"""Shapes are read again after a read has failed."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.ui.grid.photo_shapes import PhotoShapes
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import PhotoShapesRead, ReadShapes
from support.held_reads import HeldReads
from support.scripted_client import ScriptedClient

FIRST = ReadShapes(0, 50_000)


def test_shapes_are_read_again_after_a_failure(
    client: ScriptedClient, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, bridge, reads = LibraryReader(tmp_path), EngineBridge(lambda: client), HeldReads(qtbot)
    monkeypatch.setattr(reader, "read", reads.read)
    shapes = PhotoShapes(reader, bridge)
    shapes.set_needed(True)
    reads.next(FIRST)
    reader.failed.emit("The disk could not be read.")
    bridge.library_changed.emit(LibraryChanged(ChangeKind.PHOTOS, updated=(1,)))
    reads.next(FIRST)(PhotoShapesRead(array("q", [1]), array("f", [0.5])))
    found = shapes.of(array("q", [1]))
    assert found is not None
    assert found.tolist() == [0.5]
