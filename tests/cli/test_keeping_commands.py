"""Backups, restoring and exports as the command line offers them."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from cli.conftest import Run
from safelight.services import backup
from safelight.services.backup import DailyBackup
from safelight.store import marks, photos, stored_thumbnails
from safelight.store.library import LibraryStore
from safelight.store.recovery import backups
from support.pictures import encoded, scene


@pytest.fixture
def library(indexed_pictures: Path, tmp_path: Path) -> Path:
    directory = tmp_path / "library"
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        marks.set_favourite(db, photos.ids(db)[:1], True)
    return directory


def test_a_backup_goes_out_and_comes_back(
    run: Run, library: Path, indexed_pictures: Path, tmp_path: Path
) -> None:
    target = tmp_path / "safe" / "photos.db"
    assert "cannot be written" in run("backup", str(target)).error
    target.parent.mkdir()
    report = run("backup", str(target), "--json").json
    assert (report["photos"], report["file"]) == (4, str(target))
    assert report["bytes"] == target.stat().st_size
    assert "older backup" in run("backup", str(target)).error
    assert run("backup", str(target), "--yes").status == 0

    with LibraryStore.create_or_open(library) as store, store.write() as db:
        marks.set_favourite(db, photos.ids(db), True)
    refused = run("restore", str(target))
    assert refused.status == 1
    assert "would lose 3 marks of photos" in refused.err
    assert "--yes" in refused.err
    with LibraryStore.open_read_only(library) as store, store.read() as db:
        assert photos.counts(db).favourites == 4
    done = run("restore", str(target), "--yes", "--json").json
    assert done["lost"]["marks"] == 3
    assert (Path(done["replaced"]) / "library.db").exists()
    assert run("status", "--json").json["favourites"] == 1
    assert run("search", "red", "--json").status == 0


def test_another_kind_of_file_is_never_overwritten(run: Run, library: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("dear diary")
    assert "is not a backup" in run("backup", str(letter)).error
    assert letter.read_text() == "dear diary"
    assert "own files" in run("backup", str(library / "library.db")).error
    assert "is a folder" in run("backup", str(tmp_path)).error


def test_a_restore_without_a_name_takes_the_newest_daily_backup(run: Run, library: Path) -> None:
    (library / "library.db").write_bytes(b"\xa5" * 100_000)
    broken = run("index")
    assert broken.status == 1
    assert "No backup was found" in broken.error
    assert "no sound backup" in run("restore").error


def test_the_first_index_of_a_day_makes_a_backup(run: Run, library: Path) -> None:
    assert not backups.daily(library)  # there was nothing yet to back up
    assert run("index").status == 0
    (made,) = backups.daily(library)
    assert run("index").status == 0
    assert backups.daily(library) == [made]

    (library / "library.db").write_bytes(b"\xa5" * 100_000)
    assert "safelight restore" in run("index").error
    assert "safelight restore" in run("search", "red").error
    restored = run("restore")
    assert restored.status == 0
    assert "itself cannot be read" in restored.err
    assert run("status", "--json").json["favourites"] == 1


@pytest.mark.slow
def test_export_and_import(run: Run, library: Path, indexed_pictures: Path, tmp_path: Path) -> None:
    report = run("export", str(tmp_path / "made"), "--json").json
    document = json.loads(Path(report["file"]).read_text())
    (photo,) = document["photos"]
    assert photo["favourite"]
    assert Path(photo["paths"][0]).parent.parent == indexed_pictures
    shutil.rmtree(library)
    assert run("index", str(indexed_pictures)).status == 0
    assert run("status", "--json").json["favourites"] == 0
    assert run("import", report["file"], "--json").json["photos"] == 1
    assert run("status", "--json").json["favourites"] == 1
    other = tmp_path / "other.json"
    for version in (1, 99, "2", None):
        other.write_text(json.dumps({"format": "something", "version": version}))
        assert (
            f"{other} was not imported. It is not an export of Safelight." in run("import", str(other)).error
        )


def test_an_export_of_a_newer_version_is_refused(run: Run, library: Path, tmp_path: Path) -> None:
    document = json.loads(Path(run("export", str(tmp_path / "made"), "--json").json["file"]).read_text())
    newer = tmp_path / "newer.json"
    newer.write_text(json.dumps(document | {"version": document["version"] + 1}))
    refused = run("import", str(newer))
    assert refused.status == 1
    assert f"{newer} was not imported. It was written by a newer Safelight" in refused.error


def test_a_backup_does_not_replace_a_newer_library_unasked(run: Run, library: Path, tmp_path: Path) -> None:
    assert run("backup", str(tmp_path / "copy.db")).status == 0
    newer = tmp_path / "newer.db"
    shutil.copyfile(tmp_path / "copy.db", newer)
    for path in (newer, library / "library.db"):
        with closing(apsw.Connection(str(path))) as db:
            db.pragma("user_version", 99)
    before = (library / "library.db").read_bytes()

    refused = run("restore", str(tmp_path / "copy.db"))
    assert refused.status == 1
    assert "A newer Safelight wrote the library itself" in refused.err
    assert (library / "library.db").read_bytes() == before
    assert list(library.glob("replaced-*")) == []

    assert f"{newer} was written by a newer Safelight" in run("restore", str(newer), "--yes").error
    assert (library / "library.db").read_bytes() == before
    assert run("restore", str(tmp_path / "copy.db"), "--yes").status == 0
    assert run("status", "--json").json["favourites"] == 1


def test_a_nearly_full_disk_makes_no_backup_and_is_reported_once(library: Path) -> None:
    free = [backup.RESERVE]
    now = 1_700_000_000.0
    with LibraryStore.create_or_open(library) as store:
        daily = DailyBackup(store, lambda _: free[0])
        assert "nearly full" in str(daily.make_if_due(now))
        assert daily.make_if_due(now + 60) is None
        assert daily.make_if_due(now + 3700) is None
        assert not backups.daily(library)
        free[0] = 10 * backup.RESERVE
        assert daily.make_if_due(now + 7500) is None
        assert len(backups.daily(library)) == 1
        assert daily.make_if_due(now + 2 * 86_400) is None
        assert len(backups.daily(library)) == 2


@pytest.mark.slow
@pytest.mark.expected_log("could not be read to its end")
def test_doctor_says_what_is_wrong_and_mends_it(run: Run, library: Path) -> None:
    sound = run("doctor", "--json").json
    assert sound["sound"]
    assert {check["part"] for check in sound["checks"]} >= {"database", "vectors", "thumbnails", "models"}
    with LibraryStore.create_or_open(library) as store, store.write() as db:
        db.execute("DELETE FROM photo_text")
    ill = run("doctor", "--json")
    assert ill.status == 1
    assert [check["part"] for check in ill.json["checks"] if check["problems"]] == ["words"]
    assert "--mend" in run("doctor").err
    mended = run("doctor", "--mend", "--json")
    assert mended.status == 0
    assert "Indexed the words of 4 photos again." in mended.json["mended"]
    assert backups.daily(library)

    (library / "library.db").write_bytes(b"\xa5" * 300_000)
    assert run("doctor").status == 1
    assert run("doctor", "--mend").status == 0
    assert run("status", "--json").json["favourites"] == 1

    thumbs = library / "thumbs.db"
    content = bytearray(thumbs.read_bytes())
    content[16384:] = b"\xa5" * (len(content) - 16384)
    thumbs.write_bytes(content)
    assert "thumbnails" in str(run("doctor", "--json").json["problems"])
    assert run("doctor", "--mend").status == 0
    assert run("index").status == 0
    with LibraryStore.open_read_only(library) as store, store.read() as db:
        assert stored_thumbnails.missing(db) == []


@pytest.mark.slow
def test_index_asks_before_it_forgets_much_of_a_folder(run: Run, pictures: Path) -> None:
    for number in range(30):
        (pictures / f"{number}.jpg").write_bytes(encoded(scene(seed=100 + number), "JPEG"))
    assert run("index", str(pictures), "--json").json["photos"] == 34
    for number in range(30):
        (pictures / f"{number}.jpg").unlink()
    kept = run("index", "--json")
    assert (kept.status, kept.json["photos"], kept.json["removed"]) == (0, 34, 0)
    assert "30 of 34 files" in kept.error
    assert "--confirm-removals" in kept.error
    assert run("index", "--confirm-removals", "--json").json["removed"] == 30
    assert run("index", "--json").json["photos"] == 4
