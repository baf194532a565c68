"""What a person decided of duplicates: verdicts, copies to keep, what is locked, which rule comes first.

Verdicts hang on content hashes: they hold through rescans, moves, other models and thresholds, and outlive
the photos' own rows. A file whose metadata were edited hands them on (:func:`safelight.store.marks.pass_on`).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import apsw

from safelight.core.duplicates import Verdict
from safelight.core.keeper import KeeperRule, rules_in_order
from safelight.store import settings
from safelight.store.rows import below, json_ids

Pair = tuple[bytes, bytes]
"""Content hashes, the smaller first."""

_KEEPER_RULES = "keeper_rules"


@dataclass(frozen=True, slots=True)
class Replaced:
    """A judgement that was made, and what it took the place of; all that taking it back needs."""

    first: bytes
    second: bytes
    """Equal to ``first`` where copies of one content were judged."""
    now: str
    """The verdict, or the number of copies."""
    before: str | None
    decided_at: float
    before_decided_at: float | None


# --- verdicts -------------------------------------------------------------------------------------------


def judge(db: apsw.Connection, photo_ids: Collection[int], verdict: Verdict, when: float) -> list[Replaced]:
    """Remember a verdict of every two of these photos; return what that changed.

    A photo that is named more than once stands for copies of one content: they are kept as many as there
    are now, and a further copy is a duplicate again. Photos that are gone are passed over.
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


def take_back(db: apsw.Connection, judgements: Iterable[Replaced]) -> int:
    """Undo :func:`judge` where nobody has judged anew since; return how many judgements that restored."""
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


def hand_on(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    """What was said of one photo beside others holds for another too, which shows the same; what was said of
    that one itself stays."""
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
    """Every verdict there is."""
    known = {verdict.value: verdict for verdict in Verdict}
    rows = db.execute("SELECT first, second, verdict FROM decision")
    return {(first, second): known[verdict] for first, second, verdict in rows if verdict in known}


def verdicts_of_photos(db: apsw.Connection) -> dict[tuple[int, int], Verdict]:
    """Every verdict of two photos that are in the library, by their ids, the smaller first."""
    known = {verdict.value: verdict for verdict in Verdict}
    rows = db.execute(
        "SELECT min(a.id, b.id), max(a.id, b.id), d.verdict FROM decision AS d "
        "JOIN photo AS a ON a.content_hash = d.first JOIN photo AS b ON b.content_hash = d.second"
    )
    return {(first, second): known[verdict] for first, second, verdict in rows if verdict in known}


def kept_copies(db: apsw.Connection) -> dict[int, int]:
    """How many files of a photo a person means to have; copies beyond that are duplicates again."""
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


def _put(db: apsw.Connection, pair: Pair, value: str, when: float) -> Replaced:
    before, decided_at = _current(db, pair)
    if value != before:
        _write(db, pair, value, when)
    return Replaced(*pair, value, before, when, decided_at)


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
    """Lock a file, or a folder with all that is in it (absolute path), or unlock it; whether that changed
    anything. Unlocking a file leaves the lock of a folder around it."""
    if protected:
        db.execute("INSERT OR IGNORE INTO protected (path, added_at) VALUES (?, ?)", (path, now))
    else:
        db.execute("DELETE FROM protected WHERE path = ?", (path,))
    return db.changes() > 0


def protected_paths(db: apsw.Connection) -> Protected:
    return Protected(path for (path,) in db.execute("SELECT path FROM protected ORDER BY path"))


class Protected:
    """Which files are locked. Frozen."""

    def __init__(self, paths: Iterable[bytes]) -> None:
        self.paths = tuple(paths)

    def __contains__(self, path: bytes | str) -> bool:
        """Whether this file, or a folder that it lies in, is locked."""
        name = os.fsencode(path)
        return any(below(name, locked) is not None for locked in self.paths)


# --- the order of the keeper's rules --------------------------------------------------------------------


def keeper_rules(db: apsw.Connection) -> tuple[KeeperRule, ...]:
    """In the order that the person chose, else as usual."""
    return rules_in_order((settings.get(db, _KEEPER_RULES) or "").split(","))


def set_keeper_rules(db: apsw.Connection, rules: Collection[KeeperRule]) -> None:
    settings.put(db, _KEEPER_RULES, ",".join(rules))
