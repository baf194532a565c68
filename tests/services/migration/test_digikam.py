"""digiKam's database, made after the schema in its repository."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from safelight.core.errors import SourceError
from safelight.core.migration import ImportKind, LeftOut, MatchMethod
from safelight.core.photo import FaceRegion
from support.catalogue_attacks import (
    check_changed_while_read,
    check_damaged,
    check_hostile_schema,
    check_in_use,
    refusal,
)
from support.migration_world import FIELDS, MigrationWorld, Original, check_import

MakeWorld = Callable[[int], MigrationWorld]

SCHEMA = """
CREATE TABLE AlbumRoots (id INTEGER PRIMARY KEY, label TEXT, status INTEGER NOT NULL, type INTEGER NOT NULL,
    identifier TEXT, specificPath TEXT, caseSensitivity INTEGER, UNIQUE (identifier, specificPath));
CREATE TABLE Albums (id INTEGER PRIMARY KEY, albumRoot INTEGER NOT NULL, relativePath TEXT NOT NULL,
    date DATE, caption TEXT, collection TEXT, icon INTEGER, modificationDate DATETIME,
    UNIQUE (albumRoot, relativePath));
CREATE TABLE Images (id INTEGER PRIMARY KEY, album INTEGER, name TEXT NOT NULL, status INTEGER NOT NULL,
    category INTEGER NOT NULL, modificationDate DATETIME, fileSize INTEGER, uniqueHash TEXT,
    manualOrder INTEGER, UNIQUE (album, name));
CREATE TABLE ImageInformation (imageid INTEGER PRIMARY KEY, rating INTEGER, creationDate DATETIME,
    digitizationDate DATETIME, orientation INTEGER, width INTEGER, height INTEGER, format TEXT,
    colorDepth INTEGER, colorModel INTEGER);
CREATE TABLE ImageComments (id INTEGER PRIMARY KEY, imageid INTEGER, type INTEGER, language TEXT, author TEXT,
    date DATETIME, comment TEXT, UNIQUE (imageid, type, language, author));
CREATE TABLE Tags (id INTEGER PRIMARY KEY, pid INTEGER, name TEXT NOT NULL, icon INTEGER, iconkde TEXT,
    UNIQUE (name, pid));
CREATE TABLE TagsTree (id INTEGER NOT NULL, pid INTEGER NOT NULL, UNIQUE (id, pid));
CREATE TABLE ImageTags (imageid INTEGER NOT NULL, tagid INTEGER NOT NULL, UNIQUE (imageid, tagid));
CREATE TABLE TagProperties (tagid INTEGER, property TEXT, value TEXT);
CREATE TABLE ImageTagProperties (imageid INTEGER, tagid INTEGER, property TEXT, value TEXT);
CREATE TABLE Settings (keyword TEXT NOT NULL UNIQUE, value TEXT);
CREATE INDEX dir_index ON Images (album);
"""

COLOURS = ("None", "Red", "Orange", "Yellow", "Green", "Blue", "Magenta", "Gray", "Black", "White")
PICKS = ("None", "Rejected", "Pending", "Accepted")


class _Writer:
    def __init__(self, path: Path) -> None:
        self.db = apsw.Connection(os.fspath(path))
        for statement in SCHEMA.split(";"):
            self.db.execute(statement)
        self._tags: dict[tuple[int, str], int] = {}
        self.db.executemany(
            "INSERT INTO Settings VALUES (?, ?)", [("DBVersion", "16"), ("uniqueHashVersion", "2")]
        )
        internal = self.tag(0, "_Digikam_Internal_Tags_")
        self.colours = {name: self.tag(internal, f"Color Label {name}") for name in COLOURS}
        self.picks = {name: self.tag(internal, f"Pick Label {name}") for name in PICKS}
        self.people = self.tag(0, "People")
        self.unknown = self.tag(self.people, "Unknown")
        self.db.execute("INSERT INTO TagProperties VALUES (?, 'unknownPerson', NULL)", (self.unknown,))

    def tag(self, parent: int, name: str) -> int:
        key = parent, name
        if key not in self._tags:
            self.db.execute("INSERT INTO Tags (pid, name) VALUES (?, ?)", key)
            self._tags[key] = self.db.last_insert_rowid()
        return self._tags[key]

    def path(self, *names: str) -> int:
        parent = 0
        for name in names:
            parent = self.tag(parent, name)
        return parent


def unique_hash(content: bytes) -> str:
    return hashlib.md5(content[:102_400] + content[-102_400:]).hexdigest()


FACE = FaceRegion("", "Face", 0.25, 0.5, 0.125, 0.25)


def sides(face: FaceRegion) -> list[float]:
    return [face.left, face.top, face.width, face.height]


def rectangle_of(each: Original) -> str:
    """The face in pixels, as digiKam writes it."""
    left, top = round(FACE.left * each.width), round(FACE.top * each.height)
    width, height = round(FACE.width * each.width), round(FACE.height * each.height)
    return f'<rect x="{left}" y="{top}" width="{width}" height="{height}"/>'


def write(
    path: Path, originals: list[Original], identifier: str = "volumeid:?path=%2Fold%2FMy%20Photos"
) -> Path:
    made = _Writer(path)
    db = made.db
    with db:
        db.execute("INSERT INTO AlbumRoots VALUES (1, 'Pictures', 0, 1, ?, '/', 2)", (identifier,))
        folders: dict[str, int] = {}
        for each in originals:
            folder, _, name = each.old.rpartition("/")
            if folder not in folders:
                db.execute("INSERT INTO Albums (albumRoot, relativePath) VALUES (1, ?)", (f"/{folder}",))
                folders[folder] = db.last_insert_rowid()
            image = each.number + 1
            db.execute(
                "INSERT INTO Images VALUES (?, ?, ?, 1, 1, '2020-01-01T00:00:00', ?, ?, NULL)",
                (image, folders[folder], name, each.size, unique_hash(each.content)),
            )
            taken = each.taken.strftime("%Y-%m-%dT%H:%M:%S.000") if each.taken else None
            db.execute(
                "INSERT INTO ImageInformation (imageid, rating, creationDate, width, height) "
                "VALUES (?, ?, ?, ?, ?)",
                (image, max(each.rating, 0) or -1, taken, each.width, each.height),
            )
            pick = "Rejected" if each.rating < 0 else "Accepted" if each.favourite else "None"
            colour = "Magenta" if each.label == "purple" else each.label.title() or "None"
            tags = [made.path(*tag.split("/")) for tag in each.tags]
            tags += [made.tag(made.people, name) for name in each.people]
            tags += [made.colours[colour], made.picks[pick]]
            db.executemany("INSERT INTO ImageTags VALUES (?, ?)", [(image, tag) for tag in tags])
            for person in each.people:
                tag = made.tag(made.people, person)
                db.executemany(
                    "INSERT INTO ImageTagProperties VALUES (?, ?, 'tagRegion', ?)",
                    [(image, tag, rectangle_of(each)), (image, tag, '<rect x="1"/>')],
                )
            for kind, text in ((1, each.caption), (3, each.title)):
                if text:
                    db.executemany(
                        "INSERT INTO ImageComments (imageid, type, language, comment) VALUES (?, ?, ?, ?)",
                        [(image, kind, "de-DE", "deutsch"), (image, kind, "x-default", text)],
                    )
        # An image that was deleted, and one in a folder that is gone.
        db.execute("INSERT INTO Images VALUES (900001, NULL, 'gone.jpg', 3, 1, NULL, 1, NULL, NULL)")
        db.execute("INSERT INTO Images VALUES (900002, 77777, 'lost.jpg', 1, 1, NULL, 1, NULL, NULL)")
    db.close()
    return path


KNOWN = [name for name in FIELDS if name not in ("albums", "hidden")]


def adjusted(each: Original) -> Original:
    """A rejected photo cannot be accepted too."""
    return replace(each, favourite=each.favourite and each.rating >= 0)


@pytest.mark.slow
def test_everything_of_2000_photos_arrives_and_is_undone(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2000)
    path = write(tmp_path / "digikam4.db", world.originals)
    found = check_import(world, path, KNOWN, adjust=adjusted)
    assert found.preview.recognised == 2000
    assert found.preview.matched[MatchMethod.CONTENT] == 1000  # those that were renamed
    assert found.preview.left_out == {LeftOut.FACE_REGION: sum(len(each.people) for each in world.originals)}
    assert found.preview.mappings[0].source == "/old/My Photos"
    (faces,) = [each for each in found.preview.counts if each.kind is ImportKind.FACES]
    assert faces.found == faces.new == sum(len(each.people) for each in world.originals)


def test_faces_are_framed_where_digikam_framed_them(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(30)
    path = write(tmp_path / "digikam4.db", world.originals)
    before = world.state()
    world.run(world.plan(path).operation())
    found = world.faces()
    assert set(found) == {each.number for each in world.originals if each.people}
    for faces in found.values():
        (face,) = faces
        assert face.name == "Ada Lovelace"
        assert sides(face) == pytest.approx(sides(FACE), abs=0.01)
    (count,) = [each for each in world.plan(path).preview.counts if each.kind is ImportKind.FACES]
    assert (count.new, count.same) == (0, len(found))
    assert world.plan(path).operation().faces == ()
    world.undo()
    assert world.state() == before


def test_faces_of_a_photo_that_is_stored_on_its_side(make_world: MakeWorld, tmp_path: Path) -> None:
    """digiKam notes the size of the stored picture, and faces in the upright one."""
    world = make_world(1)
    (each,) = world.originals
    path = write(tmp_path / "digikam4.db", [replace(each, people=("Ada",))])
    db = apsw.Connection(os.fspath(path))
    db.execute(
        "UPDATE ImageInformation SET width = ?, height = ?, orientation = 6", (each.height, each.width)
    )
    db.close()
    world.run(world.plan(path).operation())
    (faces,) = world.faces().values()
    assert sides(faces[0]) == pytest.approx(sides(FACE), abs=0.01)


RECTANGLES = [
    *("", "<rect", '<rect x="1"/>', '<rect x="1" y="1" width="0" height="5"/>'),
    '<rect x="-900" y="1" width="10" height="5"/>',
    '<rect x="1" y="1" width="999999999" height="5"/>',
    '<rect x="nan" y="1" width="5" height="5"/>',
    "x" * 1_000_000,
]


def test_faces_outside_of_the_picture_are_left_out(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    path = write(tmp_path / "digikam4.db", [replace(world.originals[0], people=())])
    db = apsw.Connection(os.fspath(path))
    db.executemany(
        "INSERT INTO ImageTagProperties VALUES (1, 1, 'tagRegion', ?)", [(each,) for each in RECTANGLES]
    )
    db.execute("INSERT INTO ImageTagProperties VALUES (1, 1, 'tagRegion', NULL)")
    detected = rectangle_of(world.originals[0])
    db.execute("INSERT INTO ImageTagProperties VALUES (1, 1, 'autodetectedFace', ?)", (detected,))
    db.close()
    plan = world.plan(path)
    assert plan.preview.left_out[LeftOut.FACE_REGION] == len(RECTANGLES) + 1
    assert plan.operation().faces == ()


def test_a_root_on_a_drive_is_found_by_the_path_on_it(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(40)
    path = write(
        tmp_path / "digikam4.db", world.originals, "volumeid:?uuid=800b21c2-dadc-4930-829e-a96b04ce26fa"
    )
    assert world.plan(tmp_path).preview.recognised == 40
    db = apsw.Connection(os.fspath(path))
    db.execute(
        "UPDATE ImageTags SET tagid = (SELECT id FROM Tags WHERE name = 'Color Label Black') "
        "WHERE tagid = (SELECT id FROM Tags WHERE name = 'Color Label Red')"
    )
    db.execute("UPDATE Settings SET value = '1' WHERE keyword = 'uniqueHashVersion'")
    db.close()
    found = world.plan(path)
    assert found.preview.left_out[LeftOut.LABEL] == sum(each.label == "red" for each in world.originals)
    assert MatchMethod.CONTENT not in found.preview.matched


def test_people_are_private_wherever_their_tags_are(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    path = write(tmp_path / "digikam4.db", [replace(world.originals[0], tags=frozenset(), people=())])
    db = apsw.Connection(os.fspath(path))
    rows = (
        (9001, 0, "Freunde"),
        (9002, 9001, "Ada"),
        (9003, 0, "Personen"),
        (9004, 9003, "Bob"),
        (9005, 0, "Eve"),
    )
    db.executemany("INSERT INTO Tags (id, pid, name) VALUES (?, ?, ?)", rows)
    db.executemany("INSERT INTO TagProperties VALUES (?, 'person', 'x')", [(9002,), (9004,), (9005,)])
    db.executemany("INSERT INTO ImageTags VALUES (1, ?)", [(9001,), (9002,), (9004,), (9005,)])
    db.close()
    world.run(world.plan(path).operation())
    found = world.described()[0]
    assert found.tags == {"Freunde", "Personen/Bob"}
    assert set(found.people) == {"Freunde/Ada", "Eve"}


@pytest.mark.parametrize("version", ["4", "99", "", "x"])
def test_unknown_versions_are_refused(make_world: MakeWorld, tmp_path: Path, version: str) -> None:
    world = make_world(1)
    path = write(tmp_path / "digikam4.db", world.originals)
    db = apsw.Connection(os.fspath(path))
    db.execute("UPDATE Settings SET value = ? WHERE keyword = 'DBVersion'", (version,))
    db.close()
    with pytest.raises(SourceError, match="of digiKam's schema; Safelight reads 5 to"):
        world.plan(path)


def test_damaged_hostile_and_busy_databases(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(40)
    (tmp_path / "db").mkdir()
    path = write(tmp_path / "db" / "digikam4.db", world.originals)
    check_damaged(world, path, tmp_path / "damaged", "digikam")
    for table in ("Images", "Albums", "Settings", "ImageTags"):
        check_hostile_schema(world, path, tmp_path / f"hostile{table}", table, "digikam")
    check_changed_while_read(path, "Images", ["id", "name"])
    check_in_use(world, path, "UPDATE ImageInformation SET rating = 1", "digikam")


def test_absurd_values_are_left_out(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(6)
    path = write(tmp_path / "digikam4.db", world.originals)
    db = apsw.Connection(os.fspath(path))
    for statement in (
        "UPDATE Tags SET pid = id WHERE name = 'dog'",  # a circle
        "UPDATE Tags SET name = CAST(x'ff00fe' AS TEXT) WHERE name = 'holiday'",
        "UPDATE ImageInformation SET rating = 'many', creationDate = '9999-99-99T00:00:00', width = -5",
        "UPDATE Images SET fileSize = 'x', uniqueHash = 'nonsense'",
        "INSERT INTO ImageTags VALUES (1, 'x'), ('y', 2)",
        "UPDATE ImageComments SET comment = x'0102' WHERE type = 1",
        "UPDATE AlbumRoots SET identifier = 'volumeid:?' || substr(zeroblob(9000), 1)",
    ):
        db.execute(statement)
    db.close()
    assert refusal(world, path) == ""
    found = world.plan(path)
    assert {each.kind.value for each in found.preview.counts} <= {
        "rating",
        "label",
        "title",
        "tags",
        "favourite",
    }
    world.run(found.operation())


def test_groups_become_stacks(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(9)
    path = write(tmp_path / "digikam4.db", world.originals)
    db = apsw.Connection(os.fspath(path))
    images = [row[0] for row in db.execute("SELECT id FROM Images ORDER BY id")]
    db.execute("CREATE TABLE ImageRelations (subject INTEGER, object INTEGER, type INTEGER)")
    relations = [(images[1], images[4], 2), (images[2], images[4], 2), (images[5], images[6], 1)]
    db.executemany("INSERT INTO ImageRelations VALUES (?, ?, ?)", relations)
    db.close()
    world.run(world.plan(path).operation())
    assert world.stacks() == {(4, 1, 2)}, "an image that was derived from another is no group"
