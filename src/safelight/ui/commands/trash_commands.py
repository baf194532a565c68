"""Moves photos to the trash, and undoes the latest step of any kind."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from safelight.core.operations import TrashOutcome, TrashPhotos, Undo, UndoOutcome
from safelight.core.photo import Photo
from safelight.engine import events
from safelight.ui import wording
from safelight.ui.commands.undo_question import ask_before_undo
from safelight.ui.library.engine_bridge import EngineBridge
from safelight.ui.library.reader import LibraryReader
from safelight.ui.library.reads import ReadPhotos
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.toast import STEPS_TOPIC

_CONFIRM_FROM = 50
"""Number of photos from which the user is asked first, although they can be restored: a mistake should not
move the whole library."""


_MAX_LISTED = 8
"""Files that a question lists."""


class Notify(Protocol):
    """As :meth:`safelight.ui.widgets.toast.Toasts.show_message`."""

    def __call__(
        self, text: str, action: str = "", act: Callable[[], None] | None = None, *, topic: str = ""
    ) -> None: ...


class TrashCommands(QObject):
    """Runs the operations and shows their outcome, with a button that undoes it."""

    def __init__(
        self,
        bridge: EngineBridge,
        window: QWidget,
        notify: Notify,
        reader: LibraryReader | None = None,
        *,
        platform: str = sys.platform,
    ) -> None:
        """With a ``reader``, the user is asked before copies in other places go too."""
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._notify = notify
        self._restores = platform not in ("darwin", "win32")
        """Whether Undo can restore files from the trash; elsewhere it can only describe how the user
        does it."""
        self._reader = reader

    def trash(self, photo_ids: Sequence[int]) -> None:
        """Move every file of these photos to the trash. Asks first where there are many, where copies
        in other places would go too, or where Undo could not restore them by itself."""
        if not photo_ids:
            return
        if self._reader is None or len(photo_ids) > _CONFIRM_FROM:
            self._trash(photo_ids)
            return
        ids = tuple(photo_ids)
        # A separate key for each selection, so that a second Delete does not replace the first.
        self._reader.read(ReadPhotos(ids), partial(self._on_photos_read, ids), key=("trash", ids))

    def _on_photos_read(self, photo_ids: tuple[int, ...], photos: Sequence[Photo]) -> None:
        if any(len(photo.files) > 1 for photo in photos):
            self._copies_question(photo_ids, photos).open()
        else:
            self._trash(photo_ids)

    def _trash(self, photo_ids: Sequence[int]) -> None:
        if self._restores and len(photo_ids) <= _CONFIRM_FROM:
            self._run(tuple(photo_ids))
        else:
            self._question(tuple(photo_ids)).open()

    def undo(self, step: int | None = None) -> None:
        """Undo a step: the one named, or the latest that was not undone, even from an earlier start."""
        self._bridge.run(Undo(step, asks_first=True), self._show_undone, self._show_failure)

    def _run(self, photo_ids: tuple[int, ...], only_files: tuple[int, ...] = ()) -> None:
        self._bridge.run(TrashPhotos(photo_ids, only_files), self._show_trashed, self._show_failure)

    def _copies_question(self, photo_ids: tuple[int, ...], photos: Sequence[Photo]) -> QMessageBox:
        """A question that says how many files would go and where they are. Of one photo, only the first can
        go.
        """
        files = [file for photo in photos for file in photo.files]
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        amount = wording.count_of(len(files), "file")
        which = (
            translate("TrashCommands", "This photo is")
            if len(photos) == 1
            else translate("TrashCommands", "These photos are")
        )
        box.setText(
            translate("TrashCommands", "{which} stored in {amount}. Move them all to the trash?").format(
                which=which, amount=amount
            )
        )
        shown = [wording.display_path(file.path) for file in files[:_MAX_LISTED]]
        if len(files) > _MAX_LISTED:
            shown.append(
                translate("TrashCommands", "and {value:,} more").format(value=len(files) - _MAX_LISTED)
            )
        box.setInformativeText("\n".join(shown))
        every = box.addButton(
            translate("TrashCommands", "Move all {amount}").format(amount=amount),
            QMessageBox.ButtonRole.AcceptRole,
        )
        every.clicked.connect(lambda: self._run(photo_ids))
        if len(photos) == 1:
            one = box.addButton(
                translate("TrashCommands", "Only the first one"), QMessageBox.ButtonRole.ActionRole
            )
            one.setToolTip(wording.tip(shown[0]))
            one.clicked.connect(lambda: self._run(photo_ids, (files[0].id,)))
        cancel = box.addButton(translate("TrashCommands", "Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        box.finished.connect(box.deleteLater)
        return box

    def _question(self, photo_ids: tuple[int, ...]) -> QMessageBox:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(
            translate("TrashCommands", "Move {count} to the trash?").format(
                count=wording.count_of(len(photo_ids), "photo")
            )
        )
        box.setInformativeText(
            translate("TrashCommands", "Undo restores them until the trash is emptied.")
            if self._restores
            else translate("TrashCommands", "They can be restored from there until it is emptied.")
        )
        go = box.addButton(translate("TrashCommands", "Move to trash"), QMessageBox.ButtonRole.AcceptRole)
        cancel = box.addButton(translate("TrashCommands", "Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        go.clicked.connect(lambda: self._run(photo_ids))
        box.finished.connect(box.deleteLater)
        return box

    # --- outcomes -----------------------------------------------------------------------------

    def _show_trashed(self, outcome: TrashOutcome) -> None:
        parts = []
        if outcome.trashed:
            what = wording.count_of(outcome.trashed, "file")
            if len(outcome.moved) == outcome.trashed == 1:
                what = f"“{wording.display_name(outcome.moved[0])}”"
            parts.append(translate("TrashCommands", "Moved {what} to the trash").format(what=what))
        if outcome.spared:
            parts.append(
                wording.with_first_reason(outcome.spared, translate("TrashCommands", "was left alone"))
            )
        text, step = " · ".join(parts), outcome.step
        if step is not None:
            self._notify(text, translate("TrashCommands", "Undo"), lambda: self.undo(step), topic=STEPS_TOPIC)
        elif text:
            self._notify(text, topic=STEPS_TOPIC)

    def _show_undone(self, outcome: UndoOutcome) -> None:
        if outcome.asked is not None:
            ask_before_undo(outcome, self.undo, self._window)
            return
        parts = []
        if outcome.restored or outcome.reverted or not outcome.failed:
            parts.append(wording.undone(replace(outcome, failed=())))
        if outcome.failed:
            parts.append(wording.not_restored(outcome.failed))
        self._notify(" · ".join(parts), topic=STEPS_TOPIC)

    def _show_failure(self, failure: events.OperationFailed) -> None:
        self._notify(error_text(failure.message), topic=STEPS_TOPIC)
