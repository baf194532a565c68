"""Lightroom's catalogue, made after the schema that others have described."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.sax.saxutils import escape

import apsw
import pytest

from safelight.core.errors import SourceError
from safelight.core.migration import LeftOut, MatchMethod
from safelight.core.operations import StackPhotos
from safelight.core.photo import FaceRegion
from safelight.services.migration.planning import Plan
from safelight.services.operations.runner import OperationRunner
from support.catalogue_attacks import check_damaged, check_hostile_schema, check_in_use, refusal
from support.migration_world import FIELDS, MigrationWorld, Original, check_import

MakeWorld = Callable[[int], MigrationWorld]

SCHEMA = """
CREATE TABLE Adobe_variablesTable (id_local INTEGER PRIMARY KEY, id_global UNIQUE NOT NULL, name, type,
    value NOT NULL DEFAULT '');
CREATE TABLE AgLibraryRootFolder (id_local INTEGER PRIMARY KEY, id_global UNIQUE NOT NULL,
    absolutePath UNIQUE NOT NULL DEFAULT '', name NOT NULL DEFAULT '', relativePathFromCatalog);
CREATE TABLE AgLibraryFolder (id_local INTEGER PRIMARY KEY, id_global UNIQUE NOT NULL, parentId INTEGER,
    pathFromRoot NOT NULL DEFAULT '', rootFolder INTEGER NOT NULL DEFAULT 0, visibility INTEGER);
CREATE TABLE AgLibraryFile (id_local INTEGER PRIMARY KEY, id_global UNIQUE NOT NULL,
    baseName NOT NULL DEFAULT '', extension NOT NULL DEFAULT '', externalModTime,
    folder INTEGER NOT NULL DEFAULT 0, idx_filename NOT NULL DEFAULT '', importHash,
    lc_idx_filename NOT NULL DEFAULT '', md5, modTime, originalFilename NOT NULL DEFAULT '',
    sidecarExtensions);
CREATE TABLE Adobe_images (id_local INTEGER PRIMARY KEY, id_global UNIQUE NOT NULL, captureTime,
    colorLabels NOT NULL DEFAULT '', copyName, copyReason, fileFormat NOT NULL DEFAULT 'unset', fileHeight,
    fileWidth, masterImage INTEGER, orientation, pick NOT NULL DEFAULT 0, rating,
    rootFile INTEGER NOT NULL DEFAULT 0, touchTime NOT NULL DEFAULT 0);
CREATE TABLE Adobe_AdditionalMetadata (id_local INTEGER PRIMARY KEY, id_global UNIQUE NOT NULL, image INTEGER,
    xmp NOT NULL DEFAULT '');
CREATE TABLE AgLibraryIPTC (id_local INTEGER PRIMARY KEY, altTextAccessibility, caption, copyright,
    image INTEGER NOT NULL DEFAULT 0);
CREATE TABLE AgLibraryKeyword (id_local INTEGER PRIMARY KEY, id_global UNIQUE NOT NULL,
    genealogy NOT NULL DEFAULT '', keywordType, lc_name, name, parent INTEGER);
CREATE TABLE AgLibraryKeywordImage (id_local INTEGER PRIMARY KEY, image INTEGER NOT NULL DEFAULT 0,
    tag INTEGER NOT NULL DEFAULT 0);
CREATE TABLE AgLibraryCollection (id_local INTEGER PRIMARY KEY, creationId NOT NULL DEFAULT '',
    genealogy NOT NULL DEFAULT '', imageCount, name NOT NULL DEFAULT '', parent INTEGER,
    systemOnly NOT NULL DEFAULT '');
CREATE TABLE AgLibraryCollectionImage (id_local INTEGER PRIMARY KEY, collection INTEGER NOT NULL DEFAULT 0,
    image INTEGER NOT NULL DEFAULT 0, pick NOT NULL DEFAULT 0, positionInCollection);
CREATE TABLE AgLibraryCollectionCoverImage (collection PRIMARY KEY, collectionImage NOT NULL);
CREATE TABLE AgLibraryFolderStackImage (id_local INTEGER PRIMARY KEY, collapsed INTEGER NOT NULL DEFAULT 0,
    image INTEGER NOT NULL DEFAULT 0, position NOT NULL DEFAULT '', stack INTEGER NOT NULL DEFAULT 0);
CREATE TABLE AgLibraryFace (id_local INTEGER PRIMARY KEY, bl_x, bl_y, br_x, br_y, ignored INTEGER,
    image INTEGER NOT NULL DEFAULT 0, imageOrientation NOT NULL DEFAULT '', tl_x NOT NULL DEFAULT '',
    tl_y NOT NULL DEFAULT '', tr_x, tr_y);
CREATE TABLE AgLibraryKeywordFace (id_local INTEGER PRIMARY KEY, face INTEGER NOT NULL DEFAULT 0,
    tag INTEGER NOT NULL DEFAULT 0, userPick INTEGER, userReject INTEGER);
CREATE TABLE Adobe_imageDevelopSettings (id_local INTEGER PRIMARY KEY, croppedHeight, croppedWidth,
    fileHeight, fileWidth, image INTEGER);
"""

CORNERS = {
    "tl_x": 0.3,
    "tl_y": 0.5,
    "tr_x": 0.5,
    "tr_y": 0.52,
    "bl_x": 0.25,
    "bl_y": 0.6,
    "br_x": 0.45,
    "br_y": 0.625,
}
"""Of a face that is not level."""

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>'
    '<rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>'
)


class _Writer:
    def __init__(self, path: Path, version: str) -> None:
        self.db = apsw.Connection(os.fspath(path))
        for statement in SCHEMA.split(";"):
            self.db.execute(statement)
        self._number = 0
        self._tags: dict[tuple[int, str], int] = {}
        self._albums: dict[tuple[str, ...], int] = {}
        self.insert("Adobe_variablesTable", name="Adobe_DBVersion", value=version)
        self.root_tag = self.insert("AgLibraryKeyword", name=None, parent=None)

    def insert(self, table: str, **values: object) -> int:
        """Lightroom numbers the rows of all tables together."""
        self._number += 1
        named: dict[str, object] = {"id_local": self._number, **values}
        if table in (
            *("Adobe_variablesTable", "AgLibraryRootFolder", "AgLibraryFolder", "AgLibraryFile"),
            *("Adobe_images", "Adobe_AdditionalMetadata", "AgLibraryKeyword"),
        ):
            named["id_global"] = f"uuid-{self._number}"
        marks = ", ".join("?" * len(named))
        self.db.execute(f"INSERT INTO {table} ({', '.join(named)}) VALUES ({marks})", tuple(named.values()))
        return self._number

    def tag(self, path: str) -> int:
        parent = self.root_tag
        for name in path.split("/"):
            key = parent, name
            if key not in self._tags:
                self._tags[key] = self.insert("AgLibraryKeyword", name=name, parent=parent)
            parent = self._tags[key]
        return parent

    def album(self, path: str) -> int:
        """A collection; those around it are collection sets, and so named apart if both exist."""
        names = tuple(path.split("/"))
        parent = None
        for depth in range(1, len(names) + 1):
            key = (*names[:depth], "" if depth == len(names) else "set")
            if key not in self._albums:
                kind = "collection" if depth == len(names) else "group"
                self._albums[key] = self.insert(
                    "AgLibraryCollection",
                    name=names[depth - 1],
                    parent=parent,
                    creationId=f"com.adobe.ag.library.{kind}",
                    systemOnly="0.0",
                )
            parent = self._albums[key]
        assert parent is not None
        return parent


def write(
    path: Path, originals: list[Original], root: str = "/Volumes/Old/Photos/", version: str = "1300000"
) -> Path:
    made = _Writer(path, version)
    with made.db:
        root_id = made.insert("AgLibraryRootFolder", absolutePath=root, name="Photos")
        folders: dict[str, int] = {}
        quick = made.insert(
            "AgLibraryCollection",
            name="quick collection",
            creationId="com.adobe.ag.library.collection",
            systemOnly="1.0",
        )
        smart = made.insert(
            "AgLibraryCollection", name="Five stars", creationId="com.adobe.ag.library.smart_collection"
        )
        for each in originals:
            folder, _, name = each.old.rpartition("/")
            if folder not in folders:
                folders[folder] = made.insert(
                    "AgLibraryFolder", pathFromRoot=f"{folder}/", rootFolder=root_id
                )
            base, _, extension = name.rpartition(".")
            file = made.insert(
                "AgLibraryFile", baseName=base, extension=extension, folder=folders[folder], idx_filename=name
            )
            image = made.insert(
                "Adobe_images",
                rootFile=file,
                captureTime=each.taken.strftime("%Y-%m-%dT%H:%M:%S.25") if each.taken else None,
                colorLabels=each.label.title(),
                rating=float(each.rating) if each.rating > 0 else None,
                pick=-1.0 if each.rating < 0 else float(each.favourite),
                fileWidth=float(each.width),
                fileHeight=float(each.height),
                orientation="BC",
            )
            made.insert("AgLibraryIPTC", image=image, caption=each.caption or None)
            xmp = XMP.format(escape(each.title)).encode() if each.title else b"<x:xmpmeta/>"
            packed = struct.pack(">I", len(xmp)) + zlib.compress(xmp)
            stored: object = packed if int(version) >= 700_000 else xmp.decode()
            made.insert("Adobe_AdditionalMetadata", image=image, xmp=stored)
            for tag in (*each.tags, *(f"People/{person}" for person in each.people)):
                made.insert("AgLibraryKeywordImage", image=image, tag=made.tag(tag))
            for album in each.albums:
                made.insert(
                    "AgLibraryCollectionImage",
                    image=image,
                    collection=made.album(album),
                    positionInCollection=float(-each.number),
                )
            made.insert("AgLibraryCollectionImage", image=image, collection=quick)
            made.insert("AgLibraryCollectionImage", image=image, collection=smart)
            if each.people:
                face = made.insert("AgLibraryFace", image=image, imageOrientation="BC", **CORNERS)
                person = made.tag("People/Ada Lovelace")
                made.insert("AgLibraryKeywordFace", face=face, tag=person, userPick=1, userReject=0)
    made.db.close()
    return path


KNOWN = [name for name in FIELDS if name != "hidden"]


def adjusted(each: Original) -> Original:
    return replace(each, favourite=each.favourite and each.rating >= 0)


@pytest.mark.slow
@pytest.mark.parametrize(("count", "version"), [(1200, "1300000"), (100, "0400020")])
def test_everything_arrives_and_is_undone(
    make_world: MakeWorld, tmp_path: Path, count: int, version: str
) -> None:
    """Lightroom keeps neither sizes nor hashes: what was renamed is found by its time and dimensions."""
    world = make_world(count)
    path = write(tmp_path / "Photos.lrcat", world.originals, version=version)
    found = check_import(world, path, KNOWN, adjust=adjusted)
    assert found.preview.matched[MatchMethod.PATH] == count // 2
    assert found.preview.left_out == {}
    people = sum(bool(each.people) for each in world.originals)
    assert faces_of(found) == [FaceRegion("Ada Lovelace", "Face", 0.25, 0.5, 0.25, 0.125)] * people


def faces_of(found: Plan) -> list[FaceRegion]:
    return [face for _, faces in found.operation().faces for face in faces]


def change(path: Path, *statements: str) -> None:
    db = apsw.Connection(os.fspath(path))
    for statement in statements:
        db.execute(statement)
    db.close()


CROPPED = """INSERT INTO Adobe_imageDevelopSettings
(image, croppedWidth, croppedHeight, fileWidth, fileHeight)
SELECT id_local, 2000, 1000, fileWidth, fileHeight FROM Adobe_images"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE Adobe_images SET orientation = 'AB'",  # turned since
        CROPPED,
        "UPDATE AgLibraryFace SET tl_x = 'x', bl_x = NULL, tr_x = NULL, br_x = NULL",
    ],
)
def test_faces_whose_place_is_not_known_are_counted(
    make_world: MakeWorld, tmp_path: Path, statement: str
) -> None:
    world = make_world(1)
    path = write(tmp_path / "Photos.lrcat", world.originals)
    change(path, statement)
    found = world.plan(path)
    assert found.preview.left_out == {LeftOut.FACE_REGION: 1}
    assert faces_of(found) == []


def test_names_that_nobody_confirmed_and_faces_that_are_none(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(10)
    path = write(tmp_path / "Photos.lrcat", world.originals)
    change(
        path,
        "UPDATE AgLibraryKeywordFace SET userPick = 0",
        "UPDATE AgLibraryFace SET ignored = 1 WHERE id_local = (SELECT max(id_local) FROM AgLibraryFace)",
    )
    assert faces_of(world.plan(path)) == [FaceRegion("", "Face", 0.25, 0.5, 0.25, 0.125)]


def test_albums_keep_the_order_of_their_collections(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(60)
    (tmp_path / "Lightroom").mkdir()
    write(tmp_path / "Lightroom" / "x.lrcat", world.originals)
    world.run(world.plan(tmp_path / "Lightroom").operation())
    inside = [each.number for each in world.originals if "Trips/Italy" in each.albums]
    assert world.album_order("Trips/Italy") == sorted(inside, reverse=True)


def test_stacks_and_covers_arrive_and_are_undone(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(60)
    path = write(tmp_path / "x.lrcat", world.originals)
    db = apsw.Connection(os.fspath(path))
    images = [row[0] for row in db.execute("SELECT id_local FROM Adobe_images ORDER BY id_local")]
    stacked = [(1, 7, 2.0), (1, 3, 1.0), (1, 5, 3.0), (2, 10, "b"), (2, 12, "a"), (3, 20, 1.0), (4, 30, 1.0)]
    stacked += [(4, 31, 2.0), (5, 41, 1.0), (5, 40, 2.0), (5, 42, 3.0)]
    db.executemany(
        "INSERT INTO AgLibraryFolderStackImage (stack, image, position) VALUES (?, ?, ?)",
        [(stack, images[number], position) for stack, number, position in stacked],
    )
    db.execute(
        "INSERT INTO AgLibraryCollectionCoverImage SELECT collection, i.id_local "
        "FROM AgLibraryCollectionImage AS i JOIN AgLibraryCollection AS c ON c.id_local = collection "
        "WHERE c.name = 'Italy' AND image = ?",
        (images[12],),
    )
    db.close()
    OperationRunner(world.store).run(StackPhotos((world.ids[30], world.ids[50])))
    OperationRunner(world.store).run(StackPhotos((world.ids[40], world.ids[51])))
    OperationRunner(world.store).run(StackPhotos((world.ids[42], world.ids[52])))
    before = world.state()
    found = world.plan(path)
    counted = next(each for each in found.preview.counts if each.kind == "stacks")
    assert (counted.found, counted.new, counted.same) == (11, 3 + 2 + 1, 1)
    world.run(found.operation())
    assert world.stacks() == {
        (3, 5, 7),
        (12, 10),
        (30, 31, 50),  # a photo joins the user's stack
        (40, 51),  # two stacks of the user's stay two
        (42, 52),
    }
    assert world.cover("Trips/Italy") == 12
    assert world.cover("Best of") is None
    assert not world.plan(path).operation().stacks
    world.undo()
    assert world.state() == before


def test_positions_that_are_texts(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(60)
    path = write(tmp_path / "x.lrcat", world.originals)
    db = apsw.Connection(os.fspath(path))
    db.execute("UPDATE AgLibraryCollectionImage SET positionInCollection = char(200 - image % 50) || 'x'")
    wanted = [
        row[0]
        for row in db.execute(
            "SELECT image FROM AgLibraryCollectionImage "
            "JOIN AgLibraryCollection AS c ON c.id_local = collection "
            "WHERE c.name = 'Italy' ORDER BY positionInCollection"
        )
    ]
    images = [row[0] for row in db.execute("SELECT id_local FROM Adobe_images ORDER BY id_local")]
    db.close()
    world.run(world.plan(path).operation())
    assert [images[number] for number in world.album_order("Trips/Italy")] == wanted


def test_virtual_copies_add_tags_but_no_stars(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(10)
    path = write(tmp_path / "x.lrcat", world.originals, "D:/Photos/")
    db = apsw.Connection(os.fspath(path))
    row = db.execute("SELECT id_local, rootFile FROM Adobe_images ORDER BY id_local LIMIT 1").fetchone()
    assert row is not None
    master, file = row
    db.execute(
        "INSERT INTO Adobe_images (id_local, id_global, masterImage, rootFile, rating) "
        "VALUES (90000, 'c', ?, ?, 5)",
        (master, file),
    )
    db.execute(
        "INSERT INTO AgLibraryKeywordImage SELECT 90001, 90000, id_local FROM AgLibraryKeyword "
        "WHERE name = 'Wien'"
    )
    db.close()
    found = world.plan(path)
    assert found.preview.left_out[LeftOut.VIRTUAL_COPY] == 1
    assert found.preview.mappings[0].source == "D:/Photos"
    world.run(found.operation())
    assert "Places/Österreich/Wien" in world.described()[0].tags
    assert world.described()[0].rating == 0


def test_keywords_of_people_are_private(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(10)
    path = write(tmp_path / "x.lrcat", world.originals)
    db = apsw.Connection(os.fspath(path))
    db.execute("UPDATE AgLibraryKeyword SET keywordType = 'person' WHERE name IN ('Wien', 'dog')")
    db.execute("UPDATE Adobe_images SET colorLabels = 'Grün'")
    db.close()
    found = world.plan(path)
    assert LeftOut.LABEL not in found.preview.left_out
    world.run(found.operation())
    described = world.described()
    assert any("Places/Österreich/Wien" in each.people for each in described.values())
    assert not any("Places/Österreich/Wien" in each.tags for each in described.values())
    assert {each.label for each in described.values()} == {"green"}


@pytest.mark.parametrize("version", ["0200022", "9900000", "", "new"])
def test_unknown_versions_are_refused(make_world: MakeWorld, tmp_path: Path, version: str) -> None:
    world = make_world(1)
    path = write(tmp_path / "x.lrcat", world.originals)
    db = apsw.Connection(os.fspath(path))
    db.execute("UPDATE Adobe_variablesTable SET value = ?", (version,))
    db.close()
    with pytest.raises(
        SourceError, match="of Lightroom's schema; Safelight reads those of Lightroom 3 to 15"
    ):
        world.plan(path)


def test_damaged_hostile_and_busy_catalogues(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(40)
    (tmp_path / "db").mkdir()
    path = write(tmp_path / "db" / "x.lrcat", world.originals)
    check_damaged(world, path, tmp_path / "damaged", "lightroom")
    check_hostile_schema(world, path, tmp_path / "hostile", "Adobe_images", "lightroom")
    check_in_use(world, path, "UPDATE Adobe_images SET rating = 1, pick = 0", "lightroom")


def test_hostile_xmp_is_left_out(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(6)
    path = write(tmp_path / "x.lrcat", world.originals)
    bomb = struct.pack(">I", 10) + zlib.compress(b"<title>" + b" " * 50_000_000)
    db = apsw.Connection(os.fspath(path))
    db.execute("UPDATE Adobe_AdditionalMetadata SET xmp = ?", (bomb,))
    db.execute("UPDATE Adobe_images SET rating = 'x', pick = 'y', fileWidth = 'z', captureTime = 'never'")
    db.execute("UPDATE AgLibraryKeyword SET parent = id_local WHERE name = 'dog'")
    db.execute("UPDATE AgLibraryCollection SET parent = id_local")
    db.close()
    assert refusal(world, path) == ""
    world.run(world.plan(path).operation())
    assert not any(each.title or each.albums for each in world.described().values())
