"""The application's style sheet.

Widgets choose a role with a dynamic property that is set before they are shown:

- ``QPushButton``/``QToolButton`` ``kind="primary"`` (the page's main action), ``"quiet"`` (no frame).
- ``QLabel`` ``kind="title"`` (22 px), ``"section"`` (15 px semi-bold), ``"secondary"`` (11 px),
  ``"warning"``, ``"strong"``, ``"error"``, ``"badge"`` (a short label in a frame).
- ``QWidget`` ``surface="sidebar"``, ``"card"``, ``"toast"``, ``"bar"``, ``"popup"``: a background
  colour (a bare QWidget also needs ``WA_StyledBackground``).
- ``QDialog`` ``frameless=True``: a border in place of the frame that the desktop draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from PySide6.QtGui import QColor

from safelight.ui.appearance.icons import directed

_ITEM_HOVER_ALPHA = 9
"""Opacity (of 255) of the text colour over a row under the pointer. It must not look like a selected one."""

_SHEET = Template(
    """
QWidget { color: $text; }
QMainWindow, QDialog, QMessageBox { background: $window; }
QDialog[frameless="true"] { border: 1px solid $pressed; }
/* Cancel, then the action: the same order everywhere. */
QDialog, QMessageBox, QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; button-layout: 3; }
QLabel#qt_msgbox_label { font-weight: 600; }
/* Not the label above, which does not wrap: a width would cut its text off. */
QLabel#qt_msgbox_informativelabel { min-width: 340px; }
QLabel { background: transparent; }
QLabel[kind="title"] { font-size: ${font_title}px; font-weight: 600; }
QLabel[kind="section"] { font-size: ${font_section}px; font-weight: 600; }
QLabel[kind="secondary"] { font-size: ${font_secondary}px; color: $secondary; }
QLabel[kind="warning"] { color: $warning; }
QLabel[kind="strong"] { color: $strong; }
QLabel[kind="error"] { color: $accent_text; }
QLabel[kind="badge"] {
  color: $strong; border: 1px solid $strong; border-radius: 8px; padding: 0 7px;
  font-size: ${font_secondary}px; font-weight: 600;
}
QLabel:disabled { color: $disabled; }

*[surface="sidebar"] { background: $sidebar; }
*[surface="bar"] { background: $window; }
*[surface="card"] { background: $surface; border: 1px solid $line; border-radius: ${radius_card}px; }
*[surface="toast"] { background: $surface; border: 1px solid $pressed; border-radius: ${radius_card}px; }

QPushButton {
  background: $surface; border: 1px solid $line; border-radius: ${radius_control}px;
  padding: 0 12px; min-height: 26px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:focus { border: 2px solid $accent; padding: 0 11px; min-height: 24px; }
QPushButton:disabled { color: $disabled; }
QPushButton[kind="primary"] {
  background: $primary; border-color: $primary; color: $on_primary; font-weight: 600;
}
QPushButton[kind="primary"]:hover { background: $primary_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; }
QPushButton[kind="primary"]:disabled { background: $line; border-color: $line; color: $disabled; }
QPushButton[kind="suggested"] { background: transparent; border-style: dashed; color: $secondary; }
QPushButton[kind="suggested"]:hover { background: $hover; color: $text; }
QPushButton[kind="suggested"]:focus { border: 2px solid $accent; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:pressed { background: $pressed; }
QPushButton[kind="quiet"]:focus { border: 2px solid $accent; }

QToolButton {
  background: transparent; border: 2px solid transparent; border-radius: ${radius_control}px; padding: 2px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked, QToolButton:open { background: $pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $disabled; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateEdit {
  background: $surface; border: 1px solid $line; border-radius: ${radius_control}px; padding: 0 8px;
  min-height: 26px; selection-background-color: $primary; selection-color: $on_primary;
}
QLineEdit:hover, QPlainTextEdit:hover, QTextEdit:hover { border-color: $pressed; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDateEdit:focus {
  border: 2px solid $accent; padding: 0 7px; min-height: 24px;
}
QLineEdit:disabled { color: $disabled; }

QPlainTextEdit, QTextEdit { padding: 4px 6px; }  /* as far in as the text of a QLineEdit */
QPlainTextEdit:focus, QTextEdit:focus { padding: 3px 5px; }

QSpinBox, QDoubleSpinBox, QDateEdit { padding: 0 22px 0 6px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
  border: none; background: transparent; width: 20px;
}
QAbstractSpinBox::up-arrow { image: url("$icons/control-up.svg"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("$icons/control-down.svg"); width: 12px; height: 12px; }

QComboBox {
  background: $surface; border: 1px solid $line; border-radius: ${radius_control}px; padding: 0 8px 0 10px;
  min-height: 26px;
}
QComboBox:hover { background: $hover; }
QComboBox:focus { border: 2px solid $accent; padding: 0 7px 0 9px; min-height: 24px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$icons/control-down.svg"); width: 14px; height: 14px; }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $pressed; padding: 3px; outline: none; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 0 6px; border: none; }

QCheckBox, QRadioButton { spacing: 8px; background: transparent; border: none; min-height: 24px; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator {
  width: 14px; height: 14px; border: 1px solid $secondary; background: $surface; border-radius: 4px;
}
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus {
  border: 2px solid $accent; width: 12px; height: 12px;
}
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {
  background: $primary; border-color: $primary; image: url("$icons/control-check.svg");
}
QCheckBox::indicator:indeterminate { background: $primary; border-color: $primary;
  image: url("$icons/control-dash.svg"); }
QRadioButton::indicator:checked { background: $primary; border-color: $primary;
  image: url("$icons/control-dot.svg"); }
QCheckBox:disabled, QRadioButton:disabled { color: $disabled; }

QAbstractItemView { background: $window; border: none; outline: none; selection-background-color: $pressed;
  selection-color: $text; }
QListView, QTreeView, QTableView { show-decoration-selected: 0; }
QListView::item, QTreeView::item { min-height: 28px; padding: 0 6px; border-radius: ${radius_control}px;
  border: 2px solid transparent; }
QListView::item:hover, QTreeView::item:hover { background: $item_hover; }
QListView::item:selected, QTreeView::item:selected { background: $pressed; color: $text; }
QListView::item:disabled, QTreeView::item:disabled { color: $disabled; }
QListView::item:focus, QTreeView::item:focus { border-color: $accent; }
/* With more padding the list would scroll: Qt leaves six pixels for both. */
QListView[surface="popup"] { background: $surface; border: 1px solid $pressed; padding: 2px; }
QListView[surface="popup"]::item { min-height: 24px; border: none; }
QTreeView[surface="sidebar"], QListView[surface="sidebar"] { background: $sidebar; }
/* A tree's branches are painted apart from its items: square ones join into one row. */
QTreeView { show-decoration-selected: 1; }
QTreeView::item { border-radius: 0; border: none; }
QTreeView::branch:selected { background: $pressed; }
QTreeView::branch:hover:!selected { background: $item_hover; }
QTreeView::branch:has-children:closed { image: url("$icons/$forward.svg"); }
QTreeView::branch:has-children:open { image: url("$icons/control-down.svg"); }
QHeaderView { background: $window; }
QHeaderView::section { background: $window; color: $secondary; border: none; border-bottom: 1px solid $line;
  padding: 4px 8px; font-size: ${font_secondary}px; }
QTableView { gridline-color: $line; }

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 12px; }
QScrollBar:horizontal { height: 12px; }
QScrollBar::handle { background: $pressed; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 40px; }
QScrollBar::handle:horizontal { min-width: 40px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed {
  background: $disabled; border-radius: 4px; margin: 2px;
}
QScrollBar::handle:disabled { background: transparent; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea { border: none; }
QPlainTextEdit, QTextEdit { border: 1px solid $line; }
QAbstractScrollArea::corner { background: transparent; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }

QMenuBar { background: $window; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: ${radius_control}px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $surface; border: 1px solid $pressed; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 10px; border-radius: 4px; background: transparent; }
QMenu::icon { padding-left: 6px; }
QMenu::item:selected { background: $pressed; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 6px; }
QMenu::right-arrow, QMenu::left-arrow { image: url("$icons/$forward.svg"); width: 14px; height: 14px; }

/* Qt adds the padding twice. */
QToolTip { background: $surface; color: $text; border: 1px solid $pressed; padding: 2px 3px; }

QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $disabled; }

QSlider { background: transparent; min-height: 20px; }
QSlider::groove:horizontal { height: 3px; background: $line; border-radius: 1px; }
QSlider::sub-page:horizontal { background: $disabled; border-radius: 1px; }
QSlider::handle:horizontal {
  width: 12px; height: 12px; margin: -5px 0; border-radius: 6px; background: $secondary;
}
QSlider::handle:horizontal:hover { background: $text; }
QSlider:focus { border: none; }
QSlider::handle:horizontal:focus { background: $accent; }

QProgressBar {
  background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; color: transparent;
}
QProgressBar::chunk { background: $secondary; border-radius: 2px; }

QStatusBar {
  background: $sidebar; color: $secondary; border-top: 1px solid $line; font-size: ${font_secondary}px;
}
QStatusBar QLabel { color: $secondary; font-size: ${font_secondary}px; }
QStatusBar QPushButton { min-height: 20px; font-size: ${font_secondary}px; }
QStatusBar::item { border: none; }
QToolBar { background: $window; border: none; spacing: 4px; padding: 4px; }

QTabBar::tab { background: transparent; color: $secondary; padding: 6px 9px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }
QGroupBox { border: none; margin-top: 20px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; left: 0; }
"""
)


def style_sheet(values: Mapping[str, object], icons: Path) -> str:
    """The style sheet with a theme's values. ``icons`` is the folder of the control icons."""
    text = QColor(str(values["text"]))
    item_hover = f"rgba({text.red()}, {text.green()}, {text.blue()}, {_ITEM_HOVER_ALPHA})"
    forward = directed("control-right")
    return _SHEET.substitute(values, icons=icons.as_posix(), forward=forward, item_hover=item_hover)
