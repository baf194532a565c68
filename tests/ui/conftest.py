"""A window without a screen: every test here runs Qt's offscreen platform, in the dark theme."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.waiting import PATIENCE

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from support.filled_library import FilledLibrary
    from support.scripted_client import ScriptedClient
    from support.window_driver import WindowDriver

# Before anything loads Qt: the platform is chosen when the library is.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

try:
    from PySide6 import QtSvg, QtTest, QtWidgets  # noqa: F401 - what the tests and the window load
except ImportError as error:  # e.g. libEGL is missing on a bare server
    if os.environ.get("SAFELIGHT_REQUIRE_QT") == "1":
        raise
    _missing: str | None = f"Qt cannot be loaded here: {error}"
else:
    _missing = None


class _SkippedModule(pytest.Module):
    """Represents a test module that cannot even be imported here."""

    def collect(self) -> list[pytest.Item]:
        raise pytest.skip.Exception(_missing or "")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if _missing is None:
        return None  # pytest makes the ordinary one
    module: pytest.Module = _SkippedModule.from_parent(parent, path=module_path)
    return module


@pytest.fixture(scope="session")
def qapp(qapp: QtWidgets.QApplication) -> QtWidgets.QApplication:
    """pytest-qt's application, dressed like the real one."""
    from safelight.ui.appearance import theme  # needs Qt, which may be missing

    theme.apply(qapp, theme.DARK)
    return qapp


_PATIENCE = 30_000
"""Milliseconds that tests wait by default. pytest-qt's five seconds are too few on a busy machine."""


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """pytest-qt's, with more patience."""
    for name in ("waitUntil", "waitSignal", "waitSignals"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=_PATIENCE))
    return qtbot


@pytest.fixture(autouse=True)
def _messages_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message must not be gone before a test has read it or pressed its button, however slow the machine
    is."""
    if _missing is None:
        from safelight.ui.widgets import toast

        monkeypatch.setattr(toast, "_DISPLAY_SECONDS", 3600)


@pytest.fixture(autouse=True)
def _closing_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests assert that everything ends when a window closes; on a busy machine that can take long."""
    if _missing is None:
        from safelight.ui.library import window_services

        monkeypatch.setattr(window_services, "_STOP_TIMEOUT", PATIENCE)


# Tests that need another engine or library define fixtures of the same names.


@pytest.fixture
def client() -> ScriptedClient:
    """An engine that sends what the test says."""
    from support.scripted_client import ScriptedClient

    return ScriptedClient()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[FilledLibrary]:
    """An empty library, which is closed after the test."""
    from support.filled_library import FilledLibrary

    made = FilledLibrary(tmp_path)
    yield made
    made.close()


@pytest.fixture
def driver(tmp_path: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[WindowDriver]:
    """A window over six photos, whose engine applies operations."""
    from support.window_driver import WindowDriver

    made = WindowDriver(tmp_path, qapp, qtbot)
    yield made
    assert made.window.shutdown()
    made.library.close()
