"""Commands that write a file write a new one, or replace one that they recognise, and nothing else."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from cli.conftest import Run
from safelight.store.library import LibraryStore

pytestmark = pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")


@pytest.fixture
def library(indexed_pictures: Path, tmp_path: Path) -> Path:
    return tmp_path / "library"


def state(path: Path) -> tuple[int, bytes]:
    """What must not change: the kind of file, and a regular one's content."""
    mode = stat.S_IFMT(path.lstat().st_mode)
    content = hashlib.sha256(path.read_bytes()).digest() if stat.S_ISREG(mode) else b""
    return mode, content


def another_library(place: Path) -> Path:
    LibraryStore.create_or_open(place).close()
    return place / "library.db"


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "fifo",
            "socket",
            "device",
            "link to own",
            "link to other",
            "dangling link",
            "own",
            "own by a link",
        ),
        *("other", "other in use", "other elsewhere", "text", "sqlite", "inside own backups", "folder"),
    ],
)
def test_a_backup_goes_to_a_new_name_only(
    run: Run, library: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "target.db"
    held: list[LibraryStore] = []
    watched = [library / "library.db"]
    match kind:
        case "fifo":
            os.mkfifo(target)
        case "socket":
            import socket

            monkeypatch.chdir(tmp_path)
            with socket.socket(socket.AF_UNIX) as made:
                made.bind("target.db")
        case "device":
            target = Path("/dev/full")
        case "link to own":
            target.symlink_to(library / "library.db")
        case "link to other":
            watched.append(another_library(tmp_path / "other"))
            target.symlink_to(watched[-1])
        case "dangling link":
            target.symlink_to(tmp_path / "nowhere")
        case "own":
            target = library / "library.db"
        case "own by a link":
            (tmp_path / "way").symlink_to(library)
            target = tmp_path / "way" / "library.db"
        case "other":
            target = another_library(tmp_path / "other")
        case "other in use":
            target = tmp_path / "other" / "library.db"
            held.append(LibraryStore.create_or_open(tmp_path / "other"))
        case "other elsewhere":
            another_library(tmp_path / "other").rename(target)
        case "text":
            target.write_text("dear diary")
        case "sqlite":
            import sqlite3

            with sqlite3.connect(target) as db:
                db.execute("CREATE TABLE t (a)")
            db.close()
        case "inside own backups":
            target = library / "backups" / "mine.db"
        case "folder":
            target.mkdir()
    if target.exists() or target.is_symlink():
        watched.append(target)
    before = [state(path) for path in watched]
    try:
        done = run("backup", str(target), "--yes")
    finally:
        for store in held:
            store.close()
    assert done.status == 1, done.out
    assert str(target.name) in done.error or "own files" in done.error
    if not held:
        assert [state(path) for path in watched] == before
    assert run("doctor").status == 0


def test_a_strangers_part_file_is_left_alone(run: Run, library: Path, tmp_path: Path) -> None:
    stranger = tmp_path / "copy.db.part"
    stranger.write_text("theirs")
    assert run("backup", str(tmp_path / "copy.db")).status == 0
    assert stranger.read_text() == "theirs"
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db", "copy.db.part"]


def test_an_older_backup_is_replaced_after_confirmation_only(run: Run, library: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    assert run("backup", str(target)).status == 0
    before = state(target)
    refused = run("backup", str(target))
    assert refused.status == 1
    assert "--yes" in refused.error
    assert state(target) == before
    assert run("backup", str(target), "--yes").status == 0
    assert state(target) != before


@pytest.mark.parametrize("kind", ["fifo", "device link", "text", "link to library", "export"])
def test_an_export_replaces_an_export_only(run: Run, library: Path, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "safelight-export.json"
    match kind:
        case "fifo":
            os.mkfifo(target)
        case "device link":
            target.symlink_to("/dev/full")
        case "text":
            target.write_text("{}")
        case "link to library":
            target.symlink_to(library / "library.db")
        case "export":
            assert run("export", str(folder)).status == 0
    before = state(target) if kind != "device link" else None
    done = run("export", str(folder))
    assert done.status == (0 if kind == "export" else 1)
    if kind != "export":
        assert "safelight-export.json" in done.error
        assert before is None or state(target) == before
    assert [path.name for path in folder.iterdir()] == ["safelight-export.json"]
    assert run("doctor").status == 0
