"""The values that filters can name in this library, each with the number of photos it matches."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path

import apsw

from safelight.core.errors import SafelightError
from safelight.core.field_types import Field, FieldKind
from safelight.core.fields import FIELDS
from safelight.core.flags import FLAGS
from safelight.core.quantities import Number
from safelight.core.query import Filter, FlagCondition
from safelight.store import albums, filters, stacks, tag_words
from safelight.store.connect import LOWER
from safelight.store.rows import json_ids
from safelight.store.theme_paths import THEME_PATHS

_SEP = f"'{os.sep}'"

_DIRECTORY = f"rtrim(path_text, replace(path_text, {_SEP}, ''))"
"""SQL: the folder of a file below its root, with a separator at its end."""

_COPIED = (
    "SELECT photo_id FROM file WHERE photo_id IS NOT NULL GROUP BY photo_id HAVING count(*) > 1"  # few photos
)

_TABLE_ORDER = "NOT INDEXED"
"""Rows in the order of the table. SQLite itself takes them by date, which was forty times as slow for a
million photos."""

_MOST_NUMBERS = 200
"""Different numbers of one field that are kept, the most frequent ones."""


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value of a filter, and how many photos have it."""

    value: str
    photos: int


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values that occur, by the key of the field or flag."""

    values: Mapping[str, tuple[ValueCount, ...]] = field(default_factory=dict)
    """Each by number of photos, the most first. Flags keep the order of their declaration; folders are
    names, preceded by the name of the parent where a name alone is ambiguous (``2019/Italy``)."""
    numbers: Mapping[str, tuple[tuple[Number, int], ...]] = field(default_factory=dict)
    """Numbers that occur and how many photos have each, by the key of the field, the highest first."""
    months: tuple[ValueCount, ...] = ()
    """``2019-05``, the latest first."""
    judged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values by the key of the field, of which only a search can tell how many photos match."""

    def of(self, key: str) -> tuple[ValueCount, ...]:
        return self.values.get(key, ())


def read(db: apsw.Connection) -> Vocabulary:
    """All values of this library."""
    values: dict[str, tuple[ValueCount, ...]] = {}
    numbers: dict[str, tuple[tuple[Number, int], ...]] = {}
    judged: dict[str, tuple[str, ...]] = {}
    for each in FIELDS:
        if not each.completes:
            continue
        if each.is_judged:
            judged[each.key] = _JUDGED[each.key](db)
            continue
        if each.kind is FieldKind.NUMBER:
            numbers[each.key] = _numbers(db, each)
        elif each.key in _SPECIAL:
            values[each.key] = _SPECIAL[each.key](db)
        else:
            values[each.key] = _of_column(db, each)
    for flag in FLAGS:
        if found := filters.count_matching(db, Filter(FlagCondition(flag.key, flag.value))):
            values[flag.key] = (*values.get(flag.key, ()), ValueCount(flag.value, found))
    months = _column(db, "substr(date, 1, 7)")
    return Vocabulary(
        {key: found for key, found in values.items() if found},
        {key: found for key, found in numbers.items() if found},
        tuple(sorted(months, key=lambda month: month.value, reverse=True)),
        {key: found for key, found in judged.items() if found},
    )


def _of_column(db: apsw.Connection, of: Field) -> tuple[ValueCount, ...]:
    if of.kind is FieldKind.TEXT:
        return _containing(_column(db, of.column, _TABLE_ORDER))
    return _column(db, f"lower({of.column})", _TABLE_ORDER)


def _column(db: apsw.Connection, expression: str, how: str = "") -> tuple[ValueCount, ...]:
    rows = db.execute(
        f"SELECT {expression} AS value, count(*) FROM photo {how} WHERE orphaned_at IS NULL AND value <> '' "  # noqa: S608
        "GROUP BY value ORDER BY 2 DESC, 1"
    )
    return tuple(ValueCount(value, amount) for value, amount in rows)


def _most_photos(each: ValueCount) -> tuple[int, str, str]:
    """The sort key for the order in which values are offered: as in the sidebar, case does not matter."""
    return -each.photos, each.value.casefold(), each.value


def _numbers(db: apsw.Connection, of: Field) -> tuple[tuple[Number, int], ...]:
    if of.key == "rating":
        return _ratings(db)
    rows = db.execute(
        f"SELECT {of.column}, count(*) FROM photo {_TABLE_ORDER} "  # noqa: S608
        f"WHERE orphaned_at IS NULL AND {of.column} > 0 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_NUMBERS}"
    )
    return tuple(sorted(((number, found) for number, found in rows), reverse=True))


def _containing(names: tuple[ValueCount, ...]) -> tuple[ValueCount, ...]:
    """Counts of the photos whose text contains each name: "EOS R" is contained in "EOS R5" too."""
    lowered = [(each.value.lower(), each.photos) for each in names]
    counted = (
        ValueCount(each.value, sum(photos for name, photos in lowered if each.value.lower() in name))
        for each in names
    )
    return tuple(sorted(counted, key=_most_photos))


def tags_with_counts(db: apsw.Connection) -> tuple[ValueCount, ...]:
    """Every tag that photos have, and every level above one, with the number of photos it finds."""
    names = dict(db.execute("SELECT id, name FROM tag"))
    return _nested(db, names, "SELECT tag_id, count(*) FROM photo_tag", "tag_id")


def _albums(db: apsw.Connection) -> tuple[ValueCount, ...]:
    paths = dict(db.execute(f"{albums.ALBUM_PATHS} SELECT id, path FROM album_path"))  # noqa: S608
    return _nested(db, paths, "SELECT album_id, count(*) FROM album_photo", "album_id")


def _themes(db: apsw.Connection) -> tuple[ValueCount, ...]:
    return _nested(
        db, dict(db.execute(THEME_PATHS)), "SELECT theme_id, count(*) FROM theme_photo", "theme_id"
    )


def _nested(db: apsw.Connection, paths: Mapping[int, str], counted: str, key: str) -> tuple[ValueCount, ...]:
    """Every path and its parents, with the number of photos that a filter on it finds.

    A filter finds a path by any of its levels, so one value can find several rows; their photos are counted
    together, each once.
    """
    visible = "WHERE photo_id IN (SELECT id FROM photo WHERE orphaned_at IS NULL) AND photo_id NOT IN "
    visible += stacks.NOT_SHOWN_IDS
    amounts: dict[int, int] = dict(db.execute(f"{counted} {visible} GROUP BY {key}"))
    values: dict[str, str] = {}
    found_by: defaultdict[str, set[int]] = defaultdict(set)
    for row, path in paths.items():
        levels = path.split("/")
        for end in range(1, len(levels) + 1):
            value = "/".join(levels[:end])
            values.setdefault(value.lower(), value)
            for start in range(end):
                found_by["/".join(levels[start:end]).lower()].add(row)
    table = counted.rpartition(" ")[2]
    total = {}
    for lowered, value in values.items():
        rows = [row for row in found_by[lowered] if row in amounts]
        if len(rows) > 1:
            amount = db.execute(
                f"SELECT count(DISTINCT photo_id) FROM {table} {visible} "  # noqa: S608
                f"AND {key} IN (SELECT value FROM json_each(?))",
                (json_ids(rows),),
            ).get
        else:
            amount = amounts[rows[0]] if rows else 0
        if amount:
            total[value] = int(amount)
    found = (ValueCount(value, amount) for value, amount in total.items())
    return tuple(sorted(found, key=_most_photos))


def _labels(db: apsw.Connection) -> tuple[ValueCount, ...]:
    rows = db.execute(
        "SELECT m.label, count(*) FROM mark AS m JOIN photo AS p ON p.id = m.photo_id "
        "WHERE p.orphaned_at IS NULL AND m.label <> '' GROUP BY m.label ORDER BY 2 DESC, 1"
    )
    return tuple(ValueCount(label, amount) for label, amount in rows)


def _types(db: apsw.Connection) -> tuple[ValueCount, ...]:
    return _column(db, "lower(format)", _TABLE_ORDER)


def _ratings(db: apsw.Connection) -> tuple[tuple[Number, int], ...]:
    """All of them: photos without a row of marks are not rated. Rejected photos have a flag instead."""
    amounts = dict(
        db.execute(
            "SELECT m.rating, count(*) FROM mark AS m JOIN photo AS p ON p.id = m.photo_id "
            "WHERE p.orphaned_at IS NULL AND m.rating <> 0 GROUP BY m.rating"
        )
    )
    everything = int(db.execute("SELECT count(*) FROM photo WHERE orphaned_at IS NULL").get)
    unrated = everything - sum(amounts.values())
    return (*((rating, amounts[rating]) for rating in range(5, 0, -1) if rating in amounts), (0, unrated))


# --- folders ----------------------------------------------------------------------------------------

_Place = tuple[int, str]
"""A root's id and a folder below it, as ``_DIRECTORY`` gives it."""


def _folders(db: apsw.Connection) -> tuple[ValueCount, ...]:
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
    # Folders above a root are not offered, although in: matches their names too.
    # Of two spellings that differ only in case, always the first in order is offered.
    offered = {
        value.lower(): value
        for (root, _), path in sorted(paths.items(), reverse=True)
        for value in sorted(_spelt(path[max(len(roots[root]) - 1, 0) :], shared), reverse=True)
    }
    found = (ValueCount(value, counted[key]) for key, value in offered.items())
    return tuple(sorted(found, key=_most_photos))


def _components(path: str) -> tuple[str, ...]:
    return tuple(name for name in path.split(os.sep) if name)  # noqa: PTH206 - text, not a path


def _shared(paths: Iterable[tuple[str, ...]]) -> set[str]:
    """Names, in lower case, of folders in more than one place."""
    above: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for path in paths:
        for depth, name in enumerate(path):
            above[name.lower()].add(path[:depth])
    return {name for name, places in above.items() if len(places) > 1}


def _spelt(path: tuple[str, ...], shared: set[str]) -> set[str]:
    """The values of ``in:`` that match the photos of a folder."""
    pairs = {f"{above}/{name}" for above, name in pairwise(path) if name.lower() in shared}
    return pairs.union(path)


def _values(path: tuple[str, ...], shared: set[str]) -> set[str]:
    """The same in lower case, each once."""
    return {value.lower() for value in _spelt(path, shared)}


_SPECIAL: dict[str, Callable[[apsw.Connection], tuple[ValueCount, ...]]] = {
    "in": _folders,
    "tag": tags_with_counts,
    "album": _albums,
    "theme": _themes,
    "label": _labels,
    "type": _types,
}
"""Fields whose values are not simply those of a column."""


def _concepts(db: apsw.Connection) -> tuple[str, ...]:
    return tuple(name for (name,) in db.execute(f"SELECT name FROM concept ORDER BY {LOWER}(name)"))  # noqa: S608


def _words(db: apsw.Connection) -> tuple[str, ...]:
    """Words that may be suggested as tags; none while the user's list of them cannot be read."""
    if not db.execute("SELECT EXISTS (SELECT 1 FROM photo WHERE orphaned_at IS NULL)").get:
        return ()
    try:
        return tuple(word.name for word in tag_words.all_words(db, Path(db.filename).parent))
    except SafelightError:
        return ()


_JUDGED: dict[str, Callable[[apsw.Connection], tuple[str, ...]]] = {"my": _concepts, "looks": _words}
"""Fields that the model decides."""
