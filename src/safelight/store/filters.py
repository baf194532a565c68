"""Filters of the search language as SQL: which photos may be found at all.

Each condition becomes an expression about one row ``p`` of ``photo`` that is true or false and never
NULL, so that a negated filter lets through exactly the others. What the person typed is bound and never
written into a statement; text is looked for inside text by ``instr`` and not by LIKE, to which ``%`` and
``_`` would mean something. Sets of photos are made by subqueries that run once, not once a photo: over
100,000 photos ``in:`` took 50 ms so and 190 ms with EXISTS.

:mod:`safelight.store.filter_ids` asks which photos pass; here is nothing of NumPy, which the window starts
without.
"""

# ruff: noqa: S608 (statements are put together from this module's own constants; values are bound)

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.core.query import (
    After,
    Before,
    Being,
    Condition,
    During,
    Filter,
    Label,
    Measured,
    Named,
    Near,
    Phrase,
    Quantity,
    State,
)
from safelight.core.query.dates import FIRST_OF_ALL, LAST_OF_ALL
from safelight.store.connect import LOWER

_Value = str | int | float
_Sql = tuple[str, tuple[_Value, ...]]


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on a photo ``p`` in SQL, and what is bound to it."""

    sql: str
    values: tuple[_Value, ...]
    reads_row: bool
    """What it asks for stands in the table alone, and in no index."""
    by_date: bool


AT_ONCE = 50
"""Conditions in one statement: SQLite limits the depth of an expression to 1000."""

_FEW = 20_000
"""Of so many photos the rows are read where the index of dates names them, one by one; of more all rows are
read, as they lie. A million photos by their width took 0.1 s so, and 4.7 s in the order of their dates."""

_SEP = f"'{os.sep}'"

_WHOLE_PATH = f"{_SEP} || ltrim(rtrim(r.path_text, {_SEP}) || {_SEP} || f.path_text, {_SEP})"
"""SQL: where a file lies, beginning with exactly one separator on every system."""

_BASENAME = f"substr(f.path_text, length(rtrim(f.path_text, replace(f.path_text, {_SEP}, ''))) + 1)"

_SAME_TYPES = (("jpeg", "jpg"), ("tif", "tiff"), ("heic", "heif"))

_SCREENSHOT_WORDS = (
    *("screenshot", "screen shot", "screencap", "bildschirmfoto", "schermafbeelding", "schermata "),
    *("captura de pantalla", "captura de tela", "capture d’écran", "capture d'écran", "skärmavbild"),
    # SQLite's LIKE knows the case of ASCII alone, so without the capital letter that it always begins with.
    *("zrzut ekranu", "нимок экрана", "スクリーンショット", "屏幕截图", "屏幕快照", "스크린샷"),
)
"""What systems call pictures of the screen, or the folder they put them in; none holds a wildcard."""

_EARTH_RADIUS = 6371.0088
"""Kilometres: the mean radius of the earth (IUGG)."""

_STATES = {
    State.FAVOURITE: "p.id IN (SELECT photo_id FROM mark WHERE favourite = 1)",
    State.LANDSCAPE: "p.width > p.height",
    State.PORTRAIT: "p.width < p.height",
    State.SQUARE: "p.width = p.height",
    State.DUPLICATE: "p.id IN (SELECT photo_id FROM file WHERE photo_id IS NOT NULL "
    "GROUP BY photo_id HAVING count(*) > 1)",
    State.OFFLINE: "p.id NOT IN (SELECT photo_id FROM file WHERE photo_id IS NOT NULL "
    "AND folder_id IN (SELECT id FROM folder WHERE state <> 'offline'))",
    State.UNTAGGED: "p.id NOT IN (SELECT photo_id FROM photo_tag)",
}

_QUANTITIES = {
    Quantity.RATING: "ifnull((SELECT m.rating FROM mark AS m WHERE m.photo_id = p.id), 0)",
    Quantity.SIZE: "p.size",
    Quantity.WIDTH: "p.width",
    Quantity.HEIGHT: "p.height",
}


def clauses(filters: Sequence[Filter], phrases: Sequence[Phrase] = ()) -> list[Clause]:
    """Each filter and each phrase, once, as a condition on a photo ``p`` with what is bound to it.

    There are no names of places yet, so ``place:`` lets no photo through, and ``-place:`` all.
    """
    return [
        *(_filter(each) for each in dict.fromkeys(filters)),
        *(_phrase(each) for each in dict.fromkeys(phrases)),
    ]


def amount(db: apsw.Connection, asked: Filter) -> int:
    """How many visible photos pass a filter."""
    found: int = of_passing(db, "count(*)", [_filter(asked)])
    return found


def of_passing(
    db: apsw.Connection, what: str, conditions: Sequence[Clause], *, newest_first: bool = False
) -> Any:
    """One value, ``what``, of the ``id`` of the visible photos that meet at most :data:`AT_ONCE` conditions.

    ``newest_first`` costs nothing more where an index leads, and much where it does not.
    """
    indexed = "" if led_by_an_index(db, conditions) else "NOT INDEXED"
    asked = " AND ".join(["p.orphaned_at IS NULL", *(each.sql for each in conditions)])
    order = "ORDER BY p.date DESC, p.id DESC" if newest_first else ""
    return db.execute(
        f"SELECT {what} FROM (SELECT p.id AS id FROM photo AS p {indexed} WHERE {asked} {order})",
        _bound(conditions),
    ).get


def led_by_an_index(db: apsw.Connection, conditions: Sequence[Clause]) -> bool:
    """Whether an index holds all that is asked, or leads to few rows. SQLite itself always takes that of
    the visible photos, and then looks each up in the table."""
    if not any(each.reads_row for each in conditions):
        return True
    dates = [each for each in conditions if each.by_date]
    if not dates:
        return False
    asked = " AND ".join(["p.orphaned_at IS NULL", *(each.sql for each in dates)])
    further = f"SELECT 1 FROM photo AS p WHERE {asked} LIMIT 1 OFFSET {_FEW}"
    return db.execute(further, _bound(dates)).get is None


def _bound(conditions: Sequence[Clause]) -> tuple[_Value, ...]:
    return tuple(value for each in conditions for value in each.values)


def _filter(asked: Filter) -> Clause:
    sql, values = _condition(asked.condition)
    return Clause(
        f"NOT ({sql})" if asked.negated else f"({sql})",
        values,
        _reads_row(asked.condition),
        isinstance(asked.condition, During | Before | After),
    )


def _reads_row(condition: Condition) -> bool:
    match condition:
        case Named(label, _):
            return label in (Label.CAMERA, Label.LENS, Label.TYPE)
        case Measured(quantity):
            return quantity is not Quantity.RATING
        case Being(state):
            return state in (State.LANDSCAPE, State.PORTRAIT, State.SQUARE, State.SCREENSHOT)
        case _:
            return isinstance(condition, Near)


def _condition(condition: Condition) -> _Sql:
    match condition:
        case Named(label, value):
            return _named(label, _stored_form(value))
        case Measured(quantity, relation, number, upper):
            if upper is not None:
                return f"{_QUANTITIES[quantity]} BETWEEN ? AND ?", (number, upper)
            return f"{_QUANTITIES[quantity]} {relation.value} ?", (number,)
        case During(since, until):
            return "p.date >= ? AND p.date < ?", (
                since.first if since else FIRST_OF_ALL,
                until.end if until else LAST_OF_ALL,
            )
        case Before(date):
            return "p.date < ?", (date.first,)
        case After(date):
            return "p.date > ?", (date.end,)
        case Near():
            return _near(condition)
        case Being(State.SCREENSHOT):
            return _screenshot()
        case Being(state):
            return _STATES[state], ()


def _named(label: Label, value: str) -> _Sql:
    match label:
        case Label.CAMERA | Label.LENS:
            sql, needle = _contains(f"ifnull(p.{label.value}, '')", value)
            return sql, (needle,)
        case Label.FOLDER:
            return _folder(value)
        case Label.NAME:
            # The test of the whole path is cheaper and settles nearly all files.
            anywhere, needle = _contains("f.path_text", value)
            in_name, _ = _contains(_BASENAME, value)
            return _of_files(f"{anywhere} AND {in_name}"), (needle, needle)
        case Label.TYPE:
            return _type(value)
        case Label.TAG:
            return _member_of("photo_tag AS m JOIN tag AS n ON n.id = m.tag_id"), (value.lower(),)
        case Label.ALBUM:
            return _member_of("album_photo AS m JOIN album AS n ON n.id = m.album_id"), (value.lower(),)
        case Label.PLACE:
            return "0", ()


def _of_files(condition: str) -> str:
    """SQL: whether one of a photo's files ``f``, below its root ``r``, meets a condition."""
    return (
        "p.id IN (SELECT f.photo_id FROM file AS f JOIN folder AS r ON r.id = f.folder_id "
        f"WHERE f.photo_id IS NOT NULL AND {condition})"
    )


def _member_of(groups: str) -> str:
    return f"p.id IN (SELECT m.photo_id FROM {groups} WHERE {LOWER}(n.name) = ?)"


def _folder(value: str) -> _Sql:
    """Below a folder of that name, or of names one in the other; a whole path says where from."""
    path = value.replace("/", os.sep)
    wanted = os.sep + path.strip(os.sep) + os.sep
    if path.startswith(os.sep):
        needle = wanted.lower()
        return _of_files(f"substr({_lowered(_WHOLE_PATH, wanted)}, 1, ?) = ?"), (len(needle), needle)
    sql, needle = _contains(_WHOLE_PATH, wanted)
    return _of_files(sql), (needle,)


def _type(value: str) -> _Sql:
    """By what a file turned out to be, or by what it is called: ``raw`` and ``cr2`` both find a CR2."""
    names = next((same for same in _SAME_TYPES if value in same), (value,))
    formats = ", ".join("?" * len(names))
    endings = " OR ".join("lower(substr(f.path_text, ?)) = ?" for _ in names)
    return (
        f"lower(p.format) IN ({formats}) OR {_of_files(f'({endings})')}",
        (*names, *(value for name in names for value in (-len(name) - 1, f".{name}"))),
    )


def _near(centre: Near) -> _Sql:
    """Great-circle distance by the haversine formula."""
    haversine = (
        "pow(sin(radians(p.latitude - ?) / 2), 2) + "
        "cos(radians(?)) * cos(radians(p.latitude)) * pow(sin(radians(p.longitude - ?) / 2), 2)"
    )
    distance = f"{2 * _EARTH_RADIUS} * asin(min(1, sqrt({haversine})))"
    return (
        # A photo without a place is nowhere near.
        f"ifnull({distance} <= ?, 0)",
        (centre.latitude, centre.latitude, centre.longitude, centre.kilometres),
    )


def _screenshot() -> _Sql:
    """Called so by its name or folder, and not taken with a camera."""
    words = " OR ".join("f.path_text LIKE ?" for _ in _SCREENSHOT_WORDS)
    return (
        # Asked photo by photo: a camera settles most of them before any name is read.
        f"p.camera IS NULL AND EXISTS (SELECT 1 FROM file AS f WHERE f.photo_id = p.id AND ({words}))",
        tuple(f"%{word}%" for word in _SCREENSHOT_WORDS),
    )


def _phrase(asked: Phrase) -> Clause:
    # Within the quotation marks of a full-text phrase nothing is an operator.
    expression = '"' + _stored_form(asked.phrase).replace('"', " ") + '"'
    bearing = "p.id IN (SELECT rowid FROM photo_text WHERE photo_text MATCH ?)"
    return Clause(bearing, (expression,), reads_row=False, by_date=False)


def _contains(text: str, value: str) -> tuple[str, str]:
    """SQL: whether a text (an expression) holds the value that is returned, whatever the case of either."""
    return f"instr({_lowered(text, value)}, ?) > 0", value.lower()


def _lowered(text: str, value: str) -> str:
    """SQL: a text in lower case, by SQLite's own function where the value is ASCII and it will do."""
    return f"{'lower' if value.isascii() else LOWER}({text})"


def _stored_form(value: str) -> str:
    """As texts are stored: composed, and without what UTF-8 cannot hold."""
    return unicodedata.normalize("NFC", value).encode("utf-8", "replace").decode().replace("\0", " ")
