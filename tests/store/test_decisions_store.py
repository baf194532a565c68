from __future__ import annotations

import json
from pathlib import Path

from safelight.core.duplicates import Verdict
from safelight.core.keeper import DEFAULT_RULES, KeeperRule
from safelight.store import decisions, files, marks, orphans, photos, user_data_export
from safelight.store.library import Connection, LibraryStore
from support.stored import add_folder, add_photo, decoded, digest, hold, stat

KEEP, NOT = Verdict.KEEP_BOTH, Verdict.NOT_DUPLICATES


def pair(first: str, second: str) -> tuple[bytes, bytes]:
    return (min(digest(first), digest(second)), max(digest(first), digest(second)))


def test_every_two_of_those_judged_are_remembered(store: LibraryStore) -> None:
    with store.write() as db:
        root = add_folder(db)
        a, b, c = (add_photo(db, root, f"{name}.jpg", content=name) for name in "abc")
        changed = decisions.store_verdict(db, [a, b, c], NOT, 5.0)
        assert len(changed) == 3
        assert decisions.verdicts(db) == {pair(*each): NOT for each in ("ab", "ac", "bc")}
        assert decisions.verdicts_of_photos(db) == {(a, b): NOT, (a, c): NOT, (b, c): NOT}
        assert decisions.store_verdict(db, [a, b], NOT, 6.0) == []
        assert decisions.store_verdict(db, [a, 999], KEEP, 6.0) == []


def test_a_judgement_is_taken_back_to_what_it_replaced(store: LibraryStore) -> None:
    with store.write() as db:
        root = add_folder(db)
        a, b, c = (add_photo(db, root, f"{name}.jpg", content=name) for name in "abc")
        decisions.store_verdict(db, [a, b], KEEP, 1.0)
        changed = decisions.store_verdict(db, [a, b, c], NOT, 2.0)
        assert decisions.undo_verdicts(db, changed) == 3
        assert decisions.verdicts(db) == {pair("a", "b"): KEEP}


def test_newer_decisions_are_not_undone(store: LibraryStore) -> None:
    with store.write() as db:
        root = add_folder(db)
        a, b = (add_photo(db, root, f"{name}.jpg", content=name) for name in "ab")
        changed = decisions.store_verdict(db, [a, b], NOT, 1.0)
        decisions.store_verdict(db, [a, b], KEEP, 2.0)
        assert decisions.undo_verdicts(db, changed) == 0
        assert decisions.verdicts(db) == {pair("a", "b"): KEEP}


def test_copies_of_one_content_are_kept_as_many_as_there_are(store: LibraryStore) -> None:
    with store.write() as db:
        root = add_folder(db)
        a = add_photo(db, root, "1.jpg", content="a")
        add_photo(db, root, "2.jpg", content="a")
        changed = decisions.store_verdict(db, [a, a], KEEP, 1.0)
        assert decisions.kept_copies(db) == {a: 2}
        assert decisions.verdicts(db) == {}
        assert decisions.undo_verdicts(db, changed) == 1
        assert decisions.kept_copies(db) == {}


def test_kept_copies_stay_kept_when_one_is_tagged_again(store: LibraryStore) -> None:
    with store.write() as db:
        root = add_folder(db)
        old = add_photo(db, root, "1.jpg", content="a", pixels="same")
        add_photo(db, root, "2.jpg", content="a", pixels="same")
        decisions.store_verdict(db, [old, old], KEEP, 1.0)
        new = photos.insert(db, decoded("b", pixels="same"), "2024-01-01T00:00:00", 1.0)
        (second,) = [row.id for row in files.of_photo(db, old) if row.path == b"2.jpg"]
        assert photos.inherit(db, old, new)
        hold(db, second, new)
        assert decisions.verdicts_of_photos(db) == {(old, new): KEEP}


def test_protection_of_a_folder_holds_for_what_is_in_it(store: LibraryStore) -> None:
    with store.write() as db:
        assert decisions.protect(db, b"/photos/best", True, 1.0)
        assert not decisions.protect(db, b"/photos/best", True, 2.0)
        assert decisions.protect(db, b"/photos/one.jpg", True, 2.0)
        locked = decisions.protected_paths(db)
        assert "/photos/best/a/b.jpg" in locked
        assert b"/photos/one.jpg" in locked
        assert "/photos/bestiary.jpg" not in locked
        assert decisions.protect(db, b"/photos/best", False, 3.0)
        assert not decisions.protect(db, b"/photos/best", False, 3.0)
        assert "/photos/best/a/b.jpg" not in decisions.protected_paths(db)


def test_the_order_of_rules_is_remembered(store: LibraryStore) -> None:
    with store.write() as db:
        assert decisions.keeper_rules(db) == DEFAULT_RULES
        decisions.set_keeper_rules(db, [KeeperRule.FOLDER, KeeperRule.AGE])
    with store.read() as db:
        assert decisions.keeper_rules(db)[:3] == (KeeperRule.FOLDER, KeeperRule.AGE, KeeperRule.MARKS)


def test_what_a_keeper_inherits_goes_again_but_for_what_was_changed_since(store: LibraryStore) -> None:
    with store.write() as db:
        root = add_folder(db)
        old, new = (add_photo(db, root, f"{name}.jpg", content=name) for name in "ab")
        marks.set_favourite(db, [old], True)
        marks.set_rating(db, [old], 4)
        marks.set_rating(db, [new], 2)
        marks.add_tag(db, [old], "sea")
        marks.add_tag(db, [old, new], "sun")
        db.execute(
            "INSERT INTO mark (photo_id, hidden) VALUES (?, 1) ON CONFLICT DO UPDATE SET hidden = 1", (old,)
        )
        before = state_of(db, new)
        merged = marks.merge(db, old, new)
        assert merged is not None
        assert state_of(db, new) == (1, 4, 0, {"sea", "sun"})
        assert state_of(db, old) == (1, 4, 1, {"sea", "sun"})
        assert marks.merge(db, old, new) is None
        marks.unmerge(db, new, merged)
        assert state_of(db, new) == before

        merged = marks.merge(db, old, new)
        assert merged is not None
        marks.set_rating(db, [new], 5)
        marks.unmerge(db, new, merged)
        assert state_of(db, new) == (0, 5, 0, {"sun"})


def state_of(db: Connection, photo: int) -> tuple[int, int, int, set[str]]:
    row = db.execute("SELECT favourite, rating, hidden FROM mark WHERE photo_id = ?", (photo,)).fetchone()
    tags = db.execute("SELECT name FROM tag JOIN photo_tag ON tag.id = tag_id WHERE photo_id = ?", (photo,))
    return (*(row or (0, 0, 0)), {name for (name,) in tags})


def test_a_judgement_outlives_a_scan_that_finds_the_file_again(store: LibraryStore) -> None:
    with store.write() as db:
        root = add_folder(db)
        a, b = (add_photo(db, root, f"{name}.jpg", content=name) for name in "ab")
        decisions.store_verdict(db, [a, b], NOT, 1.0)
        files.remove(db, [row.id for row in files.of_photo(db, a)])
        orphans.prune(db, older_than=1e12)
    with store.write() as db:
        (again,) = files.add(db, root, [(b"moved/a.jpg", stat())])
        c = photos.insert(db, decoded("a"), "2024-01-01T00:00:00", 2.0)
        hold(db, again, c)
        assert c != a
        assert decisions.verdicts_of_photos(db) == {(min(b, c), max(b, c)): NOT}


def test_all_of_the_review_goes_out_and_in_again(store: LibraryStore, tmp_path: Path) -> None:
    order = (KeeperRule.FOLDER, *(rule for rule in DEFAULT_RULES if rule is not KeeperRule.FOLDER))
    with store.write() as db:
        root = add_folder(db)
        a, b = (add_photo(db, root, f"{name}.jpg", content=name) for name in "ab")
        add_photo(db, root, "copy of a.jpg", content="a")
        decisions.store_verdict(db, [a, b], NOT, 1.0)
        decisions.store_verdict(db, [a, a], KEEP, 2.0)
        decisions.protect(db, b"/photos/best \xff", True, 3.0)
        decisions.set_keeper_rules(db, order)
        document = json.loads(json.dumps(user_data_export.collect(db)))
    with LibraryStore.create_or_open(tmp_path / "other") as other, other.write() as db:
        for _ in range(2):
            user_data_export.apply(db, document)
        root = add_folder(db)
        a = add_photo(db, root, "a.jpg", content="a")
        assert decisions.verdicts(db) == {pair("a", "b"): NOT}
        assert decisions.kept_copies(db) == {a: 2}
        assert decisions.protected_paths(db).paths == (b"/photos/best \xff",)
        assert decisions.keeper_rules(db) == order
        for part in ("kept_copies", "protected", "keeper_rules"):
            del document[part]
        user_data_export.apply(db, document)  # an export of the first version
        assert decisions.keeper_rules(db) == order
