"""Every file and folder that a session creates belongs to its owner alone, whatever the umask is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import Run

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")]


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """A user whose files are readable and writable for everybody by default."""
    before = os.umask(0)
    yield
    os.umask(before)


def readable_for_others(place: Path) -> list[str]:
    return [
        f"{path.relative_to(place)} {stat.filemode(path.lstat().st_mode)}"
        for path in (place, *place.rglob("*"))
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    ]


@pytest.mark.usefixtures("open_to_all")
def test_all_commands_together(
    run: Run, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the arithmetic model, in this process: the modes do not come from the umask of the program."""
    data = tmp_path / "data"
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    library = tmp_path / "library"
    for words in (
        ("index", str(pictures)),
        ("index",),
        ("backup", str(out / "copy.db")),
        ("export", str(out / "export" / "deep")),
        ("import", str(out / "export" / "deep")),
        ("settings", "idle-minutes=5"),
        ("protect", str(pictures / "sub" / "0.jpg")),
        ("duplicates",),
        ("restore", str(out / "copy.db"), "--yes"),
        ("doctor", "--mend"),
        ("search", "red"),
    ):
        done = run(*words)
        assert done.status == 0, (words, done.err)
    (library / "library.db").write_bytes(b"\xa5" * 100_000)
    assert run("doctor", "--mend").status == 0
    assert len(list(library.rglob("*"))) > 5
    assert readable_for_others(library) == []
    assert readable_for_others(out) == []


@pytest.mark.usefixtures("open_to_all")
def test_an_existing_library_is_tightened(run: Run, pictures: Path, tmp_path: Path) -> None:
    """A library folder that existed before stayed 0755, and its window.ini 0644."""
    library = tmp_path / "library"
    library.mkdir(mode=0o755)
    assert run("index", str(pictures)).status == 0
    assert readable_for_others(library) == []
    assert run("index").status == 0  # the daily backup
    for path in (library, *library.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (library / "window.ini").write_text("[General]\n")
    (library / "window.ini").chmod(0o666)
    assert run("index").status == 0
    assert readable_for_others(library) == []


@pytest.mark.usefixtures("open_to_all")
def test_a_folder_that_holds_other_things_keeps_its_mode(run: Run, pictures: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir(mode=0o755)
    (library / "letter.txt").write_text("mine")
    assert run("index", str(pictures)).status == 0
    assert stat.S_IMODE(library.stat().st_mode) == 0o755
    assert stat.S_IMODE((library / "letter.txt").stat().st_mode) == 0o666
    assert stat.S_IMODE((library / "library.db").stat().st_mode) == 0o600


@pytest.mark.usefixtures("open_to_all")
def test_the_program_itself_sets_the_umask(tmp_path: Path) -> None:
    """For files that libraries create: Qt's settings, downloads."""
    code = (
        "import sys, pathlib\n"
        "from safelight import __main__, app\n"
        "app.run = lambda argv: pathlib.Path(argv[0]).touch() or 0\n"
        f"sys.argv = ['safelight', {str(tmp_path / 'made')!r}]\n"
        "__main__.main()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600
