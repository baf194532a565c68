"""Turns photos in the viewer and in the grid, as marks of the library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from safelight.core.operations import TurnPhotos
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.window_state import WindowState

if TYPE_CHECKING:
    from safelight.engine import events
    from safelight.ui.viewer.viewer import Viewer

_STATE_KEY = "rotations"
"""Where versions before schema 4 kept turns: ``photo:turns`` for each photo, separated by spaces."""


class PhotoTurning(QObject):
    """The viewer shows a turn at once; everything else follows when it is stored."""

    def __init__(self, bridge: EngineBridge, viewer: Viewer, state: WindowState, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._viewer = viewer
        self._state = state
        viewer.turned.connect(self._turn_in_viewer)
        bridge.engine_ready.connect(self._store_former_turns)

    def turn(self, photo_ids: Sequence[int], by: int) -> None:
        """Turn photos clockwise by so many quarters. Their files are not changed."""
        if photo_ids:
            self._bridge.run(TurnPhotos(tuple(photo_ids), by))

    def _turn_in_viewer(self, photo_id: int, by: int) -> None:
        display = self._viewer.display

        def fail(failure: events.OperationFailed) -> None:
            display.turn_stored(photo_id)
            self._viewer.refresh((photo_id,))
            self._bridge.operation_failed.emit(failure)

        self._bridge.run(TurnPhotos((photo_id,), by), lambda _: display.turn_stored(photo_id), fail)

    def _store_former_turns(self) -> None:
        """Store the turns that an older version kept in the window's file."""
        text = self._state.text(_STATE_KEY)
        if not text:
            return
        by_turns: defaultdict[int, list[int]] = defaultdict(list)
        for word in text.split():
            photo, _, turns = word.partition(":")
            if photo.isdecimal() and turns in ("1", "2", "3"):
                by_turns[int(turns)].append(int(photo))
        self._state.keep(_STATE_KEY, "")
        for by, photo_ids in by_turns.items():
            words = " ".join(f"{photo_id}:{by}" for photo_id in photo_ids)
            self._bridge.run(TurnPhotos(tuple(photo_ids), by), None, partial(self._keep_again, words))

    def _keep_again(self, words: str, _: object) -> None:
        """Storing failed, for example because the disk is full. The next start tries again."""
        self._state.keep(_STATE_KEY, f"{self._state.text(_STATE_KEY)} {words}".strip())
