"""``safelight sidecars``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.conftest import Run
from safelight.core.description import Description, description_of
from safelight.core.photo import ImageMetadata
from safelight.imaging.metadata import with_sidecars
from safelight.store import sidecars
from safelight.store.library import LibraryStore
from support.pictures import encoded, scene


def stated(path: Path) -> Description:
    return description_of(with_sidecars(ImageMetadata(), [path.read_bytes()]))


@pytest.mark.slow
def test_what_waits_is_shown_and_written(run: Run, pictures: Path) -> None:
    assert run("index", str(pictures)).status == 0
    picture = pictures / "sub" / "1.jpg"
    assert run("rate", "3", str(picture)).status == 0
    assert run("tag", "add", "animals/dog", str(picture)).status == 0
    assert run("sidecars", "--json").json == {"mode": "read", "known": 0, "waiting": 1}
    refused = run("sidecars", "write")
    assert refused.status == 2
    assert "safelight settings sidecars=read-write" in refused.err
    assert run("settings", "sidecars=read-write").status == 0
    report = run("sidecars", "write", "--json").json
    assert (report["photos"], report["written"], report["waiting"], report["failed"]) == (1, 1, 0, [])
    assert stated(picture.with_name("1.jpg.xmp")) == Description(3, tags=("animals/dog",))
    assert run("sidecars", "--json").json == {"mode": "read-write", "known": 1, "waiting": 0}
    assert "1 sidecar known" in run("sidecars").out
    picture.with_name("1.jpg.xmp").unlink()
    assert run("sidecars", "write", "--all", "--json").json["written"] == 0  # as the library remembers it
    assert run("sidecars", "status", "--all").status == 2


@pytest.mark.slow
def test_killed_at_any_instant(run: Run, tmp_path: Path, nightly: bool) -> None:
    count, turns = 120, 6 if nightly else 3
    root = tmp_path / "Pictures"
    root.mkdir()
    for number in range(count):
        (root / f"{number}.jpg").write_bytes(encoded(scene(32, 24, seed=number), "JPEG"))
    assert run("index", str(root)).status == 0
    assert run("settings", "sidecars=read-write").status == 0
    library = tmp_path / "library"
    environment = {**os.environ, "SAFELIGHT_LIBRARY": str(library)}
    for turn in range(turns):
        assert run("tag", "add", f"turn/{turn}", str(root)).status == 0
        assert run("rate", str(turn % 5 + 1), str(root)).status == 0
        with subprocess.Popen(
            [sys.executable, "-m", "safelight", "sidecars", "write"],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            enough = turn * count // (turns + 2)
            deadline = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < deadline:
                if sum(f"turn/{turn}" in each.read_text() for each in root.glob("*.xmp")) > enough:
                    process.send_signal(signal.SIGKILL)
                    break
        assert all(stated(each).rating for each in root.glob("*.xmp"))  # none is half written
    assert run("index", str(root)).status == 0
    assert run("sidecars", "write").status == 0
    with LibraryStore.open_read_only(library) as store, store.read() as db:
        assert sidecars.count(db) == 0
    expected = Description(turns % 5, tags=tuple(f"turn/{turn}" for turn in range(turns)))
    for number in range(count):
        assert stated(root / f"{number}.jpg.xmp").is_same(expected), number
    assert not list(root.glob(".*"))
