from __future__ import annotations

import time

from safelight.core.photo import FolderState, ImageMetadata
from safelight.store import (
    files,
    folders,
    marks,
    orphans,
    photo_paths,
    photos,
    stored_thumbnails,
    text,
    vectors,
    view_counts,
)
from safelight.store.library import Connection, LibraryStore
from support.stored import (
    MODEL,
    add_file,
    add_folder,
    add_photo,
    add_photos_with_vectors,
    decoded,
    digest,
    hold,
    stat,
    unit_vectors,
    without_vector,
)


def test_a_photo_comes_back_as_it_was_read(store: LibraryStore) -> None:
    metadata = ImageMetadata(
        taken_at="2021-02-03T04:05:06",
        camera="Acme X100",
        lens="50 mm",
        iso=400,
        aperture=2.8,
        exposure=0.004,
        focal_length=50.0,
        latitude=-33.5,
        longitude=151.25,
    )
    with store.write() as db:
        folder_id = add_folder(db)
        taken = add_photo(db, folder_id, "a.jpg", metadata=metadata)
        undated = add_photo(db, folder_id, b"\xff.jpg", date="2020-01-01T00:00:00")
        marks.set_favourite(db, [undated], True)
        marks.set_rating(db, [undated], 3)
        second, first = photos.get_many(db, [undated, 99, taken])
        assert first.metadata == metadata
        assert (first.date, first.date_is_taken, first.favourite) == ("2021-02-03T04:05:06", True, False)
        assert (first.size, first.format, first.width, first.height) == (1234, "JPEG", 640, 480)
        assert first.colour == 0x336699
        assert (second.id, second.date, second.date_is_taken) == (undated, "2020-01-01T00:00:00", False)
        assert second.metadata == ImageMetadata()
        assert (second.favourite, second.rating) == (True, 3)
        (place,) = second.files
        assert (place.path, place.folder_id, place.online) == ("/photos/\udcff.jpg", folder_id, True)
        assert place.mtime_ns == stat().mtime_ns
        assert photos.get_many(db, []) == []
        assert [photo.id for photo in photos.get_many(db, [taken, undated, taken])] == [taken, undated, taken]
        assert len(photos.get_many(db, [taken, taken])[0].files) == 1


def test_photos_are_listed_by_date(store: LibraryStore) -> None:
    with store.write() as db:
        one, other = add_folder(db, "/one"), add_folder(db, "/other")
        middle = add_photo(db, one, "m", date="2022-01-01T00:00:00")
        oldest = add_photo(db, other, "o", date="2021-01-01T00:00:00")
        newest = add_photo(db, one, "n", date="2023-01-01T00:00:00")
        gone = add_photo(db, one, "g", date="2024-01-01T00:00:00")
        marks.set_favourite(db, [oldest, middle, gone], True)
        files.remove(db, [held.id for held in files.of_photo(db, gone)])
        assert photos.ids(db) == [newest, middle, oldest]
        assert photos.ids(db, newest_first=False) == [oldest, middle, newest]
        assert photos.ids(db, favourites=True) == [middle, oldest]
        assert photos.ids(db, folder_id=one) == [newest, middle]
        assert photos.ids(db, favourites=True, folder_id=one) == [middle]
        assert photos.recent_ids(db, 2) == [newest, oldest]
        assert photos.dates(db, [oldest, 99, newest]) == ["2021-01-01T00:00:00", "", "2023-01-01T00:00:00"]
        assert photos.colours(db, [oldest, 99]) == {oldest: 0x336699}
        counts = photos.counts(db)
        assert (counts.photos, counts.files, counts.favourites) == (3, 3, 2)


def test_paths_prefer_what_is_connected(store: LibraryStore) -> None:
    with store.write() as db:
        away, here = add_folder(db, "/away"), add_folder(db, "/here")
        both = add_photo(db, away, "a.jpg", content="same")
        add_photo(db, here, "b.jpg", content="same")
        unreachable = add_photo(db, away, "c.jpg")
        folders.set_state(db, away, FolderState.OFFLINE)
        assert photo_paths.of_photo(db, both) == [b"/here/b.jpg", b"/away/a.jpg"]
        assert photo_paths.located(db, [unreachable, both]) == [(both, digest("same"), b"/here/b.jpg")]
        model_id = vectors.register(db, MODEL, 1.0)
        assert without_vector(db, model_id) == [both]
        assert photo_paths.of_photo(db, unreachable) == [b"/away/c.jpg"]
        assert photo_paths.of_photo(db, 99) == []
        assert [place.online for place in photos.get_many(db, [both])[0].files] == [False, True]
        assert photo_paths.photo_at(db, b"/away/c.jpg") == unreachable
        assert photo_paths.photo_at(db, b"/away") is None
        assert photo_paths.photo_at(db, b"/elsewhere/c.jpg") is None


def test_photos_without_a_vector_are_found_what_was_viewed_first_then_the_newest(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 2)
        other = vectors.register(db, type(MODEL)("other@1", "other", MODEL.dim, "cpu"), 1.0)
        old = add_photo(db, 1, "old", date="1999-01-01T00:00:00")
        new = add_photo(db, 1, "new", date="2030-01-01T00:00:00")
        assert without_vector(db, model_id) == [new, old]
        assert without_vector(db, other) == [new, *ids[::-1], old]
        for photo_id in (old, ids[0], old, 99):
            view_counts.count(db, photo_id)
        assert without_vector(db, other) == [old, ids[0], new, ids[1]]
        assert without_vector(db, 0) == [old, ids[0], new, ids[1]]  # a model not met yet
        assert without_vector(db, model_id) == [old, new]
        vectors.put(db, model_id, [new], rows[:1])
        assert without_vector(db, model_id) == [old]
        assert photos.counts(db, model_id).embedded == 3
        assert photos.counts(db, other).embedded == 0
        files.remove(db, [held.id for held in files.of_photo(db, new)])
        assert photos.counts(db, model_id).embedded == 2


# --- what outlives a photo's files ----------------------------------------------------------------------


def edit(db: Connection, old: int, name: str, pixels: str, *, inherit_first: bool = True) -> int:
    """Another program rewrites one of the files of a photo."""
    held = files.of_photo(db, old)[0]
    files.mark_changed(db, held.id, stat(2))
    new = photos.insert(db, decoded(name, pixels=pixels), "2024-01-01T00:00:00", 2.0)
    if inherit_first:
        photos.inherit(db, old, new)
    hold(db, held.id, new, 2)
    if not inherit_first:
        photos.inherit(db, old, new)
    return new


def test_marks_and_vectors_follow_the_pixels(store: LibraryStore) -> None:
    for inherit_first in (True, False):
        with store.write() as db:
            folder_id = add_folder(db, f"/{inherit_first}")
            tone = f"tone {inherit_first}"
            old = add_photo(db, folder_id, "a.jpg", pixels=tone)
            model_id = vectors.register(db, MODEL, 1.0)
            rows = unit_vectors(3, 1)
            vectors.put(db, model_id, [old], rows)
            marks.set_favourite(db, [old], True)
            marks.set_rating(db, [old], 4)
            marks.add_tag(db, [old], "Sea")
            db.execute("INSERT INTO album (id, name, created_at) VALUES (?, 'best', 1.0)", (old,))
            db.execute("INSERT INTO album_photo VALUES (?, ?, 1)", (old, old))

            new = edit(db, old, f"retagged {inherit_first}", tone, inherit_first=inherit_first)

            (photo,) = photos.get_many(db, [new])
            assert (photo.favourite, photo.rating) == (True, 4)
            assert (vectors.get(db, model_id, new) == rows[0]).all()
            assert new in text.matches(db, "sea", 9)
            assert db.execute("SELECT photo_id FROM album_photo WHERE album_id = ?", (old,)).get == new
            # Nothing of the person's is left on the old one, so it can go.
            assert orphans.prune(db, time.time() + 60) == 1


def test_marks_stay_with_a_copy_that_was_not_edited(store: LibraryStore) -> None:
    for inherit_first in (True, False):
        with store.write() as db:
            folder_id = add_folder(db, f"/{inherit_first}")
            name = f"same {inherit_first}"
            old = add_photo(db, folder_id, "a.jpg", content=name, pixels=name)
            add_photo(db, folder_id, "b.jpg", content=name, pixels=name)
            marks.set_favourite(db, [old], True)
            new = edit(db, old, f"retagged {name}", name, inherit_first=inherit_first)
            assert {old, new} <= set(photos.ids(db, favourites=True))


def test_other_pixels_inherit_nothing(store: LibraryStore) -> None:
    with store.write() as db:
        old = add_photo(db, add_folder(db), "a.jpg")
        model_id = vectors.register(db, MODEL, 1.0)
        vectors.put(db, model_id, [old], unit_vectors(3, 1))
        marks.set_favourite(db, [old], True)
        new = edit(db, old, "cropped", "other pixels")
        assert not photos.inherit(db, old, new)
        assert not photos.inherit(db, old, old)
        assert not photos.inherit(db, old, 99)
        assert vectors.get(db, model_id, new) is None
        assert photos.ids(db, favourites=True) == []
        # The person's mark waits for the content to come back.
        assert orphans.prune(db, time.time() + 60) == 0
        hold(db, add_file(db, 1, "copy of a.jpg", 9), old, 9)
        assert photos.ids(db, favourites=True) == [old]


def test_inheriting_joins_what_both_have(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        old = add_photo(db, folder_id, "a.jpg", pixels="tone")
        new = add_photo(db, folder_id, "b.jpg", pixels="tone")
        third = digest("third")
        marks.set_rating(db, [old], 2)
        marks.set_rating(db, [new], 5)
        marks.set_favourite(db, [old], True)
        for pair in ((digest(repr((folder_id, "a.jpg"))), third), (third, b"\0" * 20)):
            db.execute("INSERT INTO decision VALUES (?, ?, 'different', 1.0)", tuple(sorted(pair)))
        assert photos.inherit(db, old, new)
        (photo,) = photos.get_many(db, [new])
        assert (photo.favourite, photo.rating) == (True, 5)
        pairs = {frozenset(row) for row in db.execute("SELECT first, second FROM decision")}
        assert frozenset((digest(repr((folder_id, "b.jpg"))), third)) in pairs
        assert len(pairs) == 3


def test_orphans_go_after_a_while_with_all_that_is_theirs(store: LibraryStore) -> None:
    with store.write() as db:
        model_id, ids, rows = add_photos_with_vectors(db, 4)
        gone, marked, unmarked_again, kept = ids
        marks.set_rating(db, [marked, unmarked_again], 1)
        marks.set_rating(db, [unmarked_again], 0)
        before = time.time()
        for photo in (gone, marked, unmarked_again):
            files.remove(db, [held.id for held in files.of_photo(db, photo)])
        assert orphans.prune(db, before - 60) == 0
        assert (vectors.get(db, model_id, gone) == rows[0]).all()
        assert orphans.prune(db, time.time() + 60) == 2
        assert photos.find_by_content(db, digest(repr((1, "0.jpg")))) is None
        assert vectors.stored_ids(db, model_id) == {marked, kept}
        assert set(stored_thumbnails.get_many(db, ids)) == {marked, kept}
        # An id that was given out is never another photo's.
        assert add_photo(db, 1, "new.jpg") > max(ids)
