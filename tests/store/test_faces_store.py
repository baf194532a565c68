"""Where faces are in photos, as the library keeps it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.services.stages.metadata import MetadataStage
from safelight.store import file_metadata, photos, stage_states
from safelight.store.library import LibraryStore
from safelight.store.limits import Limit
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


@pytest.mark.parametrize("partial", [True, False])
def test_programs_are_not_told_where_faces_are(store: LibraryStore, partial: bool) -> None:
    with store.write() as db:
        photo = add_photo(db, add_folder(db), "a.jpg")
        file_metadata.merge_metadata(db, [(photo, ImageMetadata(regions=(ANNA,), creator="C"))])
    limit = Limit(is_partial=partial)
    with LibraryStore.open_up_to_date_read_only(store.directory, limit=limit) as seen, seen.read() as db:
        (shown,) = photos.get_many(db, [photo])
        assert (shown.metadata.creator, shown.faces) == ("C", ())


DAMAGED = ('{"regions": 3, "orientation": 1}', '{"regions": [{"name": "A"}]}', '["regions"]')


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
