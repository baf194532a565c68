"""Tables of photos as CSV."""

from __future__ import annotations

import csv
import hashlib
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.core.errors import UsageError
from safelight.core.migration import ImportKind, LeftOut, MatchMethod
from safelight.services.migration import listing
from safelight.services.migration.migration import plan
from safelight.services.migration.source import SourceError
from safelight.store import photos
from support.migration_world import FIELDS, MigrationWorld, Original, check_import

MakeWorld = Callable[[int], MigrationWorld]

HEADER = (
    *("Path", "Size", "Taken", "Rating", "Rejected", "Label", "Title", "Caption", "Tags", "People"),
    *("Albums", "Favourite", "Hidden"),
)


def row(root: str, each: Original) -> list[object]:
    return [
        f"{root}{each.old}",
        each.size,
        each.taken.isoformat() if each.taken else "",
        each.rating if each.rating > 0 else "",
        "yes" if each.rating < 0 else "",
        each.label.title(),
        each.title,
        each.caption,
        "; ".join(sorted(each.tags)),
        ";".join(each.people),
        ";".join(each.albums),
        "true" if each.favourite else "",
        1 if each.hidden else 0,
    ]


def write(path: Path, world: MigrationWorld, root: str = "/old/Photos/", **format_: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter=format_.get("delimiter", ","))
        table.writerow(HEADER)
        table.writerows(row(root, each) for each in world.originals)
    return path


@pytest.mark.slow
def test_everything_of_2000_photos_arrives_and_is_undone(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2000)
    found = check_import(world, write(tmp_path / "photos.csv", world), FIELDS)
    # What was not moved is found by its path below another root, the rest by its size and time.
    assert found.preview.matched[MatchMethod.PATH] == 1000
    assert [(each.source, each.target) for each in found.preview.mappings] == [
        ("/old/Photos", str(world.folder))
    ]
    counts = {each.kind: each for each in found.preview.counts}
    recognised = found.preview.recognised
    assert counts[ImportKind.RATING].found == sum(bool(each.rating) for each in world.originals)
    assert counts[ImportKind.TAGS].found == sum(len(each.tags) + len(each.people) for each in world.originals)
    assert 0 <= counts[ImportKind.RATING].found - counts[ImportKind.RATING].new <= 2000 - recognised


def test_paths_of_windows_and_semicolons(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(60)
    path = write(tmp_path / "photos.csv", world, "D:/My Photos/", delimiter=";")
    path.write_text(path.read_text("utf-8").replace("D:/My Photos/", "D:\\My Photos\\"), "utf-16")
    found = check_import(world, path, FIELDS)
    assert found.preview.mappings[0].source == "D:\\My Photos"


def test_conflicts_keep_ours_unless_theirs_is_chosen(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(20)
    path = tmp_path / "photos.csv"
    folder = world.folder
    path.write_text(
        f"path,rating,title,tags\n{folder}/{world.originals[2].old},5,New title,a/b\n"
        f"{folder}/{world.originals[4].old},3,Other,\n",
        "utf-8",
    )
    world.run(world.plan(path).operation())
    path.write_text(path.read_text("utf-8").replace(",5,New title", ",4,New title").replace("Other", "Third"))
    found = world.plan(path)
    assert [(each.field, each.ours, each.theirs) for each in found.conflicts] == [
        ("rating", 5, 4),
        ("title", "Other", "Third"),
    ]
    assert world.run(found.operation()).step is None
    first = found.conflicts[0]
    assert world.run(found.operation(theirs=[(first.photo_id, first.field)])).step is not None
    assert (world.described()[2].rating, world.described()[4].title) == (4, "Other")
    world.run(world.plan(path).operation(all_theirs=True))
    assert world.described()[4].title == "Third"
    world.undo()
    assert world.described()[4].title == "Other"
    # A value that was changed since is left alone.
    world.undo()
    assert world.described()[2].rating == 5


def test_names_of_exiftool_and_hashes(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(9)
    path = tmp_path / "photos.csv"
    lines = [
        f"lost/{each.number},2,Animals|Dog,{hashlib.sha1(each.content).hexdigest()}"
        for each in world.originals
    ]
    path.write_text("\n".join(["SourceFile,XMP:Rating,XMP:HierarchicalSubject,SHA1", *lines]))
    found = world.plan(path)
    assert found.preview.matched == {MatchMethod.CONTENT: 9}
    world.run(found.operation())
    assert {(each.rating, each.tags) for each in world.described().values()} == {
        (2, frozenset({"Animals/Dog"}))
    }


def test_lists_and_coordinates_as_exiftool_writes_them(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2)
    path = tmp_path / "photos.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["SourceFile", "Keywords", "PersonInImage", "GPSLatitude", "GPSLongitude"])
        first, second = (f"{world.folder}/{each.new}" for each in world.originals)
        table.writerow([first, "beach, dog", "Ada, Bo", "47 deg 22' 12.00\" N", "8 deg 30' 0.00\" W"])
        table.writerow([second, "Paris, France;tower", "", "33 deg 0' 0.00\"", "18 deg 0' 0.00\""])
    found = world.plan(path)
    assert found.preview.left_out == {LeftOut.VALUE: 1}  # the hemisphere of the second is not known
    world.run(found.operation())
    described = world.described()
    assert [each.tags for each in described.values()] == [{"beach", "dog"}, {"Paris, France", "tower"}]
    assert [each.people for each in described.values()] == [("Ada", "Bo"), ()]
    with world.store.read() as db:
        known = photos.get_many(db, [world.ids[number] for number in described])
    found_at = [(photo.metadata.latitude, photo.metadata.longitude) for photo in known]
    assert found_at == [(pytest.approx(47.37), pytest.approx(-8.5)), (None, None)]


def test_ambiguous_and_missing_photos_are_reported(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1000)  # names repeat after 900
    path = tmp_path / "photos.csv"
    path.write_text("path,rating\nIMG_0002.JPG,4\nnowhere/lost.jpg,3\nelsewhere/IMG_0050.JPG,3\n")
    found = world.plan(path)
    assert found.preview.recognised == 0
    assert {each.path for each in found.not_found} == {
        "IMG_0002.JPG",
        "nowhere/lost.jpg",
        "elsewhere/IMG_0050.JPG",
    }
    taken = world.originals[2].taken
    assert taken is not None
    path.write_text(f"path,taken,rating\nIMG_0002.JPG,{taken.isoformat()},4\n")
    assert world.plan(path).preview.recognised == 1


def test_a_mapping_is_taken_before_what_is_deduced(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(10)
    path = tmp_path / "photos.csv"
    each = world.originals[1]  # moved and renamed, without size or time in the table
    assert each.moved
    name = each.new.rpartition("/")[2]
    path.write_text(f"path,rating\nE:\\Cards\\{name},5\n")
    assert world.plan(path).preview.recognised == 0
    mappings = {"E:\\Cards": str(world.folder / each.new.rpartition("/")[0])}
    found = plan(world.store, path, mappings=mappings)
    assert found.preview.matched == {MatchMethod.PATH: 1}
    assert found.preview.mappings[0].source == "E:\\Cards"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a catalogue"),
        (b"name,rating\na.jpg,1\n", "not a catalogue"),
        (b"path,rating\n\xff\xfea.jpg,1\n", "not in UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(
    make_world: MakeWorld, tmp_path: Path, content: bytes, message: str
) -> None:
    world = make_world(1)
    path = tmp_path / "photos.csv"
    path.write_bytes(content)
    with pytest.raises((UsageError, SourceError), match=message) as caught:
        world.plan(path)
    assert "\n" not in str(caught.value)


def test_damaged_rows_are_reported_and_the_rest_continues(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(4)
    path = tmp_path / "photos.csv"
    huge = "x" * 300_000
    path.write_text(
        f"path,rating,title,tags\n,3,,\n{huge},3,,\n{world.folder}/{world.originals[0].new},"
        f"many,\x00\x01Title\x07,{'/' * 50};{';'.join(['ok', ' ', '//', 'a' * 900])}\n"
    )
    found = world.plan(path)
    assert len(found.preview.problems) == 3
    world.run(found.operation())
    received = world.described()[0]
    assert (received.rating, received.title, received.tags) == (0, "Title", frozenset({"ok", "a" * 500}))


def test_values_that_no_library_can_hold_are_counted_and_named(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(6)
    path = tmp_path / "photos.csv"
    rows = (
        *("7,,,", "3,yesterday,,", "-1,,95,16", "many,1699-01-01,48,"),  # six values that are not valid
        *("0,0000:00:00 00:00:00,0,0", "-,-,-,-"),  # nothing is known
    )
    places = [f"{world.folder}/{each.new}" for each in world.originals]
    lines = [f"{place},{row}" for place, row in zip(places, rows, strict=True)]
    path.write_text("\n".join(["path,rating,taken,latitude,longitude", *lines]))
    found = world.plan(path)
    assert found.preview.left_out == {LeftOut.VALUE: 6}
    named = [(each.params["path"], each.params["value"]) for each in found.preview.problems]
    assert named == [
        (places[0], "7"),
        (places[1], "yesterday"),
        (places[2], "95, 16"),
        (places[3], "many"),
        (places[3], "1699-01-01"),
        (places[3], "48, "),
    ]
    counts = {each.kind: each.found for each in found.preview.counts}
    assert counts == {ImportKind.RATING: 2}  # 3 and rejected
    target = tmp_path / "list.csv"
    listing.write(found, target)
    with target.open(newline="") as file:
        listed = [
            (row["path"], row["theirs"]) for row in csv.DictReader(file) if row["state"] == "not taken over"
        ]
    assert listed == named


def test_more_invalid_values_than_are_listed_are_counted(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    path = tmp_path / "photos.csv"
    path.write_text("\n".join(["path,rating", *(f"{number}.jpg,{number}" for number in range(6, 256))]))
    found = world.plan(path)
    assert found.preview.left_out == {LeftOut.VALUE: 250}
    assert len(found.refused) == 250
    assert len(found.preview.problems) == 101
    assert str(found.preview.problems[-1]) == "150 more problems are not listed."


def test_joined_emoji_are_imported_as_if_they_were_typed(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    path = tmp_path / "photos.csv"
    family = "Family \N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
    row = f"{world.folder}/{world.originals[0].new},{family},{family},{family}"
    path.write_text(f"path,title,caption,tags\n{row}\n", "utf-8")
    world.run(world.plan(path).operation())
    received = world.described()[0]
    assert (received.title, received.caption, received.tags) == (family, family, frozenset({family}))


def test_a_file_without_line_breaks_takes_little_memory(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    table = tmp_path / "t.csv"
    path = world.folder / world.originals[0].new
    with table.open("wb") as file:
        file.write(b"path,rating\n")
        file.seek(60_000_000)  # zeros
        file.write(f"\n{path},3\n".encode())
    tracemalloc.start()
    try:
        found = world.plan(table)
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()
    assert found.preview.records == 1
    assert "longer than" in str(found.preview.problems[0])
