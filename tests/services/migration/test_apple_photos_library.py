"""The library of Apple Photos, made after the schema that osxphotos describes."""

from __future__ import annotations

import csv
import os
import plistlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from pathlib import Path

import apsw
import pytest

from safelight.core.errors import SourceError
from safelight.core.migration import LeftOut, MatchMethod
from safelight.services.migration import listing
from safelight.services.migration.migration import source_for
from safelight.services.migration.source import Reading
from safelight.services.migration.sources.apple_photos import ApplePhotos
from support.catalogue_attacks import check_damaged, check_hostile_schema, check_in_use, refusal
from support.migration_world import MigrationWorld, Original, check_import

MakeWorld = Callable[[int], MigrationWorld]

KNOWN = ("title", "caption", "tags", "people", "albums", "favourite", "hidden")
_ZONE = timezone(timedelta(hours=9, minutes=30))
_EPOCH = 978_307_200


@dataclass(frozen=True)
class Schema:
    """What differs between versions of Photos."""

    model: int
    assets: str
    """The table of photos."""
    entities: dict[str, int]
    face_columns: tuple[str, str]
    edited: str

    @property
    def number(self) -> int:
        return self.entities.get("GenericAsset", self.entities["Asset"])


PHOTOS_5 = Schema(
    13703,
    "ZGENERICASSET",
    {
        "AdditionalAssetAttributes": 1,
        "GenericAlbum": 25,
        "Album": 26,
        "GenericAsset": 34,
        "Asset": 35,
        "Keyword": 37,
    },
    ("ZASSET", "ZPERSON"),
    "ZHASADJUSTMENTS",
)
PHOTOS_8 = Schema(
    16502,
    "ZASSET",
    {"AdditionalAssetAttributes": 1, "Asset": 3, "GenericAlbum": 27, "Album": 28, "Keyword": 40},
    ("ZASSET", "ZPERSON"),
    "ZHASADJUSTMENTS",
)
PHOTOS_11 = Schema(
    19320,
    "ZASSET",
    {"AdditionalAssetAttributes": 1, "Asset": 3, "GenericAlbum": 32, "Album": 33, "Keyword": 52},
    ("ZASSETFORFACE", "ZPERSONFORFACE"),
    "ZADJUSTMENTSSTATE",
)
SCHEMAS = {"5": PHOTOS_5, "8": PHOTOS_8, "11": PHOTOS_11}


class _Writer:
    """Writes a package, in which Photos gives each file a new name."""

    def __init__(self, package: Path, schema: Schema) -> None:
        self.package = package
        self.schema = schema
        (package / "database").mkdir(parents=True)
        self.db = apsw.Connection(os.fspath(package / "database" / "Photos.sqlite"))
        number, entities = schema.number, schema.entities
        album, keyword = entities["Album"], entities["Keyword"]
        face_asset, face_person = schema.face_columns
        scope = "" if schema is PHOTOS_5 else "ZBUNDLESCOPE INTEGER,"
        joined = f"Z_{album}ALBUMS INTEGER, Z_{number}ASSETS INTEGER, Z_FOK_{number}ASSETS INTEGER"
        tables = {
            "Z_PRIMARYKEY": "Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER",
            "Z_METADATA": "Z_VERSION INTEGER PRIMARY KEY, Z_UUID VARCHAR(255), Z_PLIST BLOB",
            schema.assets: f"Z_PK INTEGER PRIMARY KEY, ZFAVORITE INTEGER, ZHIDDEN INTEGER, ZKIND INTEGER, "
            f"ZTRASHEDSTATE INTEGER, {schema.edited} INTEGER, {scope} ZCLOUDBATCHPUBLISHDATE TIMESTAMP, "
            "ZAVALANCHEUUID VARCHAR, ZAVALANCHEPICKTYPE INTEGER, ZVISIBILITYSTATE INTEGER, "
            "ZDATECREATED TIMESTAMP, ZLATITUDE FLOAT, ZLONGITUDE FLOAT, ZDIRECTORY VARCHAR, "
            "ZFILENAME VARCHAR, ZWIDTH INTEGER, ZHEIGHT INTEGER",
            "ZADDITIONALASSETATTRIBUTES": "Z_PK INTEGER PRIMARY KEY, ZASSET INTEGER, ZTITLE VARCHAR, "
            "ZASSETDESCRIPTION INTEGER, ZORIGINALFILESIZE INTEGER, ZORIGINALHEIGHT INTEGER, "
            "ZORIGINALWIDTH INTEGER, ZTIMEZONEOFFSET INTEGER, ZORIGINALFILENAME VARCHAR",
            "ZASSETDESCRIPTION": "Z_PK INTEGER PRIMARY KEY, ZLONGDESCRIPTION VARCHAR",
            "ZKEYWORD": "Z_PK INTEGER PRIMARY KEY, ZTITLE VARCHAR, ZUUID VARCHAR",
            "ZPERSON": "Z_PK INTEGER PRIMARY KEY, ZMERGETARGETPERSON INTEGER, ZDISPLAYNAME VARCHAR, "
            "ZFULLNAME VARCHAR",
            "ZDETECTEDFACE": f"Z_PK INTEGER PRIMARY KEY, {face_asset} INTEGER, {face_person} INTEGER, "
            "ZCENTERX FLOAT, ZCENTERY FLOAT, ZSIZE FLOAT",
            "ZGENERICALBUM": "Z_PK INTEGER PRIMARY KEY, ZKIND INTEGER, ZPARENTFOLDER INTEGER, "
            "ZTITLE VARCHAR, ZTRASHEDSTATE INTEGER, ZCUSTOMSORTASCENDING INTEGER, ZCUSTOMSORTKEY INTEGER, "
            "ZCUSTOMKEYASSET INTEGER",
            "Z_1KEYWORDS": f"Z_1ASSETATTRIBUTES INTEGER, Z_{keyword}KEYWORDS INTEGER",
            f"Z_{album}ASSETS": joined,
        }
        for table, columns in tables.items():
            self.db.execute(f"CREATE TABLE {table} ({columns})")
        for name, entity in entities.items():
            self.insert("Z_PRIMARYKEY", Z_NAME=name, Z_ENT=entity)
        stored = plistlib.dumps({"PLModelVersion": schema.model}, fmt=plistlib.FMT_BINARY)
        self.insert("Z_METADATA", Z_VERSION=1, Z_PLIST=stored)
        self.root = self.insert("ZGENERICALBUM", ZKIND=3999)
        self.smart = self.insert("ZGENERICALBUM", ZKIND=1507, ZTITLE="Smart", ZPARENTFOLDER=self.root)
        self._keywords: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._albums: dict[tuple[str, ...], int] = {}

    def insert(self, table: str, **values: object) -> int:
        marks = ", ".join("?" * len(values))
        self.db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values()))
        return self.db.last_insert_rowid()

    def keyword(self, name: str) -> int:
        if name not in self._keywords:
            self._keywords[name] = self.insert("ZKEYWORD", ZTITLE=name)
        return self._keywords[name]

    def person(self, name: str) -> int:
        if name not in self._people:
            self._people[name] = self.insert("ZPERSON", ZFULLNAME=name, ZDISPLAYNAME=name.split()[0])
        return self._people[name]

    def album(self, path: str, **sorting: int) -> int:
        """An album; those around it are folders."""
        names = tuple(path.split("/"))
        parent = self.root
        for depth in range(1, len(names) + 1):
            is_folder = depth < len(names)
            key = (*names[:depth], "folder" if is_folder else "")
            if key not in self._albums:
                more = {"ZCUSTOMSORTKEY": 0, "ZCUSTOMSORTASCENDING": 1, **sorting} if not is_folder else {}
                self._albums[key] = self.insert(
                    "ZGENERICALBUM",
                    ZKIND=4000 if is_folder else 2,
                    ZPARENTFOLDER=parent,
                    ZTITLE=names[depth - 1],
                    ZTRASHEDSTATE=0,
                    **more,
                )
            parent = self._albums[key]
        return parent

    def put_into(self, album: int, photo: int, place: int) -> None:
        entities = self.schema.entities
        self.insert(
            f"Z_{entities['Album']}ASSETS",
            **{
                f"Z_{entities['Album']}ALBUMS": album,
                f"Z_{self.schema.number}ASSETS": photo,
                f"Z_FOK_{self.schema.number}ASSETS": place,
            },
        )

    def photo(self, each: Original, **more: object) -> int:
        """A row of the main table for an original, and those that belong to it; returns its key."""
        name = f"{each.number:08X}-A52E-4197-BBEB-261ED448BBC7"
        created = None
        if each.taken is not None:
            created = each.taken.replace(tzinfo=_ZONE).timestamp() - _EPOCH + 0.25
        values: dict[str, object] = {
            "ZFAVORITE": int(each.favourite),
            "ZHIDDEN": int(each.hidden),
            "ZTRASHEDSTATE": 0,
            self.schema.edited: 0,
            "ZDATECREATED": created,
            "ZLATITUDE": -180.0,
            "ZLONGITUDE": -180.0,
            "ZDIRECTORY": name[0],
            "ZFILENAME": f"{name}.jpeg",
            "ZWIDTH": each.width,
            "ZHEIGHT": each.height,
            **({} if self.schema is PHOTOS_5 else {"ZBUNDLESCOPE": 0}),
            **more,
        }
        photo = self.insert(self.schema.assets, **values)
        caption = self.insert("ZASSETDESCRIPTION", ZLONGDESCRIPTION=each.caption) if each.caption else None
        details = self.insert(
            "ZADDITIONALASSETATTRIBUTES",
            ZASSET=photo,
            ZASSETDESCRIPTION=caption,
            ZORIGINALFILESIZE=each.size,
            ZORIGINALHEIGHT=each.height,
            ZORIGINALWIDTH=each.width,
            ZTIMEZONEOFFSET=34_200,
            ZORIGINALFILENAME=each.old.rpartition("/")[2],
            ZTITLE=each.title or None,
        )
        for tag in sorted(each.tags):
            self.insert(
                "Z_1KEYWORDS",
                Z_1ASSETATTRIBUTES=details,
                **{f"Z_{self.schema.entities['Keyword']}KEYWORDS": self.keyword(tag)},
            )
        face_asset, face_person = self.schema.face_columns
        for person in each.people:
            place = {"ZCENTERX": 0.25, "ZCENTERY": 0.75, "ZSIZE": 0.1}
            self.insert("ZDETECTEDFACE", **{face_asset: photo, face_person: self.person(person)}, **place)
        for album in each.albums:
            self.put_into(self.album(album), photo, 10_000 - each.number)
        self.put_into(self.smart, photo, 1)
        return photo


def write(package: Path, originals: list[Original], schema: Schema = PHOTOS_11) -> Path:
    made = _Writer(package, schema)
    with made.db:
        for each in originals:
            made.photo(each)
        made.insert("ZDETECTEDFACE", **dict(zip(schema.face_columns, (1, None), strict=True)))
    made.db.close()
    return package


def change(package: Path, *statements: str) -> None:
    db = apsw.Connection(os.fspath(package / "database" / "Photos.sqlite"))
    for statement in statements:
        db.execute(statement)
    db.close()


def adjusted(each: Original) -> Original:
    return replace(each, tags=frozenset(tag.replace("/", "-") for tag in each.tags))


@pytest.mark.parametrize(("count", "version"), [(900, "11"), (100, "8"), (100, "5")])
def test_everything_arrives_and_is_undone(
    make_world: MakeWorld, tmp_path: Path, count: int, version: str
) -> None:
    """The files have been exported since, so that they have their original names, and half were renamed."""
    world = make_world(count)
    package = write(tmp_path / "Old.photoslibrary", world.originals, SCHEMAS[version])
    found = check_import(world, package, KNOWN, adjust=adjusted)
    assert found.preview.matched == {MatchMethod.FACTS: found.preview.recognised}
    assert found.preview.left_out == {LeftOut.FACE_REGION: 1}, "one has no place"
    numbers = {photo: number for number, photo in world.ids.items()}
    faces = {numbers[photo]: each for photo, each in found.operation().faces}
    assert set(faces) == {each.number for each in world.originals if each.people}
    for number, (face,) in faces.items():
        width, height = world.originals[number].width, world.originals[number].height
        side = 0.1 * max(width, height)
        assert face.name == "Ada Lovelace"
        assert face.left + face.width / 2 == pytest.approx(0.25, abs=1e-5)
        assert face.top + face.height / 2 == pytest.approx(0.25, abs=1e-5), "Photos counts from the bottom"
        assert (face.width * width, face.height * height) == pytest.approx((side, side), abs=0.1)
    dates = next(each for each in found.preview.counts if each.kind == "date")
    assert dates.same == sum(each.taken is not None for each in world.originals), "wall clocks, not UTC"


def test_files_in_the_package_and_referenced_ones_are_found_by_path(
    make_world: MakeWorld, tmp_path: Path
) -> None:
    world = make_world(3)
    package = world.folder / "My Photos.photoslibrary"
    made = _Writer(package, PHOTOS_11)
    originals = world.folder.as_posix()
    first, second, third = world.originals
    # The files of the library are those that Photos names, as if the package was in the library's folder.
    made.photo(
        replace(first, favourite=True),
        ZDIRECTORY=f"{originals}/{first.new.rpartition('/')[0]}",
        ZFILENAME=first.new.rpartition("/")[2],
    )
    made.photo(replace(second, title="inside"))
    made.photo(replace(third, title="elsewhere"), ZDIRECTORY="C")
    made.db.close()
    inside = package / "originals" / "0" / "00000001-A52E-4197-BBEB-261ED448BBC7.jpeg"
    inside.parent.mkdir(parents=True)
    (world.folder / second.new).rename(inside)
    with world.store.write() as db:
        db.execute(
            "UPDATE file SET path = ? WHERE photo_id = ?",
            (os.fsencode(inside.relative_to(world.folder)), world.ids[1]),
        )
    found = world.plan(package)
    assert found.preview.matched == {MatchMethod.PATH: 2, MatchMethod.FACTS: 1}
    world.run(found.operation())
    described = world.described()
    assert described[0].favourite
    assert described[1].title == "inside"
    assert described[2].title == "elsewhere"


def test_what_is_said_of_the_jpeg_of_a_raw_counts_for_the_photo_that_is_shown(
    make_world: MakeWorld, tmp_path: Path
) -> None:
    world = make_world(3)
    raw, first = world.ids[0], world.ids[1]
    with world.store.write() as db:
        db.execute("INSERT INTO pair (photo_id, owner_id, kind) VALUES (?, ?, 'raw')", (first, raw))
    made = _Writer(tmp_path / "x.photoslibrary", PHOTOS_11)
    made.photo(replace(world.originals[1], favourite=True, title="of the JPEG"))
    made.photo(replace(world.originals[2], title="of its own"))
    made.db.close()
    world.run(world.plan(tmp_path / "x.photoslibrary").operation())
    described = world.described()
    assert (described[0].favourite, described[0].title) == (True, "of the JPEG")
    assert (described[1].favourite, described[1].title) == (False, "")
    assert described[2].title == "of its own"
    world.undo()
    made = _Writer(tmp_path / "y.photoslibrary", PHOTOS_11)
    for number in (0, 1):  # a program that lists both
        made.photo(replace(world.originals[number], title=f"title {number}"))
    made.db.close()
    world.run(world.plan(tmp_path / "y.photoslibrary").operation())
    described = world.described()
    assert [described[number].title for number in (0, 1)] == ["title 0", "title 1"]


def test_photos_that_were_exported_in_another_format(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(12)
    package = write(tmp_path / "x.photoslibrary", world.originals)
    change(
        package,
        "UPDATE ZADDITIONALASSETATTRIBUTES SET ZORIGINALFILESIZE = 7000000 + Z_PK, "
        "ZORIGINALFILENAME = replace(ZORIGINALFILENAME, '.JPG', '.HEIC')",
        "UPDATE ZASSET SET ZDATECREATED = ZDATECREATED + 60 WHERE Z_PK = 5",  # another photo of that name
    )
    found = world.plan(package)
    kept = {each.number for each in world.originals if not each.moved and each.old.endswith(".JPG")}
    names = {each.original_name for each in found.not_found}
    assert {f"IMG_{number:04}.HEIC" for number in kept} & names == {"IMG_0004.HEIC"}
    world.run(found.operation())
    described = world.described()
    assert described[10].tags == adjusted(world.originals[10]).tags
    assert described[10].albums == world.originals[10].albums
    assert not described[4].tags


def test_albums_keep_their_order_and_folders(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(8)
    made = _Writer(tmp_path / "x.photoslibrary", PHOTOS_11)
    photos = [made.photo(replace(each, albums=(), title=f"{7 - each.number}")) for each in world.originals]
    albums = {
        "Trips/2020/By hand": {"ZCUSTOMSORTKEY": 0},
        "Oldest first": {"ZCUSTOMSORTKEY": 1, "ZCUSTOMSORTASCENDING": 1},
        "Newest first": {"ZCUSTOMSORTKEY": 1, "ZCUSTOMSORTASCENDING": 0},
        "Trips/By title": {"ZCUSTOMSORTKEY": 5},
    }
    by_hand = [3, 1, 4, 0, 5, 2, 7, 6]
    for path, sorting in albums.items():
        album = made.album(path, **sorting)
        for place, number in enumerate(by_hand):
            made.put_into(album, photos[number], 1024 * place)
    gone = made.insert("ZGENERICALBUM", ZKIND=2, ZTITLE="Gone", ZTRASHEDSTATE=1)
    made.put_into(gone, photos[0], 0)
    made.db.close()
    found = world.plan(tmp_path / "x.photoslibrary")
    assert {each.path for each in found.albums} == {tuple(path.split("/")) for path in albums}
    world.run(found.operation())
    assert world.album_order("Trips/2020/By hand") == by_hand
    assert world.album_order("Oldest first") == list(range(8))
    assert world.album_order("Newest first") == list(range(7, -1, -1))
    assert world.album_order("Trips/By title") == list(range(7, -1, -1))


def test_bursts_become_stacks_and_covers_are_kept(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(30)
    made = _Writer(tmp_path / "x.photoslibrary", PHOTOS_11)
    bursts = {2: (2, 2), 3: (20, 0), 4: (8, 0), 5: (2, 2), 9: (16, 0)}  # the picks, and what is not shown
    photos = []
    for each in world.originals:
        pick, visibility = bursts.get(each.number, (0, 0))
        uuid = None if each.number not in bursts else "lonely" if each.number == 9 else "burst"
        more = {"ZAVALANCHEUUID": uuid, "ZAVALANCHEPICKTYPE": pick, "ZVISIBILITYSTATE": visibility}
        photos.append(made.photo(each, **more))
    made.db.execute("UPDATE ZGENERICALBUM SET ZCUSTOMKEYASSET = ? WHERE ZTITLE = 'Italy'", (photos[18],))
    made.db.close()
    before = world.state()
    world.run(world.plan(tmp_path / "x.photoslibrary").operation())
    assert world.stacks() == {(3, 2, 5)}, "the photo that the user chose from the burst stays by itself"
    assert world.cover("Trips/Italy") == 18
    world.undo()
    assert world.state() == before


def test_trashed_and_shared_photos_are_named_and_not_taken(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(6)
    package = write(tmp_path / "x.photoslibrary", world.originals)
    change(
        package,
        "UPDATE ZASSET SET ZTRASHEDSTATE = 1 WHERE Z_PK = 1",
        "UPDATE ZASSET SET ZCLOUDBATCHPUBLISHDATE = 650000000.0 WHERE Z_PK = 2",
        "UPDATE ZASSET SET ZBUNDLESCOPE = 3 WHERE Z_PK = 3",
        "UPDATE ZASSET SET ZADJUSTMENTSSTATE = 2 WHERE Z_PK = 4",
        "DELETE FROM ZDETECTEDFACE",
    )
    found = world.plan(package)
    assert found.preview.records == 3
    left = {LeftOut.TRASHED: 1, LeftOut.SHARED: 2, LeftOut.EDIT: 1}
    assert found.preview.left_out == left
    listing.write(found, tmp_path / "list.csv")
    rows = [
        (row["state"], row["path"].rpartition("/")[2][:8], row["original name"])
        for row in csv.DictReader((tmp_path / "list.csv").read_text("utf-8").splitlines())
    ]
    assert rows == [
        ("trashed", "00000000", "IMG_0000.NEF"),
        ("shared", "00000001", "IMG_0001.JPG"),
        ("shared", "00000002", "IMG_0002.JPG"),
    ]


def test_people_that_were_merged_and_places_and_texts(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2)
    made = _Writer(tmp_path / "x.photoslibrary", PHOTOS_11)
    accent = "Val d'Ise\N{COMBINING GRAVE ACCENT}re"
    photo = made.photo(
        replace(world.originals[0], tags=frozenset({accent}), title=accent),
        ZLATITUDE=48.2082,
        ZLONGITUDE=16.3738,
    )
    ada = made.person("Ada Lovelace")
    countess = made.insert("ZPERSON", ZFULLNAME="", ZDISPLAYNAME="Countess", ZMERGETARGETPERSON=ada)
    circle = made.insert("ZPERSON", ZFULLNAME="Circle")
    made.db.execute("UPDATE ZPERSON SET ZMERGETARGETPERSON = Z_PK WHERE Z_PK = ?", (circle,))
    for person in (countess, circle, 9999):
        made.insert("ZDETECTEDFACE", ZASSETFORFACE=photo, ZPERSONFORFACE=person)
    made.db.close()
    found = world.plan(tmp_path / "x.photoslibrary")
    world.run(found.operation())
    described = world.described()[0]
    assert described.people == ("Ada Lovelace", "Circle")
    composed = "Val d'Is\N{LATIN SMALL LETTER E WITH GRAVE}re"
    assert described.tags == {composed}
    assert described.title == composed
    assert found.places == {world.ids[0]: (48.2082, 16.3738)}


def test_values_that_no_library_can_hold(make_world: MakeWorld, tmp_path: Path) -> None:
    """Dates such as these are in libraries of real people."""
    world = make_world(3)
    package = write(tmp_path / "x.photoslibrary", world.originals)
    change(
        package,
        "UPDATE ZASSET SET ZDATECREATED = 123456789012345, ZLATITUDE = 91, ZLONGITUDE = 0 WHERE Z_PK = 1",
        f"UPDATE ZASSET SET ZDATECREATED = -{_EPOCH} WHERE Z_PK = 2",
        "UPDATE ZASSET SET ZFAVORITE = 'x', ZHIDDEN = x'00', ZFILENAME = NULL WHERE Z_PK = 3",
    )
    found = world.plan(package)
    assert [str(each).partition(": ")[2].partition(" is left out")[0] for each in found.preview.problems] == [
        "a photo without a name was left out.",
        "the date “123456789012345”",
        "the position “91.0, 0.0”",
    ]
    assert found.preview.records == 2


@pytest.mark.parametrize("model", [12_999, 20_000, 280_000_000, "new", None])
def test_unknown_versions_are_refused(make_world: MakeWorld, tmp_path: Path, model: object) -> None:
    world = make_world(1)
    package = write(tmp_path / "x.photoslibrary", world.originals)
    db = apsw.Connection(os.fspath(package / "database" / "Photos.sqlite"))
    properties = {} if model is None else {"PLModelVersion": model}
    stored = plistlib.dumps(properties, fmt=plistlib.FMT_BINARY)
    db.execute("UPDATE Z_METADATA SET Z_PLIST = ?", (stored,))
    db.close()
    with pytest.raises(SourceError, match=r"of the schema of Photos; Safelight reads those of macOS 10\.15"):
        world.plan(package)


def test_libraries_that_were_not_converted_are_refused(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(1)
    package = tmp_path / "Old.photoslibrary"
    (package / "database").mkdir(parents=True)
    assert not ApplePhotos().recognises(package)
    (package / "database" / "photos.db").write_bytes(b"SQLite format 3\0")
    assert source_for(package).name == "apple-photos"
    assert "open it in a newer Photos" in refusal(world, package)


def test_damaged_hostile_and_busy_libraries(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(40)
    package = write(tmp_path / "x.photoslibrary", world.originals)
    database = package / "database" / "Photos.sqlite"
    check_damaged(world, database, tmp_path / "damaged", "apple-photos")
    for table in ("ZASSET", "ZGENERICALBUM", "Z_PRIMARYKEY", "Z_33ASSETS"):
        check_hostile_schema(world, database, tmp_path / f"hostile-{table}", table, "apple-photos")
    check_in_use(world, database, "UPDATE ZASSET SET ZFAVORITE = 1 - ZFAVORITE", "apple-photos")


def test_paths_cannot_leave_the_package(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2)
    package = write(tmp_path / "x.photoslibrary", world.originals)
    change(package, "UPDATE ZASSET SET ZDIRECTORY = '../..', ZFILENAME = 'secret.jpg'")
    assert [record.local for record in ApplePhotos().read(package, Reading())] == [None, None]
