"""A window without a screen: every test here runs Qt's offscreen platform, in the dark theme."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
    """Stands for a test module that cannot even be imported here."""

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
    from safelight.ui import theme  # needs Qt, which may be missing

    theme.apply(qapp, theme.DARK)
    return qapp
