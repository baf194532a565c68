"""What other programs are handed when photos are dragged out."""

from __future__ import annotations

import os
from urllib.parse import unquote_to_bytes

import pytest
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QApplication

from safelight.ui.appearance.theme import DARK
from safelight.ui.grid.drag import drag_pixmap, hot_spot, mime_data

NAMES = [
    b"plain.jpg",
    b"with space.jpg",
    b"100% sure.jpg",
    b"50%25.jpg",
    b"hash #1.jpg",
    b"what?.jpg",
    b"semi;colon&amp.jpg",
    "Zürich – 東京.jpg".encode(),
    b"not utf-8 \xe9\xff.jpg",
]


@pytest.mark.skipif(os.name == "nt", reason="such names cannot exist there")
@pytest.mark.parametrize("name", NAMES)
def test_every_byte_of_a_name_survives(qapp: QApplication, name: bytes) -> None:
    path = b"/photos/2019/" + name
    data = mime_data([os.fsdecode(path)])
    assert data.hasUrls()
    sent = bytes(data.data("text/uri-list").data()).strip()
    assert sent.startswith(b"file:///")
    assert b"#" not in sent
    assert b" " not in sent
    assert unquote_to_bytes(sent.removeprefix(b"file://")) == path


def test_all_files_in_order(qapp: QApplication) -> None:
    data = mime_data(["/a/1.jpg", "/a/2.jpg"])
    assert [url.toLocalFile() for url in data.urls()] == ["/a/1.jpg", "/a/2.jpg"]


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_pile_shows_the_pictures_and_their_number(qapp: QApplication, ratio: float) -> None:
    picture = QPixmap(60, 40)
    picture.fill(QColor("#2060a0"))
    alone = drag_pixmap([picture], 1, DARK, ratio)
    assert alone.devicePixelRatio() == ratio
    centre = alone.toImage().pixelColor(alone.width() // 2 - 8, alone.height() // 2 - 8)
    assert abs(centre.blue() - 0xA0) < 16  # a little of the window shows through
    red = QColor(DARK.primary)
    for pictures, count, counted in (([picture], 1, False), ([picture] * 3, 1234, True), ([], 2, True)):
        image = drag_pixmap(pictures, count, DARK, ratio).toImage()
        corner = image.pixelColor(image.width() - round(4 * ratio), image.height() - round(10 * ratio))
        assert (corner == red) is counted


def test_the_picture_does_not_cover_what_is_under_the_pointer(qapp: QApplication) -> None:
    picture = drag_pixmap([], 1, DARK, 1.0)
    covered = QRect(-hot_spot(), QSize(picture.width(), picture.height()))
    assert not covered.adjusted(-8, -8, 8, 8).contains(QPoint(0, 0))
