"""Reports values that were changed both here and by another program, and offers those that were not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListWidget, QVBoxLayout, QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import Undo
from safelight.ui import wording
from safelight.ui.library.reads import ReadConflicts
from safelight.ui.translation import translate

if TYPE_CHECKING:
    from safelight.store.conflicts import ConflictResolution, ResolvedValue
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.widgets.toast import Toasts

_TOPIC = "conflicts"
_MAX_VALUE_LENGTH = 80
"""Characters of a text that are shown."""

_FIELDS = {
    "rating": translate("Conflicts", "Rating"),
    "label": translate("Conflicts", "Label"),
    "title": translate("Conflicts", "Title"),
    "caption": translate("Conflicts", "Caption"),
}


class ConflictNotices(QObject):
    """Shows a message when the library resolved conflicts with sidecars."""

    def __init__(self, services: WindowServices, toasts: Toasts, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = services.bridge
        self._reader = services.background_reader
        self._toasts = toasts
        self._window = window
        self.dialog: ConflictsDialog | None = None
        services.bridge.library_changed.connect(self._on_library_changed)

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.CONFLICTS):
            self._reader.read(ReadConflicts(), self._on_conflicts_read, key="conflicts")

    def _on_conflicts_read(self, resolution: ConflictResolution | None) -> None:
        if resolution is None:
            return
        if len(resolution.values) == 1:
            text = in_words(resolution.values[0])
        else:
            count = len({each.photo_id for each in resolution.values})
            text = translate("Conflicts", "{photos} changed both here and in another program").format(
                photos=wording.count_of(count, "photo")
            )
        show = translate("Conflicts", "Show")
        self._toasts.show_message(text, show, lambda: self.show_dialog(resolution), topic=_TOPIC)

    def show_dialog(self, resolution: ConflictResolution) -> None:
        self.dialog = ConflictsDialog(resolution, self._window)
        self.dialog.accepted.connect(lambda: self._bridge.run(Undo(resolution.step)))
        self.dialog.open()


class ConflictsDialog(QDialog):
    """Lists the values that were kept and lost. Accepting it uses the lost ones instead."""

    def __init__(self, resolution: ConflictResolution, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Conflicts", "Changed on both sides"))
        self.setMinimumSize(520, 280)
        self.list = QListWidget()
        self.list.setAccessibleName(translate("Conflicts", "Values that were kept and lost"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.addItems([in_words(each) for each in resolution.values])
        explanation = QLabel(
            translate(
                "Conflicts",
                "These values were changed both here and by another program. The newer value was kept. Tags "
                "from both sides were kept.",
            ),
            wordWrap=True,
        )
        explanation.setProperty("kind", "secondary")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.button = buttons.addButton(
            translate("Conflicts", "Use the other values"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        for widget in (explanation, self.list, buttons):
            layout.addWidget(widget)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self.deleteLater)
        buttons.button(QDialogButtonBox.StandardButton.Close).setFocus()


def in_words(value: ResolvedValue) -> str:
    """``IMG_1.jpg: Rating 4 was kept, 2 was not``."""
    name = wording.display_name(value.path) if value.path else translate("Conflicts", "A photo")
    return translate("Conflicts", "{name}: {field} {kept} was kept, {lost} was not").format(
        name=name, field=_FIELDS[value.field].lower(), kept=_shown(value.kept), lost=_shown(value.lost)
    )


def _shown(value: int | str) -> str:
    if isinstance(value, int):
        return str(value) if value >= 0 else translate("Conflicts", "“rejected”")
    text = " ".join(value.split())
    return f"“{text}”" if len(text) <= _MAX_VALUE_LENGTH else f"“{text[:_MAX_VALUE_LENGTH]}…”"
