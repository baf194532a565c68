"""Full-text index of photos.

``photo_text`` has the file names, folder names, tags and cameras of every visible photo. ``caption_text``
has titles and captions; triggers keep it equal to the table ``mark``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

import apsw

from safelight.core.plain_text import without_surrogates
from safelight.store.rows import ids_of, is_limited, json_ids

FIELDS = {
    "name": "photo_text",
    "folders": "photo_text",
    "tags": "photo_text",
    "camera": "photo_text",
    "title": "caption_text",
    "caption": "caption_text",
}
"""The indexed fields, with the full-text table of each."""

_SEPARATORS = re.compile(r"[/\\]+")
_TOKEN = re.compile(r"[^\W_]+")
_PREFIX_LETTERS = 3
"""A word of at least this length also matches longer words that begin with it."""


def refresh(db: apsw.Connection, photo_ids: Iterable[int]) -> None:
    """Update the index of these photos from their files, folders and tags."""
    wanted = json_ids(set(photo_ids))
    db.execute("DELETE FROM photo_text WHERE rowid IN (SELECT value FROM json_each(?))", (wanted,))
    names: defaultdict[int, dict[str, None]] = defaultdict(dict)
    folders: defaultdict[int, dict[str, None]] = defaultdict(dict)
    cameras: dict[int, str] = {}
    rows = db.execute(
        """
        SELECT p.id, p.camera, p.lens, f.path_text, r.path_text
        FROM json_each(?) AS a
        CROSS JOIN photo AS p ON p.id = a.value
        CROSS JOIN file AS f ON f.photo_id = p.id
        CROSS JOIN folder AS r ON r.id = f.folder_id
        ORDER BY p.id, f.id
        """,
        (wanted,),
    )
    for photo, camera, lens, path, root in rows:
        *parents, name = _SEPARATORS.split(path)
        # Without the extension: nearly every photo is called "jpg".
        names[photo][name.rpartition(".")[0] or name] = None
        above = [part for part in _SEPARATORS.split(root) if part][-1:]
        folders[photo].update(dict.fromkeys(above + parents))
        cameras[photo] = " ".join(part for part in (camera, lens) if part)
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for photo, tag in db.execute(
        "SELECT pt.photo_id, t.name FROM json_each(?) AS a "
        "CROSS JOIN photo_tag AS pt ON pt.photo_id = a.value "
        "CROSS JOIN tag AS t ON t.id = pt.tag_id ORDER BY t.id",
        (wanted,),
    ):
        tags[photo].append(tag)
    db.executemany(
        "INSERT INTO photo_text (rowid, name, folders, tags, camera) VALUES (?, ?, ?, ?, ?)",
        (
            (
                photo,
                "\n".join(names[photo]),
                "\n".join(folders[photo]),
                "\n".join(tags[photo]),
                cameras[photo],
            )
            for photo in names
        ),
    )


def refresh_captions(db: apsw.Connection) -> None:
    """Fill an empty ``caption_text``."""
    db.execute(
        "INSERT INTO caption_text (rowid, title, caption) "
        "SELECT photo_id, title, caption FROM mark WHERE title <> '' OR caption <> ''"
    )


def matches(db: apsw.Connection, text: str, limit: int) -> list[int]:
    """Visible photos that contain every word of ``text``, best first (BM25), at most ``limit``.

    ``text`` is plain words: operators and quotes of the full-text syntax have no effect.
    """
    expression = _expression(text)
    if not expression or limit <= 0:
        return []
    rows = db.execute(
        # CROSS JOIN keeps SQLite from asking the full-text index for each photo.
        "SELECT t.rowid FROM photo_text AS t CROSS JOIN photo AS p ON p.id = t.rowid "
        "WHERE photo_text MATCH ? ORDER BY t.rank, t.rowid LIMIT ?",
        (expression, limit),
    )
    return ids_of(rows)


def photos_with_word(db: apsw.Connection, word: str, limit: int) -> dict[str, list[int]]:
    """Visible photos that contain a word, by the fields of :data:`FIELDS`. Empty where more than ``limit``
    photos match in one of them.

    The word must match completely, since "car" should not match "Caribbean", but a word with a digit may be
    continued: "IMG_20" matches IMG_2041.
    """
    plain = _printable(word)
    if not any(character.isalnum() for character in plain):
        return {}
    phrase = '"' + plain.replace('"', " ") + '"' + ("*" if any(map(str.isdigit, plain)) else "")
    found: dict[str, list[int]] = {}
    for field, table in FIELDS.items():
        # Photos that are in no file keep their captions.
        rows = db.execute(
            # CROSS JOIN keeps SQLite from asking the full-text index for each photo.
            f"SELECT t.rowid FROM {table} AS t CROSS JOIN photo AS p ON p.id = t.rowid "  # noqa: S608
            f"WHERE {table} MATCH ? AND p.orphaned_at IS NULL LIMIT ?",
            (f"{field} : {phrase}", limit + 1),
        )
        ids = ids_of(rows)
        if len(ids) > limit:
            return {}
        if field == "tags" and is_limited(db):
            ids = _with_visible_tag(db, ids, plain)
        if ids:
            found[field] = ids
    return found


def _with_visible_tag(db: apsw.Connection, photo_ids: list[int], word: str) -> list[int]:
    """Those of these photos that have a tag with this word which the connection sees: the index also has the
    tags that are withheld from it."""
    wanted = _tokens(word)
    rows = db.execute(
        "SELECT m.photo_id, t.name FROM json_each(?) AS a CROSS JOIN photo_tag AS m ON m.photo_id = a.value "
        "JOIN tag AS t ON t.id = m.tag_id",
        (json_ids(photo_ids),),
    )
    bearing = {photo_id for photo_id, name in rows if _contains(_tokens(name), wanted)}
    return [photo_id for photo_id in photo_ids if photo_id in bearing]


def _contains(tokens: list[str], phrase: list[str]) -> bool:
    last = len(phrase) - 1
    return last >= 0 and any(
        tokens[at : at + last] == phrase[:last] and tokens[at + last].startswith(phrase[last])
        for at in range(len(tokens) - last)
    )


def _tokens(text: str) -> list[str]:
    """The words of a text without case and accents, as the index divides it."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _TOKEN.findall("".join(each for each in plain if not unicodedata.combining(each)))


def _printable(text: str) -> str:
    return without_surrogates(text).replace("\0", " ")


def _expression(text: str) -> str:
    printable = _printable(text)
    terms = []
    for word in printable.split():
        # A phrase without a token would match nothing and exclude the others.
        if any(character.isalnum() for character in word):
            prefix = "*" if len(word) >= _PREFIX_LETTERS else ""
            terms.append('"' + word.replace('"', " ") + '"' + prefix)
    return " AND ".join(terms)
