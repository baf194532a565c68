"""Any value in any place of what another program left: it is read, or refused in one line."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import pytest

from safelight.core.errors import SafelightError
from safelight.services.migration.planning import Plan
from services.migration import test_apple_photos_library as photos
from services.migration import test_darktable as darktable
from services.migration import test_digikam as digikam
from services.migration import test_exports as exports
from services.migration import test_lightroom as lightroom
from services.migration import test_shotwell as shotwell
from services.migration import test_takeout as takeout
from support.migration_world import MigrationWorld

yaml = pytest.importorskip("yaml")

MakeWorld = Callable[[int], MigrationWorld]

NUMBERS = (0, -1, 2**31, 2**63 - 1, -(2**63), 1e308, -1e308, math.inf, -math.inf, 0.1)
TEXTS = (
    *("", " ", "\0", "/", "..", "../../../x.jpg", "/etc/passwd", "C:\\", "\\\\", "a\nb", "\x1b[2J"),
    *("NaN", "1e999", "9" * 500, "-9223372036854775808", "0000-00-00T00:00:00", "9999-12-31T23:59:59"),
    *("\ufffe", "e\u0301" * 400, "x" * 100_000, "a/" * 5_000, "2019-05-12T10:15:00+99:99"),
)
HUGE = 10**400
ONLY_JSON: tuple[Any, ...] = ("\ud800", "a\udc00.jpg", True, None, [], {}, [[[[]]]], [None], {"": None})
BLOBS = (b"", b"\0" * 9, b"\xff\xfe\xfa", None)


def attempt(world: MigrationWorld, source: Path, name: str | None = None) -> None:
    """Import it, whatever it says, and take it back."""
    try:
        plan = world.plan(source, name)
    except SafelightError as error:
        refusal = str(error)
    else:
        take_over(world, plan)
        return
    assert refusal
    assert "\n" not in refusal


def take_over(world: MigrationWorld, plan: Plan) -> None:
    before = world.state()
    if world.run(plan.operation(all_theirs=True)).step is not None:
        world.undo()
        assert world.state() == before


def spots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every value in a document."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from spots(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from spots(inner, (*path, number))


def with_value(document: Any, path: tuple[Any, ...], value: object) -> Any:
    if not path:
        return value
    copy = document.copy()
    copy[path[0]] = with_value(document[path[0]], path[1:], value)
    return copy


def chosen(cases: list[Any], nightly: bool) -> list[Any]:
    """All of them, or a fixed sample."""
    return cases if nightly else random.Random(1).sample(cases, min(60, len(cases)))


# --- databases ------------------------------------------------------------------------------------------


def digikam_database(place: Path, world: MigrationWorld) -> Path:
    return digikam.write(place / "digikam4.db", world.originals)


def lightroom_catalogue(place: Path, world: MigrationWorld) -> Path:
    return lightroom.write(place / "Photos.lrcat", world.originals)


def darktable_database(place: Path, world: MigrationWorld) -> Path:
    return darktable.write(place / "darktable", world.originals, old=True)


def shotwell_database(place: Path, world: MigrationWorld) -> Path:
    return shotwell.write(place / "photo.db", world.originals)


def photos_library(place: Path, world: MigrationWorld) -> Path:
    package = photos.write(place / "x.photoslibrary", world.originals)
    photos.change(
        package,
        "UPDATE ZASSET SET ZAVALANCHEUUID = 'burst', ZAVALANCHEPICKTYPE = 16 WHERE Z_PK = 3",
        "UPDATE ZASSET SET ZAVALANCHEUUID = 'burst', ZVISIBILITYSTATE = 2 WHERE Z_PK IN (4, 5)",
        "UPDATE ZGENERICALBUM SET ZCUSTOMKEYASSET = 1",
    )
    return package / "database" / "Photos.sqlite"


@pytest.mark.parametrize(
    "make", [digikam_database, lightroom_catalogue, darktable_database, shotwell_database, photos_library]
)
def test_any_value_in_any_column(
    make_world: MakeWorld, tmp_path: Path, make: Callable[[Path, MigrationWorld], Path], *, nightly: bool
) -> None:
    world = make_world(24)
    (tmp_path / "original").mkdir()
    source = make(tmp_path / "original", world)
    file = source if source.is_file() else next(source.glob("library.db"))
    db = apsw.Connection(os.fspath(file))
    columns = [
        (str(table), str(column))
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for _, column, *_ in db.execute(f'PRAGMA table_info("{table}")').fetchall()
    ]
    db.close()
    values = (*NUMBERS, *TEXTS, *BLOBS)
    cases = [(table, column, value) for table, column in columns for value in values]
    changed = 0
    for table, column, value in chosen(cases, nightly):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(tmp_path / "original", copy)
        other = copy / file.relative_to(tmp_path / "original")
        db = apsw.Connection(os.fspath(other))
        try:
            db.execute(f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE rowid % 3 <> 1', (value,))
            changed += db.changes()
        except apsw.Error:  # a column that cannot hold it
            continue
        finally:
            db.close()
        attempt(world, copy / source.relative_to(tmp_path / "original"))
    assert changed > 100


# --- documents ------------------------------------------------------------------------------------------


def immich_assets(world: MigrationWorld) -> Any:
    return {"assets": {"items": [exports.asset(each) for each in world.originals[:4]]}, "albumName": "a"}


def takeout_sidecar(world: MigrationWorld) -> Any:
    more = {"people": [{"name": "Ada"}], "favorited": True, "albumData": {"title": "x"}}
    return json.loads(takeout.sidecar("IMG_0001.JPG", 1_500_000_000, description="d", **more))


def apple_photos(world: MigrationWorld) -> Any:
    return [
        {
            "uuid": "U1",
            "filename": "U1.jpeg",
            "original_filename": world.originals[0].old.rpartition("/")[2],
            "path": "/x/U1.jpeg",
            "date": "2012-03-04T05:06:07.250000+02:00",
            "original_filesize": world.originals[0].size,
            "original_width": 4000,
            "original_height": 3000,
            "title": "t",
            "description": "d",
            "keywords": ["k"],
            "persons": ["p"],
            "face_info": [{"name": "p"}],
            "albums": ["a"],
            "folders": {"a": ["f"]},
            "favorite": True,
            "hidden": True,
            "intrash": False,
            "latitude": 1.0,
            "longitude": 2.0,
            "fingerprint": "x",
        }
    ]


def photoprism_sidecar(world: MigrationWorld) -> Any:
    return {
        "TakenAt": "2012-03-04T05:06:07Z",
        "TakenAtLocal": "2012-03-04T05:06:07Z",
        "UID": "p1",
        "Type": "image",
        "Title": "t",
        "TitleSrc": "manual",
        "Caption": "c",
        "Favorite": True,
        "Private": True,
        "Lat": 1.0,
        "Lng": 2.0,
        "Details": {"Keywords": "a, b", "KeywordsSrc": "meta"},
        "Photos": [{"UID": "p1"}],
    }


DOCUMENTS = {
    "immich": (immich_assets, "assets.json"),
    "google-takeout": (takeout_sidecar, "Takeout/Google Photos/Photos from 2012/IMG_0001.JPG.json"),
    "apple-photos": (apple_photos, "photos.json"),
    "photoprism": (photoprism_sidecar, "sidecar/2012/IMG_0001.yml"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_any_value_in_any_document(
    make_world: MakeWorld, tmp_path: Path, name: str, *, nightly: bool
) -> None:
    world = make_world(6)
    make, file = DOCUMENTS[name]
    document = make(world)
    root = tmp_path / "export"
    target = root / file
    target.parent.mkdir(parents=True)
    if name == "google-takeout":
        (target.parent / "IMG_0001.JPG").write_bytes(world.originals[1].content)
    source = target if name == "apple-photos" else root
    cases = [(spot, value) for spot in spots(document) for value in (*NUMBERS, math.nan, *TEXTS, *ONLY_JSON)]
    always = [(spot, HUGE) for spot in spots(document)]
    for spot, value in [*always, *chosen(cases, nightly)]:
        changed = with_value(document, spot, value)
        if file.endswith(".yml"):
            try:
                text = yaml.safe_dump(changed, allow_unicode=False)
            except UnicodeError:
                continue
            target.write_text(text, encoding="utf-8", errors="surrogatepass")
        else:
            target.write_text(json.dumps(changed), encoding="utf-8")
        attempt(world, source, name)


# --- texts ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_any_cell_of_a_table(make_world: MakeWorld, tmp_path: Path, *, nightly: bool) -> None:
    world = make_world(6)
    header = ["path", "size", "taken", "rating", "rejected", "label", "title", "caption", "tags"]
    header += ["people", "albums", "favourite", "hidden", "latitude", "longitude", "md5", "sha256", "blake2b"]
    path = str(world.folder / world.originals[0].new)
    cells = [path, "100", "2019-05-12T10:15:00", "3", "", "red", "t", "c", "a;b", "p", "x/y", "1", "0", "1"]
    cells += ["2", "0" * 32, "0" * 64, "0" * 40]
    values = [*map(str, NUMBERS), *TEXTS, "٣", "1_0", "0x1", "½"]
    cases = [(place, value) for place in range(len(cells)) for value in values]
    for place, value in chosen(cases, nightly):
        out = io.StringIO()
        changed = [value if number == place else cell for number, cell in enumerate(cells)]
        csv.writer(out).writerows([header, changed, cells])
        (tmp_path / "t.csv").write_text(out.getvalue(), encoding="utf-8", errors="surrogatepass", newline="")
        attempt(world, tmp_path / "t.csv")


@pytest.mark.parametrize("kind", ["xmp", "picasa"])
def test_any_damage_of_a_text(make_world: MakeWorld, tmp_path: Path, kind: str, *, nightly: bool) -> None:
    world = make_world(6)
    root = tmp_path / "texts"
    root.mkdir()
    each = replace(world.originals[0], people=("Ada",))
    if kind == "xmp":
        file, content = root / "IMG_0000.JPG.xmp", exports.xmp(each).encode()
    else:
        (root / "IMG_0000.JPG").write_bytes(each.content)
        file = root / ".picasa.ini"
        content = (
            b"[Picasa]\nname=A\n[Contacts2]\n1234567890abcdef=Ada;;\n[.album:0a]\nname=B\ntoken=0a\n"
            b"[IMG_0000.JPG]\nstar=yes\ncaption=c\nkeywords=a,b\nalbums=0a\n"
            b"faces=rect64(3f845bcb59418507),1234567890abcdef\ngeotag=1.0,2.0\nrotate=rotate(1)\n"
        )
    chance = random.Random(2)
    for _ in range(1000 if nightly else 60):
        changed = bytearray(content)
        for _ in range(chance.randrange(1, 6)):
            start = chance.randrange(len(changed))
            piece = chance.choice([*TEXTS, *map(str, NUMBERS)]).encode("utf-8", "surrogatepass")[:3000]
            changed[start : start + chance.randrange(12)] = piece
        file.write_bytes(changed)
        attempt(world, root, kind)
