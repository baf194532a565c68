"""What filters can name: every count is what the filter itself lets through."""

from __future__ import annotations

import pytest

from safelight.core.photo import ImageMetadata
from safelight.core.query import (
    Condition,
    DateRangeCondition,
    Filter,
    FlagCondition,
    NumberCondition,
    Relation,
    ValueCondition,
)
from safelight.core.query.dates import PartialDate
from safelight.store import files, filter_ids, marks, vocabulary
from safelight.store.library import Connection, LibraryStore
from safelight.store.vocabulary import ValueCount, Vocabulary
from support import stored

PLACES = (
    *(
        "2019/Italy/a.jpg",
        "2019/Italy/b.jpg",
        "2021/italy/c.jpg",
        "2021/Work/d.jpg",
        "e.jpg",
        "Ítaly/ÜBER/f.jpg",
    ),
    *("Italy/Italy/g.jpg", "2019/Screenshots/h.png"),
)
CAMERAS = ("Canon EOS R", "Canon EOS R5", "Pixel 7", None, "Canon EOS R5", None, "Über 1", None)


@pytest.fixture
def filled(store: LibraryStore) -> LibraryStore:
    with store.write() as db:
        root = stored.add_folder(db, "/home/Italy/Pictures")
        other = stored.add_folder(db, "/media/Work")
        ids = [
            stored.add_photo(
                db,
                root,
                place,
                metadata=ImageMetadata(
                    camera=camera,
                    lens=camera and f"{camera} 50mm",
                    iso=100 * number if camera else None,
                    aperture=2.8 + number % 2,
                    exposure=1 / 250,
                    focal_length=50.0,
                    latitude=1.0,
                    longitude=2.0,
                ),
                date=f"20{10 + number}-0{1 + number}-03T10:00:00",
            )
            for number, (place, camera) in enumerate(zip(PLACES, CAMERAS, strict=True))
        ]
        for copy in ("2021/Work/a2.jpg", "2019/Italy/a3.jpg"):
            stored.add_photo(db, root, copy, content=repr((root, PLACES[0])))
        ids.append(stored.add_photo(db, other, "x.jpg"))
        stored.add_file(db, root, "Waiting/y.jpg", 5)
        marks.set_favourite(db, ids[:2], True)
        marks.set_rating(db, ids[1:4], 3)
        marks.set_rating(db, ids[5:6], 5)
        marks.add_tag(db, ids[:3], "holiday")
        marks.add_tag(db, ids[3:4], "Öl")
        db.execute("INSERT INTO album (name, created_at) VALUES ('Best', 0)")
        db.execute("INSERT INTO album_photo VALUES (1, ?, 0)", (ids[0],))
    return store


def _passing(db: Connection, condition: Condition) -> int:
    return len(filter_ids.matching_ids(db, [Filter(condition)]))


def test_counts_are_those_of_the_filters(filled: LibraryStore) -> None:
    with filled.read() as db:
        found = vocabulary.read(db)
        for key in ("in", "camera", "lens", "tag", "album", "type", "format"):
            values = found.of(key)
            assert values
            assert [each.photos for each in values] == sorted((each.photos for each in values), reverse=True)
            for each in values:
                assert each.photos == _passing(db, ValueCondition(key, each.value)), each
        for month in found.months:
            date = PartialDate.read(month.value)
            assert month.photos == _passing(db, DateRangeCondition(date, date))
        assert {"is", "has"} <= found.values.keys()
        for key in ("is", "has"):
            for flag in found.of(key):
                assert flag.photos == _passing(db, FlagCondition(key, flag.value)) > 0
        assert found.numbers.keys() == {"rating", "iso", "aperture", "exposure", "focal"}
        for key, counted in found.numbers.items():
            for number, amount in counted:
                assert amount == _passing(db, NumberCondition(key, Relation.EQUAL, number))


def test_folders_of_one_name_can_be_distinguished(filled: LibraryStore) -> None:
    with filled.read() as db:
        names = {each.value for each in vocabulary.read(db).of("in")}
    assert {"Pictures", "2019", "Italy", "2019/Italy", "2021/Work", "ÜBER", "Screenshots", "Work"} <= names
    assert not names & {"home", "Waiting", "media", "2019/Screenshots"}
    assert len({name.lower() for name in names}) == len(names)


def test_values_of_as_many_photos_are_in_the_order_of_the_sidebar(store: LibraryStore) -> None:
    with store.write() as db:
        root = stored.add_folder(db, "/photos")
        ids = [stored.add_photo(db, root, f"{name}.jpg") for name in "ab"]
        for tag in ("Brandon", "abstract", "Citizens", "dogs"):
            marks.add_tag(db, ids[:1], tag)
        marks.add_tag(db, ids, "zebra")
    with store.read() as db:
        found = vocabulary.read(db).of("tag")
    assert [each.value for each in found] == ["zebra", "abstract", "Brandon", "Citizens", "dogs"]


def test_an_empty_library_has_nothing_to_name(store: LibraryStore) -> None:
    with store.read() as db:
        assert vocabulary.read(db) == Vocabulary(numbers={"rating": ((0, 0),)})


def test_photos_that_are_gone_are_not_counted(store: LibraryStore) -> None:
    with store.write() as db:
        root = stored.add_folder(db, "/photos")
        ids = [
            stored.add_photo(db, root, f"{name[0]}/{name}", metadata=ImageMetadata(camera="Pixel 7"))
            for name in ("a.jpg", "b.jpg")
        ]
        files.remove(db, [row.id for row in files.of_photo(db, ids[1])])
    with store.read() as db:
        found = vocabulary.read(db)
    assert found.of("camera") == (ValueCount("Pixel 7", 1),)
    assert [each.value for each in found.of("in")] == ["a", "photos"]
    assert found.of("type") == (ValueCount("jpeg", 1),)
