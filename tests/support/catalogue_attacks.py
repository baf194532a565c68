"""Catalogues that are truncated, damaged, locked or hostile: each ends in one line."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw

from safelight.core.errors import SafelightError
from safelight.store.catalogues import open_catalogue
from support.migration_world import MigrationWorld


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """Every file below a folder with its size and time, to see that none was written or added."""
    return sorted(
        (os.fspath(path), path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    )


def refusal(world: MigrationWorld, path: Path, name: str | None = None) -> str:
    """The one line with which a catalogue is refused; empty if it was read, perhaps in part."""
    place = path if path.is_dir() else path.parent
    before = listing(place)
    message = ""
    try:
        world.plan(path, name)
    except SafelightError as error:
        message = str(error) or "nothing"
    assert listing(place) == before
    assert message != "nothing"
    assert "\n" not in message
    assert len(message) < 600
    return message


def damaged(path: Path, target: Path) -> Iterator[Path]:
    """Copies of a file that are cut at several places or have flipped bytes."""
    content = path.read_bytes()
    chance = random.Random(1)
    for share in (0.0, 0.001, 0.1, 0.5, 0.9, 0.999):
        cut = target / f"cut-{share}-{path.name}"
        cut.write_bytes(content[: int(len(content) * share)])
        yield cut
    for number in range(12):
        changed = bytearray(content)
        for _ in range(1 + number * 8):
            changed[chance.randrange(100, len(changed))] = chance.randrange(256)
        flipped = target / f"flipped-{number}-{path.name}"
        flipped.write_bytes(changed)
        yield flipped


def check_damaged(world: MigrationWorld, path: Path, place: Path, name: str) -> None:
    """Damaged copies are refused, or read in part; cut ones are always refused."""
    place.mkdir()
    for copy in damaged(path, place):
        message = refusal(world, copy, name)
        assert message or not copy.name.startswith("cut"), copy.name
        copy.unlink()


def check_in_use(world: MigrationWorld, path: Path, change: str, name: str) -> None:
    """The latest changes are in a write-ahead log that another connection holds."""
    before = world.plan(path, name)
    db = apsw.Connection(os.fspath(path))
    try:
        db.pragma("journal_mode", "wal")
        db.execute(change)
        assert path.with_name(path.name + "-wal").stat().st_size > 0
        db.execute("BEGIN IMMEDIATE")
        files = listing(path.parent)
        found = world.plan(path, name)
        assert listing(path.parent) == files
        assert found.preview.records == before.preview.records
        assert found.operation() != before.operation()
    finally:
        db.close()


def check_hostile_schema(world: MigrationWorld, path: Path, place: Path, table: str, name: str) -> None:
    """A table that is really an endless view, and generated or missing columns."""
    place.mkdir()
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n"
    for number, statements in enumerate(
        (
            (f'DROP TABLE "{table}"', f'CREATE VIEW "{table}" AS {endless}'),
            (f'DROP TABLE "{table}"', f'CREATE TABLE "{table}" (x)'),
            (f'DROP TABLE "{table}"',),
        )
    ):
        copy = place / f"{number}-{path.name}"
        shutil.copy(path, copy)
        db = apsw.Connection(os.fspath(copy))
        for statement in statements:
            db.execute(statement)
        db.close()
        assert refusal(world, copy, name), number


def check_changed_while_read(path: Path, table: str, columns: list[str]) -> None:
    """A program that writes during the reading is noticed."""

    def read(change: Callable[[], None]) -> str:
        try:
            with open_catalogue(path) as catalogue:
                rows = catalogue.rows(table, columns)
                next(rows)
                change()
                for _ in rows:
                    pass
        except SafelightError as error:
            return str(error)
        return ""

    assert read(lambda: None) == ""
    assert "changed while it was read" in read(lambda: os.utime(path, ns=(1, 1)))
