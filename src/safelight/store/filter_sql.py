"""The conditions of filters as SQL.

Each condition becomes an expression about one row ``p`` of ``photo`` that is true or false and never
NULL, so that a negated filter matches exactly the other photos. What the user typed is bound and never
written into a statement. Text is searched with ``instr`` rather than LIKE, to which ``%`` and ``_`` would
mean something. Sets of photos are subqueries that run once instead of once per photo: over 100,000 photos
``in:`` took 50 ms this way and 190 ms with EXISTS.

Fields that are a column of ``photo`` need nothing here; :mod:`safelight.core.fields` declares them. SQL of
the others is in the tables of this module.
"""

# ruff: noqa: S608 (statements are put together from this module's own constants; values are bound)

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable

from safelight.core.field_types import Field, FieldKind, Relation
from safelight.core.fields import FIELDS_BY_KEY
from safelight.core.flags import FLAGS_BY_NAME
from safelight.core.plain_text import without_surrogates
from safelight.core.query import (
    AfterCondition,
    BeforeCondition,
    Condition,
    DateRangeCondition,
    FlagCondition,
    NearCondition,
    NumberCondition,
    ValueCondition,
)
from safelight.core.query.dates import FIRST_OF_ALL, LAST_OF_ALL
from safelight.store import albums, stacks
from safelight.store.connect import LOWER
from safelight.store.theme_paths import THEME_PATHS

Value = str | int | float
Sql = tuple[str, tuple[Value, ...]]

_SEP = f"'{os.sep}'"

_WHOLE_PATH = f"{_SEP} || ltrim(rtrim(r.path_text, {_SEP}) || {_SEP} || f.path_text, {_SEP})"
"""SQL: a file's absolute path, beginning with exactly one separator on every system."""

_BASENAME = f"substr(f.path_text, length(rtrim(f.path_text, replace(f.path_text, {_SEP}, ''))) + 1)"

_SAME_TYPES = (("jpeg", "jpg"), ("tif", "tiff"), ("heic", "heif"))

_SCREENSHOT_WORDS = (
    *("screenshot", "screen shot", "screencap", "bildschirmfoto", "schermafbeelding", "schermata "),
    *("captura de pantalla", "captura de tela", "capture d’écran", "capture d'écran", "skärmavbild"),
    # SQLite's LIKE ignores case for ASCII only, so the capital letter that begins this name is left out.
    *("zrzut ekranu", "нимок экрана", "スクリーンショット", "屏幕截图", "屏幕快照", "스크린샷"),
)
"""What systems call pictures of the screen, or the folder they put them in; none contains a wildcard."""

_EARTH_RADIUS = 6371.0088
"""Kilometres: the mean radius of the earth (IUGG)."""

BLURRED = 40.0
DARK = 45.0
"""Up to which sharpness a photo is blurred, and to which mean luminance (0 to 255) dark. docs/themes.md says
how they were measured."""

_IS_TURNED = "p.id IN (SELECT photo_id FROM mark WHERE turns IN (1, 3))"
"""SQL: whether the user turned the view by a quarter. Then width and height are shown exchanged."""

_FLAGS = {
    "is:favourite": "p.id IN (SELECT photo_id FROM mark WHERE favourite = 1)",
    "is:landscape": f"iif({_IS_TURNED}, p.width < p.height, p.width > p.height)",
    "is:portrait": f"iif({_IS_TURNED}, p.width > p.height, p.width < p.height)",
    "is:square": "p.width = p.height",
    # Without a camera, it could also be a screenshot: those of phones are high.
    "is:panorama": "p.duration IS NULL AND max(p.width, p.height) >= 2 * min(p.width, p.height) "
    f"AND (p.camera IS NOT NULL OR iif({_IS_TURNED}, p.height, p.width) >= max(p.height, p.width, 4000))",
    "is:duplicate": "p.id IN (SELECT photo_id FROM file WHERE photo_id IS NOT NULL "
    "GROUP BY photo_id HAVING count(*) > 1)",
    "is:offline": "p.id NOT IN (SELECT photo_id FROM file WHERE photo_id IS NOT NULL "
    "AND folder_id IN (SELECT id FROM folder WHERE state <> 'offline'))",
    "is:untagged": "p.id NOT IN (SELECT photo_id FROM photo_tag)",
    "is:unseen": "p.id NOT IN (SELECT photo_id FROM viewed WHERE times > 0)",
    "is:blurred": f"p.id IN (SELECT photo_id FROM quality WHERE sharpness < {BLURRED})",
    "is:dark": "0.299 * (p.colour >> 16 & 255) + 0.587 * (p.colour >> 8 & 255) + 0.114 * (p.colour & 255) "
    f"< {DARK}",
    "is:rejected": "p.id IN (SELECT photo_id FROM mark WHERE rating < 0)",
    "is:half": f"p.id IN {stacks.PART_IDS}",
    "is:hidden": "p.id IN (SELECT photo_id FROM mark WHERE hidden = 1)",
    "has:tags": "p.id IN (SELECT photo_id FROM photo_tag)",
}
"""Flags that are no columns; ``is:screenshot`` has a function."""

_ROW_FLAGS = frozenset(
    {"is:landscape", "is:portrait", "is:square", "is:panorama", "is:screenshot", "is:dark"}
)
"""Those of them that read the photo's row."""

_NUMBERS = {"rating": "ifnull((SELECT m.rating FROM mark AS m WHERE m.photo_id = p.id), 0)"}
"""Numbers that are no columns of ``photo``."""


_DATES = {
    "date": "p.date",
    "added": "strftime('%Y-%m-%dT%H:%M:%S', p.added_at, 'unixepoch', 'localtime')",
}
"""The dates of a photo, as texts of the form in which ``photo.date`` is stored."""


def condition_sql(condition: Condition) -> Sql:
    """SQL: whether a photo ``p`` meets a condition, and the values to bind."""
    match condition:
        case ValueCondition(key, value):
            return _named(FIELDS_BY_KEY[key], stored_form(value))
        case NumberCondition():
            return _measured(condition)
        case DateRangeCondition(since, until, key):
            column = _DATES[key]
            return f"{column} >= ? AND {column} < ?", (
                since.first if since else FIRST_OF_ALL,
                until.end if until else LAST_OF_ALL,
            )
        case BeforeCondition(date):
            return "p.date < ?", (date.first,)
        case AfterCondition(date):
            return "p.date > ?", (date.end,)
        case NearCondition():
            return _near(condition)
        case FlagCondition("is", "screenshot"):
            return _screenshot()
        case FlagCondition(key, value):
            flag = FLAGS_BY_NAME[f"{key}:{value}"]
            if flag.columns:
                return " AND ".join(f"p.{column} IS NOT NULL" for column in flag.columns), ()
            return _FLAGS[flag.name], ()


def _measured(asked: NumberCondition) -> Sql:
    """Numbers that a camera rounded are equal within the unit's tolerance. A photo without a number
    matches no filter on it."""
    field = FIELDS_BY_KEY[asked.key]
    expression = _NUMBERS.get(field.key) or f"p.{field.column}"
    slack = field.unit.tolerance
    low, high = asked.number, asked.number if asked.upper is None else asked.upper
    if slack:
        low, high = low * (1 - slack), high * (1 + slack)
    if asked.upper is not None or (slack and asked.relation is Relation.EQUAL):
        return f"ifnull({expression} BETWEEN ? AND ?, 0)", (low, high)
    bound = low if asked.relation in (Relation.LESS, Relation.AT_LEAST) else high
    return f"ifnull({expression} {asked.relation.value} ?, 0)", (bound,)


def _named(field: Field, value: str) -> Sql:
    special = _TEXTS.get(field.key)
    if special is not None:
        return special(value)
    column = f"ifnull(p.{field.column}, '')"
    if field.kind is FieldKind.TEXT:
        sql, needle = _contains(column, value)
        return sql, (needle,)
    return f"{_lowered(column, value)} = ?", (value.lower(),)


def _name(value: str) -> Sql:
    # The test of the whole path is cheaper and rules out nearly all files.
    anywhere, needle = _contains("f.path_text", value)
    in_name, _ = _contains(_BASENAME, value)
    return _of_files(f"{anywhere} AND {in_name}"), (needle, needle)


def _of_files(condition: str) -> str:
    """SQL: whether one of a photo's files ``f``, below its root ``r``, meets a condition."""
    return (
        "p.id IN (SELECT f.photo_id FROM file AS f JOIN folder AS r ON r.id = f.folder_id "
        f"WHERE f.photo_id IS NOT NULL AND {condition})"
    )


def _tag(value: str) -> Sql:
    """Photos with the tag or one below it; ``dog`` also finds ``animals/dog``."""
    return (
        "p.id IN (SELECT m.photo_id FROM photo_tag AS m JOIN tag AS n ON n.id = m.tag_id "
        f"WHERE {_has_levels('n.name')})"
    ), (_levels(value),)


def _album(value: str) -> Sql:
    """Photos in the album or one inside it; ``Italy`` also finds ``Trips/Italy``."""
    return (
        f"p.id IN (SELECT m.photo_id FROM album_photo AS m WHERE m.album_id IN ({albums.ALBUM_PATHS} "
        f"SELECT id FROM album_path WHERE {_has_levels('path')}))"
    ), (_levels(value),)


def _theme(value: str) -> Sql:
    """Photos in the theme or one inside it."""
    return (
        f"p.id IN (SELECT m.photo_id FROM theme_photo AS m WHERE m.theme_id IN (SELECT id FROM "
        f"({THEME_PATHS}) WHERE {_has_levels('path')}))"
    ), (_levels(value),)


def _has_levels(path: str) -> str:
    """SQL: whether the levels of a path, ``a/b/c``, contain those of the bound value one after another."""
    return f"instr('/' || {LOWER}({path}) || '/', ?) > 0"


def _levels(value: str) -> str:
    return f"/{value.strip('/').lower()}/"


def _of_mark(column: str) -> Callable[[str], Sql]:
    """Photos whose mark contains a text."""

    def condition(value: str) -> Sql:
        sql, needle = _contains(f"m.{column}", value)
        return f"p.id IN (SELECT m.photo_id FROM mark AS m WHERE {sql})", (needle,)

    return condition


def _folder(value: str) -> Sql:
    """Photos below a folder of that name, or of nested names; an absolute path begins at the root."""
    path = value.replace("/", os.sep)
    wanted = os.sep + path.strip(os.sep) + os.sep
    if path.startswith(os.sep):
        needle = wanted.lower()
        return _of_files(f"substr({_lowered(_WHOLE_PATH, wanted)}, 1, ?) = ?"), (len(needle), needle)
    sql, needle = _contains(_WHOLE_PATH, wanted)
    return _of_files(sql), (needle,)


def _type(value: str) -> Sql:
    """Photos by the format that was read, or by extension: ``raw`` and ``cr2`` both find a CR2. A photo
    that represents a pair has the types of both halves, because views leave out the second one.
    """
    names = next((same for same in _SAME_TYPES if value in same), (value,))
    formats = ", ".join("?" * len(names))
    endings = " OR ".join("lower(substr(f.path_text, ?)) = ?" for _ in names)
    values = (*names, *(value for name in names for value in (-len(name) - 1, f".{name}")))
    of_half = (
        "SELECT h.owner_id FROM pair AS h CROSS JOIN photo AS q ON q.id = h.photo_id "
        f"CROSS JOIN file AS f ON f.photo_id = q.id WHERE lower(q.format) IN ({formats}) OR {endings}"
    )
    return (
        f"lower(p.format) IN ({formats}) OR {_of_files(f'({endings})')} OR p.id IN ({of_half})",
        (*values, *values),
    )


def _day(value: str) -> Sql:
    """The month and day of the date, where the photo has one of its own."""
    day = "strftime('%m-%d', 'now', 'localtime')" if value.lower() == "today" else "?"
    return f"p.date_is_taken AND substr(p.date, 6, 5) = {day}", () if day != "?" else (value,)


def _near(centre: NearCondition) -> Sql:
    """Great-circle distance by the haversine formula."""
    haversine = (
        "pow(sin(radians(p.latitude - ?) / 2), 2) + "
        "cos(radians(?)) * cos(radians(p.latitude)) * pow(sin(radians(p.longitude - ?) / 2), 2)"
    )
    distance = f"{2 * _EARTH_RADIUS} * asin(min(1, sqrt({haversine})))"
    return (
        # A photo without a position matches nothing.
        f"ifnull({distance} <= ?, 0)",
        (centre.latitude, centre.latitude, centre.longitude, centre.kilometres),
    )


def _screenshot() -> Sql:
    """Its name or folder says so, and no camera took it."""
    words = " OR ".join("f.path_text LIKE ?" for _ in _SCREENSHOT_WORDS)
    return (
        # Asked photo by photo: most have a camera, and then no name is read.
        f"p.camera IS NULL AND EXISTS (SELECT 1 FROM file AS f WHERE f.photo_id = p.id AND ({words}))",
        tuple(f"%{word}%" for word in _SCREENSHOT_WORDS),
    )


def reads_row(condition: Condition) -> bool:
    """Whether the SQL of a condition needs columns that no index has."""
    match condition:
        case DateRangeCondition(key=key):
            return key != "date"
        case ValueCondition(key) | NumberCondition(key):
            return bool(FIELDS_BY_KEY[key].column) or key in ("type", "day")
        case FlagCondition(key, value):
            flag = FLAGS_BY_NAME[f"{key}:{value}"]
            return bool(flag.columns) or flag.name in _ROW_FLAGS
        case _:
            return isinstance(condition, NearCondition)


def _contains(text: str, value: str) -> tuple[str, str]:
    """SQL: whether a text (an expression) contains the value that is returned, ignoring case."""
    return f"instr({_lowered(text, value)}, ?) > 0", value.lower()


def _lowered(text: str, value: str) -> str:
    """SQL: a text in lower case; SQLite's own faster function will do where the value is ASCII."""
    return f"{'lower' if value.isascii() else LOWER}({text})"


def stored_form(value: str) -> str:
    """A text as it is stored: composed, and without what UTF-8 cannot encode."""
    return without_surrogates(unicodedata.normalize("NFC", value)).replace("\0", " ")


_TEXTS: dict[str, Callable[[str], Sql]] = {
    "in": _folder,
    "name": _name,
    "type": _type,
    "day": _day,
    "tag": _tag,
    "album": _album,
    "theme": _theme,
    "label": lambda value: ("p.id IN (SELECT photo_id FROM mark WHERE label = ?)", (value.lower(),)),
    "title": _of_mark("title"),
    "caption": _of_mark("caption"),
    "place": lambda _: ("0", ()),
    "my": lambda _: ("0", ()),  # only a search can tell
    "looks": lambda _: ("0", ()),
}
"""Fields of text that are no columns of ``photo``."""
