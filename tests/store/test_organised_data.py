"""Labels, captions, nested tags and albums in exports, in rebuilt libraries, and when photos are merged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from safelight.core.duplicates import DuplicateKind
from safelight.core.errors import SafelightError
from safelight.core.photo import ImageMetadata
from safelight.store import albums, file_metadata, likeness, marks, photos, tags, text, user_data_export
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery.salvage import rebuild
from safelight.store.recovery.value_rules import Rule, described_json, details_json, strings_json
from support.stored import add_folder, add_photo


def organised(db: Connection) -> list[int]:
    folder_id = add_folder(db)
    ids = [add_photo(db, folder_id, name) for name in "abc"]
    marks.set_rating(db, ids[:1], -1)
    marks.set_value(db, ids[:2], "label", "green")
    marks.set_value(db, ids[1:2], "hidden", 1)
    marks.set_value(db, ids[1:], "title", "Summer fête")
    marks.set_value(db, ids[2:], "caption", "two\nlines")
    marks.turn(db, ids[:1], 3)
    marks.add_tag(db, ids[1:], "animals/dog")
    tags.create(db, "unused")
    trips = albums.create(db, "Trips", None, 1.0)
    italy = albums.create(db, "Italy", trips, 2.0)
    albums.add_photos(db, italy, [ids[2], ids[0]])
    album = albums.get(db, italy)
    assert album is not None
    albums.update(db, replace(album, cover_id=ids[0]))
    best = albums.create(db, "Best", None, 3.0)
    albums.set_positions(db, [(trips, 1), (best, 2)])  # not the order of their names
    return ids


def state(db: Connection) -> list[object]:
    """By content, so that libraries with other ids can be compared."""
    content = photos.content_hashes(db, range(1, 99))
    return [
        sorted(
            (content[row[0]], *row[1:])
            for row in db.execute(f"SELECT * FROM mark AS m WHERE {marks.HAS_MARK}")
        ),
        {each.name: each.photos for each in tags.all_tags(db)},
        [
            (
                each.path,
                [content[photo] for photo in albums.photo_ids(db, each.album.id)],
                each.cover and content[each.cover],
            )
            for each in albums.all_albums(db)
        ],
        sorted(content[photo] for ids in text.photos_with_word(db, "fete", 99).values() for photo in ids),
    ]


def test_an_export_carries_everything_into_another_library(tmp_path: Path, store: LibraryStore) -> None:
    with store.write() as db:
        organised(db)
        wanted = state(db)
        document = user_data_export.collect(db)
    assert [each["parents"] for each in document["albums"]] == [[], ["Trips"], []]
    assert next((each["rating"], each["rejected"]) for each in document["photos"]) == (0, True)
    with LibraryStore.create_or_open(tmp_path / "other") as other, other.write() as db:
        folder_id = add_folder(db)
        for name in "cab":
            add_photo(db, folder_id, name)
        for _ in range(2):  # applying it twice changes nothing more
            user_data_export.apply(db, document)
            assert state(db) == wanted
        document["photos"][0]["label"] = "orange"
        with pytest.raises(SafelightError, match="not an export"):
            user_data_export.apply(db, document)


def test_an_export_of_an_older_version_is_taken(store: LibraryStore) -> None:
    with store.write() as db:
        organised(db)
        wanted = state(db)
        document = user_data_export.collect(db)
        del document["tags"]
        for entry in document["photos"]:
            for key in ("rejected", "label", "title", "caption", "turns"):
                del entry[key]
        for album in document["albums"]:
            del album["parents"], album["cover"], album["position"]
        document["albums"].pop(1)  # the nested one
        user_data_export.apply(db, document)
        assert state(db) == wanted  # nothing that exists is lowered


def test_a_rebuilt_library_has_everything(tmp_path: Path) -> None:
    place = tmp_path / "library"
    with LibraryStore.create_or_open(place) as store, store.write() as db:
        organised(db)
        wanted = state(db)
    rebuild(place)
    with LibraryStore.create_or_open(place) as store, store.read() as db:
        assert state(db) == wanted


def test_a_rebuilt_library_remembers_what_files_said(tmp_path: Path) -> None:
    """Otherwise a tag that the user removed would come back from the file."""
    place = tmp_path / "library"
    in_file = ImageMetadata(tags=("kept", "removed"), rating=2, creator="Anna")
    with LibraryStore.create_or_open(place) as store, store.write() as db:
        photo = add_photo(db, add_folder(db), "a")
        file_metadata.merge_metadata(db, [(photo, in_file)])
        marks.remove_tag(db, [photo], "removed")
        marks.set_rating(db, [photo], 0)
    rebuild(place)
    with LibraryStore.create_or_open(place) as store, store.write() as db:
        assert file_metadata.base_of(db, [photo])[photo].tags == ("kept", "removed")
        file_metadata.merge_metadata(db, [(photo, in_file)])
        said = file_metadata.of_photos(db, [photo])[photo]
        assert (said.tags, said.rating) == (("kept",), 0)
        assert photos.get_many(db, [photo])[0].metadata.creator == "Anna"


FACE = '{"name": "A", "kind": "Face", "left": %s, "top": 0.1, "width": 0.1, "height": 0.1}'


@pytest.mark.parametrize(
    ("rule", "text", "valid"),
    [
        (described_json, '{"rating": 3, "tags": ["a/b"], "title": "x"}', True),
        (described_json, '{"rating": "3"}', False),
        (described_json, '{"tags": [1]}', False),
        (described_json, '{"other": 1}', False),
        (described_json, "[]", False),
        (details_json, '{"creator": "A", "utc_offset": 0, "regions": []}', True),
        (details_json, '{"regions": [{"name": "A"}]}', False),
        (details_json, f'{{"orientation": 6, "regions": [{FACE % "0.5"}]}}', True),
        (details_json, f'{{"regions": [{FACE % "NaN"}]}}', False),
        (details_json, f'{{"regions": [{FACE % "1e300"}]}}', False),
        (details_json, '{"orientation": "6"}', False),
        (details_json, '{"regions": 3}', False),
        (details_json, '{"utc_offset": "x"}', False),
        (details_json, "3", False),
        (strings_json, '["gps:invalid"]', True),
        (strings_json, "{}", False),
        (strings_json, "[1]", False),
    ],
)
def test_stored_metadata_is_checked_in_foreign_databases(rule: Rule, text: str, valid: bool) -> None:
    if valid:
        assert rule(text) == text
    else:
        with pytest.raises(ValueError, match=r"is no|are no|not a number"):
            rule(text)


def test_albums_whose_parents_are_missing_or_in_a_circle_come_to_the_top(store: LibraryStore) -> None:
    with store.write() as db:
        one, two = albums.create(db, "one", None, 1.0), albums.create(db, "two", None, 1.0)
        albums.create(db, "lost", 987, 1.0)
        db.execute("UPDATE album SET parent_id = ? WHERE id = ?", (two, one))
        db.execute("UPDATE album SET parent_id = ? WHERE id = ?", (one, two))
        assert albums.repair_parents(db) == 3
        assert [each.path for each in albums.all_albums(db)] == ["lost", "one", "two"]
        assert albums.repair_parents(db) == 0


def test_a_duplicate_passes_on_texts_but_no_rejection(store: LibraryStore) -> None:
    with store.write() as db:
        a, _, c = organised(db)
        marks.set_value(db, [a], "caption", "first")
        merged = marks.merge(db, a, c)
        kept = photos.get_many(db, [c])[0]
        assert (kept.rating, kept.label, kept.title, kept.caption) == (
            0,
            "green",
            "Summer fête",
            "two\nlines",
        )
        marks.unmerge(db, c, merged or {})
        kept = photos.get_many(db, [c])[0]
        assert (kept.label, kept.caption) == ("", "two\nlines")


def test_an_edited_file_keeps_its_rejection(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, _ = organised(db)
        marks.pass_on(db, a, b, keep=False)
        assert photos.get_many(db, [b])[0].rating == -1
        (album,) = (each for each in albums.all_albums(db) if each.path == "Trips/Italy")
        assert album.album.cover_id == b


def test_turns_are_counted_in_quarters(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, _ = organised(db)
        assert marks.turn(db, [a, b, 987_654], 2) == {a: 3, b: 0}
        assert marks.turns(db, [a, b]) == {a: 1, b: 2}
        assert marks.turn(db, [b], 2) == {b: 2}
        assert marks.turns(db, [a, b]) == {a: 1}
        assert photos.get_many(db, [a])[0].turns == 1


def test_shapes_are_those_of_the_turned_photos(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, c = organised(db)
        db.execute("UPDATE photo SET width = 300, height = 200")
        marks.turn(db, [c], 2)
        ids, shapes = photos.shapes(db, 0, 10)
        found = dict(zip(ids, shapes, strict=True))
    assert found == pytest.approx({a: 2 / 3, b: 1.5, c: 1.5})


def test_an_edited_file_stays_turned_unless_its_pixels_were_turned(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, c = organised(db)
        marks.pass_on(db, a, b, keep=True)
        assert marks.turns(db, [a, b]) == {a: 3, b: 3}
        db.execute("UPDATE photo SET (width, height) = (height, width + 1) WHERE id = ?", (c,))
        marks.pass_on(db, a, c, keep=True)
        assert marks.turns(db, [c]) == {}


@pytest.mark.parametrize(
    ("kind", "detail", "inherited"),
    [
        (DuplicateKind.RESAVED, "", True),
        (DuplicateKind.RESAVED, "turned by 90°", False),
        (DuplicateKind.CROP, "", False),
        (None, "", False),
    ],
)
def test_a_duplicate_passes_on_its_turns_where_the_orientation_is_the_same(
    store: LibraryStore, kind: DuplicateKind | None, detail: str, inherited: bool
) -> None:
    with store.write() as db:
        a, _, c = organised(db)
        db.execute("UPDATE photo SET width = width / 2, height = height / 2 WHERE id = ?", (c,))
        if kind is not None:
            likeness.put_pairs(db, [likeness.Pair(min(a, c), max(a, c), kind, 0.99, detail)])
        merged = marks.merge(db, a, c)
        assert marks.turns(db, [a, c]) == ({a: 3, c: 3} if inherited else {a: 3})
        marks.unmerge(db, c, merged or {})
        assert marks.turns(db, [a, c]) == {a: 3}


def test_a_keeper_of_equal_pixels_inherits_turns_and_keeps_its_own(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        old, new, turned = (add_photo(db, folder_id, name, pixels="same") for name in "abc")
        marks.turn(db, [old], 1)
        marks.turn(db, [turned], 2)
        marks.merge(db, old, new)
        marks.merge(db, old, turned)
        assert marks.turns(db, [old, new, turned]) == {old: 1, new: 1, turned: 2}
