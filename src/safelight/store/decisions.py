"""The user's decisions about duplicates: verdicts, numbers of copies, protected paths and the rule order.

Verdicts are keyed by content hashes: they survive rescans, moves, other models and thresholds, and the
photos' own rows. When the metadata of a file are edited, the new photo inherits them
(:func:`safelight.store.marks.pass_on`).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.core.duplicates import Verdict
from safelight.core.keeper import KeeperRule, rules_in_order
from safelight.store import settings
from safelight.store.rows import SEPARATOR, absolute, below, json_ids

Pair = tuple[bytes, bytes]
"""Content hashes, the smaller first."""

_KEEPER_RULES = "keeper_rules"


@dataclass(frozen=True, slots=True)
class ReplacedDecision:
    """A decision that was stored and the one that it replaced, for undo."""

    first: bytes
    second: bytes
    """Equal to ``first`` where the decision is about copies of one content."""
    now: str
    """The verdict, or the number of copies."""
    before: str | None
    decided_at: float
    before_decided_at: float | None


# --- verdicts -------------------------------------------------------------------------------------------


def store_verdict(
    db: apsw.Connection, photo_ids: Collection[int], verdict: Verdict, when: float
) -> list[ReplacedDecision]:
    """Store a verdict for each pair of these photos and return the changes.

    An id that occurs more than once stands for copies of one content: their present number is stored, and a
    further copy is a duplicate again. Photos that are gone are skipped.
    """
    hashes = dict(
        db.execute(
            "SELECT p.id, p.content_hash FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value",
            (json_ids(photo_ids),),
        )
    )
    wanted = sorted(photo for photo in photo_ids if photo in hashes)
    changed = [
        _put(db, pair, verdict.value, when)
        for pair in itertools.combinations(sorted({hashes[photo] for photo in wanted}), 2)
    ]
    for photo in sorted({first for first, second in itertools.pairwise(wanted) if first == second}):
        content = hashes[photo]
        count = db.execute("SELECT count(*) FROM file WHERE photo_id = ?", (photo,)).get
        changed.append(_put(db, (content, content), str(count), when))
    return [each for each in changed if each.now != each.before]


def undo_verdicts(db: apsw.Connection, judgements: Iterable[ReplacedDecision]) -> int:
    """Undo :func:`store_verdict`, except where the user has decided again since.

    Returns how many decisions were restored.
    """
    restored = 0
    for each in judgements:
        now, decided_at = _current(db, (each.first, each.second))
        if (now, decided_at) != (each.now, each.decided_at):
            continue
        restored += 1
        if each.before is None or each.before_decided_at is None:
            _delete(db, (each.first, each.second))
        else:
            _write(db, (each.first, each.second), each.before, each.before_decided_at)
    return restored


def reassign(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    """Copy the verdicts about one photo and others to another photo, which shows the same picture. The number
    of copies stays with the first photo.
    """
    db.execute(
        """
        INSERT OR IGNORE INTO decision (first, second, verdict, decided_at)
        SELECT min(n.content_hash, other), max(n.content_hash, other), verdict, decided_at
        FROM (
            SELECT d.second AS other, d.verdict, d.decided_at FROM decision AS d
            JOIN photo AS o ON o.content_hash = d.first WHERE o.id = ?1
            UNION ALL
            SELECT d.first, d.verdict, d.decided_at FROM decision AS d
            JOIN photo AS o ON o.content_hash = d.second WHERE o.id = ?1
        ) CROSS JOIN photo AS n WHERE n.id = ?2 AND other <> n.content_hash
        """,
        (old_photo, new_photo),
    )


def verdicts(db: apsw.Connection) -> dict[Pair, Verdict]:
    """All verdicts."""
    known = {verdict.value: verdict for verdict in Verdict}
    rows = db.execute("SELECT first, second, verdict FROM decision")
    return {(first, second): known[verdict] for first, second, verdict in rows if verdict in known}


def verdicts_of_photos(db: apsw.Connection) -> dict[tuple[int, int], Verdict]:
    """All verdicts about two photos that are in the library, by their ids, the smaller first."""
    known = {verdict.value: verdict for verdict in Verdict}
    rows = db.execute(
        "SELECT min(a.id, b.id), max(a.id, b.id), d.verdict FROM decision AS d "
        "JOIN photo AS a ON a.content_hash = d.first JOIN photo AS b ON b.content_hash = d.second"
    )
    return {(first, second): known[verdict] for first, second, verdict in rows if verdict in known}


def kept_copies(db: apsw.Connection) -> dict[int, int]:
    """How many files of a photo the user wants to keep; further copies are duplicates again."""
    return dict(
        db.execute(
            "SELECT p.id, k.files FROM kept_copies AS k JOIN photo AS p ON p.content_hash = k.content_hash"
        )
    )


def _current(db: apsw.Connection, pair: Pair) -> tuple[str | None, float | None]:
    if pair[0] == pair[1]:
        row = db.execute(
            "SELECT CAST(files AS TEXT), decided_at FROM kept_copies WHERE content_hash = ?", (pair[0],)
        ).fetchone()
    else:
        row = db.execute(
            "SELECT verdict, decided_at FROM decision WHERE first = ? AND second = ?", pair
        ).fetchone()
    return (None, None) if row is None else (row[0], row[1])


def _put(db: apsw.Connection, pair: Pair, value: str, when: float) -> ReplacedDecision:
    before, decided_at = _current(db, pair)
    if value != before:
        _write(db, pair, value, when)
    return ReplacedDecision(*pair, value, before, when, decided_at)


def _write(db: apsw.Connection, pair: Pair, value: str, when: float) -> None:
    if pair[0] == pair[1]:
        db.execute("INSERT OR REPLACE INTO kept_copies VALUES (?, ?, ?)", (pair[0], int(value), when))
    else:
        db.execute("INSERT OR REPLACE INTO decision VALUES (?, ?, ?, ?)", (*pair, value, when))


def _delete(db: apsw.Connection, pair: Pair) -> None:
    if pair[0] == pair[1]:
        db.execute("DELETE FROM kept_copies WHERE content_hash = ?", (pair[0],))
    else:
        db.execute("DELETE FROM decision WHERE first = ? AND second = ?", pair)


# --- protection -----------------------------------------------------------------------------------------


def protect(db: apsw.Connection, path: bytes, protected: bool, now: float) -> bool:
    """Protect a file, or a folder with all its files (absolute path), or end that; return whether anything
    changed. A file in a protected folder stays protected by the folder."""
    before = db.total_changes()
    inode = _inode(path)
    if protected:
        db.execute(
            "INSERT OR IGNORE INTO protected (path, added_at, inode) VALUES (?, ?, ?)", (path, now, inode)
        )
    else:
        db.execute("DELETE FROM protected_content WHERE path = ?", (path,))
        db.execute("DELETE FROM protected WHERE path = ? OR (inode = ? AND inode <> 0)", (path, inode))
        for _, content in _contents_at(db, path):
            db.execute("DELETE FROM protected_content WHERE content_hash = ?", (content,))
    return db.total_changes() > before


def update_protection(db: apsw.Connection, file_ids: Collection[int]) -> None:
    """Remember the contents of files that are about to leave a protected path: wherever they appear again,
    they are still protected.
    """
    locked = [path for (path,) in db.execute("SELECT path FROM protected")]
    if not locked:
        return
    rows: list[Any] = db.execute(
        "SELECT r.path, f.path, p.content_hash FROM json_each(?) AS a CROSS JOIN file AS f ON f.id = a.value "
        "JOIN folder AS r ON r.id = f.folder_id JOIN photo AS p ON p.id = f.photo_id",
        (json_ids(file_ids),),
    ).fetchall()
    for root, relative, content in rows:
        path = absolute(root, relative)
        by = next((each for each in locked if below(path, each) is not None), None)
        if by is not None:
            db.execute("INSERT OR IGNORE INTO protected_content VALUES (?, ?)", (content, by))


def protected_paths(db: apsw.Connection) -> Protected:
    rows: list[Any] = db.execute("SELECT path, ifnull(inode, 0) FROM protected ORDER BY path").fetchall()
    found = Protected((path for path, _ in rows), {path: inode for path, inode in rows if inode})
    if not rows and not db.execute("SELECT EXISTS (SELECT 1 FROM protected_content)").get:
        return found
    held: dict[bytes, list[bytes]] = {}
    for content, root, relative in db.execute(
        "SELECT c.content_hash, r.path, f.path FROM protected_content AS c "
        "JOIN photo AS p ON p.content_hash = c.content_hash JOIN file AS f ON f.photo_id = p.id "
        "JOIN folder AS r ON r.id = f.folder_id"
    ):
        held.setdefault(content, []).append(absolute(root, relative))
    # While a file of this content is at a protected path, that file is the protected one.
    found.contents = frozenset(
        content for content, paths in held.items() if not any(path in found for path in paths)
    )
    return found


class Protected:
    """Which files are protected: by their path, by a folder around them, or because they were renamed."""

    def __init__(self, paths: Iterable[bytes], inodes: Mapping[bytes, int] | None = None) -> None:
        """``inodes`` are those that the paths had when they were protected."""
        self.paths = tuple(paths)
        self.contents: frozenset[bytes] = frozenset()
        self._inodes = dict(inodes or {})
        self._moved: frozenset[int] | None = None
        self._folders: dict[bytes, bool] = {}

    def __contains__(self, path: bytes | str) -> bool:
        """Whether this file or a folder around it is protected, under this name or an earlier one."""
        name = os.fsencode(path)
        if any(below(name, locked) is not None for locked in self.paths):
            return True
        return bool(self._moved_inodes()) and self._was_protected(name)

    def covers(self, path: bytes | str, content_hash: bytes | None) -> bool:
        """Whether :func:`is_protected`, or the content was at a protected path and no longer is."""
        return content_hash in self.contents or path in self

    def _moved_inodes(self) -> frozenset[int]:
        """The inodes of protected files and folders that are no longer at their path."""
        if self._moved is None:
            self._moved = frozenset(inode for path, inode in self._inodes.items() if _inode(path) != inode)
        return self._moved

    def _was_protected(self, path: bytes) -> bool:
        if _inode(path) in self._moved_inodes():
            return True
        folder = path.rpartition(SEPARATOR)[0]
        if folder not in self._folders:
            self._folders[folder] = bool(folder) and self._was_protected(folder)
        return self._folders[folder]


def _inode(path: bytes) -> int:
    """The inode, signed as SQLite stores it; 0 where there is none."""
    try:
        inode = os.lstat(path).st_ino
    except OSError:
        return 0
    return inode if inode < 2**63 else inode - 2**64


def _contents_at(db: apsw.Connection, path: bytes) -> list[tuple[bytes, bytes]]:
    """(absolute path, content) of the files at or below a path."""
    rows = db.execute(
        "SELECT r.path, f.path, p.content_hash FROM protected_content AS c "
        "JOIN photo AS p ON p.content_hash = c.content_hash JOIN file AS f ON f.photo_id = p.id "
        "JOIN folder AS r ON r.id = f.folder_id"
    )
    found = [(absolute(root, relative), content) for root, relative, content in rows]
    return [each for each in found if below(each[0], path) is not None]


# --- the order of the keeper's rules --------------------------------------------------------------------


def keeper_rules(db: apsw.Connection) -> tuple[KeeperRule, ...]:
    """The rules in the user's order, or else in the default order."""
    return rules_in_order((settings.get(db, _KEEPER_RULES) or "").split(","))


def set_keeper_rules(db: apsw.Connection, rules: Collection[KeeperRule]) -> None:
    settings.put(db, _KEEPER_RULES, ",".join(rules))
