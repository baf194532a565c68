"""Sidecars follow the library, and the library follows them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from safelight.core.description import Description, description_of
from safelight.core.jobs import JobControl
from safelight.core.operations import (
    AddTag,
    Operation,
    Outcome,
    RemoveTag,
    RenameTag,
    SetCaption,
    SetLabel,
    SetRating,
    SetTitle,
    Undo,
)
from safelight.core.photo import ImageMetadata
from safelight.imaging.metadata import with_sidecars
from safelight.services import settings
from safelight.services.indexing.live import Listener
from safelight.services.operations.runner import OperationRunner
from safelight.services.organising.sidecars import SidecarReport, SidecarWriter
from safelight.store import file_metadata, sidecars
from services.conftest import Bench, started
from support.waiting import wait_until
from support.xmp_samples import DIGIKAM, PEOPLE


@pytest.fixture
def writing(bench: Bench) -> Bench:
    settings.change(bench.store, "sidecars", "read-write")
    return bench


def run(bench: Bench, *operations: Operation[Outcome]) -> None:
    for operation in operations:
        OperationRunner(bench.store).run(operation)


def write(bench: Bench) -> SidecarReport:
    return SidecarWriter(bench.store).run(JobControl())


def stated(path: Path) -> Description:
    return description_of(with_sidecars(ImageMetadata(), [path.read_bytes()]))


def said(bench: Bench, path: Path) -> Description:
    photo = bench.photo_at(path)
    with bench.store.read() as db:
        return file_metadata.of_photos(db, [photo.id])[photo.id]


def waiting(bench: Bench) -> int:
    with bench.store.read() as db:
        return sidecars.count(db)


def described_photo(bench: Bench, path: Path) -> int:
    photo = bench.photo_at(path).id
    run(
        bench,
        SetRating((photo,), 4),
        SetLabel((photo,), "blue"),
        SetTitle((photo,), "A title"),
        SetCaption((photo,), "Two\nlines"),
        AddTag((photo,), "places/paris"),
        AddTag((photo,), "holiday"),
    )
    return photo


EVERYTHING = Description(4, "blue", "A title", "Two\nlines", ("places/paris", "holiday"))


def test_what_the_user_says_is_written_beside_the_picture(writing: Bench) -> None:
    path = writing.draw("a.jpg", 1)
    before = path.read_bytes()
    writing.index()
    described_photo(writing, path)
    assert waiting(writing) == 1
    assert write(writing).files == 1
    sidecar = writing.root / "a.jpg.xmp"
    assert stated(sidecar).is_same(EVERYTHING)
    assert path.read_bytes() == before
    assert stat.S_IMODE(sidecar.stat().st_mode) == stat.S_IMODE(path.stat().st_mode)
    assert waiting(writing) == 0
    assert write(writing).files == 0
    assert sorted(each.name for each in writing.root.iterdir()) == ["a.jpg", "a.jpg.xmp"]


@pytest.mark.parametrize("mode", ["off", "read"])
def test_nothing_is_written_unless_allowed(bench: Bench, mode: str) -> None:
    settings.change(bench.store, "sidecars", mode)
    path = bench.draw("a.jpg", 1)
    bench.index()
    described_photo(bench, path)
    assert write(bench).files == 0
    assert [each.name for each in bench.root.iterdir()] == ["a.jpg"]
    assert waiting(bench) == 1  # and is written once it is allowed


def test_our_own_writing_causes_no_reading(writing: Bench) -> None:
    path = writing.draw("a.jpg", 1)
    writing.index()
    described_photo(writing, path)
    write(writing)
    writing.changes.clear()
    writing.index()
    assert not any(writing.changes)


def test_an_existing_sidecar_keeps_its_name_and_its_foreign_properties(writing: Bench) -> None:
    path = writing.draw("a.jpg", 1)
    sidecar = writing.root / "a.xmp"
    sidecar.write_text(DIGIKAM)
    sidecar.chmod(0o640)
    writing.index()
    photo = writing.photo_at(path).id
    run(writing, SetRating((photo,), 1), RemoveTag((photo,), "holiday"), AddTag((photo,), "new"))
    assert write(writing).files == 1
    text = sidecar.read_text()
    assert "CaptionsAuthorNames" in text
    assert "mwg-rs:Regions" in text
    assert 'xmp:Rating="1"' in text
    assert "holiday" not in text
    assert set(stated(sidecar).tags) == {"Places/France/Paris", "People/Anna", "new"}
    assert stat.S_IMODE(sidecar.stat().st_mode) == 0o640
    assert not (writing.root / "a.jpg.xmp").exists()


def test_new_sidecars_are_named_as_the_others_in_the_folder(writing: Bench) -> None:
    first, second = writing.draw("a.jpg", 1), writing.draw("b.jpg", 2)
    third, _ = writing.draw("c.jpg", 3), writing.draw("c.png", 4)
    (writing.root / "a.xmp").write_text(DIGIKAM)
    writing.index()
    for path in (first, second, third):
        run(writing, SetRating((writing.photo_at(path).id,), 2))
    write(writing)
    names = {each.name for each in writing.root.glob("*.xmp")}
    assert names == {"a.xmp", "b.xmp", "c.jpg.xmp"}  # c.xmp would belong to c.png too


def test_a_sidecar_changed_meanwhile_is_read_first_and_both_changes_count(writing: Bench) -> None:
    path = writing.draw("a.jpg", 1)
    sidecar = writing.root / "a.xmp"
    sidecar.write_text(DIGIKAM)
    writing.index()
    run(writing, AddTag((writing.photo_at(path).id,), "mine"))
    sidecar.write_text(DIGIKAM.replace("<rdf:li>holiday</rdf:li>", "<rdf:li>theirs</rdf:li>"))
    os.utime(sidecar, (4_000_000_000, 4_000_000_000))
    written = write(writing)
    assert (written.files, written.reread) == (0, 1)
    writing.index()
    assert write(writing).files == 1
    tags = {"Places/France/Paris", "People/Anna", "mine", "theirs"}
    assert set(said(writing, path).tags) == tags
    assert set(stated(sidecar).tags) == tags


def test_a_person_whose_tag_was_removed_stays_removed_although_a_region_has_the_name(writing: Bench) -> None:
    path = writing.draw("a.jpg", 1)
    sidecar = writing.root / "a.jpg.xmp"
    sidecar.write_text(PEOPLE)
    writing.index()
    photo = writing.photo_at(path).id
    everybody = {"beach", "People/Ada Lovelace", "People/Bob", "People/C-D - E"}
    assert set(said(writing, path).tags) == everybody
    run(writing, RemoveTag((photo,), "People/Bob"), RemoveTag((photo,), "People/Ada Lovelace"))
    write(writing)
    assert "Bob" in sidecar.read_text()
    assert "<rdf:li>Ada Lovelace</rdf:li>" not in sidecar.read_text()
    assert waiting(writing) == 0
    sidecar.write_text(sidecar.read_text().replace("beach", "sea"))
    writing.index()
    assert set(said(writing, path).tags) == {"sea", "People/C-D - E"}


def test_undo_and_renamed_tags_are_written_too(writing: Bench) -> None:
    path = writing.draw("a.jpg", 1)
    writing.index()
    described_photo(writing, path)
    write(writing)
    run(writing, RenameTag("places/paris", "towns/paris"))
    write(writing)
    assert set(stated(writing.root / "a.jpg.xmp").tags) == {"towns/paris", "holiday"}
    run(writing, Undo(), Undo())
    write(writing)
    assert set(stated(writing.root / "a.jpg.xmp").tags) == {"places/paris"}


def test_what_cannot_be_written_waits_and_is_named(writing: Bench) -> None:
    first, second = writing.draw("a.jpg", 1), writing.draw("b.jpg", 2)
    writing.index()
    (writing.root / "a.jpg.xmp").write_text("no XML")
    writing.index()
    for path in (first, second):
        run(writing, SetRating((writing.photo_at(path).id,), 3))
    written = write(writing)
    assert [(Path(path).name, str(reason)) for path, reason in written.failed] == [
        ("a.jpg.xmp", "It is not valid XMP.")
    ]
    assert (writing.root / "a.jpg.xmp").read_text() == "no XML"
    assert stated(writing.root / "b.jpg.xmp").rating == 3
    assert waiting(writing) == 1


def test_a_crash_between_writing_and_recording_loses_nothing(
    writing: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = writing.draw("a.jpg", 1)
    writing.index()
    described_photo(writing, path)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(file_metadata, "set_base", crash)
        with pytest.raises(KeyboardInterrupt):
            write(writing)
    assert stated(writing.root / "a.jpg.xmp").is_same(EVERYTHING)
    assert waiting(writing) == 1
    writing.index()
    assert said(writing, path).is_same(EVERYTHING)
    assert waiting(writing) == 0


def test_all_is_back_after_the_library_was_deleted(writing: Bench) -> None:
    paths = [writing.draw(f"{number}.jpg", number) for number in range(6)]
    writing.index()
    for path in paths:
        described_photo(writing, path)
    write(writing)
    with writing.store.write() as db:
        for statement in (
            "DELETE FROM stage_state WHERE stage_id = (SELECT id FROM stage WHERE name = 'metadata')",
            *(f"DELETE FROM {table}" for table in ("photo_metadata", "photo_tag", "mark", "sidecar")),
        ):
            db.execute(statement)
    writing.index()
    assert all(said(writing, path).is_same(EVERYTHING) for path in paths)


def test_written_sidecars_start_no_run_while_the_library_is_followed(writing: Bench) -> None:
    path = writing.draw("a.jpg", 1)
    writing.index()
    live = writing.library.live(Listener(writing.progress.append, writing.changes.append, lambda _: None))
    with started(writing, live):
        writing.changes.clear()
        described_photo(writing, path)
        write(writing)
        # A later change outside is seen, so that the events of our own were handled before.
        other = writing.draw("b.jpg", 2)
        wait_until(lambda: other in writing.paths(), "the other picture")
        photo = writing.photo_at(path).id
        assert not any(photo in change.updated for change in writing.changes)


@pytest.mark.parametrize("kind", ["symbolic link", "folder", "pipe or device"])
def test_what_is_no_file_in_the_place_of_a_sidecar_is_named(
    writing: Bench, tmp_path: Path, kind: str
) -> None:
    """It is not a sidecar that another program changed, which would be read and written again and again."""
    path = writing.draw("a.jpg", 1)
    other = writing.draw("b.jpg", 2)
    writing.index()
    sidecar, elsewhere = path.with_name("a.jpg.xmp"), tmp_path / "elsewhere.xmp"
    match kind:
        case "symbolic link":
            sidecar.symlink_to(elsewhere)
        case "folder":
            sidecar.mkdir()
        case _:
            os.mkfifo(sidecar)
    run(writing, SetRating((writing.photo_at(path).id, writing.photo_at(other).id), 5))
    result = write(writing)
    assert (result.photos, result.reread) == (1, 0)
    assert [(path, str(reason)) for path, reason in result.failed] == [
        (str(sidecar), f"There is a {kind} of that name; rename or remove it.")
    ]
    assert not elsewhere.exists()
    assert waiting(writing) == 1
    sidecar.rmdir() if kind == "folder" else sidecar.unlink()
    assert write(writing).photos == 1
    assert stated(sidecar).rating == 5


def test_long_names_that_begin_alike_are_written_at_once(writing: Bench) -> None:
    """Each has a temporary file of its own."""
    names = [f"{'x' * 230}{number}.jpg" for number in range(16)]
    paths = [writing.draw(name, number) for number, name in enumerate(names)]
    writing.index()
    ids = [writing.photo_at(path).id for path in paths]
    run(writing, *(SetTitle((photo,), f"Title {number}") for number, photo in enumerate(ids)))
    assert write(writing).failed == []
    titles = [stated(path.with_name(path.name + ".xmp")).title for path in paths]
    assert titles == [f"Title {number}" for number in range(16)]
    assert not [each for each in writing.root.iterdir() if each.name.endswith(".part")]


def test_a_sidecar_that_another_program_creates_at_this_moment_is_not_replaced(
    writing: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = writing.draw("a.jpg", 1)
    writing.index()
    sidecar = path.with_name("a.jpg.xmp")
    run(writing, SetRating((writing.photo_at(path).id,), 5))
    synchronise = os.fsync

    def create_meanwhile(descriptor: int) -> None:
        synchronise(descriptor)
        if not sidecar.exists():
            sidecar.write_text(DIGIKAM)

    monkeypatch.setattr(os, "fsync", create_meanwhile)
    result = write(writing)
    assert (result.photos, result.reread, result.failed) == (0, 1, [])
    assert sidecar.read_text() == DIGIKAM
    monkeypatch.undo()
    writing.index()
    write(writing)
    assert stated(sidecar).is_same(said(writing, path))
    assert stated(sidecar).rating == 4  # it is newer
    assert "mwg-rs:Regions" in sidecar.read_text()
