"""Dates and places of another program replace those of files, and stay when files are read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from safelight.core.migration import ImportKind
from safelight.core.photo import DateSource, ImageMetadata, Photo
from safelight.store import file_metadata, given, marks, orphans, photos, user_data_export
from safelight.store.given import Override
from safelight.store.library import LibraryStore
from support.migration_world import MigrationWorld

MakeWorld = Callable[[int], MigrationWorld]


def table(place: Path, world: MigrationWorld, *rows: tuple[int, str, str, str]) -> Path:
    path = place / "t.csv"
    lines = [
        f"{world.folder}/{world.originals[number].new},{taken},{latitude},{longitude}"
        for number, taken, latitude, longitude in rows
    ]
    path.write_text("\n".join(["path,taken,latitude,longitude", *lines]))
    return path


def photo(world: MigrationWorld, number: int) -> Photo:
    with world.store.read() as db:
        return photos.get_many(db, [world.ids[number]])[0]


def facts(world: MigrationWorld, number: int) -> tuple[object, ...]:
    found = photo(world, number)
    return (
        found.date,
        found.date_is_taken,
        found.date_source,
        found.metadata.latitude,
        found.metadata.longitude,
    )


def without_date(world: MigrationWorld, number: int) -> None:
    with world.store.write() as db:
        file_metadata.merge_metadata(db, [(world.ids[number], ImageMetadata())])


def test_they_are_imported_kept_and_undone(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(4)
    without_date(world, 0)
    before = [facts(world, number) for number in range(4)]
    assert before[0][2] is DateSource.FILE
    taken = before[2][0]
    path = table(
        tmp_path,
        world,
        (0, "1987-06-05T04:03:02", "48.2", "16.37"),
        (1, "1999-01-01T00:00:00", "0", "0"),  # an unknown place, and another date than the file's
        (2, str(taken), "91", "x"),
    )
    found = world.plan(path)
    counts = {each.kind: (each.found, each.new, each.same, each.conflicts) for each in found.preview.counts}
    assert counts == {ImportKind.DATE: (3, 1, 1, 1), ImportKind.PLACE: (1, 1, 0, 0)}
    assert [(each.field, each.theirs) for each in found.conflicts] == [("date", "1999-01-01T00:00:00")]
    world.run(found.operation())
    given_now = ("1987-06-05T04:03:02", True, DateSource.GIVEN, 48.2, 16.37)
    assert facts(world, 0) == given_now
    assert [facts(world, number) for number in (1, 2, 3)] == before[1:]
    # Reading the file again changes neither, also where it says something by now.
    with world.store.write() as db:
        read = ImageMetadata(taken_at="2001-01-01T00:00:00", latitude=1.0, longitude=2.0, camera="X")
        file_metadata.merge_metadata(db, [(world.ids[0], read)])
    assert facts(world, 0) == given_now
    assert photo(world, 0).metadata.camera == "X"
    assert world.plan(path).preview.photos == 0
    world.run(world.plan(path).operation(all_theirs=True))
    assert facts(world, 1)[:3] == ("1999-01-01T00:00:00", True, DateSource.GIVEN)
    world.undo()
    world.undo()
    assert [facts(world, number) for number in range(4)] == before
    with world.store.read() as db:
        assert given.of_photos(db, world.ids.values()) == {}


def test_a_place_that_differs_is_a_conflict(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2)
    world.run(world.plan(table(tmp_path, world, (0, "", "48.2", "16.37"))).operation())
    near = world.plan(table(tmp_path, world, (0, "", "48.20001", "16.37001")))
    assert (near.preview.photos, near.conflicts) == (0, [])
    far = world.plan(table(tmp_path, world, (0, "", "-33.9", "151.2")))
    assert [(each.ours, each.theirs) for each in far.conflicts] == [
        ("48.200000, 16.370000", "-33.900000, 151.200000")
    ]
    world.run(far.operation(theirs=[(world.ids[0], "place")]))
    assert facts(world, 0)[3:] == (-33.9, 151.2)
    world.undo()
    assert facts(world, 0)[3:] == (48.2, 16.37)


def test_something_newer_is_left_alone_by_undo(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    world.run(world.plan(table(tmp_path, world, (0, "", "1", "2"))).operation())
    with world.store.write() as db:
        given.put(db, {world.ids[0]: Override(None, 3.0, 4.0)})
    world.undo()
    assert facts(world, 0)[3:] == (3.0, 4.0)


def test_they_follow_the_photo_and_are_exported(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(3)
    first, second, third = (world.ids[number] for number in range(3))
    value = Override("1987-06-05T04:03:02", 48.2, 16.37)
    with world.store.write() as db:
        given.put(db, {first: value, 987_654: value})
        marks.pass_on(db, first, second, keep=False)  # the file was edited
        marks.pass_on(db, second, third, keep=True)
        assert given.of_photos(db, [first, second, third]) == {second: value, third: value}
        document = user_data_export.collect(db)
        db.execute("DELETE FROM file WHERE photo_id IN (?, ?)", (second, third))
        assert orphans.prune(db, 1e12) == 0  # what the user gave keeps them
        assert orphans.prune(db, 1e12, marked=True) == 2
    other = MigrationWorld(tmp_path / "other", 3)
    with other.store.write() as db:
        user_data_export.apply(db, document)
        user_data_export.apply(db, document)
        assert given.of_photos(db, other.ids.values()) == {other.ids[1]: value, other.ids[2]: value}
    other.close()
    LibraryStore.create_or_open(other.directory).close()
