"""Keywords, ratings and captions of files and sidecars become part of the library."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.description import Description
from safelight.core.operations import AddTag, Operation, Outcome, RemoveTag, SetRating, SetTitle, Undo
from safelight.core.photo import DateSource
from safelight.services import settings
from safelight.services.indexing.live import Listener
from safelight.services.operations.runner import OperationRunner
from safelight.store import file_metadata
from services.conftest import Bench, started
from support.pictures import encoded, scene
from support.waiting import wait_until
from support.xmp_samples import DIGIKAM, LIGHTROOM

SIDECAR = Description(
    4, "green", "Spring in Paris", "At the Eiffel Tower", ("Places/France/Paris", "People/Anna", "holiday")
)


def said(bench: Bench, path: Path) -> Description:
    photo = bench.photo_at(path)
    with bench.store.read() as db:
        return file_metadata.of_photos(db, [photo.id])[photo.id]


def is_said(bench: Bench, path: Path, expected: Description) -> bool:
    return said(bench, path).is_same(expected)


def run(bench: Bench, *operations: Operation[Outcome]) -> None:
    runner = OperationRunner(bench.store)
    for operation in operations:
        runner.run(operation)


def touched(path: Path, text: str) -> None:
    """Written by another program, later than before."""
    later = path.stat().st_mtime_ns + 5_000_000_000 if path.exists() else None
    path.write_text(text)
    if later is not None:
        os.utime(path, ns=(later, later))


def test_keywords_and_captions_inside_a_file_are_taken_over(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1, xmp=DIGIKAM.encode())
    bench.index()
    assert is_said(bench, path, SIDECAR)
    photo = bench.photo_at(path)
    searcher = bench.library.searcher()
    for query in ("tag:holiday", "tag:places", "tag:anna", "rating:4", "label:green", "eiffel"):
        assert photo.id in {hit.photo_id for hit in searcher.search(query, 10).hits}, query
    assert (photo.date, photo.date_source) == ("2019-05-12T10:15:00", DateSource.METADATA)
    assert photo.metadata.latitude == pytest.approx(48.858333)


@pytest.mark.parametrize("name", ["a.jpg.xmp", "a.xmp", "a.jpg.XMP"])
def test_a_sidecar_is_found_by_the_scan(bench: Bench, name: str) -> None:
    path = bench.draw("deep/a.jpg", 1)
    (path.parent / name).write_text(DIGIKAM)
    bench.index()
    assert is_said(bench, path, SIDECAR)
    assert bench.photo_at(path).date_source is DateSource.SIDECAR


def test_a_sidecar_that_comes_later_changes_and_goes(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    sidecar = bench.root / "a.xmp"
    sidecar.write_text(DIGIKAM)
    bench.changes.clear()
    bench.index()
    assert is_said(bench, path, SIDECAR)
    assert [change.updated for change in bench.changes if change] == [(bench.photo_at(path).id,)]
    touched(sidecar, DIGIKAM.replace('Rating="4"', 'Rating="1"').replace("People/Anna", "People/Berta"))
    bench.index()
    assert said(bench, path).rating == 1
    assert set(said(bench, path).tags) >= {"People/Berta", "holiday"}
    assert not any(tag.endswith("/Anna") and "|" in tag for tag in said(bench, path).tags)
    before = said(bench, path)
    sidecar.unlink()
    bench.index()
    assert is_said(bench, path, before)  # a deleted sidecar takes nothing away


def test_the_users_values_stay(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    photo = bench.photo_at(path).id
    run(bench, SetRating((photo,), 2), SetTitle((photo,), "Mine"), AddTag((photo,), "my tag"))
    sidecar = bench.root / "a.xmp"
    sidecar.write_text(DIGIKAM)
    os.utime(sidecar, (1_000_000_000, 1_000_000_000))  # older than what the user said
    bench.index()
    assert said(bench, path).rating == 2
    assert said(bench, path).title == "Mine"
    assert said(bench, path).caption == "At the Eiffel Tower"
    assert "my tag" in said(bench, path).tags
    assert "People/Anna" in said(bench, path).tags
    # What lost is in the journal, and undoing takes it.
    run(bench, Undo())
    assert (said(bench, path).rating, said(bench, path).title) == (4, "Spring in Paris")


def test_the_newer_of_two_values_counts(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    run(bench, SetRating((bench.photo_at(path).id,), 2))
    sidecar = bench.root / "a.xmp"
    sidecar.write_text(DIGIKAM)
    os.utime(sidecar, (4_000_000_000, 4_000_000_000))
    bench.index()
    assert said(bench, path).rating == 4
    run(bench, Undo())
    assert said(bench, path).rating == 2


def test_a_tag_that_the_user_removed_stays_removed(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    sidecar = bench.root / "a.xmp"
    sidecar.write_text(DIGIKAM)
    bench.index()
    run(bench, RemoveTag((bench.photo_at(path).id,), "holiday"))
    touched(sidecar, DIGIKAM.replace("Spring in Paris", "Autumn in Paris"))
    bench.index()
    assert said(bench, path).title == "Autumn in Paris"
    assert "holiday" not in said(bench, path).tags


def test_keywords_edited_in_the_file_by_another_program_follow(bench: Bench) -> None:
    pixels = scene(seed=1)
    path = bench.root / "a.jpg"
    path.write_bytes(encoded(pixels, "JPEG", xmp=DIGIKAM.encode()))
    bench.index()
    run(bench, AddTag((bench.photo_at(path).id,), "my tag"))
    changed = DIGIKAM.replace("<rdf:li>holiday</rdf:li>", "").replace('Rating="4"', 'Rating="5"')
    path.write_bytes(encoded(pixels, "JPEG", xmp=changed.encode()))
    bench.index()
    assert set(said(bench, path).tags) == {"Places/France/Paris", "People/Anna", "my tag"}
    assert said(bench, path).rating == 5


def test_a_sidecar_of_a_raw_does_not_belong_to_its_jpeg(bench: Bench) -> None:
    path = bench.draw("IMG_1.jpg", 1)
    (bench.root / "IMG_1.CR2").write_bytes(b"II*\0broken")
    (bench.root / "IMG_1.xmp").write_text(LIGHTROOM)
    bench.index()
    assert said(bench, path) == Description()


def test_sidecars_are_not_read_when_they_are_switched_off(bench: Bench) -> None:
    settings.change(bench.store, "sidecars", "off")
    path = bench.draw("a.jpg", 1)
    (bench.root / "a.xmp").write_text(DIGIKAM)
    bench.index()
    assert said(bench, path) == Description()
    settings.change(bench.store, "sidecars", "read")
    bench.index()
    assert is_said(bench, path, SIDECAR)


def test_a_hostile_sidecar_hides_neither_the_picture_nor_other_sidecars(bench: Bench) -> None:
    first, second = bench.draw("a.jpg", 1), bench.draw("b.jpg", 2)
    (bench.root / "a.xmp").write_text('<!DOCTYPE z [<!ENTITY a "b">]><z>&a;</z>')
    (bench.root / "b.xmp").write_text(DIGIKAM)
    (bench.root / "c.xmp").write_text(DIGIKAM)  # belongs to no picture
    (bench.root / "d.xmp").mkdir()
    assert bench.index().failed == 0
    assert said(bench, first) == Description()
    assert is_said(bench, second, SIDECAR)


def test_a_changed_sidecar_is_read_live(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    live = bench.library.live(Listener(lambda _: None, bench.changes.append, lambda _: None))
    with started(bench, live):
        wait_until(lambda: len(bench.photos()) == 1, "the photo")
        sidecar = bench.root / "a.xmp"
        sidecar.write_text(DIGIKAM)
        wait_until(lambda: said(bench, path).rating == 4, "the rating")
        touched(sidecar, DIGIKAM.replace('Rating="4"', 'Rating="-1"'))
        wait_until(lambda: said(bench, path).rating == -1, "the other rating")


@pytest.mark.parametrize(
    ("name", "date", "source"),
    [
        ("IMG_20190512_101500.jpg", "2019-05-12T10:15:00", DateSource.NAME),
        ("WhatsApp Image 2019-05-12.jpg", "2019-05-12T00:00:00", DateSource.NAME),
        ("nothing.jpg", None, DateSource.FILE),
        ("20980101_101500 due.jpg", None, DateSource.FILE),
    ],
)
def test_the_source_of_the_date_is_known(
    bench: Bench, name: str, date: str | None, source: DateSource
) -> None:
    path = bench.draw(name, 1)
    bench.index()
    photo = bench.photo_at(path)
    assert photo.date_source is source
    assert not photo.date_is_taken
    assert date is None or photo.date == date


def test_a_library_of_an_older_version_is_read_again_in_the_background(bench: Bench) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Seen before"
    path = bench.draw("IMG_20190512_101500.jpg", 1, exif=exif.tobytes(), xmp=LIGHTROOM.encode())
    bench.index()
    with bench.store.write() as db:  # as the older version left it
        for statement in (
            "DELETE FROM stage_state WHERE stage_id = (SELECT id FROM stage WHERE name = 'metadata')",
            "DELETE FROM photo_metadata",
            "DELETE FROM photo_tag",
            "DELETE FROM mark",
            "DELETE FROM sidecar_pending",
            "UPDATE photo SET date = '2000-01-01T00:00:00', date_is_taken = 0, date_source = NULL",
            "UPDATE photo SET camera = NULL",
        ):
            db.execute(statement)
    live = bench.library.live(Listener(lambda _: None, bench.changes.append, lambda _: None))
    with started(bench, live):
        wait_until(lambda: said(bench, path).rating == 3, "the rating")
    photo = bench.photo_at(path)
    assert said(bench, path).caption == "Seen before"
    assert (photo.date, photo.metadata.camera) == ("2022-03-04T05:06:07", "Canon EOS R5")
    assert any(photo.id in change.updated for change in bench.changes)
