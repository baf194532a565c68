"""Paths that cannot be: too long, behind a folder that may not be entered, below the home of nobody."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import safelight
from cli.conftest import Run
from safelight.core import user_paths
from support.decoding_here import DecodingHere
from support.unprivileged import as_nobody, nobodys_place

COMMANDS = (
    *("similar @", "search --like @ x", "tag add t @", "tag remove t @", "rate 4 @", "rate @"),
    *("album create A @", "album add A @", "stack create @ @", "suggest @", "concept teach bruno @"),
    *("copy @ --to out", "copy PHOTO --to @", "backup @", "restore @", "restore @ --yes", "export @"),
    *("import @", "migrate @", "migrate @ --dry-run", "protect @", "unprotect @", "duplicates @"),
    *("folders exclude @", "folders include @", "models import @", "index @"),
    *("--library @ status", "--library @ doctor", "--library @ doctor --mend", "--library @ search x"),
)

NEED_NOT_BE_THERE = ("unprotect", "duplicates", "export", "suggest", "folders", "backup", "copy PHOTO")
"""Some of these write to a folder "~nobody-at-all" then, as shells do."""

PATHS = {
    "a long name": "/" + "n" * 300,
    "a long path": "/" + "/".join("n" * 2500),
    "nobody's home": "~nobody-at-all/x.jpg",
    "a circle of links": "CIRCLE/x.jpg",
    "a child of a file": "PHOTO/x.jpg",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_path_that_cannot_be_is_answered_with_a_line(
    run: Run, indexed_pictures: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most of these commands ended with a traceback: pathlib raises for all but a missing file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "circle").symlink_to("circle")
    photo = str(indexed_pictures / "sub" / "0.jpg")
    for text in PATHS.values():
        path = text.replace("CIRCLE", str(tmp_path / "circle")).replace("PHOTO", photo)
        words = [word.replace("@", path).replace("PHOTO", photo) for word in command.split()]
        done = run(*words)
        assert done.status in (1, 2) or command.startswith(NEED_NOT_BE_THERE)
        assert "Traceback" not in done.err


def test_a_name_that_begins_like_a_home_is_a_name(
    run: Run, indexed_pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ "~photo.jpg" was taken for the home of a user "photo.jpg"."""
    monkeypatch.chdir(indexed_pictures)
    monkeypatch.setattr("safelight.services.library.DecodePool", DecodingHere)
    (indexed_pictures / "sub" / "0.jpg").rename("~photo.jpg")
    assert run("index").status == 0
    done = run("tag", "add", "dog", "~photo.jpg")
    assert (done.status, "1 photo" in done.out) == (0, True)


@pytest.mark.skipif(os.name != "posix", reason="permissions of folders")
def test_a_path_behind_a_closed_folder_is_not_there() -> None:
    with nobodys_place() as place:
        with as_nobody():
            closed = place / "closed"
            closed.mkdir()
            (closed / "x.jpg").write_bytes(b"x")
            closed.chmod(0)
            answers = [
                ask(closed / "x.jpg") for ask in (user_paths.exists, user_paths.is_file, user_paths.is_folder)
            ]
            closed.chmod(0o700)
        assert answers == [False, False, False]
        assert user_paths.exists(closed / "x.jpg")


def sources() -> Iterator[tuple[str, str]]:
    root = Path(safelight.__file__).parent
    for path in root.rglob("*.py"):
        yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def test_paths_of_users_are_looked_at_by_functions_that_do_not_raise() -> None:
    for name, text in sources():
        assert not re.search(r"\.expanduser\(\)", text), name
        if name.startswith(("cli/", "api/", "services/migration/")):
            assert not re.search(r"\.(exists|is_file|is_dir)\(\)", text), name


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_a_library_in_a_folder_whose_name_is_not_unicode(
    run: Run, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The daily backup raised UnicodeEncodeError, so that every second index run ended with a traceback."""
    monkeypatch.setattr("safelight.services.library.DecodePool", DecodingHere)
    library = str(tmp_path / os.fsdecode(b"caf\xe9"))
    assert run("--library", library, "index", str(pictures)).status == 0
    assert run("--library", library, "tag", "add", "dog", str(pictures / "sub" / "0.jpg")).status == 0
    done = run("--library", library, "index")
    assert (done.status, "backup" in done.err) == (0, False)
    assert len(list(Path(library, "backups").iterdir())) == 1
    copy = str(tmp_path / os.fsdecode(b"copi\xe9.db"))
    assert run("--library", library, "backup", copy).status == 0
    assert run("--library", library, "restore", copy, "--yes").status == 0
    database = Path(library, "library.db")
    data = bytearray(database.read_bytes())
    data[100:4096] = bytes(3996)
    database.write_bytes(data)
    run("--library", library, "doctor", "--mend")
    assert run("--library", library, "status").status == 0
    assert "dog" in run("--library", library, "tag", "list").out
