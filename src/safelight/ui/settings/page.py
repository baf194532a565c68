"""The settings page: a section for each subject, derived from the declared settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from safelight import __version__
from safelight.core.photo import Folder, FolderState
from safelight.core.settings import SETTINGS, Section, Setting, Settings
from safelight.store.large_thumbnails import bytes_used
from safelight.ui import wording
from safelight.ui.appearance.icons import icon
from safelight.ui.appearance.theme import Theme
from safelight.ui.settings.programs import ProgramRequestList
from safelight.ui.settings.shortcuts import ShortcutList
from safelight.ui.translation import message_text, translate
from safelight.ui.widgets.closable_page import ClosablePage
from safelight.ui.widgets.elided_label import ElidedLabel
from safelight.ui.widgets.flow_layout import FlowLayout
from safelight.ui.widgets.labels import plain_label
from safelight.ui.widgets.layouts import clear_layout
from safelight.ui.widgets.page_scroll import PageScroll
from safelight.ui.widgets.setting_row import SettingRow

_NARROW_BELOW = 620
"""Pixels of the page below which wide inputs are below their text."""
_MAX_WIDTH = 720
_LIST_WIDTH = 190
"""Pixels of the list of sections on a wide page."""
_SECTION_STYLE = "QListView::item { min-height: 30px; }"
_ICON_ROLE = int(Qt.ItemDataRole.UserRole)
"""The name of the icon of a section."""
_SETTINGS_LAST = (Section.FOLDERS, Section.STORAGE)
"""Sections whose settings follow what else they show."""
_ICONS = {
    Section.GENERAL: "sliders",
    Section.FOLDERS: "folder",
    Section.SEARCH: "search",
    Section.DUPLICATES: "duplicates",
    Section.STORAGE: "drive",
}


@dataclass(frozen=True, slots=True)
class LibraryFiles:
    """Where a library is, and its files with their sizes in bytes."""

    directory: str
    sizes: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, directory: Path) -> LibraryFiles:
        names = {
            "library.db": translate("LibraryFiles", "Search index, tags, albums and ratings"),
            "thumbs.db": translate("LibraryFiles", "Thumbnails"),
        }
        found = ((text, directory / name) for name, text in names.items())
        sizes = tuple((text, _size_with_log(path)) for text, path in found if path.exists())
        large = bytes_used(directory)
        return cls(
            str(directory),
            (*sizes, (translate("LibraryFiles", "Sharp thumbnails"), large)) if large else sizes,
        )


def _size_with_log(path: Path) -> int:
    """Bytes of a database together with those that SQLite has not moved into it yet."""
    log = path.with_name(path.name + "-wal")
    return path.stat().st_size + (log.stat().st_size if log.exists() else 0)


class SettingsPage(ClosablePage):
    """The list of sections at the left, the chosen section at the right."""

    changed = Signal(str, str)  # name and text, as safelight.core.settings declares them
    add_folder_requested = Signal()
    folder_menu_requested = Signal(object, QPoint)  # Folder, global position
    include_requested = Signal(str)  # absolute path of an excluded folder
    models_requested = Signal()
    show_library_requested = Signal()
    forget_requested = Signal()

    def __init__(
        self,
        theme: Theme,
        shortcuts: ShortcutList,
        programs: ProgramRequestList,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("SettingsPage", "Settings"))
        self.rows: dict[str, SettingRow] = {}
        self.shortcuts = shortcuts
        self._theme = theme
        self.sections = QListWidget()
        self.sections.setAccessibleName(translate("SettingsPage", "Sections"))
        self.sections.setStyleSheet(_SECTION_STYLE)
        self.sections.setIconSize(QSize(18, 18))
        self._pages = QStackedWidget()
        self._folders = QVBoxLayout()
        self._files = QVBoxLayout()
        for section in Section:
            rows = [setting for setting in SETTINGS if setting.section is section]
            self._add_section(
                message_text(section.value),
                _ICONS[section],
                *self._extra(section),
                rows=rows,
                settings_last=section in _SETTINGS_LAST,
            )
        self.programs = programs
        entry = self._add_section(translate("SettingsPage", "Programs"), "external", programs, stretches=True)
        self._add_section(translate("SettingsPage", "Shortcuts"), "keyboard", shortcuts, stretches=True)
        self._add_section(translate("SettingsPage", "About"), "about", *self._about())
        self.sections.currentRowChanged.connect(self._pages.setCurrentIndex)
        self.sections.setCurrentRow(0)
        self.setFocusProxy(self.sections)
        # Shown once a program has asked for something. Then it stays, so that a cleared list does not close.
        entry.setHidden(True)
        programs.changed.connect(lambda any_requests: entry.setHidden(entry.isHidden() and not any_requests))
        self._lay_out()
        self.apply_theme(theme)

    def _lay_out(self) -> None:
        """The margins and the width of the list are set by :meth:`resizeEvent`."""
        title = QLabel(translate("SettingsPage", "Settings"))
        title.setProperty("kind", "title")
        self.done = QPushButton(translate("SettingsPage", "Done"))
        self.done.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.done)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self.sections)
        body.addWidget(self._pages, 1)
        self._column = column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addLayout(head)
        column.addLayout(body, 1)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for row in range(self.sections.count()):
            item = self.sections.item(row)
            item.setIcon(icon(item.data(_ICON_ROLE), theme.secondary))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW_BELOW
        self._column.setContentsMargins(12 if narrow else 24, 20, 16, 16)
        names = self.sections.sizeHintForColumn(0) + 2 * self.sections.frameWidth()
        self.sections.setFixedWidth(names if narrow else max(names, _LIST_WIDTH))
        for row in self.rows.values():
            row.set_narrow(narrow)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.programs.check()

    def show_settings(self, settings: Settings) -> None:
        for row in self.rows.values():
            row.show_value(settings[row.setting])

    def show_folders(self, folders: Sequence[Folder]) -> None:
        clear_layout(self._folders)
        for folder in folders:
            self._folders.addWidget(self._folder_row(folder))
            for below in folder.excluded:
                self._folders.addWidget(self._excluded_row(folder, below))
        if not folders:
            self._folders.addWidget(QLabel(translate("SettingsPage", "No folder has been added yet.")))

    def show_library(self, files: LibraryFiles) -> None:
        clear_layout(self._files)
        location = _path(wording.display_path(files.directory))
        self._files.addWidget(_named(translate("SettingsPage", "Location"), location))
        for text, size in files.sizes:
            self._files.addWidget(_pair(text, wording.file_size(size)))

    # --- sections -------------------------------------------------------------------------------

    def _add_section(
        self,
        title: str,
        icon_name: str,
        *widgets: QWidget,
        rows: Sequence[Setting[object]] = (),
        stretches: bool = False,
        settings_last: bool = False,
    ) -> QListWidgetItem:
        """Returns the entry in the list of sections."""
        inside = QWidget()
        inside.setMaximumWidth(_MAX_WIDTH)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 8)
        column.setSpacing(12)
        parts = list(widgets)
        if rows:
            inner = QVBoxLayout()
            for number, setting in enumerate(rows):
                if number:
                    inner.addWidget(_line())
                row = self.rows[setting.name] = SettingRow(setting)
                row.changed.connect(self.changed)
                inner.addWidget(row)
            parts.insert(len(parts) if settings_last else 0, _card(inner))
        for part in parts:
            column.addWidget(part, 1 if stretches else 0)
        if not stretches:
            column.addStretch(1)
        scroll = PageScroll(inside)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._pages.addWidget(scroll)
        item = QListWidgetItem(title)
        item.setData(_ICON_ROLE, icon_name)
        self.sections.addItem(item)
        return item

    def _extra(self, section: Section) -> list[QWidget]:
        """What a section has besides settings."""
        if section is Section.FOLDERS:
            add = QPushButton(translate("SettingsPage", "Add folder …"))
            add.clicked.connect(self.add_folder_requested)
            return [
                _heading(translate("SettingsPage", "Folders of the library")),
                _card(self._folders),
                _left(add),
            ]
        if section is Section.SEARCH:
            models = QPushButton(translate("SettingsPage", "Models …"))
            models.clicked.connect(self.models_requested)
            return [_left(models)]
        if section is Section.STORAGE:
            show = QPushButton(translate("SettingsPage", "Show in file manager"))
            show.clicked.connect(self.show_library_requested)
            self.forget = QPushButton(translate("SettingsPage", "Forget deleted photos now"))
            self.forget.clicked.connect(self.forget_requested)
            buttons = QWidget()
            row = FlowLayout(buttons)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(show)
            row.addWidget(self.forget)
            return [_card(self._files), buttons]
        return []

    def _about(self) -> list[QWidget]:
        inner = QVBoxLayout()
        inner.addWidget(_pair(translate("SettingsPage", "Version"), __version__))
        inner.addWidget(_pair(translate("SettingsPage", "Licence"), "MIT"))
        words = QLabel(
            translate(
                "SettingsPage",
                "Your photos stay on this computer and are never changed. Safelight uses the network only to "
                "download a model that you choose.",
            ),
            wordWrap=True,
        )
        return [_card(inner), words]

    def _folder_row(self, folder: Folder) -> QWidget:
        state = wording.count_of(folder.photos, "photo")
        if folder.state is FolderState.OFFLINE:
            state = translate("SettingsPage", "offline · {state}").format(state=state)
        menu = QPushButton(translate("SettingsPage", "Change …"))
        menu.setAccessibleName(
            translate("SettingsPage", "Change {name}").format(name=wording.display_name(folder.path))
        )
        menu.setProperty("kind", "quiet")
        menu.clicked.connect(
            lambda: self.folder_menu_requested.emit(folder, menu.mapToGlobal(QPoint(0, menu.height())))
        )
        return _folder_line(wording.display_path(folder.path), state, menu)

    def _excluded_row(self, folder: Folder, below: str) -> QWidget:
        path = str(Path(folder.path, below))
        include = QPushButton(translate("SettingsPage", "Include"))
        include.setAccessibleName(
            translate("SettingsPage", "Include {name}").format(name=wording.display_name(path))
        )
        include.setProperty("kind", "quiet")
        include.clicked.connect(lambda: self.include_requested.emit(path))
        excluded = translate("SettingsPage", "excluded")
        return _folder_line(wording.display_path(path), excluded, include, muted=True)


def _folder_line(path: str, state: str, button: QPushButton, *, muted: bool = False) -> QWidget:
    """The path is above its state and the button: beside them, a narrow window would show none of it."""
    row = QWidget()
    grid = QGridLayout(row)
    grid.setContentsMargins(16 if muted else 0, 0, 0, 0)
    grid.setVerticalSpacing(0)
    name = ElidedLabel(path, Qt.TextElideMode.ElideMiddle)  # a long name must not widen the page
    name.setToolTip(wording.tip(path))
    if muted:
        name.setProperty("kind", "secondary")
    grid.addWidget(name, 0, 0, 1, 2)
    grid.addWidget(plain_label(state, "secondary"), 1, 0)
    grid.addWidget(button, 1, 1)
    grid.setColumnStretch(0, 1)
    return row


def _card(inner: QVBoxLayout) -> QFrame:
    card = QFrame()
    card.setProperty("surface", "card")
    inner.setContentsMargins(16, 12, 16, 12)
    inner.setSpacing(12)
    card.setLayout(inner)
    return card


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("kind", "line")
    line.setFixedHeight(1)
    return line


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("kind", "section")
    return label


def _left(button: QPushButton) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.addWidget(button)
    line.addStretch(1)
    return holder


def _pair(name: str, value: str) -> QWidget:
    return _named(name, _value(value))


def _named(name: str, value: QLabel) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    label = QLabel(name, wordWrap=True)
    label.setProperty("kind", "secondary")
    line.addWidget(label, 1)
    line.addWidget(value, 1)
    return holder


def _value(text: str) -> QLabel:
    label = QLabel(text, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setAlignment(Qt.AlignmentFlag.AlignRight)
    return label


def _path(text: str) -> QLabel:
    """A long name in it does not widen the page, which would cut off the inputs."""
    label = _value(text)
    policy = label.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    label.setSizePolicy(policy)
    return label
