"""Shotwell's database, made after the schema in its repository."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from safelight.core.errors import SourceError
from safelight.core.migration import LeftOut, MatchMethod
from safelight.core.photo import FaceRegion
from safelight.services.migration.source import Reading
from safelight.services.migration.sources.shotwell import Shotwell
from support.catalogue_attacks import check_damaged, check_hostile_schema, check_in_use
from support.migration_world import MigrationWorld, Original, check_import

MakeWorld = Callable[[int], MigrationWorld]

SCHEMA = """
CREATE TABLE VersionTable (id INTEGER PRIMARY KEY, schema_version INTEGER, app_version TEXT,
    user_data TEXT NULL);
CREATE TABLE EventTable (id INTEGER PRIMARY KEY, name TEXT, primary_photo_id INTEGER, time_created INTEGER,
    primary_source_id TEXT, comment TEXT);
CREATE TABLE TagTable (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, photo_id_list TEXT,
    time_created INTEGER);
CREATE TABLE PhotoTable (id INTEGER PRIMARY KEY, filename TEXT UNIQUE NOT NULL, width INTEGER, height INTEGER,
    filesize INTEGER, timestamp INTEGER, exposure_time INTEGER, orientation INTEGER,
    original_orientation INTEGER, event_id INTEGER,
    md5 TEXT, time_created INTEGER, flags INTEGER DEFAULT 0, rating INTEGER DEFAULT 0, title TEXT,
    comment TEXT);
CREATE TABLE VideoTable (id INTEGER PRIMARY KEY, filename TEXT UNIQUE NOT NULL, width INTEGER, height INTEGER,
    filesize INTEGER, timestamp INTEGER, exposure_time INTEGER, event_id INTEGER, md5 TEXT,
    flags INTEGER DEFAULT 0, rating INTEGER DEFAULT 0, title TEXT, comment TEXT);
CREATE TABLE FaceTable (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, time_created INTEGER);
CREATE TABLE FaceLocationTable (id INTEGER NOT NULL PRIMARY KEY, face_id INTEGER NOT NULL,
    photo_id INTEGER NOT NULL, geometry TEXT)
"""
GEOMETRY = "Rectangle;0.25;0.4;0.125;0.05;0.25,0.5,"
"""Centre and half of the sides in the stored picture, and what recognises the face."""
KNOWN = ("rating", "title", "caption", "tags", "people", "favourite", "hidden")


def event(each: Original) -> str:
    return f"Journey {each.number // 50}"


def write(path: Path, originals: list[Original], version: int = 24) -> Path:
    db = apsw.Connection(os.fspath(path))
    for statement in SCHEMA.split(";"):
        db.execute(statement)
    tagged: defaultdict[str, list[str]] = defaultdict(list)
    with db:
        db.execute("INSERT INTO VersionTable VALUES (1, ?, '0.32.0', NULL)", (version,))
        db.execute("INSERT INTO EventTable (id, name) VALUES (900, NULL), (901, '')")
        db.execute("INSERT INTO FaceTable VALUES (1, 'Ada Lovelace', 0)")
        for each in originals:
            number = each.number + 1
            if each.number % 50 == 0:
                db.execute("INSERT INTO EventTable (id, name) VALUES (?, ?)", (number, event(each)))
            is_video = each.number % 10 == 3
            flags = (4 if each.favourite else 0) if is_video else each.hidden | each.favourite << 1
            values = (
                *(number, f"/home/old/Pictures/{each.old}", each.width, each.height, each.size),
                round(each.taken.timestamp()) - 3600 if each.taken else 0,
                each.number // 50 * 50 + 1 if each.number % 2 else 900,
                hashlib.md5(each.content).hexdigest(),
                *(flags, each.rating, each.title or None, each.caption or None),
            )
            table = "VideoTable" if is_video else "PhotoTable"
            db.execute(
                f"INSERT INTO {table} (id, filename, width, height, filesize, exposure_time, event_id, md5, "
                "flags, rating, title, comment) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            if not is_video:
                db.execute("UPDATE PhotoTable SET original_orientation = 6 WHERE id = ?", (number,))
            source = f"{'video-' if is_video else 'thumb'}{number:016x}"
            for tag in each.tags:
                levels = tag.split("/")
                for depth in range(1, len(levels) + 1):
                    name = "/".join(levels[:depth])
                    tagged[f"/{name}" if len(levels) > 1 else name].append(source)
            if each.people and not is_video:
                db.execute("INSERT INTO FaceLocationTable VALUES (NULL, 1, ?, ?)", (number, GEOMETRY))
        for name, sources in tagged.items():
            db.execute("INSERT INTO TagTable VALUES (NULL, ?, ?, 0)", (name, ",".join(sources) + ","))
        db.execute("INSERT INTO PhotoTable (id, filename, flags) VALUES (70000, '/home/old/trash.jpg', 4)")
    db.close()
    return path


def adjusted(each: Original) -> Original:
    video = each.number % 10 == 3
    return replace(
        each,
        albums=(f"Events/{event(each)}",) if each.number % 2 else (),
        people=() if video else each.people,
        hidden=each.hidden and not video,
    )


def test_everything_arrives_and_is_undone(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(400)
    path = write(tmp_path / "photo.db", world.originals)
    found = check_import(world, path, KNOWN, adjust=adjusted)
    assert found.preview.recognised == 400
    assert found.preview.matched[MatchMethod.CONTENT] == 200
    faces = sum(bool(each.people) for each in world.originals if each.number % 10 != 3)
    assert found.preview.left_out == {LeftOut.TRASHED: 1}
    upright = FaceRegion("Ada Lovelace", "Face", 0.55, 0.125, 0.1, 0.25)
    imported = [face for _, each in found.operation().faces for face in each]
    assert len(imported) == faces
    for face in imported:
        assert face.name == upright.name
        assert sides(face) == pytest.approx(sides(upright))


def sides(face: FaceRegion) -> tuple[float, ...]:
    return face.left, face.top, face.width, face.height


@pytest.mark.parametrize(
    ("geometry", "orientation"),
    [
        *((None, 1), ("Rectangle;0.5", 1), ("Circle;0.5;0.5;0.1;0.1;", 1), ("Rectangle;0.5;nan;0.1;0.1;", 1)),
        *(("Rectangle;9;9;0.1;0.1;", 1), ("Rectangle;0.5;0.5;0.1;0.1;", 0), (GEOMETRY, None)),
    ],
)
def test_faces_whose_place_is_not_known_are_counted(
    make_world: MakeWorld, tmp_path: Path, geometry: str | None, orientation: int | None
) -> None:
    world = make_world(1)
    path = write(tmp_path / "photo.db", world.originals)
    db = apsw.Connection(os.fspath(path))
    db.execute("UPDATE FaceLocationTable SET geometry = ?", (geometry,))
    db.execute("UPDATE PhotoTable SET original_orientation = ?", (orientation,))
    db.close()
    found = world.plan(path)
    assert found.preview.left_out[LeftOut.FACE_REGION] == 1
    assert found.operation().faces == ()


def test_positions_of_current_versions(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(2)
    path = write(tmp_path / "photo.db", world.originals)
    db = apsw.Connection(os.fspath(path))
    for column in ("has_gps INTEGER DEFAULT -1", "gps_lat REAL", "gps_lon REAL"):
        db.execute(f"ALTER TABLE PhotoTable ADD COLUMN {column}")
    db.execute("UPDATE PhotoTable SET has_gps = 1, gps_lat = 48.2, gps_lon = 16.37 WHERE id = 1")
    db.execute("UPDATE PhotoTable SET gps_lat = 1.0, gps_lon = 2.0 WHERE id = 2")
    db.close()
    places = [(each.latitude, each.longitude) for each in Shotwell().read(path, Reading())]
    assert places == [(48.2, 16.37), (None, None)]


@pytest.mark.parametrize("version", [13, 99, "x", None])
def test_unknown_versions_are_refused(make_world: MakeWorld, tmp_path: Path, version: object) -> None:
    world = make_world(1)
    path = write(tmp_path / "photo.db", world.originals)
    db = apsw.Connection(os.fspath(path))
    db.execute("UPDATE VersionTable SET schema_version = ?", (version,))
    db.close()
    with pytest.raises(SourceError, match="of Shotwell's schema; Safelight reads 14 to 24"):
        world.plan(path)


def test_damaged_hostile_and_busy_databases(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(40)
    (tmp_path / "shotwell" / "data").mkdir(parents=True)
    path = write(tmp_path / "shotwell" / "data" / "photo.db", world.originals)
    assert world.plan(tmp_path / "shotwell").preview.recognised == 40
    check_damaged(world, path, tmp_path / "damaged", "shotwell")
    check_hostile_schema(world, path, tmp_path / "hostile", "PhotoTable", "shotwell")
    check_in_use(world, path, "UPDATE PhotoTable SET rating = 1", "shotwell")
