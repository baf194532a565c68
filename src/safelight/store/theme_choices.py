"""What the user decided about themes: another name, hidden, merged with others.

Themes are derived data, so a choice belongs to contents: it has examples, and applies to the theme that most
of its examples are in. A choice with several parts merges several themes.
"""

# ruff: noqa: S608 (statements are put together from constants of this module; values are bound)

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from safelight.core.errors import SafelightError
from safelight.store.rows import json_ids

EXAMPLES = 20
"""Photos by which a choice recognises its theme: the most typical ones."""

_LEAST_SHARE = 1 / 3
"""The share of the examples in the library that must be in a theme for the choice to apply to it."""


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """What the user decided about one theme."""

    id: int
    name: str
    """Empty for the automatic name."""
    hidden: bool
    is_top: bool
    parts: tuple[tuple[bytes, ...], ...]
    """Content hashes of examples of each cluster that it merges."""


def all_choices(db: apsw.Connection) -> list[ThemeChoice]:
    return _choices(db, "TRUE", ())


def of_themes(db: apsw.Connection, theme_ids: Collection[int]) -> list[ThemeChoice]:
    """What was decided about themes. Raises SafelightError for one that no longer exists."""
    known = dict(
        db.execute(
            "SELECT id, choice_id FROM theme WHERE id IN (SELECT value FROM json_each(?))",
            (json_ids(theme_ids),),
        )
    )
    if len(known) != len(set(theme_ids)):
        raise SafelightError("This theme no longer exists; the themes were found again meanwhile.")
    chosen = {choice for choice in known.values() if choice is not None}
    return _choices(db, "id IN (SELECT value FROM json_each(?))", (json_ids(chosen),))


def _choices(db: apsw.Connection, condition: str, arguments: tuple[str, ...]) -> list[ThemeChoice]:
    """The choices that meet a condition, in the order of their ids."""
    parts: defaultdict[int, defaultdict[int, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    examples_of_all = db.execute(
        "SELECT choice_id, part, content_hash FROM theme_example "
        f"WHERE choice_id IN (SELECT id FROM theme_choice WHERE {condition}) "
        "ORDER BY choice_id, part, content_hash",
        arguments,
    )
    for choice, part, content in examples_of_all:
        parts[choice][part].append(content)
    rows = db.execute(
        f"SELECT id, name, hidden, is_top FROM theme_choice WHERE {condition} ORDER BY id", arguments
    )
    return [
        ThemeChoice(choice, name, bool(hidden), bool(is_top), tuple(map(tuple, parts[choice].values())))
        for choice, name, hidden, is_top in rows
    ]


def new(db: apsw.Connection, theme_id: int) -> ThemeChoice:
    """A choice for a theme that has none, not stored; its id is one that no choice had before."""
    highest = db.execute(
        "SELECT max(ifnull((SELECT max(id) FROM theme_choice), 0), "
        "ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'theme_choice'), 0))"
    ).get
    is_top = db.execute("SELECT parent_id IS NULL FROM theme WHERE id = ?", (theme_id,)).get
    return ThemeChoice(highest + 1, "", False, bool(is_top), (examples(db, theme_id),))


def examples(db: apsw.Connection, theme_id: int) -> tuple[bytes, ...]:
    """Content hashes of the most typical photos of a theme, sorted."""
    rows = db.execute(
        "SELECT p.content_hash FROM theme_photo AS m JOIN photo AS p ON p.id = m.photo_id "
        "WHERE m.theme_id IN (SELECT id FROM theme WHERE id = ?1 OR parent_id = ?1) "
        f"ORDER BY m.nearness DESC, p.content_hash LIMIT {EXAMPLES}",
        (theme_id,),
    )
    return tuple(sorted(content for (content,) in rows))


def put(db: apsw.Connection, removed: Collection[int], stored: Sequence[ThemeChoice]) -> None:
    """Remove choices and store others, under their ids, and apply them to the themes."""
    gone = json_ids({*removed, *(choice.id for choice in stored)})
    db.execute("DELETE FROM theme_example WHERE choice_id IN (SELECT value FROM json_each(?))", (gone,))
    db.execute("DELETE FROM theme_choice WHERE id IN (SELECT value FROM json_each(?))", (gone,))
    for choice in stored:
        db.execute(
            "INSERT INTO theme_choice (id, name, hidden, is_top) VALUES (?, ?, ?, ?)",
            (choice.id, choice.name, choice.hidden, choice.is_top),
        )
        _put_examples(db, choice.id, choice.parts)
    link(db)


def add(db: apsw.Connection, name: str, hidden: bool, is_top: bool, parts: Sequence[Sequence[bytes]]) -> bool:
    """Store an imported choice; False if one with an example in common exists. :func:`link` applies it."""
    contents = {content for part in parts for content in part}
    for known in all_choices(db):
        if known.is_top == is_top and contents & {content for part in known.parts for content in part}:
            return False
    choice = int(
        db.execute(
            "INSERT INTO theme_choice (name, hidden, is_top) VALUES (?, ?, ?) RETURNING id",
            (name, hidden, is_top),
        ).get
    )
    _put_examples(db, choice, parts)
    return True


def _put_examples(db: apsw.Connection, choice: int, parts: Sequence[Sequence[bytes]]) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO theme_example (choice_id, part, content_hash) VALUES (?, ?, ?)",
        [(choice, part, content) for part, contents in enumerate(parts) for content in contents],
    )


def link(db: apsw.Connection) -> None:
    """Find the theme that each part of each choice means: the one that most of its examples are in.

    Where two choices mean one theme, the one with more examples in it applies.
    """
    votes: defaultdict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for choice, part, theme in db.execute(
        "SELECT e.choice_id, e.part, CASE c.is_top WHEN 1 THEN t.parent_id ELSE t.id END "
        "FROM theme_example AS e JOIN theme_choice AS c ON c.id = e.choice_id "
        "JOIN photo AS p ON p.content_hash = e.content_hash "
        "JOIN theme_photo AS m ON m.photo_id = p.id JOIN theme AS t ON t.id = m.theme_id"
    ):
        votes[choice, part][theme] += 1
    claims: list[tuple[int, int, int, int]] = []
    for (choice, part), counted in votes.items():
        theme, most = min(counted.items(), key=lambda each: (-each[1], each[0]))
        if most >= _LEAST_SHARE * counted.total():
            claims.append((-most, choice, part, theme))
    choice_of: dict[int, int] = {}
    for _, choice, _, theme in sorted(claims):
        choice_of.setdefault(theme, choice)
    db.execute("UPDATE theme SET choice_id = NULL WHERE choice_id IS NOT NULL")
    db.executemany(
        "UPDATE theme SET choice_id = ? WHERE id = ?",
        [(choice, theme) for theme, choice in choice_of.items()],
    )


def as_json(choice: ThemeChoice) -> dict[str, Any]:
    """A choice as plain values, for exports and the journal."""
    return {
        "id": choice.id,
        "name": choice.name,
        "hidden": choice.hidden,
        "is_top": choice.is_top,
        "parts": [[content.hex() for content in part] for part in choice.parts],
    }


def from_json(stored: dict[str, Any]) -> ThemeChoice:
    """A choice that :func:`as_json` wrote."""
    parts = tuple(tuple(bytes.fromhex(content) for content in part) for part in stored["parts"])
    return ThemeChoice(stored["id"], stored["name"], stored["hidden"], stored["is_top"], parts)
