"""What the themes promise: text that can be read, one style sheet without gaps, following the system."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from safelight.paths import resources_dir
from safelight.ui.appearance import theme as themes
from safelight.ui.appearance.style_sheet import style_sheet
from safelight.ui.appearance.theme import DARK, LIGHT, Theme, ThemeWatcher

both = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parsed = QColor(colour)
    parts = (parsed.redF(), parsed.greenF(), parsed.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_formula_on_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@both
@pytest.mark.parametrize("role", ["text", "secondary", "accent_text", "strong", "warning", "information"])
@pytest.mark.parametrize("background", ["window", "sidebar", "surface"])
def test_text_reaches_four_and_a_half_to_one(theme: Theme, role: str, background: str) -> None:
    assert contrast(getattr(theme, role), getattr(theme, background)) >= 4.5


@both
def test_text_on_controls_reaches_four_and_a_half_to_one(theme: Theme) -> None:
    assert contrast(theme.on_primary, theme.primary) >= 4.5
    assert contrast(theme.on_primary, theme.primary_hover) >= 4.5
    for background in (theme.hover, theme.pressed):
        assert contrast(theme.text, background) >= 4.5


@both
@pytest.mark.parametrize("background", ["window", "sidebar", "surface"])
def test_focus_and_selection_outline_reach_three_to_one(theme: Theme, background: str) -> None:
    assert contrast(theme.accent, getattr(theme, background)) >= 3.0


@both
@pytest.mark.parametrize("background", ["window", "sidebar", "surface"])
def test_a_row_under_the_pointer_does_not_look_selected(theme: Theme, background: str) -> None:
    sheet = style_sheet(asdict(theme), resources_dir() / "icons")
    found = re.search(r"QListView::item:hover.*?rgba\((\d+), (\d+), (\d+), (\d+)\)", sheet)
    assert found is not None
    alpha = int(found[4]) / 255
    plain, selected = (QColor(asdict(theme)[role]) for role in (background, "pressed"))
    hovered = plain.red() + (int(found[1]) - plain.red()) * alpha
    assert 4 < abs(hovered - plain.red()) < abs(hovered - selected.red())


@both
def test_style_sheet_names_only_files_that_exist_and_leaves_no_gap(theme: Theme) -> None:
    icons = resources_dir() / "icons"
    sheet = style_sheet(asdict(theme), icons)
    named = re.findall(r'url\("([^"]+)"\)', sheet)
    assert named
    for path in named:
        assert (icons / path.rsplit("/", 1)[1]).is_file()
    assert "$" not in sheet
    assert sheet.count("{") == sheet.count("}")


def test_apply_sets_palette_font_and_sheet(qapp: QApplication) -> None:
    # A sheet that Qt cannot parse would warn, and a Qt message fails the test.
    for theme in (LIGHT, DARK):
        themes.apply(qapp, theme)
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(theme.window)
        assert qapp.font().pixelSize() == 13
        assert theme.accent in qapp.styleSheet()


def test_watcher_follows_the_system(qapp: QApplication, qtbot: QtBot) -> None:
    # The offscreen platform has no colour scheme to change: its announcement is made by hand.
    announce = qapp.styleHints().colorSchemeChanged
    watcher = ThemeWatcher(qapp)
    try:
        assert watcher.theme is DARK
        with qtbot.waitSignal(watcher.theme_changed) as caught:
            announce.emit(Qt.ColorScheme.Light)
        assert caught.args == [LIGHT]
        assert watcher.theme is LIGHT
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)
        with qtbot.assertNotEmitted(watcher.theme_changed):
            announce.emit(Qt.ColorScheme.Light)
        with qtbot.waitSignal(watcher.theme_changed):
            announce.emit(Qt.ColorScheme.Dark)
        assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    finally:
        watcher.deleteLater()
        themes.apply(qapp, DARK)


@pytest.mark.qt_log_ignore("propagateSizeHints", "This plugin does not support (raise|grabbing)")
@pytest.mark.parametrize("words", [2, 9, 12, 15, 40])
def test_questions_show_their_whole_text(qapp: QApplication, qtbot: QtBot, words: int) -> None:
    box = QMessageBox()
    qtbot.addWidget(box)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setText(" ".join(["photos"] * words))
    box.setInformativeText("Undo restores them until the trash is emptied.")
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.show()
    label = box.findChild(QLabel, "qt_msgbox_label")
    assert label is not None
    shown = label.fontMetrics().boundingRect(label.contentsRect(), Qt.TextFlag.TextWordWrap, label.text())
    assert label.wordWrap() or label.width() >= label.fontMetrics().horizontalAdvance(label.text())
    assert label.height() >= shown.height()
    assert box.width() >= 340
