"""Where faces are in photos, as the library keeps it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from safelight.core.errors import SafelightError
from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.services.stages.metadata import MetadataStage
from safelight.store import (
    file_metadata,
    files,
    imported_faces,
    orphans,
    photos,
    stage_states,
    user_data_export,
)
from safelight.store.connect import connect
from safelight.store.library import LibraryStore
from safelight.store.limits import Limit
from safelight.store.recovery.copying import verified_copy
from safelight.store.recovery.foreign import Trust, build
from support.stored import add_folder, add_photo

DATA = Path(__file__).resolve().parents[1] / "data"
ANNA = FaceRegion("Anna", "Face", 0.1, 0.2, 0.25, 0.5)
REX = FaceRegion("Rex", "Pet", 0.5, 0.5, 0.25, 0.25)
CODE = FaceRegion("", "BarCode", 0.0, 0.0, 0.1, 0.1)


def test_faces_are_those_of_the_upright_picture(store: LibraryStore) -> None:
    with store.write() as db:
        folder = add_folder(db)
        plain, turned, none = (add_photo(db, folder, name) for name in ("a.jpg", "b.jpg", "c.jpg"))
        stated = ImageMetadata(regions=(ANNA, CODE, REX))
        file_metadata.merge_metadata(db, [(plain, stated), (none, ImageMetadata(creator="A"))])
        file_metadata.merge_metadata(db, [(turned, ImageMetadata(regions=(ANNA,), orientation=6))])
        found = [photo.faces for photo in photos.get_many(db, [plain, turned, none])]
        assert found == [(ANNA, REX), (ANNA.upright(6),), ()]
        file_metadata.merge_metadata(db, [(plain, ImageMetadata())])
        assert photos.get_many(db, [plain])[0].faces == ()


def test_faces_of_another_picture_are_not_shown(store: LibraryStore) -> None:
    """The picture has 640 x 480 pixels."""
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        for applied_to, faces in (((4000.0, 3000.0), (ANNA,)), ((4000.0, 2000.0), ())):
            stated = ImageMetadata(regions=(ANNA,), regions_applied_to=applied_to)
            file_metadata.merge_metadata(db, [(photo, stated)])
            assert photos.get_many(db, [photo])[0].faces == faces


def test_a_face_that_a_file_and_a_program_know_is_one(store: LibraryStore) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        nobody = replace(ANNA, name="")
        file_metadata.merge_metadata(db, [(photo, ImageMetadata(regions=(nobody, REX)))])
        near = replace(ANNA, left=ANNA.left + 0.02)
        imported_faces.put(db, "digiKam", {photo: (near, replace(ANNA, left=0.7))})
        imported_faces.put(db, "immich", {photo: (nobody,), 987_654: (ANNA,)})
        assert photos.get_many(db, [photo])[0].faces == (near, REX, replace(ANNA, left=0.7))


def test_imported_faces_stay_with_a_photo_whose_metadata_were_rewritten(store: LibraryStore) -> None:
    with store.write() as db:
        folder = add_folder(db)
        old = add_photo(db, folder, "a.jpg", pixels="same")
        imported_faces.put(db, "digiKam", {old: (ANNA,)})
        new = add_photo(db, folder, "b.jpg", pixels="same")
        photos.inherit(db, old, new)
        assert [photo.faces for photo in photos.get_many(db, [old, new])] == [(ANNA,), (ANNA,)]
        files.remove(db, [row.id for row in files.of_photo(db, old)])
        newest = add_photo(db, folder, "c.jpg", pixels="same")
        photos.inherit(db, old, newest)
        assert [photo.faces for photo in photos.get_many(db, [old, newest])] == [(), (ANNA,)]


def test_a_photo_with_imported_faces_is_not_forgotten(store: LibraryStore) -> None:
    with store.write() as db:
        folder = add_folder(db)
        kept, gone = add_photo(db, folder, "a.jpg"), add_photo(db, folder, "b.jpg")
        imported_faces.put(db, "digiKam", {kept: (ANNA,)})
        files.remove(db, [row.id for photo in (kept, gone) for row in files.of_photo(db, photo)])
        assert orphans.prune(db, 1e12) == 1
        assert orphans.prune(db, 1e12, marked=True) == 1
        assert db.execute("SELECT count(*) FROM imported_faces").get == 0


def test_imported_faces_are_exported_and_imported(store: LibraryStore, tmp_path: Path) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        imported_faces.put(db, "digiKam", {photo: (ANNA, REX)})
        document = json.loads(json.dumps(user_data_export.collect(db)))
    with LibraryStore.create_or_open(tmp_path / "other") as other, other.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        imported_faces.put(db, "immich", {photo: (REX,)})
        for _ in range(2):
            user_data_export.apply(db, document)
        assert imported_faces.of_photos(db, [photo]) == {photo: {"digiKam": (ANNA, REX), "immich": (REX,)}}
    invalid: tuple[object, ...] = (
        {"digiKam": [{"name": "A"}]},
        {"digiKam": [{**asdict(ANNA), "left": 99}]},
        {"": []},
        [1],
    )
    for bad in invalid:
        document["photos"][0]["faces"] = bad
        with store.write() as db, pytest.raises(SafelightError, match="not an export"):
            user_data_export.apply(db, document)


@pytest.mark.parametrize("trust", list(Trust))
def test_a_rebuilt_library_has_the_faces_that_are_valid(
    store: LibraryStore, tmp_path: Path, trust: Trust
) -> None:
    with store.write() as db:
        folder = add_folder(db)
        first, second = add_photo(db, folder, "a.jpg"), add_photo(db, folder, "b.jpg")
        imported_faces.put(db, "digiKam", {first: (ANNA,)})
        db.execute("INSERT INTO imported_faces VALUES (?, 'x', '[{\"name\": 1}]')", (second,))
    source = tmp_path / "copy.db"
    with store.read() as db:
        verified_copy(db, source)
    build(tmp_path / "built.db", source, trust)
    db = connect(tmp_path / "built.db", writable=False)
    assert imported_faces.of_photos(db, [first, second]) == {first: {"digiKam": (ANNA,)}}
    db.close()


@pytest.mark.parametrize("partial", [True, False])
def test_programs_are_not_told_where_faces_are(store: LibraryStore, partial: bool) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        file_metadata.merge_metadata(db, [(photo, ImageMetadata(regions=(ANNA,), creator="C"))])
        imported_faces.put(db, "digiKam", {photo: (REX,)})
    limit = Limit(is_partial=partial)
    with LibraryStore.open_up_to_date_read_only(store.directory, limit=limit) as seen, seen.read() as db:
        (shown,) = photos.get_many(db, [photo])
        assert (shown.metadata.creator, shown.faces) == ("C", ())
        assert db.execute("SELECT count(*) FROM imported_faces").get == 0


DAMAGED = (
    *('{"regions": 3, "orientation": 1}', '{"regions": [{"name": "A"}]}', '["regions"]'),
    *(
        json.dumps({"regions": [asdict(ANNA)], "orientation": 1, "regions_applied_to": applied_to})
        for applied_to in (3, [1], [1, 0], ["a", "b"])
    ),
)


@pytest.mark.parametrize("details", DAMAGED)
def test_a_damaged_library_has_no_faces(store: LibraryStore, details: str) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        db.execute("INSERT INTO photo_metadata (photo_id, details) VALUES (?, ?)", (photo, details))
        assert photos.get_many(db, [photo])[0].faces == ()


def test_faces_of_version_4_are_shown_when_their_files_were_read_again(directory: Path) -> None:
    """Version 4 did not store how the picture is turned."""
    directory.mkdir()
    shutil.copy(DATA / "library-v4.db", directory / "library.db")
    with LibraryStore.create_or_open(directory) as store, store.write() as db:
        photo = db.execute("SELECT photo_id FROM photo_metadata WHERE details ->> 'regions' IS NOT NULL").get
        assert photos.get_many(db, [photo])[0].faces == ()
        assert photo in stage_states.lacking(db, MetadataStage.declaration, None)
        file_metadata.merge_metadata(db, [(photo, ImageMetadata(regions=(ANNA,)))])
        assert photos.get_many(db, [photo])[0].faces == (ANNA,)
