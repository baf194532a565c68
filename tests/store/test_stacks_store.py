"""Stacks in views, counts, exports and rebuilt libraries, and when their photos go or change."""

from __future__ import annotations

from pathlib import Path

from safelight.core.query import parse
from safelight.store import (
    albums,
    filter_ids,
    folder_tree,
    folders,
    marks,
    orphans,
    pairs,
    photos,
    stacks,
    thumbnail_info,
    user_data_export,
    vocabulary,
)
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery.salvage import rebuild
from support.stored import add_folder, add_photo


def stacked(db: Connection) -> list[int]:
    """Four photos: b and c are below a."""
    folder_id = add_folder(db)
    ids = [add_photo(db, folder_id, name) for name in "abcd"]
    stacks.put(db, [(ids[1], ids[0]), (ids[2], ids[0])])
    return ids


def test_only_the_top_is_shown_and_counted(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, c, d = stacked(db)
        assert sorted(photos.ids(db)) == [a, d]
        assert photos.counts(db).photos == 2
        assert folders.all_folders(db)[0].photos == 2
        assert pairs.any_halves(db)
        half, whole = (
            filter_ids.matching_ids(db, parse(text).restrictions).tolist() for text in ("is:half", "-is:half")
        )
        assert (half, whole) == ([b, c], [a, d])
        assert photos.get_many(db, [a])[0].stacked == (b, c)
        assert photos.get_many(db, [a])[0].halves == ()
        assert thumbnail_info.read_info(db, [a, b])[a].stacked == 2
        album = albums.create(db, "all", None, 1.0)
        albums.add_photos(db, album, [b, a, d])
        assert albums.photo_ids(db, album, visible=True) == [a, d]
        other = albums.create(db, "other", None, 1.0)
        albums.add_photos(db, other, [b])
        assert albums.photo_ids(db, other, visible=True) == [b]  # its top is not in this album
        assert [each.photos for each in albums.all_albums(db)] == [2, 1]


def test_counts_are_those_of_the_views(store: LibraryStore) -> None:
    """Hidden photos and parts of others are in no view, and in no count."""
    with store.write() as db:
        a, b, c, d = stacked(db)
        folder_id = folders.all_folders(db)[0].id
        add_photo(db, folder_id, "sub/e")
        marks.add_tag(db, [a, b, c, d], "animals/dog")
        marks.set_favourite(db, [a, b, d], True)
        marks.set_value(db, [c, d], "hidden", 1)
        counts = photos.counts(db)
        assert counts.photos - counts.hidden == len(photos.ids(db)) == 2
        assert counts.hidden == 2
        assert counts.favourites == len(photos.ids(db, favourites=True)) == 1
        assert folders.all_folders(db)[0].photos == 2
        assert [each.photos for each in folder_tree.subfolders(db, folder_id)] == [1]
        counted = {each.value: each.photos for each in vocabulary.tags_with_counts(db)}
        assert counted == {"animals": 1, "animals/dog": 1}


def test_the_others_are_shown_while_the_top_is_hidden_or_gone(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, c, d = stacked(db)
        marks.set_value(db, [a], "hidden", 1)
        assert sorted(photos.ids(db)) == [b, c, d]
        marks.set_value(db, [a], "hidden", 0)
        db.execute("UPDATE photo SET orphaned_at = 1 WHERE id = ?", (a,))
        assert sorted(photos.ids(db)) == [b, c, d]
        db.execute("UPDATE photo SET orphaned_at = NULL WHERE id = ?", (a,))
        assert sorted(photos.ids(db)) == [a, d]
        db.execute("DELETE FROM file WHERE photo_id IN (?, ?)", (a, d))
        db.execute("UPDATE photo SET orphaned_at = 1 WHERE id IN (?, ?)", (a, d))
        assert orphans.prune(db, 2.0) == 2
        assert stacks.all_stacks(db) == {b: [c]}


def test_an_edited_file_keeps_its_place(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, c, d = stacked(db)
        marks.pass_on(db, a, d, keep=False)
        assert stacks.all_stacks(db) == {d: [b, c]}
        marks.pass_on(db, b, a, keep=False)
        assert stacks.all_stacks(db) == {d: [a, c]}
        marks.pass_on(db, c, b, keep=True)  # a copy of the file keeps the old content
        assert stacks.all_stacks(db) == {d: [a, c]}


def test_stacks_in_stacks_become_one(store: LibraryStore) -> None:
    with store.write() as db:
        a, b, c, d = stacked(db)
        stacks.put(db, [(a, d)])
        assert stacks.all_stacks(db) == {d: [a, b, c]}
        db.execute("UPDATE stack_photo SET top_id = ? WHERE photo_id = ?", (b, a))
        db.execute("UPDATE stack_photo SET top_id = ? WHERE photo_id = ?", (a, b))
        stacks.resolve_chains(db)  # a circle of a damaged library
        assert {top: below for top, below in stacks.all_stacks(db).items() if top in below} == {}


def test_an_export_carries_stacks(tmp_path: Path, store: LibraryStore) -> None:
    with store.write() as db:
        stacked(db)
        document = user_data_export.collect(db)
    with LibraryStore.create_or_open(tmp_path / "other") as other, other.write() as db:
        folder_id = add_folder(db)
        d, c, a, b = (add_photo(db, folder_id, name) for name in "dcab")
        for _ in range(2):
            user_data_export.apply(db, document)
            assert stacks.all_stacks(db) == {a: sorted([b, c])}
        stacks.put(db, [(c, d)])
        user_data_export.apply(db, document)
        assert stacks.all_stacks(db) == {a: [b], d: [c]}  # what was stacked otherwise here stays


def test_a_rebuilt_library_has_its_stacks(tmp_path: Path) -> None:
    home = tmp_path / "library"
    with LibraryStore.create_or_open(home) as store, store.write() as db:
        ids = stacked(db)
    rebuild(home)
    with LibraryStore.create_or_open(home) as store, store.read() as db:
        assert stacks.all_stacks(db) == {ids[0]: ids[1:3]}
