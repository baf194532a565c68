"""What is loaded and made before the window is first seen, in a fresh process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from safelight.services.bench.window import fill_library

pytestmark = pytest.mark.slow

_START = """
import json, sys, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from safelight.ui.window.gui_gc import GuiGarbageCollector
from safelight.ui.window.first_paint import FirstPaint
from safelight.ui.library.picture_loader import LazyDecoder
from safelight.ui.window.run import decode_pool


class NoEngine:
    def start(self): pass
    def send(self, request): return True
    def receive(self, timeout): time.sleep(timeout)
    def close(self): pass


def until(condition):
    while not condition():
        app.processEvents()


app = QApplication(["safelight"])
with GuiGarbageCollector():
    from safelight.ui.window.build import build_window

    window = build_window(app, Path(sys.argv[1]), NoEngine, LazyDecoder(decode_pool))
    paint = FirstPaint(window)
    window.show()
    until(lambda: paint.seen)
    painted = sorted(sys.modules)
    fresh = window.content.page is not window.grid
    window.start_staged_startup()
    until(lambda: window.started and (fresh or window.model.rowCount() > 0))
    started = sorted(sys.modules)
    commands = window.commands["duplicates"], window.commands["models"]
    for command in commands:
        command.trigger()
    print(json.dumps({"painted": painted, "started": started, "opened": sorted(sys.modules), "fresh": fresh}))
    window.shutdown()
"""

_HEAVY = ("numpy", "PIL", "torch", "apsw", "sqlite_vec", "multiprocessing")
_ROOMS = (
    *("safelight.engine", "safelight.services", "safelight.store.library", "safelight.core.query"),
    *(
        "safelight.ui.viewer",
        "safelight.ui.duplicates",
        "safelight.ui.models",
        "safelight.ui.commands.actions",
    ),
    *("safelight.ui.pages.problems", "safelight.ui.explanation.why_view", "safelight.ui.search.completion"),
)
_PAGES = (
    *("safelight.ui.duplicates.page", "safelight.ui.duplicates.compare", "safelight.ui.duplicates.batch"),
    *("safelight.ui.models.page", "safelight.ui.models.compare_models", "safelight.ui.pages.problems"),
    *("safelight.ui.search.completion_popup", "safelight.services.indexing.decoding"),
)


def started(library: Path) -> dict[str, list[str]]:
    """The modules loaded when the window has been painted, when it works, and when pages were opened."""
    done = subprocess.run(
        [sys.executable, "-c", _START, str(library)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def of(rooms: tuple[str, ...], loaded: list[str]) -> list[str]:
    """Those of ``loaded`` that are one of ``rooms`` or lie in it."""
    return [name for name in loaded if any(name == room or name.startswith(f"{room}.") for room in rooms)]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    library = tmp_path_factory.mktemp("filled") / "library"
    fill_library(library, 40)
    return started(library)


def test_nothing_heavy_is_loaded_before_the_first_paint(filled: dict[str, list[str]]) -> None:
    assert not filled["fresh"]
    assert of(_HEAVY, filled["painted"]) == []


def test_what_is_not_seen_yet_is_not_loaded_before_the_first_paint(filled: dict[str, list[str]]) -> None:
    assert of((*_ROOMS, *_PAGES, "safelight.ui.pages.welcome"), filled["painted"]) == []


def test_pages_are_loaded_when_they_are_opened(filled: dict[str, list[str]]) -> None:
    assert of(_PAGES, filled["started"]) == []
    assert {"safelight.ui.duplicates.page", "safelight.ui.models.page"} <= set(filled["opened"])
    assert "safelight.ui.duplicates.compare" not in filled["opened"]


def test_a_first_start_loads_no_more(tmp_path: Path) -> None:
    found = started(tmp_path / "none")
    assert found["fresh"]
    assert of((*_HEAVY, *_ROOMS, *_PAGES), found["painted"]) == []
