"""Pictures of a comparison are loaded in the requested sizes and released."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from safelight.ui.library.picture_loader import PictureLoader
from safelight.ui.widgets.compared_pictures import ComparedPictures, PictureRequest
from support.threaded_decoder import ThreadedDecoder
from support.videos import write_clip


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    made = [tmp_path / f"{number}.png" for number in (1, 2)]
    for number, path in enumerate(made):
        Image.new("RGB", (400, 300), (number * 60, 80, 90)).save(path)
    return [str(path) for path in made]


@pytest.fixture
def decoder() -> ThreadedDecoder:
    return ThreadedDecoder()


@pytest.fixture
def compared(decoder: ThreadedDecoder, qtbot: QtBot) -> Iterator[ComparedPictures]:
    loader = PictureLoader(decoder)
    yield ComparedPictures(loader, "test")
    loader.close()


def test_pictures_come_in_the_size_asked_for_and_are_released(
    compared: ComparedPictures, decoder: ThreadedDecoder, paths: list[str], qtbot: QtBot
) -> None:
    first, second = PictureRequest(1, paths[0], 200), PictureRequest(2, paths[1], 200)
    compared.request([first, second])
    qtbot.waitUntil(lambda: all(compared.best(key) is not None for key in (1, 2)))
    best = compared.best(1)
    assert best is not None
    assert best.width() == 200
    compared.request([first, second._replace(side=400)])
    qtbot.waitUntil(lambda: len(decoder.asked) == 3)
    assert decoder.asked[2] == (paths[1], 400)
    compared.request([first])
    assert compared.best(2) is None
    assert len(decoder.asked) == 3
    compared.request([])
    assert compared.best(1) is None


def test_another_frame_of_a_video_takes_the_place_of_the_one_before(
    compared: ComparedPictures, tmp_path: Path, qtbot: QtBot
) -> None:
    clip = tmp_path / "clip.mp4"
    shots = [Image.new("RGB", (160, 120), colour) for colour in ("#c02020", "#c02020", "#2020c0", "#2020c0")]
    write_clip(clip, shots, seconds=1.0, size=(160, 120), flickering=False)

    def middle() -> tuple[bool, bool]:
        """Whether red and blue are strong in the middle of the picture."""
        image = compared.best(1)
        if image is None:
            return False, False
        colour = image.pixelColor(image.rect().center())
        return colour.red() > 100, colour.blue() > 100

    wanted = PictureRequest(1, str(clip), 160, 0.0)
    compared.request([wanted])
    qtbot.waitUntil(lambda: middle() == (True, False))
    compared.request([wanted._replace(seconds=3.0)])
    assert compared.best(1) is None
    qtbot.waitUntil(lambda: middle() == (False, True))


def test_a_picture_that_fails_is_not_asked_for_again(
    compared: ComparedPictures, decoder: ThreadedDecoder, paths: list[str], qtbot: QtBot
) -> None:
    Path(paths[0]).write_bytes(b"no picture")
    compared.request([PictureRequest(1, paths[0], 200)])
    qtbot.waitUntil(lambda: compared.failure(1) != "")
    compared.request([PictureRequest(1, paths[0], 400)])
    assert len(decoder.asked) == 1
