"""Cards follow the thumbnails of their photos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from pytestqt.qtbot import QtBot

from safelight.ui.appearance.theme import DARK
from safelight.ui.library.thumbnail_cache import ThumbnailCache
from safelight.ui.widgets.cards import CARD_INSET, CARD_ROLE, Card, CardDelegate, CardList
from support.waiting import PATIENCE

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Thumbnails:
    def __init__(self) -> None:
        self.colour = "#d02020"

    def fetch(self, ids: Sequence[int]) -> dict[int, bytes]:
        buffer = BytesIO()
        Image.new("RGB", (60, 40), self.colour).save(buffer, "JPEG", quality=95)
        return dict.fromkeys(ids, buffer.getvalue())


@pytest.fixture
def thumbnails() -> Thumbnails:
    return Thumbnails()


@pytest.fixture
def cache(thumbnails: Thumbnails, qapp: object) -> Iterator[ThumbnailCache]:
    made = ThumbnailCache(lambda: thumbnails.fetch)
    yield made
    assert made.stop(PATIENCE)


def test_a_card_is_painted_again_when_its_picture_changes(
    thumbnails: Thumbnails, cache: ThumbnailCache, qtbot: QtBot
) -> None:
    model = QStandardItemModel()
    item = QStandardItem()
    item.setData(Card("Trips", "3 photos", (7,)), int(CARD_ROLE))
    model.appendRow(item)
    cards = CardList("Albums")
    qtbot.addWidget(cards)
    cards.setModel(model)
    cards.set_delegate(CardDelegate(cache, DARK, cards))
    cards.resize(400, 300)
    cards.show()

    def colour() -> QColor:
        corner = cards.visualRect(model.index(0, 0)).topLeft()
        return cards.viewport().grab().toImage().pixelColor(corner + QPoint(CARD_INSET + 40, CARD_INSET + 40))

    qtbot.waitUntil(lambda: colour().red() > 190)
    thumbnails.colour = "#2030d0"
    cache.invalidate([7])
    qtbot.waitUntil(lambda: colour().blue() > 190)
