"""The details panel: one photo, several, none."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from safelight.core.photo import ImageMetadata, Photo, PhotoFile
from safelight.ui.appearance.theme import DARK, LIGHT
from safelight.ui.window.details import DetailsPanel

# The offscreen platform says this of every window with a fixed size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

FULL = Photo(
    id=7,
    size=2_400_000,
    format="JPEG",
    width=4032,
    height=3024,
    colour=0x336699,
    date="2019-05-12T10:30:00",
    date_is_taken=True,
    metadata=ImageMetadata(
        camera="Apple iPhone 8",
        lens="iPhone 8 back camera",
        iso=20,
        aperture=1.8,
        latitude=35.5,
        longitude=24.0,
    ),
    favourite=False,
    rating=0,
    files=(PhotoFile(1, "/photos/Crete/IMG_2231.HEIC", 0, online=True),),
)
BARE = Photo(
    id=8,
    size=1000,
    format="PNG",
    width=10,
    height=10,
    colour=0,
    date="2020-01-02T00:00:00",
    date_is_taken=False,
    metadata=ImageMetadata(),
    favourite=True,
    rating=0,
    files=tuple(PhotoFile(1, f"/photos/copy{n}.png", 0, online=n != 1) for n in range(7)),
)


def _thumbnail(photo_id: int) -> QPixmap | None:
    if photo_id != 7:
        return None
    pixmap = QPixmap(384, 288)
    pixmap.fill(Qt.GlobalColor.darkCyan)
    return pixmap


@pytest.fixture
def panel(qtbot: QtBot) -> DetailsPanel:
    made = DetailsPanel(_thumbnail, DARK)
    qtbot.addWidget(made)
    made.resize(260, 700)
    made.show()
    return made


def test_one_photo_in_full(panel: DetailsPanel, qtbot: QtBot) -> None:
    panel.show_photos([FULL], 1)
    assert panel.heading == "IMG_2231.HEIC"
    assert panel.rows == {
        "Size": "4032 × 3024 · 12 MP",
        "Kind": "JPEG · 2.4 MB",
        "Camera": "Apple iPhone 8",
        "Lens": "iPhone 8 back camera",
        "Exposure": "f/1.8 · ISO 20",
        "Position": "35.5000° N, 24.0000° E",
        "File": "/photos/Crete/IMG_2231.HEIC",
    }
    middle = panel._preview.rect().center()
    qtbot.waitUntil(lambda: panel._preview.height() == round(panel._preview.width() * 0.75))
    assert panel._preview.grab().toImage().pixelColor(middle) == Qt.GlobalColor.darkCyan


def test_what_is_unknown_is_left_out_and_copies_are_counted(panel: DetailsPanel) -> None:
    panel.show_photos([BARE], 1)
    rows = panel.rows
    assert set(rows) == {"Size", "Kind", "Copy 1", "Copy 2", "Copy 3", "Copy 4", "Copy 5", ""}
    assert rows["Copy 2"] == "/photos/copy1.png\n(offline)"
    assert rows[""] == "and 2 more copies"


def test_several_photos_in_sum(panel: DetailsPanel) -> None:
    panel.show_photos([FULL, BARE], 2)
    assert panel.heading == "2 photos"
    assert panel.rows["Kind"] == "JPEG, PNG"
    assert panel.rows["Size"] == "2.4 MB"
    panel.show_photos([FULL, BARE], 30_000)
    assert panel.heading == "30,000 photos"
    assert "Size" not in panel.rows


def test_favourite_and_similar_act_on_what_is_shown(panel: DetailsPanel, qtbot: QtBot) -> None:
    panel.show_photos([FULL, BARE], 2)
    heart = next(b for b in panel.findChildren(QToolButton) if "favourites" in b.accessibleName())
    with qtbot.waitSignal(panel.favourite_toggled) as toggled:
        heart.click()
    assert toggled.args == [(7, 8), True]
    panel.show_photos([BARE], 1)
    assert heart.accessibleName() == "Remove from favourites"
    with qtbot.waitSignal(panel.similar_requested) as asked:
        next(b for b in panel.findChildren(QPushButton) if b.accessibleName() == "Find similar").click()
    assert asked.args == [8]


def test_nothing_selected_says_what_to_do(panel: DetailsPanel) -> None:
    panel.show_photos([FULL], 1)
    panel.show_photos([], 0)
    assert panel._hint.isVisible()
    assert not panel._name.isVisible()
    assert panel.rows == {}
    panel.apply_theme(LIGHT)


def test_long_names_do_not_widen_the_panel(panel: DetailsPanel) -> None:
    files = (PhotoFile(1, "/photos/" + "x" * 300 + ".jpg", 0, online=True),)
    long = Photo(9, 1, "JPEG", 1, 1, 0, "2020-01-01T00:00:00", True, ImageMetadata(), False, 0, files)
    panel.show_photos([long], 1)
    assert panel.minimumSizeHint().width() <= 260
    assert panel._name.width() <= 260
