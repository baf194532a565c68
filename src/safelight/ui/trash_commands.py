"""Photos to the trash, and Undo for whatever was done last."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from safelight.engine import events, requests
from safelight.ui import wording
from safelight.ui.duplicates.session import undone_text
from safelight.ui.engine_bridge import EngineBridge
from safelight.ui.widgets.toast import STEPS

_MANY = 50
"""Photos above which the person is asked first, though they can be brought back: a slip of the hand should
not set the whole library moving."""


class Tell(Protocol):
    """As :meth:`safelight.ui.widgets.toast.Toasts.show_message`."""

    def __call__(
        self, text: str, action: str = "", act: Callable[[], None] | None = None, *, topic: str = ""
    ) -> None: ...


class TrashCommands(QObject):
    """Asks the engine, and says what came of it with a way back."""

    def __init__(
        self, bridge: EngineBridge, window: QWidget, tell: Tell, *, platform: str = sys.platform
    ) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._tell = tell
        self._restores = platform not in ("darwin", "win32")
        """Whether Undo can take files out of the trash; elsewhere it can only say how a person does."""
        self._asked: set[int] = set()
        bridge.duplicates_settled.connect(self._take_settled)
        bridge.action_undone.connect(self._take_undone)
        bridge.request_failed.connect(self._take_failure)

    def trash(self, photo_ids: Sequence[int]) -> None:
        """Move every file of these photos to the trash; the person is asked first where there are many, or
        where Undo could not bring them back by itself."""
        if not photo_ids:
            return
        if self._restores and len(photo_ids) <= _MANY:
            self._send(tuple(photo_ids))
        else:
            self._question(tuple(photo_ids)).open()

    def undo(self, journal_id: int | None = None) -> None:
        """Undo a step: the one named, or the latest that was not undone, be it of an earlier start."""
        self._bridge.send(requests.UndoAction(self._number(), journal_id))

    def _send(self, photo_ids: tuple[int, ...]) -> None:
        self._bridge.send(requests.TrashPhotos(self._number(), photo_ids))

    def _number(self) -> int:
        generation = next(self._bridge.generations)
        self._asked.add(generation)
        return generation

    def _question(self, photo_ids: tuple[int, ...]) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Move {wording.count_of(len(photo_ids), 'photo')} to the trash?")
        box.setInformativeText(
            "Undo brings them back, until the trash is emptied."
            if self._restores
            else "They can be put back from there by hand, until it is emptied."
        )
        go = box.addButton("Move to trash", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        go.clicked.connect(lambda: self._send(photo_ids))
        box.finished.connect(box.deleteLater)
        return box

    # --- answers ------------------------------------------------------------------------------

    def _take_settled(self, settled: events.DuplicatesSettled) -> None:
        if not self._is_ours(settled.generation):
            return
        parts = []
        if settled.trashed:
            parts.append(f"Moved {wording.count_of(settled.trashed, 'file')} to the trash")
        if settled.spared:
            parts.append(_with_reason(settled.spared, "was left alone"))
        text, step = " · ".join(parts), settled.journal_id
        if step is not None:
            self._tell(text, "Undo", lambda: self.undo(step), topic=STEPS)
        elif text:
            self._tell(text, topic=STEPS)

    def _take_undone(self, undone: events.ActionUndone) -> None:
        if not self._is_ours(undone.generation):
            return
        parts = []
        if undone.restored or undone.judgements or not undone.failed:
            parts.append(undone_text(replace(undone, failed=())))
        if undone.failed:
            parts.append(_with_reason(undone.failed, "is not back in its place"))
        self._tell(" · ".join(parts), topic=STEPS)

    def _take_failure(self, failure: events.RequestFailed) -> None:
        if failure.generation is not None and self._is_ours(failure.generation):
            self._tell(failure.message, topic=STEPS)

    def _is_ours(self, generation: int) -> bool:
        ours = generation in self._asked
        self._asked.discard(generation)
        return ours


def _with_reason(files: Sequence[tuple[str, str]], what: str) -> str:
    """``“b.jpg” was left alone: protected by you``, and how many more."""
    path, reason = files[0]
    text = f"“{wording.display_name(path)}” {what}: {reason}"
    return text if len(files) == 1 else f"{text} · {len(files) - 1:,} more likewise"
