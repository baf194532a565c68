"""One file of a duplicate group in the comparison: its picture, its name, and whether it is kept."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel

from safelight.core.duplicates import DuplicateMember
from safelight.ui import wording
from safelight.ui.appearance import icons
from safelight.ui.appearance.theme import Theme
from safelight.ui.translation import message_text, translate
from safelight.ui.widgets.compare_panes import ComparePane
from safelight.ui.widgets.elided_label import ElidedLabel


class MemberPane(ComparePane):
    """Shows a file, and what happens to it: keep or trash."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._member: DuplicateMember | None = None
        self._keep = False
        self._mark = QLabel()
        self._state = QLabel()
        self._name = ElidedLabel(elide=Qt.TextElideMode.ElideMiddle)
        self._why = ElidedLabel()
        self._why.setProperty("kind", "secondary")
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self._mark)
        line.addWidget(self._state)
        line.addWidget(self._name, 1)
        self._head.addLayout(line)
        self._head.addWidget(self._why)

    @property
    def member(self) -> DuplicateMember | None:
        return self._member

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self._show_words()

    def show_member(self, member: DuplicateMember, *, keep: bool, current: bool) -> bool:
        """Show a file. Returns True if it is another file than before, whose picture must be set."""
        other = self._member is None or member.file_id != self._member.file_id
        self._member, self._keep = member, keep
        self.show_current(current)
        self._show_words()
        if other:
            self.show_message("")
        return other

    def show_thumbnail(self, thumbnail: QPixmap | None) -> None:
        """Show the thumbnail, if there is one, until the picture is loaded."""
        if self._member is not None:
            facts = self._member.facts
            self.show_placeholder(thumbnail, QSize(facts.width, facts.height))

    def clear(self) -> None:
        self._member = None
        super().clear()

    def _show_words(self) -> None:
        member = self._member
        if member is None:
            return
        theme = self._theme
        mark = "lock" if member.protected else "check" if self._keep else "trash"
        colour = theme.strong if self._keep else theme.secondary
        self._mark.setPixmap(icons.pixmap(mark, colour, 16, self.devicePixelRatioF()))
        word = translate("MemberPane", "Keep") if self._keep else translate("MemberPane", "Trash")
        self._state.setText(
            translate("MemberPane", "{word}, protected").format(word=word) if member.protected else word
        )
        self._state.setStyleSheet(f"color: {colour}; font-weight: 600;")
        self._name.setText(wording.display_name(member.path))
        why = message_text(member.why)
        self._why.setText(why or wording.display_path(str(Path(member.path).parent)))
        self.setAccessibleName(f"{wording.display_name(member.path)}, {self._state.text()}")
        path = wording.display_path(member.path)
        self.setToolTip(wording.tip("\n".join(text for text in (path, why) if text)))
        self.view.setAccessibleName(path)
