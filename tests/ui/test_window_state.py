"""The window's own file holds recent searches, so only its owner may read it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from safelight.ui.window_state import FILE_NAME, WindowState


@pytest.fixture
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
@pytest.mark.usefixtures("open_to_all", "qapp")
def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    state = WindowState(tmp_path)
    state.keep("searches", "beach")
    QApplication.processEvents()  # QSettings writes when the event loop is idle
    assert mode(tmp_path / FILE_NAME) == 0o600
    state.keep("searches", "forest")
    state.save()
    assert mode(tmp_path / FILE_NAME) == 0o600
    assert WindowState(tmp_path).text("searches") == "forest"
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
@pytest.mark.usefixtures("qapp")
def test_the_file_of_an_older_version_is_tightened(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[General]\nsearches=beach\n")
    (tmp_path / FILE_NAME).chmod(0o644)
    assert WindowState(tmp_path).text("searches") == "beach"
    assert mode(tmp_path / FILE_NAME) == 0o600


@pytest.mark.usefixtures("qapp")
def test_without_a_library_nothing_is_created(tmp_path: Path) -> None:
    state = WindowState(tmp_path / "none")
    assert state.integer("size", 7) == 7
    assert not (tmp_path / "none").exists()


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("text", ["99999999999", "-99999999999", "9" * 5000, "²", "1e3", "", "@Invalid()"])
def test_a_number_that_qt_cannot_hold_is_none(tmp_path: Path, text: str) -> None:
    """The window did not open with a size of thumbnails of eleven digits."""
    (tmp_path / FILE_NAME).write_text(f"[General]\nthumbnail_size={text}\n", encoding="utf-8")
    assert WindowState(tmp_path).integer("thumbnail_size", 160) == 160
