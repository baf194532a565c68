"""The page of duplicates: a tab for each kind, and its groups as a list."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QHideEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedLayout,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.duplicates.batch import BatchDialog, SparedDialog
from safelight.ui.duplicates.choice import KIND_TABS, tab_of
from safelight.ui.duplicates.commands import DuplicatesCommands, help_line
from safelight.ui.duplicates.list import GroupList
from safelight.ui.duplicates.menu import member_menu
from safelight.ui.duplicates.page_texts import empty_texts, summary_text
from safelight.ui.duplicates.review import DuplicatesReview
from safelight.ui.duplicates.session import Spared
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.flow_layout import FlowLayout
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.menus import pop_up

_MIN_WIDTH_FOR_LABELS = 520
"""Width in pixels from which there is room for all labels."""


class DuplicatesPage(QWidget):
    """Shows the groups of the review, and explains an empty or incomplete list."""

    compare_requested = Signal()
    show_in_folder_requested = Signal(str)
    visibility_changed = Signal()
    rules_requested = Signal()

    def __init__(
        self,
        review: DuplicatesReview,
        commands: DuplicatesCommands,
        cache: ThumbnailCache,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._review = review
        self._commands = commands
        self._spared: tuple[str, Spared] = ("", ())
        self._tabs_hold_focus = False
        """Whether the tabs got the keyboard focus because there is no list."""
        self.setAccessibleName(translate("DuplicatesPage", "Duplicates"))
        self._title = plain_label(translate("DuplicatesPage", "Duplicates"), "title")
        self._summary = plain_label("", "secondary")
        self.undo_button = commands.undo_button()
        self.undo_button.setProperty("kind", "quiet")
        self.batch_button = QPushButton()
        self._batch_text = ""
        self.batch_button.setProperty("kind", "primary")
        self.batch_button.clicked.connect(self.ask_for_batch)
        self.rules_button = QPushButton(translate("DuplicatesPage", "Choose what to keep first …"))
        self.rules_button.setToolTip(
            translate("DuplicatesPage", "The order of the rules that decide which file to keep")
        )
        self.rules_button.setProperty("kind", "quiet")
        self.rules_button.clicked.connect(self.rules_requested)
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setAccessibleName(translate("DuplicatesPage", "Kinds of duplicates"))
        for tab in KIND_TABS:
            self.tabs.addTab(tab.title)
        self._hint = plain_label("", "secondary")
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName(translate("DuplicatesPage", "Comparing photos"))
        policy = self._busy.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # otherwise the page jumps with each change of the library
        self._busy.setSizePolicy(policy)
        self.notice = QFrame()
        self._notice_text = plain_label()
        self._notice_close = QToolButton()
        self.list = GroupList(review, cache, theme)
        self._message = plain_label("", "title")
        self._message_more = plain_label()
        self.next_button = QPushButton(translate("DuplicatesPage", "Go to the next kind"))
        """Goes to the next kind that has groups."""
        self.next_button.clicked.connect(self._go_to_next_kind)
        self.group_buttons = commands.buttons()
        self.compare_button = QPushButton(translate("DuplicatesPage", "\u2002Compare"))
        self.compare_button.setToolTip(translate("DuplicatesPage", "Look at the files side by side (Enter)"))
        self.compare_button.setAccessibleName(translate("DuplicatesPage", "Compare"))
        self.compare_button.clicked.connect(self.compare_requested)
        self._help = plain_label(help_line(("Enter", translate("DuplicatesPage", "compare"))), "secondary")
        self._lay_out()
        self._add_keys()
        self.apply_theme(theme)
        self.tabs.currentChanged.connect(lambda at: review.show_kind(KIND_TABS[at].kind))
        self.list.compare_requested.connect(self.compare_requested)
        self.list.menu_requested.connect(self._show_menu)
        review.kind_changed.connect(self._on_groups_changed)
        review.counts_changed.connect(self._on_groups_changed)
        review.current_changed.connect(self._on_current_changed)
        review.session.spared.connect(self.show_spared)
        self._on_groups_changed()
        self._on_current_changed()

    # --- layout -------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._summary)
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 12, 4)
        head.setSpacing(8)
        head.addLayout(words, 1)
        head.addWidget(self.undo_button)
        head.addWidget(self.batch_button)
        hint = QHBoxLayout()
        hint.setSpacing(8)
        hint.addWidget(self._hint, 1)
        hint.addWidget(self.rules_button)
        about = QVBoxLayout()
        about.setContentsMargins(16, 6, 12, 6)
        about.setSpacing(4)
        about.addLayout(hint)
        about.addWidget(self._busy)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(6, 0, 6, 0)
        tabs.addWidget(self.tabs, 1)
        message = QWidget()
        middle = QVBoxLayout(message)
        middle.setContentsMargins(24, 24, 24, 24)
        middle.setSpacing(8)
        middle.addStretch(1)
        for label in (self._message, self._message_more):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            middle.addWidget(label)
        middle.addSpacing(8)
        middle.addWidget(self.next_button, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(2)
        stack = QWidget()  # a stack without a widget would show its first page as a separate window
        self._stack = QStackedLayout(stack)
        self._stack.addWidget(self.list)
        self._stack.addWidget(message)
        foot = FlowLayout()
        foot.setContentsMargins(16, 8, 12, 0)
        foot.addWidget(self.compare_button)
        for button in self.group_buttons:
            foot.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addLayout(tabs)
        layout.addLayout(about)
        layout.addWidget(self._lay_out_notice())
        layout.addWidget(stack, 1)
        layout.addLayout(foot)
        self._help.setContentsMargins(16, 6, 16, 8)
        layout.addWidget(self._help)

    def _lay_out_notice(self) -> QWidget:
        show = QPushButton(translate("DuplicatesPage", "Show"))
        show.setProperty("kind", "quiet")
        show.setAccessibleName(translate("DuplicatesPage", "Show what was left alone"))
        show.clicked.connect(lambda: SparedDialog(*self._spared, self.window()).open())
        self._notice_close.setIconSize(QSize(16, 16))
        self._notice_close.setAccessibleName(translate("DuplicatesPage", "Dismiss"))
        self._notice_close.setToolTip(translate("DuplicatesPage", "Dismiss"))
        self._notice_close.clicked.connect(self.notice.hide)
        self.notice.setProperty("surface", "card")
        row = QHBoxLayout(self.notice)
        row.setContentsMargins(12, 4, 6, 4)
        row.addWidget(self._notice_text, 1)
        row.addWidget(show)
        row.addWidget(self._notice_close)
        holder = QWidget()
        around = QVBoxLayout(holder)
        around.setContentsMargins(12, 0, 12, 0)
        around.addWidget(self.notice)
        self.notice.hide()
        return holder

    def _add_keys(self) -> None:
        self._commands.install(self)
        for keys, act in (
            ("Ctrl+B", self.ask_for_batch),
            ("Ctrl+PgDown", lambda: self._step_tab(1)),
            ("Ctrl+PgUp", lambda: self._step_tab(-1)),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setAutoRepeat(False)
            action.triggered.connect(act)
            self.addAction(action)
        self.tabs.setToolTip(
            translate("DuplicatesPage", "Previous and next kind: Ctrl+Page Up, Ctrl+Page Down")
        )

    def apply_theme(self, theme: Theme) -> None:
        self.list.apply_theme(theme)
        self.compare_button.setIcon(icon("compare", theme.secondary))
        self._notice_close.setIcon(icon("close", theme.secondary))

    # --- what is shown ------------------------------------------------------------------------

    @property
    def message(self) -> str:
        """The message shown in place of groups, if any."""
        return self._message.text() if self._stack.currentIndex() == 1 else ""

    @property
    def summary(self) -> str:
        return self._summary.text()

    @property
    def is_partial(self) -> bool:
        """Whether the page shows that more groups may appear."""
        return not self._busy.isHidden()

    def take_focus(self) -> None:
        """Move the keyboard focus to the list, or to the tabs while there is none."""
        self._tabs_hold_focus = self._stack.currentIndex() == 1
        (self.tabs if self._tabs_hold_focus else self.list).setFocus()

    def show_spared(self, headline: str, spared: Spared) -> None:
        self._spared = (headline, spared)
        first, reason = spared[0]
        example = f"{wording.display_name(first)}: {error_text(reason)}"
        more = (
            translate("DuplicatesPage", ", and {value:,} more").format(value=len(spared) - 1)
            if len(spared) > 1
            else ""
        )
        self._notice_text.setText(f"{headline}. {example}{more}")
        self.notice.show()

    def ask_for_batch(self) -> None:
        """Show what keeping the best in all groups would do, and do it if the user confirms."""
        batch = self._review.batch()
        if not batch.actions:
            return
        dialog = BatchDialog(batch, tab_of(self._review.kind).title, self.window())
        dialog.agreed.connect(self._review.trash_batch)
        dialog.open()

    def _step_tab(self, by: int) -> None:
        shown = [at for at in range(self.tabs.count()) if self.tabs.isTabVisible(at)]
        self.tabs.setCurrentIndex(shown[(shown.index(self.tabs.currentIndex()) + by) % len(shown)])

    def _on_groups_changed(self) -> None:
        review, session = self._review, self._review.session
        tab = tab_of(review.kind)
        for at, each in enumerate(KIND_TABS):
            count = review.counts.get(each.kind)
            amount = f"  {count.groups:,}" if count is not None and count.groups else ""
            self.tabs.setTabText(at, each.title + amount)
            self.tabs.setTabVisible(at, bool(amount) or not each.rare or each.kind is review.kind)
            if each.kind is review.kind:
                self.tabs.setCurrentIndex(at)
        if not session.complete:
            done, total = session.progress
            self._busy.setRange(0, total)
            self._busy.setValue(done)
        self._summary.setText(summary_text(review.total, session))
        self._hint.setText(tab.hint)
        self._busy.setVisible(not session.complete)
        self._show_message()
        self.batch_button.setVisible(review.kind.safe)
        here = review.counts.get(review.kind)
        proposing = here.proposing if here is not None else 0
        self.batch_button.setEnabled(proposing > 0)
        if proposing == 0:
            self._batch_text = translate("DuplicatesPage", "Keep the best in all groups …")
        elif proposing == 1:
            self._batch_text = translate("DuplicatesPage", "Keep the best in this group …")
        else:
            text = translate("DuplicatesPage", "Keep the best in all {groups:,} groups …")
            self._batch_text = text.format(groups=proposing)
        self._show_batch_text()
        if here is not None:
            self.batch_button.setToolTip(
                translate(
                    "DuplicatesPage",
                    "Moves {count} ({file_size}) to the trash, after a summary (Ctrl+B)",
                ).format(count=wording.count_of(here.files, "file"), file_size=wording.file_size(here.freed))
            )

    def _show_message(self) -> None:
        session = self._review.session
        if self._review.model.rowCount():
            self._stack.setCurrentIndex(0)
            if self._tabs_hold_focus and self.tabs.hasFocus():
                self.list.setFocus()
            self._tabs_hold_focus = False
            return
        title, more = empty_texts(session, self._review.kind)
        following = self._next_kind()
        self.next_button.setVisible(following is not None)
        if following is not None:
            self.next_button.setText(
                translate("DuplicatesPage", "Go to “{kind}” ({groups:,})").format(
                    kind=KIND_TABS[following].title,
                    groups=self._review.counts[KIND_TABS[following].kind].groups,
                )
            )
        self._message.setText(title)
        self._message_more.setText(more)
        had_keyboard = self.list.hasFocus()
        self._stack.setCurrentIndex(1)
        if had_keyboard:
            self.take_focus()

    def _next_kind(self) -> int | None:
        """The number of the next tab with groups, after the current one or from the start."""
        here = self.tabs.currentIndex()
        for at in (*range(here + 1, len(KIND_TABS)), *range(here)):
            count = self._review.counts.get(KIND_TABS[at].kind)
            if count is not None and count.groups:
                return int(at)
        return None

    def _go_to_next_kind(self) -> None:
        following = self._next_kind()
        if following is not None:
            self.tabs.setCurrentIndex(following)
            self.take_focus()

    def _on_current_changed(self) -> None:
        self.compare_button.setEnabled(self._review.group is not None)

    def _show_menu(self, position: QPoint) -> None:
        menu = self.menu()
        if menu is not None:
            pop_up(menu, position)

    def menu(self) -> QMenu | None:
        """The menu of the current file."""
        member = self._review.member
        if member is None:
            return None
        show, play = self.show_in_folder_requested.emit, self._review.play_requested.emit
        return member_menu(member, self._review.session, show, play, self)

    def event(self, event: QEvent) -> bool:
        return self._commands.takes(event) or super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._review.visit()
        index = self._review.selection.currentIndex()
        if index.isValid():
            self.list.scrollTo(index)
        self.visibility_changed.emit()

    def _show_batch_text(self) -> None:
        wide = self.width() >= _MIN_WIDTH_FOR_LABELS
        self.batch_button.setText(
            self._batch_text if wide else translate("DuplicatesPage", "Keep the best …")
        )
        self.batch_button.setAccessibleName(self._batch_text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_batch_text()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.take_focus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.visibility_changed.emit()
