"""darktable's databases, made after the schema in its repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from safelight.core.errors import SourceError
from safelight.core.migration import LeftOut
from support.catalogue_attacks import check_damaged, check_hostile_schema, check_in_use
from support.migration_world import FIELDS, MigrationWorld, Original, check_import

MakeWorld = Callable[[int], MigrationWorld]

LIBRARY = """
CREATE TABLE db_info (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE film_rolls (id INTEGER PRIMARY KEY, access_timestamp INTEGER, folder VARCHAR(1024) NOT NULL);
CREATE TABLE images (id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER, film_id INTEGER, width INTEGER,
    height INTEGER, filename VARCHAR, maker_id INTEGER, datetime_taken INTEGER, flags INTEGER,
    longitude REAL, latitude REAL, version INTEGER, max_version INTEGER, history_end INTEGER,
    position INTEGER);
CREATE TABLE tagged_images (imgid INTEGER, tagid INTEGER, position INTEGER, PRIMARY KEY (imgid, tagid));
CREATE TABLE color_labels (imgid INTEGER, color INTEGER);
CREATE TABLE meta_data (id INTEGER, key INTEGER, value VARCHAR)
"""
COLOURS = ("red", "yellow", "green", "blue", "purple")
KNOWN = ("rating", "label", "title", "caption", "tags")


def write(folder: Path, originals: list[Original], *, old: bool = False) -> Path:
    """``old``: as before darktable 2.4 and 3.8, with tags in the library and times as text."""
    folder.mkdir(exist_ok=True)
    db = apsw.Connection(os.fspath(folder / "library.db"))
    for statement in LIBRARY.split(";"):
        db.execute(statement)
    data = db if old else apsw.Connection(os.fspath(folder / "data.db"))
    data.execute("CREATE TABLE tags (id INTEGER PRIMARY KEY, name VARCHAR, synonyms VARCHAR, flags INTEGER)")
    tags: dict[str, int] = {}

    def tag(name: str) -> int:
        if name not in tags:
            data.execute("INSERT INTO tags (name) VALUES (?)", (name,))
            tags[name] = data.last_insert_rowid()
        return tags[name]

    with db:
        db.execute("INSERT INTO db_info VALUES ('version', ?)", ("16" if old else "57",))
        rolls: dict[str, int] = {}
        for each in originals:
            folder_, _, name = each.old.rpartition("/")
            if folder_ not in rolls:
                db.execute("INSERT INTO film_rolls (folder) VALUES (?)", (f"/home/old/Pictures/{folder_}",))
                rolls[folder_] = db.last_insert_rowid()
            taken: object = 0
            if each.taken:
                seconds = round(each.taken.timestamp()) + 62_135_596_800
                taken = each.taken.strftime("%Y:%m:%d %H:%M:%S") if old else seconds * 1_000_000 + 123
            flags = 8 | 2 if each.rating < 0 else each.rating
            db.execute(
                "INSERT INTO images (id, film_id, width, height, filename, datetime_taken, flags, version) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                (each.number + 1, rolls[folder_], each.width, each.height, name, taken, flags | 0x1000),
            )
            given = [*(each_tag.replace("/", "|") for each_tag in each.tags), "darktable|changed"]
            db.executemany(
                "INSERT INTO tagged_images VALUES (?, ?, 0)", [(each.number + 1, tag(name)) for name in given]
            )
            if each.label:
                db.execute(
                    "INSERT INTO color_labels VALUES (?, ?)", (each.number + 1, COLOURS.index(each.label))
                )
            for key, text in ((2, each.title), (3, each.caption), (4, "rights")):
                if text:
                    db.execute("INSERT INTO meta_data VALUES (?, ?, ?)", (each.number + 1, key, text))
    db.close()
    if data is not db:
        data.close()
    return folder


@pytest.mark.parametrize("old", [False, True])
def test_everything_arrives_and_is_undone(make_world: MakeWorld, tmp_path: Path, old: bool) -> None:
    world = make_world(400)
    check_import(world, write(tmp_path / "darktable", world.originals, old=old), KNOWN)


def test_duplicates_and_further_colours_are_counted(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(4)
    folder = write(tmp_path / "darktable", world.originals)
    db = apsw.Connection(os.fspath(folder / "library.db"))
    db.execute(
        "INSERT INTO images (id, film_id, filename, flags, datetime_taken, version) "
        "SELECT 99, film_id, filename, 5, datetime_taken, 1 FROM images WHERE id = 1"
    )
    db.execute("INSERT INTO color_labels VALUES (2, 4), (2, 9)")
    db.close()
    found = world.plan(folder / "library.db")
    assert found.preview.left_out == {LeftOut.VIRTUAL_COPY: 1, LeftOut.LABEL: 1}
    world.run(found.operation())
    assert world.described()[0].rating == 0


def test_without_the_names_of_tags_the_rest_is_imported(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(8)
    folder = write(tmp_path / "darktable", world.originals)
    (folder / "data.db").unlink()
    found = world.plan(folder)
    assert len(found.preview.problems) == 1
    assert "data.db" in str(found.preview.problems[0])
    world.run(found.operation())
    assert [each.rating for each in world.described().values()] == [each.rating for each in world.originals]


@pytest.mark.parametrize("version", ["0", "61", "", "x", "1" * 50])
def test_unknown_versions_are_refused(make_world: MakeWorld, tmp_path: Path, version: str) -> None:
    world = make_world(1)
    folder = write(tmp_path / "darktable", world.originals)
    db = apsw.Connection(os.fspath(folder / "library.db"))
    db.execute("UPDATE db_info SET value = ?", (version,))
    db.close()
    with pytest.raises(SourceError, match="of darktable's schema; Safelight reads 1 to 60"):
        world.plan(folder)


def test_damaged_hostile_and_busy_databases(make_world: MakeWorld, tmp_path: Path) -> None:
    world = make_world(40)
    path = write(tmp_path / "darktable", world.originals) / "library.db"
    check_damaged(world, path, tmp_path / "damaged", "darktable")
    check_hostile_schema(world, path, tmp_path / "hostile", "images", "darktable")
    check_in_use(world, path, "UPDATE images SET flags = 1", "darktable")
    assert set(KNOWN) < set(FIELDS)


def test_groups_become_stacks_and_keys_of_texts_are_looked_up(make_world: MakeWorld, tmp_path: Path) -> None:
    """Since darktable 5.2, ``data.db`` says which key a text has. Every image alone is a group of one."""
    world = make_world(20)
    folder = write(tmp_path / "darktable", world.originals)
    db = apsw.Connection(os.fspath(folder / "library.db"))
    db.execute("UPDATE images SET group_id = id")
    db.execute("UPDATE images SET group_id = 8 WHERE id IN (6, 7)")
    db.execute("UPDATE meta_data SET key = 42 WHERE key = 2")
    db.close()
    data = apsw.Connection(os.fspath(folder / "data.db"))
    data.execute("CREATE TABLE meta_data (key INTEGER PRIMARY KEY, tagname VARCHAR, name VARCHAR)")
    data.execute("INSERT INTO meta_data VALUES (42, 'Xmp.dc.title', 'title'), (3, 'Xmp.dc.description', 'd')")
    data.close()
    found = world.plan(folder)
    counted = next(each for each in found.preview.counts if each.kind == "stacks")
    assert (counted.found, counted.new) == (3, 3)
    world.run(found.operation())
    assert world.stacks() == {(7, 5, 6)}
    assert world.described()[4].title == "Title 4"
    assert world.described()[5].caption
