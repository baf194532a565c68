"""Filters against a plain reading of the same rows: 5,000 made-up photos, one oracle in Python."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.core.field_types import FieldKind
from safelight.core.fields import FIELDS
from safelight.core.flags import FLAGS
from safelight.core.organising_rules import LABELS
from safelight.core.photo import FolderState
from safelight.core.query import (
    AfterCondition,
    BeforeCondition,
    Condition,
    DateRangeCondition,
    Filter,
    FlagCondition,
    Group,
    NearCondition,
    NumberCondition,
    Part,
    Phrase,
    Relation,
    ValueCondition,
    parse,
)
from safelight.store import filter_ids, filters, folders, marks, text
from safelight.store.filters import Restriction
from safelight.store.library import Connection, LibraryStore
from support.stored import add_folder, add_photo, digest

ROWS = 5000
Mask = npt.NDArray[np.bool_]
ROOTS = {"/home/me/Pictures": FolderState.ONLINE, "/mnt/Drive 1": FolderState.OFFLINE}
FOLDERS = (
    "",
    "2019",
    "2019/Italy",
    "Italy",
    "Trips/ITALY/Rome",
    "Été à Nîmes",
    "Screenshots",
    "100%_done",
    "été",
)
CAMERAS = (None, None, "Canon EOS R5", "NIKON D750", "Pixel 7", "カメラ 5")
LENSES = (None, "RF 50mm F1.8", "50-140 mm", "100% macro_lens")
TAGS = ("holiday", "to do", "Été", "50%", "animals", "Animals/dog", "animals/Été", "pets/dog/small")
ALBUMS = ("Best of 2019", "best", "Ærø", "Trips", "Trips/Italy", "Trips/Italy/best")
THEMES = ("", "Beach/Coast", "Beach and rocks/Sand", "Ærø and sea/Boat")
TEXTS = ("", "", "Summer party", "100%_done", "À la plage")
FORMATS = (("JPEG", "jpg"), ("JPEG", "JPEG"), ("PNG", "png"), ("RAW", "cr2"), ("TIFF", "tif"), ("PNG", "jpg"))


@dataclass
class Row:
    """A photo as the oracle sees it."""

    id: int
    date: str
    size: int
    format: str
    width: int
    height: int
    camera: str | None
    lens: str | None
    place: tuple[float, float] | None
    iso: int | None = None
    aperture: float | None = None
    exposure: float | None = None
    focal_length: float | None = None
    duration: float | None = None
    files: list[tuple[str, str]] = field(default_factory=list)  # root, path below it
    favourite: bool = False
    rating: int = 0
    hidden: bool = False
    turns: int = 0
    half: bool = False
    with_half: Row | None = None
    """The second half of the pair that this photo represents."""
    label: str = ""
    title: str = ""
    caption: str = ""
    tags: set[str] = field(default_factory=set)
    albums: set[str] = field(default_factory=set)
    theme: str = ""
    colour: int = 0xFFFFFF
    sharpness: float | None = None
    times: int = 0
    added: float = 0.0
    """Seconds since 1970."""

    @cached_property
    def names(self) -> list[str]:
        """Of its files, in lower case. A test asks for hundreds of names."""
        return [PurePosixPath(path).name.lower() for _, path in self.files]

    def day(self, key: str) -> str:
        """The date that a field of dates means."""
        return self.date if key == "date" else time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(self.added))


@dataclass
class World:
    store: LibraryStore
    rows: list[Row]
    """The newest first."""
    _passing: dict[Condition, Mask] = field(default_factory=dict)

    def passing(self, condition: Condition) -> Mask:
        """Which of the rows pass a condition. Reading all rows takes a tenth of a second, and many tests ask
        for the same conditions."""
        if condition not in self._passing:
            self._passing[condition] = np.array([fits(row, condition) for row in self.rows], np.bool_)
        return self._passing[condition]


def made_up() -> list[Row]:
    draw = random.Random(4)
    rows: list[Row] = []
    for number in range(1, ROWS + 1):
        form, ending = draw.choice(FORMATS)
        stem = draw.choice(("IMG_", "Screenshot ", "été ", "a%b_", "Bildschirmfoto "))
        row = Row(
            id=number,
            date=(
                f"{draw.randrange(2017, 2022)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}"
                f"T{draw.randrange(24):02}:00:00"
            ),
            size=draw.choice((999, 1_000_000, 5_000_000, 5_000_001, draw.randrange(10**8))),
            format=form,
            width=draw.choice((1000, 2999, 3000, 3001, 4000)),
            height=draw.choice((1000, 3000, 4000)),
            camera=draw.choice(CAMERAS),
            lens=draw.choice(LENSES),
            place=draw.choice(
                (None, (draw.uniform(-90, 90), draw.uniform(-180, 180)), (48.85, 2.35), (0, 180))
            ),
            iso=draw.choice((None, 50, 100, 400, 800, 3200)),
            aperture=draw.choice((None, 1.4, 2.8, 2.82, 4.0, 11.0)),
            exposure=draw.choice((None, 1 / 4000, 1 / 250, 0.00404, 1 / 60, 0.0166, 0.5, 1.0, 30.0)),
            focal_length=draw.choice((None, 4.25, 24.0, 50.0, 50.2, 200.0)),
            added=1_600_000_000.0 + 40_000_000 * draw.random(),
            duration=(None, None, 7.5, 30.0, 95.0)[number % 5],
            favourite=draw.random() < 0.2,
            rating=draw.choice((0, 0, 0, -1, 1, 2, 3, 4, 5)),
            hidden=draw.random() < 0.1,
            turns=draw.choice((0, 0, 1, 2, 3)),
            half=number % 7 == 6,
            label=draw.choice(("", "", *LABELS)),
            title=draw.choice(TEXTS),
            caption=draw.choice(TEXTS),
            tags={tag for tag in TAGS if draw.random() < 0.2},
            albums={album for album in ALBUMS if draw.random() < 0.2},
            theme=THEMES[number % len(THEMES)],
            colour=draw.choice((0x808080, 0x0000FF, 0x101010, 0xFF0000, 0x2D2D2D, 0x2C2C2C)),
            sharpness=draw.choice((None, 3.0, 39.9, 40.0, 900.0)),
            times=draw.choice((0, 0, 1, 7)),
        )
        copies = draw.choice((1, 1, 1, 2, 3))
        for copy in range(copies):
            path = PurePosixPath(draw.choice(FOLDERS)) / f"{stem}{number}-{copy}.{ending}"
            row.files.append((draw.choice(list(ROOTS)), str(path)))
        if row.half:
            rows[-1].with_half = row
        rows.append(row)
    return rows


def stored(db: Connection, rows: Sequence[Row]) -> None:
    ids = {root: add_folder(db, root) for root in ROOTS}
    for root, state in ROOTS.items():
        folders.set_state(db, ids[root], state)
    db.executemany(
        "INSERT INTO photo (id, content_hash, pixel_hash, size, format, width, height, date, camera, lens, "
        "latitude, longitude, iso, aperture, exposure, focal_length, duration, perceptual_hash, colour, "
        "date_is_taken, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 1, ?)",
        (
            (
                *(row.id, digest(str(row.id)), digest(str(row.id))),
                *(row.size, row.format, row.width, row.height),
                *(row.date, row.camera, row.lens, *(row.place or (None, None))),
                *(row.iso, row.aperture, row.exposure, row.focal_length, row.duration, row.added),
            )
            for row in rows
        ),
    )
    db.executemany(
        "INSERT INTO file (folder_id, path, path_text, size, mtime_ns, inode, device, state, photo_id) "
        "VALUES (?, ?, ?, 1, 1, 1, 1, 'indexed', ?)",
        ((ids[root], path.encode(), path, row.id) for row in rows for root, path in row.files),
    )
    marks.set_favourite(db, [row.id for row in rows if row.favourite], True)
    for rating in range(-1, 6):
        marks.set_rating(db, [row.id for row in rows if row.rating == rating], rating)
    marks.set_value(db, [row.id for row in rows if row.hidden], "hidden", 1)
    marks.set_each(db, "turns", {row.id: row.turns for row in rows if row.turns})
    db.executemany(
        "INSERT INTO pair VALUES (?, ?, 'raw')", ((row.id, row.id - 1) for row in rows if row.half)
    )
    for label in LABELS:
        marks.set_value(db, [row.id for row in rows if row.label == label], "label", label)
    for words in set(TEXTS):
        marks.set_value(db, [row.id for row in rows if row.title == words], "title", words)
        marks.set_value(db, [row.id for row in rows if row.caption == words], "caption", words)
    for number, album in enumerate(ALBUMS, 1):
        parent, _, name = album.rpartition("/")
        db.execute(
            "INSERT INTO album (id, name, parent_id, created_at) VALUES (?, ?, ?, 0)",
            (number, name, ALBUMS.index(parent) + 1 if parent else None),
        )
        db.executemany(
            "INSERT INTO album_photo (album_id, photo_id, position) VALUES (?, ?, 0)",
            ((number, row.id) for row in rows if album in row.albums),
        )
    for number, theme in enumerate(filter(None, THEMES), 1):
        top, _, name = theme.partition("/")
        db.execute("INSERT INTO theme (id, name) VALUES (?, ?)", (10 * number, top))
        db.execute(
            "INSERT INTO theme (id, parent_id, name) VALUES (?, ?, ?)", (10 * number + 1, 10 * number, name)
        )
        db.executemany(
            "INSERT INTO theme_photo (photo_id, theme_id, nearness) VALUES (?, ?, 1)",
            ((row.id, 10 * number + 1) for row in rows if row.theme == theme),
        )
    # The user gave the last one another name.
    db.execute(
        "INSERT INTO theme_choice (id, name, is_top) VALUES (1, ?, 1)", (THEMES[-1].partition("/")[0],)
    )
    db.execute("UPDATE theme SET choice_id = 1, name = 'unlike' WHERE id = ?", (10 * (len(THEMES) - 1),))
    db.executemany("UPDATE photo SET colour = ? WHERE id = ?", ((row.colour, row.id) for row in rows))
    db.executemany(
        "INSERT INTO quality (photo_id, sharpness) VALUES (?, ?)",
        ((row.id, row.sharpness) for row in rows if row.sharpness is not None),
    )
    db.executemany("INSERT INTO viewed VALUES (?, ?)", ((row.id, row.times) for row in rows if row.times))
    for tag in TAGS:
        marks.add_tag(db, [row.id for row in rows if tag in row.tags], tag)
    text.refresh(db, [row.id for row in rows])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    rows = made_up()
    with LibraryStore.create_or_open(tmp_path_factory.mktemp("filters") / "library") as store:
        with store.write() as db:
            stored(db, rows)
        rows.sort(key=lambda row: (row.date, row.id), reverse=True)
        yield World(store, rows)


# --- the oracle --------------------------------------------------------------------------------------------


def lies_in(root: str, path: str, wanted: str) -> bool:
    above = [part.lower() for part in PurePosixPath(root, path).parent.parts[1:]]
    names = [part for part in wanted.lower().split("/") if part]
    if wanted.startswith("/"):
        return above[: len(names)] == names
    return any(above[start : start + len(names)] == names for start in range(len(above)))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """By the angle between two directions in space: another formula than the one tested."""

    def direction(place: tuple[float, float]) -> tuple[float, float, float]:
        latitude, longitude = map(math.radians, place)
        return (
            math.cos(latitude) * math.cos(longitude),
            math.cos(latitude) * math.sin(longitude),
            math.sin(latitude),
        )

    return 6371.0088 * 2 * math.asin(min(1.0, math.dist(direction(one), direction(other)) / 2))


SCREENS = ("screenshot", "bildschirmfoto")
SAME_TYPE = {"jpg": {"jpg", "jpeg"}, "jpeg": {"jpg", "jpeg"}, "tif": {"tif", "tiff"}, "tiff": {"tif", "tiff"}}


def has_levels(path: str, wanted: str) -> bool:
    levels, names = path.lower().split("/"), wanted.split("/")
    return any(levels[start : start + len(names)] == names for start in range(len(levels)))


def named(row: Row, key: str, value: str) -> bool:
    value = value.lower()
    match key:
        case "in":
            return any(lies_in(root, path, value) for root, path in row.files)
        case "camera":
            return value in (row.camera or "").lower()
        case "lens":
            return value in (row.lens or "").lower()
        case "name":
            return any(value in name for name in row.names)
        case "type":
            if row.with_half is not None and named(row.with_half, key, value):
                return True
            types = SAME_TYPE.get(value, {value})
            endings = {PurePosixPath(path).suffix[1:].lower() for _, path in row.files}
            return row.format.lower() in types or bool(endings & types)
        case "tag":
            return any(has_levels(tag, value) for tag in row.tags)
        case "album":
            return any(has_levels(album, value) for album in row.albums)
        case "day":
            return row.date[5:10] == value
        case "theme":
            return has_levels(row.theme, value)
        case "label":
            return row.label == value
        case "title":
            return value in row.title.lower()
        case "caption":
            return value in row.caption.lower()
        case "format":
            return row.format.lower() == value
        case "place":
            return False
    raise AssertionError(key)


def being(row: Row, flag: str) -> bool:
    paths = [path.lower() for _, path in row.files]
    wide, high = (row.height, row.width) if row.turns % 2 else (row.width, row.height)
    return {
        "is:favourite": row.favourite,
        "is:video": row.duration is not None,
        "is:landscape": wide > high,
        "is:portrait": wide < high,
        "is:square": wide == high,
        "is:panorama": row.duration is None
        and max(wide, high) >= 2 * min(wide, high)
        and (row.camera is not None or wide >= max(high, 4000)),
        "is:screenshot": row.camera is None and any(word in path for path in paths for word in SCREENS),
        "is:duplicate": len(row.files) > 1,
        "is:offline": all(ROOTS[root] is FolderState.OFFLINE for root, _ in row.files),
        "is:unseen": not row.times,
        "is:blurred": row.sharpness is not None and row.sharpness < 40,
        "is:dark": row.colour in (0x0000FF, 0x101010, 0x2C2C2C),
        "is:untagged": not row.tags,
        "is:rejected": row.rating == -1,
        "is:half": row.half,
        "is:hidden": row.hidden,
        "has:tags": bool(row.tags),
        "has:gps": row.place is not None,
        "has:camera": row.camera is not None,
        "has:lens": row.lens is not None,
    }[flag]


def fits(row: Row, condition: Condition) -> bool:
    match condition:
        case ValueCondition(key, value):
            return named(row, key, value)
        case NumberCondition(key, relation, number, upper):
            found = {
                "rating": row.rating,
                "size": row.size,
                "width": row.width,
                "height": row.height,
                "iso": row.iso,
                "aperture": row.aperture,
                "exposure": row.exposure,
                "focal": row.focal_length,
                "duration": row.duration,
            }[key]
            if found is None:
                return False
            slack = {"aperture": 0.01, "exposure": 0.02, "focal": 0.005}.get(key, 0)
            low, high = number * (1 - slack), (number if upper is None else upper) * (1 + slack)
            if upper is not None:
                return low <= found <= high
            return {
                Relation.EQUAL: low <= found <= high,
                Relation.LESS: found < low,
                Relation.AT_MOST: found <= high,
                Relation.MORE: found > high,
                Relation.AT_LEAST: found >= low,
            }[relation]
        case DateRangeCondition(since, until, key):
            day = row.day(key)
            after = since is None or day[: len(str(since))] >= str(since)
            return after and (until is None or day[: len(str(until))] <= str(until))
        case BeforeCondition(date):
            return row.date[: len(str(date))] < str(date)
        case AfterCondition(date):
            return row.date[: len(str(date))] > str(date)
        case NearCondition(latitude, longitude, reach):
            return row.place is not None and kilometres(row.place, (latitude, longitude)) <= reach
        case FlagCondition(key, value):
            return being(row, f"{key}:{value}")


def met(world: World, part: Part) -> Mask:
    match part:
        case Filter(condition, negated):
            return np.not_equal(world.passing(condition), negated)
        case Group(alternatives, negated):
            either = np.zeros(len(world.rows), np.bool_)
            for parts in alternatives:
                either |= all_met(world, parts)
            return np.not_equal(either, negated)
        case _:
            raise AssertionError(part)


def all_met(world: World, parts: Sequence[Part]) -> Mask:
    found = np.ones(len(world.rows), np.bool_)
    for part in parts:
        found &= met(world, part)
    return found


def expected(world: World, asked: Sequence[Part]) -> list[int]:
    return [world.rows[place].id for place in np.flatnonzero(all_met(world, asked))]


# --- the tests ---------------------------------------------------------------------------------------------

SINGLE = (
    *(
        "in:Italy",
        "in:italy",
        "in:2019/Italy",
        "in:trips",
        "in:/home/me",
        "in:/home/m",
        'in:"/mnt/drive 1/2019"',
    ),
    *(
        "in:Pictures",
        "in:ÉTÉ",
        'in:"été à NÎMES"',
        "in:100%_done",
        "in:100%",
        "in:IMG_1",
        "in:nowhere",
        "in:%",
    ),
    *("camera:canon", "camera:カメラ", "camera:%", "lens:50mm", "lens:_", "lens:100%"),
    *("type:raw", "type:cr2", "type:jpg", "type:jpeg", "type:tiff", "type:png", "type:heic"),
    *("name:img_1", "name:été", "name:ÉTÉ", "name:%", "name:italy", "name:.CR2"),
    *("tag:holiday", "tag:HOLIDAY", 'tag:"to do"', "tag:été", "tag:hol", "tag:50%", "tag:none"),
    *("tag:animals", "tag:dog", "tag:animals/dog", "tag:pets/dog", "tag:dog/small", "tag:pets/small"),
    *("day:01-01", "day:06-30", "is:unseen", "is:blurred", "is:dark", "is:panorama"),
    *("theme:beach", "theme:BEACH/coast", "theme:coast", 'theme:"ÆRØ and sea"', "theme:unlike"),
    *("album:best", 'album:"best OF 2019"', "album:ÆRØ", "place:Rome"),
    *("album:trips", "album:Trips/Italy", "album:italy/best", "album:trips/best"),
    *("label:red", "label:GREEN", "title:party", 'title:"à LA"', "title:%", "caption:summer", "caption:none"),
    *("rating:0", "rating:>=3", "rating:<2", "rating:2..4", "rating:>5"),
    *("size:>5mb", "size:5mb", "size:<=5mb", "size:=999", "size:1mb..5mb", "size:<0"),
    *("width:>3000", "width:3000", "height:<3000", "height:>=4000", "width:2999..3001"),
    *(
        "date:2019",
        "date:2019-05",
        "date:2019-05-03",
        "date:2019-05..2020",
        "date:..2018-06",
        "date:2020-11..",
    ),
    *(
        "added:2021",
        "added:2020-11",
        "added:2021-03..",
        "added:<2021",
        "added:>2021-05",
        "added:>=2021-02-03",
    ),
    *("before:2019", "before:2019-05-03", "after:2019", "after:2019-12-15", "date:1990", "after:9999"),
    *(
        "near:48.8584,2.2945,10",
        "near:48.8584,2.2945,1",
        "near:0,-179.99,5",
        "near:90,0,9000",
        "near:0,0,20015",
    ),
    *(flag.name for flag in FLAGS),
    *("iso:100", "iso:>=400", "iso:200..800", "iso:<100", "iso:<=100", "iso:>3200"),
    *("aperture:2.8", "aperture:<=2.8", "aperture:<2.8", "aperture:f/1.4..f/4"),
    *("exposure:1/250", "exposure:<1/250", "exposure:>=1s", "exposure:1/60..1/2"),
    *("duration:30s", "duration:>30s", "duration:<=0:30", "duration:7s..2m"),
    *("focal:50", "focal:>=50mm", "focal:24..70", "format:jpeg", "format:raw"),
)

COMBINED = (
    "in:Italy -in:Trips date:2019..2020",
    "is:favourite rating:>=4 -is:portrait",
    "camera:canon lens:50 width:>=3000 -type:raw",
    "-camera:canon -camera:nikon -is:screenshot",
    "is:offline -is:duplicate",
    "tag:holiday -tag:été is:landscape",
    "album:best -album:ærø before:2020",
    "near:48.85,2.35,50 after:2018",
    "name:img in:2019 type:jpg size:>1mb",
    "-is:untagged is:duplicate rating:0",
    "is:portrait is:landscape",
    "is:square -is:square",
    "is:panorama camera:canon",
    "-is:panorama width:4000",
    "date:2019 -date:2019-05 -date:2019-06..2019-08",
    "-place:Rome type:png",
    "size:1mb..5mb height:1000 -is:favourite",
    "in:Italy in:Italy in:ITALY",
    "-near:48.85,2.35,1 is:square",
    "is:screenshot in:screenshots -name:screenshot",
    "type:jpg -name:.jpg",
    "rating:1..3 -in:/mnt width:<4000 -lens:macro",
    "-in:Italy -in:été -in:Screenshots -in:2019 -in:100%_done",
    "after:2018 before:2019",
    "date:2017-02..2017-02 -width:1000",
)


def allowed(db: Connection, asked: Sequence[Restriction], phrases: Sequence[Phrase] = ()) -> list[int]:
    in_order = [int(photo) for photo in filter_ids.matching_ids_newest_first(db, asked, phrases)]
    assert sorted(in_order) == np.sort(filter_ids.matching_ids(db, asked, phrases)).tolist()
    return in_order


@pytest.fixture(params=["few photos", "many"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limits at which each photo is looked up, and at which the whole table is read."""
    few = 0 if request.param == "many" else ROWS
    monkeypatch.setattr(filters, "_FEW", few)
    monkeypatch.setattr(filter_ids, "_FEW", few)


@pytest.mark.usefixtures("_either_way")
@pytest.mark.parametrize("query", [*SINGLE, *(f"-{each}" for each in SINGLE), *COMBINED])
def test_filters_let_through_what_a_plain_reading_does(world: World, query: str) -> None:
    asked = parse(query).filters
    assert " ".join(each.text() for each in asked) == parse(query).text()
    with world.store.read() as db:
        assert allowed(db, asked) == expected(world, asked)


@pytest.mark.usefixtures("_either_way")
@pytest.mark.parametrize("query", [*SINGLE, *(f"-{each}" for each in SINGLE)])
def test_how_many_pass(world: World, query: str) -> None:
    asked = parse(query).filters
    with world.store.read() as db:
        assert filters.count_matching(db, asked[0]) == len(expected(world, asked))


@pytest.mark.parametrize(
    ("query", "through_the_index"),
    [
        *(("before:2020", True), ("-is:untagged rating:>2", True), ("is:portrait before:2020", True)),
        *(("is:landscape", False), ("type:jpg -camera:canon", False), ("near:0,0,9 in:Italy", False)),
    ],
)
def test_a_table_is_read_in_its_order_unless_dates_leave_few(
    world: World, query: str, through_the_index: bool
) -> None:
    asked: list[str] = []

    def note(_cursor: object, statement: str, _values: object) -> bool:
        asked.append(statement)
        return True

    with world.store.read() as db:
        db.exec_trace = note
        filter_ids.matching_ids(db, parse(query).filters)
        db.exec_trace = None
    assert ("NOT INDEXED" not in asked[-1]) == through_the_index


_ASKED = st.sampled_from([*SINGLE, *(f"-{each}" for each in SINGLE)]).map(lambda text: parse(text).filters[0])


@pytest.mark.slow
@given(st.lists(_ASKED, max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_combination_of_filters(world: World, asked: list[Filter]) -> None:
    with world.store.read() as db:
        assert allowed(db, asked) == expected(world, asked)


_GROUPED = st.recursive(
    st.lists(_ASKED, min_size=1, max_size=3).map(tuple),
    lambda inner: st.builds(
        lambda alternatives, negated: (Group(tuple(alternatives), negated),),
        st.lists(inner, min_size=1, max_size=4),
        st.booleans(),
    ),
    max_leaves=12,
)


@pytest.mark.slow
@given(st.lists(_GROUPED, max_size=3).map(lambda parts: [part for each in parts for part in each]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_combination_of_alternatives(world: World, asked: list[Filter | Group]) -> None:
    with world.store.read() as db:
        assert allowed(db, asked) == expected(world, asked)


@pytest.mark.parametrize(
    "query",
    [
        *("tag:holiday,été", "-tag:holiday,été", "rating:4,5 is:landscape", "date:2018,2020-05"),
        *("(camera:canon is:square) OR iso:50", "-(camera:canon is:square)", "is:favourite,offline"),
        " OR ".join(f"name:-{number}" for number in range(400)),
        "-(" + " OR ".join(f"name:_{number} -is:square" for number in range(60)) + ")",
    ],
)
def test_alternatives_are_the_union(world: World, query: str) -> None:
    asked = parse(query).restrictions
    with world.store.read() as db:
        assert allowed(db, asked) == expected(world, asked)


@pytest.mark.slow
def test_the_cases_distinguish_the_filters(world: World) -> None:
    """A case that lets through all or nothing proves little; few may."""
    counts = [len(expected(world, parse(query).filters)) for query in (*SINGLE, *COMBINED)]
    assert sum(0 < count < ROWS for count in counts) > len(counts) * 0.75


def paths(row: Row) -> str:
    return "\n".join(path for _, path in row.files)


@pytest.mark.parametrize(
    ("phrase", "borne"),
    [
        ("italy", lambda row: "italy" in paths(row).lower()),
        ("Trips Italy", lambda row: "Trips/ITALY" in paths(row)),
        ("canon EOS", lambda row: row.camera == "Canon EOS R5"),
        ("EOS canon", lambda _: False),
        ("to do", lambda row: "to do" in row.tags),
        ("ete a nimes", lambda row: "Été à Nîmes" in paths(row)),
        ("!!", lambda _: False),
    ],
)
def test_a_phrase_is_words_next_to_each_other(
    world: World, phrase: str, borne: Callable[[Row], bool]
) -> None:
    with world.store.read() as db:
        found = set(allowed(db, (), [Phrase(phrase)]))
    assert found == {row.id for row in world.rows if borne(row)}


def test_photos_that_no_file_holds_pass_no_filter(store: LibraryStore) -> None:
    with store.write() as db:
        folder = add_folder(db)
        kept, lost = add_photo(db, folder, "a.jpg"), add_photo(db, folder, "b.jpg")
        db.execute("DELETE FROM file WHERE photo_id = ?", (lost,))
        text.refresh(db, [kept, lost])
    with store.read() as db:
        assert allowed(db, ()) == [kept]
        assert allowed(db, parse("-is:favourite").filters) == [kept]
        assert allowed(db, parse("is:offline").filters) == []


HOSTILE = (
    *("'; DROP TABLE photo; --", "\0", "\ud800", "%", "_", "\\", '"', "* NEAR(", "?1", ":x"),
    *("a" * 100_000, "é" * 60_000, "a b " * 3_000),
)


@pytest.mark.slow
@pytest.mark.parametrize("value", HOSTILE, ids=[repr(value[:9]) for value in HOSTILE])
def test_values_are_values_and_never_statements(world: World, value: str) -> None:
    asked = [
        Filter(ValueCondition(field.key, value), negated)
        for field in FIELDS
        if field.kind in (FieldKind.TEXT, FieldKind.SET, FieldKind.CHOICE)
        for negated in (False, True)
    ]
    with world.store.read() as db:
        before = len(allowed(db, ()))
        for each in asked:
            others = allowed(db, [Filter(each.condition, not each.negated)])
            assert len(allowed(db, [each])) + len(others) == before
        allowed(db, (), [Phrase(value)])
        assert len(allowed(db, ())) == before


@pytest.mark.slow
def test_many_filters_are_more_than_one_statement_can_hold(world: World) -> None:
    query = " ".join(f"-name:nothing{number}" for number in range(1200)) + " is:favourite"
    with world.store.read() as db:
        assert allowed(db, parse(query).filters) == expected(world, parse("is:favourite").filters)


def test_a_library_on_a_whole_file_system(tmp_path: Path) -> None:
    with LibraryStore.create_or_open(tmp_path / "library") as store:
        with store.write() as db:
            photo = add_photo(db, add_folder(db, "/"), "photos/a.jpg")
        with store.read() as db:
            for query in ("in:/photos", "in:photos", "in:/photos/"):
                assert allowed(db, parse(query).filters) == [photo], query
            assert allowed(db, parse("in:a.jpg").filters) == []
