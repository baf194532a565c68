"""Giving a complete file its name."""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from safelight.core.output_file import put_in_place


@pytest.fixture(params=["exclusive rename", "hard links only", "neither"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the system and the file system can do."""

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    if request.param != "exclusive rename":
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: SimpleNamespace())
    if request.param == "neither":
        monkeypatch.setattr(os, "link", no_links)
    return str(request.param)


@pytest.mark.usefixtures("system")
def test_a_complete_file_gets_its_name_and_keeps_no_other(tmp_path: Path) -> None:
    part, target = tmp_path / "part", tmp_path / "new"
    part.write_bytes(b"whole")
    put_in_place(part, target, replace=False)
    assert [each.name for each in tmp_path.iterdir()] == ["new"]
    assert target.read_bytes() == b"whole"
    assert target.stat().st_nlink == 1


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize("kind", ["file", "link to nothing"])
def test_a_name_that_was_taken_meanwhile_is_left_alone(tmp_path: Path, kind: str) -> None:
    part, target = tmp_path / "part", tmp_path / "taken"
    part.write_bytes(b"ours")
    if kind == "file":
        target.write_bytes(b"theirs")
    else:
        target.symlink_to(tmp_path / "absent")
    with pytest.raises(FileExistsError):
        put_in_place(part, target, replace=False)
    assert part.read_bytes() == b"ours"
    assert target.is_symlink() or target.read_bytes() == b"theirs"


def test_replacing_is_asked_for(tmp_path: Path) -> None:
    part, target = tmp_path / "part", tmp_path / "old"
    part.write_bytes(b"new")
    target.write_bytes(b"old")
    put_in_place(part, target, replace=True)
    assert target.read_bytes() == b"new"
    assert not part.exists()
