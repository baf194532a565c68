"""Every icon draws something, in its colour, at every pixel ratio."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QApplication

from safelight.paths import resources_dir
from safelight.ui.appearance.icons import app_icon, icon, pixmap

NAMES = sorted(
    path.stem
    for path in (resources_dir() / "icons").glob("*.svg")
    if not path.stem.startswith("control-") and path.stem != "safelight"
)


def inked(image: QImage) -> list[QColor]:
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return [colour for colour in colours if colour.alpha() > 200]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_icon_is_drawn_in_its_colour(qapp: QApplication, name: str, ratio: float) -> None:
    drawn = pixmap(name, "#12ab34", 20, ratio)
    assert drawn.deviceIndependentSize().toSize() == QSize(20, 20)
    ink = inked(drawn.toImage())
    assert len(ink) >= 8 * ratio
    assert all(abs(colour.green() - 0xAB) <= 3 and abs(colour.red() - 0x12) <= 3 for colour in ink)


def test_icon_has_drawings_of_its_own_for_each_ratio_and_a_fainter_disabled_one(qapp: QApplication) -> None:
    heart = icon("heart", "#ffffff")
    assert heart.pixmap(QSize(20, 20), 1.0).size() == QSize(20, 20)
    assert heart.pixmap(QSize(20, 20), 2.0).size() == QSize(40, 40)
    enabled = heart.pixmap(QSize(20, 20), 2.0, QIcon.Mode.Normal).toImage()
    disabled = heart.pixmap(QSize(20, 20), 2.0, QIcon.Mode.Disabled).toImage()
    assert inked(enabled)
    assert not inked(disabled)


def test_unknown_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon", "#ffffff")


def test_app_icon_is_sharp_from_16_to_256(qapp: QApplication) -> None:
    mark = app_icon()
    for size in (16, 32, 128, 256):
        image = mark.pixmap(QSize(size, size), 1.0).toImage()
        assert image.size() == QSize(size, size)
        reds = [colour for colour in inked(image) if colour.red() > 150 > 110 > colour.blue()]
        assert len(reds) > size * size * 0.1
