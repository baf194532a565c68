"""Full-text index of file names, folder names, tags and cameras, one row per visible photo."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

import apsw

from safelight.store.rows import ids_of, json_ids

FIELDS = ("name", "folders", "tags", "camera")

_SEPARATORS = re.compile(r"[/\\]+")
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


def matches(db: apsw.Connection, text: str, limit: int) -> list[int]:
    """Visible photos that contain every word of ``text``, best first (BM25), at most ``limit``.

    ``text`` is plain words: operators and quotes of the full-text syntax have no effect.
    """
    expression = _expression(text)
    if not expression or limit <= 0:
        return []
    rows = db.execute(
        "SELECT rowid FROM photo_text WHERE photo_text MATCH ? ORDER BY rank, rowid LIMIT ?",
        (expression, limit),
    )
    return ids_of(rows)


def bearers(db: apsw.Connection, word: str, limit: int) -> dict[str, list[int]]:
    """Visible photos that contain a word, by field: ``name``, ``folders``, ``tags``, ``camera``. A field in
    which more than ``limit`` photos match is left out.

    The word must match completely, since "car" should not match "Caribbean", but a word with a digit may be
    continued: "IMG_20" matches IMG_2041.
    """
    plain = _printable(word)
    if not any(character.isalnum() for character in plain):
        return {}
    phrase = '"' + plain.replace('"', " ") + '"' + ("*" if any(map(str.isdigit, plain)) else "")
    found: dict[str, list[int]] = {}
    for field in FIELDS:
        rows = db.execute(
            "SELECT rowid FROM photo_text WHERE photo_text MATCH ? LIMIT ?",
            (f"{field} : {phrase}", limit + 1),
        )
        ids = ids_of(rows)
        if len(ids) > limit:
            return {}
        if ids:
            found[field] = ids
    return found


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def _expression(text: str) -> str:
    printable = _printable(text)
    terms = []
    for word in printable.split():
        # A phrase without a token would match nothing and exclude the others.
        if any(character.isalnum() for character in word):
            prefix = "*" if len(word) >= _PREFIX_LETTERS else ""
            terms.append('"' + word.replace('"', " ") + '"' + prefix)
    return " AND ".join(terms)
