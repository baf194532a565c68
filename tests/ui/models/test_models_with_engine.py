"""A model fetched, chosen and left again: real window, real engine; only the hub is a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from safelight.embedding import catalogue
from safelight.embedding.config import CONFIG_NAME, WEIGHTS_NAME
from safelight.engine.client import EngineClient
from safelight.engine.server import EngineOptions
from safelight.services.indexing.decoding import DecodePool
from safelight.ui.window.build import build_window
from safelight.ui.window.main_window import MainWindow
from support.pictures import scene
from support.stand_in_hub import StandInHub, stand_in_hub

pytestmark = [pytest.mark.slow, pytest.mark.qt_log_ignore("propagateSizeHints"), pytest.mark.model]

REPO = "someone/starter-again"
PHOTOS = 12


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[StandInHub]:
    source = catalogue.default(tmp_path).source
    files = {name: (source / name).read_bytes() for name in (CONFIG_NAME, WEIGHTS_NAME)}
    with stand_in_hub(REPO, files) as standing:
        monkeypatch.setenv("HF_ENDPOINT", standing.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield standing


def test_a_model_is_fetched_chosen_and_left_again(
    tmp_path: Path, qapp: QApplication, qtbot: QtBot, hub: StandInHub
) -> None:
    pictures = tmp_path / "Pictures"
    pictures.mkdir()
    for number in range(PHOTOS):
        scene(seed=number).save(pictures / f"{number}.jpg")
    options = EngineOptions(tmp_path / "library", tmp_path / "models")
    window: MainWindow = build_window(qapp, options.library, lambda: EngineClient(options), DecodePool())
    qtbot.addWidget(window)
    window.show()
    window.start()
    page, commands = window.controllers.models.page, window.controllers.models.commands

    def until(condition: Callable[[], bool]) -> None:
        qtbot.waitUntil(condition, timeout=120_000)

    def read(name: str) -> bool:
        """Whether a model is in use and has read every photo."""
        return page.has(name) and page.card(name).said == f"In use · has read 100 % of {PHOTOS} photos"

    try:
        window.open_paths([str(pictures)])
        until(lambda: read("starter"))
        commands.download_named(f"hf-hub:{REPO}")
        until(lambda: page.has("starter-again") and page.card("starter-again").said == "Installed")
        page.card("starter-again").use.click()
        until(lambda: read("starter-again"))
        assert page.card("starter").said == f"Installed · has read 100 % of {PHOTOS} photos"
        page.card("starter").use.click()
        until(lambda: read("starter"))
    finally:
        assert window.shutdown()
