"""What filters can name in this library, and how many photos each would let through."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise

import apsw

from safelight.core.query import Being, Filter, State
from safelight.store import filters

_SEP = f"'{os.sep}'"

_DIRECTORY = f"rtrim(path_text, replace(path_text, {_SEP}, ''))"
"""SQL: the folder of a file below its root, with a separator at its end."""

_COPIED = (
    "SELECT photo_id FROM file WHERE photo_id IS NOT NULL GROUP BY photo_id HAVING count(*) > 1"  # few photos
)

_AS_THEY_LIE = "NOT INDEXED"
"""Rows in the order of the table: SQLite itself takes them by their dates, which a million photos made
forty times as slow."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A value of a filter, and how many photos bear it."""

    value: str
    photos: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Each list by number of photos, the most first, unless it says otherwise."""

    folders: tuple[Counted, ...] = ()
    """Names, and names with the one above where a name alone would not tell (``2019/Italy``)."""
    cameras: tuple[Counted, ...] = ()
    lenses: tuple[Counted, ...] = ()
    tags: tuple[Counted, ...] = ()
    albums: tuple[Counted, ...] = ()
    types: tuple[Counted, ...] = ()
    """In lower case."""
    months: tuple[Counted, ...] = ()
    """``2019-05``, the latest first."""
    states: tuple[Counted, ...] = ()
    """Values of :class:`State`, in its order, without those that no photo is in."""
    ratings: tuple[int, ...] = ()
    """How many photos are rated 0, 1, … 5."""


def read(db: apsw.Connection) -> Vocabulary:
    """Everything at once."""
    return Vocabulary(
        folders=_folders(db),
        cameras=_containing(_column(db, "camera", _AS_THEY_LIE)),
        lenses=_containing(_column(db, "lens", _AS_THEY_LIE)),
        tags=_members(db, "photo_tag AS m JOIN tag AS n ON n.id = m.tag_id"),
        albums=_members(db, "album_photo AS m JOIN album AS n ON n.id = m.album_id"),
        types=_column(db, "lower(format)", _AS_THEY_LIE),
        months=tuple(sorted(_column(db, "substr(date, 1, 7)"), key=lambda month: month.value, reverse=True)),
        states=tuple(
            Counted(state.value, amount)
            for state in State
            if (amount := filters.amount(db, Filter(Being(state))))
        ),
        ratings=_ratings(db),
    )


def _column(db: apsw.Connection, expression: str, how: str = "") -> tuple[Counted, ...]:
    rows = db.execute(
        f"SELECT {expression} AS value, count(*) FROM photo {how} WHERE orphaned_at IS NULL AND value <> '' "  # noqa: S608
        "GROUP BY value ORDER BY 2 DESC, 1"
    )
    return tuple(Counted(value, amount) for value, amount in rows)


def _containing(names: tuple[Counted, ...]) -> tuple[Counted, ...]:
    """Counts as filters give them that look for a value within a name: "EOS R" is in "EOS R5" too."""
    lowered = [(each.value.lower(), each.photos) for each in names]
    counted = (
        Counted(each.value, sum(photos for name, photos in lowered if each.value.lower() in name))
        for each in names
    )
    return tuple(sorted(counted, key=lambda each: (-each.photos, each.value)))


def _members(db: apsw.Connection, groups: str) -> tuple[Counted, ...]:
    rows = db.execute(
        f"SELECT n.name, count(DISTINCT p.id) FROM {groups} JOIN photo AS p ON p.id = m.photo_id "  # noqa: S608
        "WHERE p.orphaned_at IS NULL GROUP BY n.name ORDER BY 2 DESC, 1"
    )
    return tuple(Counted(name, amount) for name, amount in rows)


def _ratings(db: apsw.Connection) -> tuple[int, ...]:
    amounts = dict(
        db.execute(
            "SELECT m.rating, count(*) FROM mark AS m JOIN photo AS p ON p.id = m.photo_id "
            "WHERE p.orphaned_at IS NULL AND m.rating > 0 GROUP BY m.rating"
        )
    )
    everything = int(db.execute("SELECT count(*) FROM photo WHERE orphaned_at IS NULL").get)
    return (everything - sum(amounts.values()), *(amounts.get(rating, 0) for rating in range(1, 6)))


# --- folders ----------------------------------------------------------------------------------------

_Place = tuple[int, str]
"""A root's id and a folder below it, as ``_DIRECTORY`` gives it."""


def _folders(db: apsw.Connection) -> tuple[Counted, ...]:
    roots = {root: _components(path) for root, path in db.execute("SELECT id, path_text FROM folder")}
    amounts: dict[_Place, int] = {
        (root, directory): amount
        for root, directory, amount in db.execute(
            f"SELECT folder_id, {_DIRECTORY} AS directory, count(*) FROM file WHERE photo_id IS NOT NULL "  # noqa: S608
            f"AND photo_id NOT IN ({_COPIED}) GROUP BY folder_id, directory"
        )
    }
    copies: dict[int, set[_Place]] = defaultdict(set)
    for photo, root, directory in db.execute(
        f"SELECT photo_id, folder_id, {_DIRECTORY} FROM file WHERE photo_id IN ({_COPIED})"  # noqa: S608
    ):
        copies[photo].add((root, directory))
    paths = {
        place: roots[place[0]] + _components(place[1])
        for place in {*amounts, *chain.from_iterable(copies.values())}
    }
    shared = _shared(paths.values())
    values = {place: _values(path, shared) for place, path in paths.items()}
    counted: Counter[str] = Counter()
    for place, amount in amounts.items():
        counted.update(dict.fromkeys(values[place], amount))
    for places in copies.values():
        counted.update(set().union(*(values[place] for place in places)))
    # What a root lies in is no folder of photos, though in: looks at its name too.
    # Of two spellings that differ in case alone, the first in order stands for both in every run.
    offered = {
        value.lower(): value
        for (root, _), path in sorted(paths.items(), reverse=True)
        for value in sorted(_spelt(path[max(len(roots[root]) - 1, 0) :], shared), reverse=True)
    }
    found = (Counted(value, counted[key]) for key, value in offered.items())
    return tuple(sorted(found, key=lambda each: (-each.photos, each.value)))


def _components(path: str) -> tuple[str, ...]:
    return tuple(name for name in path.split(os.sep) if name)  # noqa: PTH206 (text, not a path)


def _shared(paths: Iterable[tuple[str, ...]]) -> set[str]:
    """Names, in lower case, that folders in different places have."""
    above: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for path in paths:
        for depth, name in enumerate(path):
            above[name.lower()].add(path[:depth])
    return {name for name, places in above.items() if len(places) > 1}


def _spelt(path: tuple[str, ...], shared: set[str]) -> set[str]:
    """What ``in:`` may name so that it lets the photos of a folder through."""
    pairs = {f"{above}/{name}" for above, name in pairwise(path) if name.lower() in shared}
    return pairs.union(path)


def _values(path: tuple[str, ...], shared: set[str]) -> set[str]:
    """The same in lower case, each once."""
    return {value.lower() for value in _spelt(path, shared)}
