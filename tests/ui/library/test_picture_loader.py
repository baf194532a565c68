"""Pictures for the window are decoded in other processes."""

from __future__ import annotations

from multiprocessing import active_children
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.services.indexing.decoding import DecodePool
from safelight.ui.library.picture_loader import LazyDecoder, PictureLoader
from support.pictures import encoded, scene


@pytest.mark.slow
def test_a_process_is_started_once_a_picture_is_expected(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(scene(), "JPEG"))
    made: list[DecodePool] = []

    def make() -> DecodePool:
        made.append(DecodePool(1))
        return made[-1]

    loader = PictureLoader(LazyDecoder(make))
    pictures: list[QImage] = []
    loader.picture_loaded.connect(lambda _, image: pictures.append(image))
    before = set(active_children())
    try:
        loader.prepare_for([])
        assert not made, "nothing is selected"
        loader.prepare_for([1])
        loader.prepare_for([1, 2])
        qtbot.waitUntil(lambda: bool(set(active_children()) - before))
        started = set(active_children()) - before
        loader.load("key", str(path), 100)
        qtbot.waitUntil(lambda: bool(pictures))
        assert len(made) == 1
        assert set(active_children()) - before == started, "the process that was ready decoded it"
        assert max(pictures[0].width(), pictures[0].height()) == 100
    finally:
        loader.close()
    loader.prepare_for([3])  # too late, and ignored
