"""Folders and files of the owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from safelight.core.private_files import make_folder


def test_missing_parents_are_created(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) & 0o077 for name in ("a", "a/b")] == [0, 0]


@pytest.mark.timeout(60)
def test_the_search_for_a_parent_ends_at_the_top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, the top of a drive that is not connected is not there, and the search never ended."""
    monkeypatch.setattr(Path, "exists", lambda _: False)
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
