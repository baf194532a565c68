"""The comparison of a group's files over the whole window: side by side, alternating, or subtracted."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QKeySequence, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.core.duplicates import DuplicateGroup, DuplicateMember
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.duplicates.choice import tab_of
from safelight.ui.duplicates.commands import DuplicatesCommands, help_line
from safelight.ui.duplicates.compared_members import frame_of, pair_of, shown_numbers
from safelight.ui.duplicates.menu import member_menu
from safelight.ui.duplicates.overlay import Mode, OverlayView
from safelight.ui.duplicates.pane import MemberPane
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.duplicates.table import FactsModel, FactsTable
from safelight.ui.key_bindings import act_on, claim
from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.translation import message_text, translate
from safelight.ui.widgets.compare_panes import MAX_PANES, PaneArea, compare_button
from safelight.ui.widgets.compared_pictures import MAX_FULL_SIDE, ComparedPictures, PictureRequest
from safelight.ui.widgets.elided_label import ElidedLabel
from safelight.ui.widgets.flow_layout import FlowLayout
from safelight.ui.widgets.menus import pop_up

_SHARPEN_DELAY = 120
"""Milliseconds after the last zoom or resize before sharper versions are asked for."""
_MODES = {
    Mode.SIDE_BY_SIDE: ("compare", "S"),
    Mode.BLINK: ("blink", "B"),
    Mode.DIFFERENCE: ("difference", "D"),
}


class DuplicatesCompare(QWidget):
    """Shows the current group of the review while it is open. Has the keys of the list, and more to view."""

    closed = Signal()
    show_in_folder_requested = Signal(str)

    def __init__(
        self,
        review: DuplicatesReview,
        commands: DuplicatesCommands,
        loader: PictureLoader,
        thumbnail: Callable[[int], QPixmap | None],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        """``thumbnail`` returns the cached thumbnail, if any; it must not wait."""
        super().__init__(parent)
        self._review = review
        self._commands = commands
        self._thumbnail = thumbnail
        self._open = False
        self._mode = Mode.SIDE_BY_SIDE
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(translate("DuplicatesCompare", "Comparison"))
        self._pictures = ComparedPictures(loader, "compare-duplicates", self)
        self.area = PaneArea(partial(MemberPane, theme))
        self.overlay = OverlayView(self._pictures)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.area)
        self._stack.addWidget(self.overlay)
        self.facts = FactsModel(theme, self)
        self._table = FactsTable(self.facts)
        self._same = ElidedLabel()
        self._same.setProperty("kind", "secondary")
        self._title = ElidedLabel()
        self._reason = ElidedLabel()
        self._reason.setProperty("kind", "secondary")
        self._back = compare_button(
            translate("DuplicatesCompare", "Back to the list (Esc)"), self.close_compare
        )
        self._previous = compare_button(
            translate("DuplicatesCompare", "Previous group (↑)"), lambda: review.step_group(-1)
        )
        self._next = compare_button(
            translate("DuplicatesCompare", "Next group (↓)"), lambda: review.step_group(1)
        )
        self._fit = compare_button(translate("DuplicatesCompare", "Fit (0)"), self.area.fit)
        self._actual = compare_button(
            translate("DuplicatesCompare", "Actual size (1)"), self.area.actual_size
        )
        self._actual.setText("1:1")
        self._mode_buttons = {mode: self._mode_button(mode) for mode in Mode}
        self._sharpen = QTimer(self, singleShot=True, interval=_SHARPEN_DELAY)
        self._sharpen.timeout.connect(self._ask_for_pictures)
        self._lay_out()
        self._add_keys()
        self.apply_theme(theme)
        review.current_changed.connect(self._on_current_changed)
        self._pictures.picture_changed.connect(self._show_picture)
        self._pictures.picture_failed.connect(lambda *_: self._show_failures())
        self.area.view_changed.connect(self._sharpen.start)
        self.area.chosen.connect(self._choose_pane)

    # --- layout -------------------------------------------------------------------------------

    def _mode_button(self, mode: Mode) -> QToolButton:
        button = compare_button(f"{mode.value} ({_MODES[mode][1]})", lambda: self.show_mode(mode))
        button.setCheckable(True)
        button.setText(mode.value)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _lay_out(self) -> None:
        modes = QButtonGroup(self)
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 8, 6)
        head.setSpacing(6)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._reason)
        head.addWidget(self._back)
        head.addLayout(words, 1)
        for button in self._mode_buttons.values():
            modes.addButton(button)
            head.addWidget(button)
        for widget in (self._fit, self._actual, self._previous, self._next):
            head.addWidget(widget)
        foot = FlowLayout()
        foot.setContentsMargins(12, 4, 12, 0)
        for command in self._commands.buttons():
            command.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            foot.addWidget(command)
        undo = self._commands.undo_button()
        undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        foot.addWidget(undo)
        self._same.setContentsMargins(12, 2, 12, 4)
        keys = QLabel(
            help_line(
                ("Esc", translate("DuplicatesCompare", "back")),
                ("B", translate("DuplicatesCompare", "blink")),
                ("D", translate("DuplicatesCompare", "difference")),
            ),
            wordWrap=True,
        )
        keys.setProperty("kind", "secondary")
        keys.setContentsMargins(12, 4, 12, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._table)
        layout.addWidget(self._same)
        layout.addLayout(foot)
        layout.addWidget(keys)

    def _add_keys(self) -> None:
        self._commands.install(self)
        for mode, (_, key) in _MODES.items():
            action = QAction(mode.value, self)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _=False, mode=mode: self.toggle_mode(mode))
            self.addAction(action)

    def apply_theme(self, theme: Theme) -> None:
        self.area.apply_theme(theme)
        self.facts.apply_theme(theme)
        for button, mark in (
            (self._back, "close"),
            (self._previous, "control-up"),
            (self._next, "control-down"),
            (self._fit, "fit"),
        ):
            button.setIcon(icon(mark, theme.secondary))
        for mode, button in self._mode_buttons.items():
            button.setIcon(icon(_MODES[mode][0], theme.secondary))

    # --- opening and closing ------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def title(self) -> str:
        return self._title.text()

    def open(self) -> None:
        """Compare the current group."""
        if self._review.group is None:
            return
        self._open = True
        self.show_mode(Mode.SIDE_BY_SIDE)
        self.setFocus()

    def close_compare(self) -> None:
        """Stop comparing and emit ``closed``. Idempotent."""
        if not self._open:
            return
        self._open = False
        self._sharpen.stop()
        self._pictures.request([])
        self.area.clear()
        self.overlay.stop()
        self.closed.emit()

    def stop(self) -> None:
        """End the background work."""
        self.close_compare()
        self.overlay.close_maker()

    def show_mode(self, mode: Mode) -> None:
        self._mode = mode
        self._mode_buttons[mode].setChecked(True)
        self._stack.setCurrentIndex(0 if mode is Mode.SIDE_BY_SIDE else 1)
        self._on_current_changed()

    def toggle_mode(self, mode: Mode) -> None:
        """Show this mode, or side by side if the mode is active already."""
        self.show_mode(Mode.SIDE_BY_SIDE if mode is self._mode else mode)

    # --- what is shown ------------------------------------------------------------------------

    def _on_current_changed(self) -> None:
        if not self._open:
            return
        group = self._review.group
        if group is None:
            self.close_compare()
            return
        at, amount = self._review.position
        self._title.setText(
            translate("DuplicatesCompare", "{title} · {at:,} of {amount:,}").format(
                title=tab_of(group.kind).title, at=at, amount=amount
            )
        )
        self._reason.setText(message_text(group.reason))
        numbers = shown_numbers(len(group.members), self._review.member_number)
        members = [group.members[number] for number in numbers]
        kept = self._review.choices.kept(group)
        self.area.show_panes(len(members))
        current = self._review.member
        for pane, member in zip(self.area.shown, members, strict=True):
            keep = member.file_id in kept
            if pane.show_member(member, keep=keep, current=member == current):
                pane.show_thumbnail(self._thumbnail(member.photo_id))
                best = self._pictures.best(member.file_id)
                if best is not None:
                    pane.view.set_image(best)
        self.facts.show_members(members, group.kind)
        same = (
            translate("DuplicatesCompare", "The same for all: {names}").format(
                names=", ".join(self.facts.same)
            )
            if self.facts.same
            else ""
        )
        more = (
            translate("DuplicatesCompare", "{value:,} more files: ← →").format(
                value=len(group.members) - len(members)
            )
            if len(members) < len(group.members)
            else ""
        )
        self._same.setText("   ".join(text for text in (same, more) if text))
        self._same.setVisible(bool(same or more))
        self._ask_for_pictures()
        self._show_failures()
        pair = pair_of(group, self._review.member_number, kept)
        viewpoint = self.area.panes[0].view.viewpoint
        self.overlay.show_pair(self._mode, pair if self._mode is not Mode.SIDE_BY_SIDE else None, viewpoint)

    def _ask_for_pictures(self) -> None:
        """Load the pictures in the size of the screen, which suits every mode; full size if zoomed in."""
        if not self._open:
            return
        shown = [(pane, pane.member) for pane in self.area.shown if pane.member is not None]
        screen = round(max(self.width(), self.height()) * self.devicePixelRatioF())
        group, current = self._review.group, self._review.member_number
        wanted = [
            PictureRequest(
                member.file_id,
                member.path,
                screen if pane.view.wanted_side <= screen else MAX_FULL_SIDE,
                None if group is None else frame_of(group, member, current),
            )
            for pane, member in shown
        ]
        following, upcoming = self._upcoming({each.key for each in wanted})
        wanted += [
            PictureRequest(member.file_id, member.path, screen, frame_of(following, member, 0))
            for member in upcoming
            if following is not None
        ]
        self._pictures.request(wanted)

    def _upcoming(self, shown: Collection[int]) -> tuple[DuplicateGroup | None, list[DuplicateMember]]:
        """The next group, if there is one, and its files, whose pictures are loaded in advance."""
        groups, row = self._review.model.groups, self._review.selection.currentIndex().row() + 1
        if row >= len(groups):
            return None, []
        members = groups[row].members[:MAX_PANES]
        return groups[row], [member for member in members if member.file_id not in shown]

    def refresh_thumbnail(self, photo_id: int) -> None:
        """A thumbnail has arrived. It is shown while the picture is being read."""
        thumbnail = self._thumbnail(photo_id) if self._open else None
        for pane in self.area.shown:
            member = pane.member
            if thumbnail is None or member is None or member.photo_id != photo_id:
                continue
            if self._pictures.best(member.file_id) is None:
                pane.view.set_image(thumbnail.toImage())

    def _show_picture(self, file_id: int) -> None:
        image = self._pictures.best(file_id)
        for pane in self.area.shown:
            if pane.member is not None and pane.member.file_id == file_id and image is not None:
                pane.view.set_image(image)

    def _show_failures(self) -> None:
        for pane in self.area.shown:
            if pane.member is not None:
                pane.show_message(self._pictures.failure(pane.member.file_id))

    def _choose_pane(self, at: int) -> None:
        group, member = self._review.group, self.area.panes[at].member
        if group is not None and member in group.members:
            self._review.go_to_member(group.members.index(member))

    # --- events -------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        # The window rates photos with 0 and 1, which zoom here.
        zooms = claim(event, (Qt.Key.Key_0, Qt.Key.Key_1))
        return zooms or self._commands.takes(event) or super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._table.set_limit(max(80, self.height() * 2 // 5))  # the pictures come first

    def keyPressEvent(self, event: QKeyEvent) -> None:
        review = self._review
        acts: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Escape: self.close_compare,
            Qt.Key.Key_Return: self.close_compare,
            Qt.Key.Key_Enter: self.close_compare,
            Qt.Key.Key_Up: lambda: review.step_group(-1),
            Qt.Key.Key_PageUp: lambda: review.step_group(-1),
            Qt.Key.Key_Down: lambda: review.step_group(1),
            Qt.Key.Key_PageDown: lambda: review.step_group(1),
            Qt.Key.Key_Left: lambda: review.step_member(-1),
            Qt.Key.Key_Right: lambda: review.step_member(1),
            Qt.Key.Key_Space: review.toggle_keep,
            Qt.Key.Key_0: self.area.fit,
            Qt.Key.Key_1: self.area.actual_size,
            Qt.Key.Key_Plus: self.area.zoom_in,
            Qt.Key.Key_Equal: self.area.zoom_in,
            Qt.Key.Key_Minus: self.area.zoom_out,
        }
        if not act_on(event, acts):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        member = self._review.member
        if member is not None:
            show, play = self.show_in_folder_requested.emit, self._review.play_requested.emit
            pop_up(member_menu(member, self._review.session, show, play, self), event.globalPos())
