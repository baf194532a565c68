"""Themes: clusters of photos, as they are stored and as they are shown.

They are derived data, and are made again when the library has grown or another model is used. What the user
decided about them is in :mod:`safelight.store.theme_choices`.
"""

# ruff: noqa: S608 (statements are put together from constants of this module; values are bound)

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import apsw
import numpy as np

from safelight.core.encoder import Vectors
from safelight.core.themes import Theme
from safelight.store import theme_choices
from safelight.store.rows import ids_of
from safelight.store.stacks import NOT_SHOWN_IDS
from safelight.store.vectors import Ids

_COVERS = 4

_SHOWN = f"p.orphaned_at IS NULL AND p.id NOT IN {NOT_SHOWN_IDS}"
"""SQL: photos ``p`` that have a theme."""


@dataclass(frozen=True, slots=True)
class ThemesState:
    """When the themes were made, by which model and for how many photos."""

    model_key: str
    photos: int
    at: float


@dataclass(frozen=True, slots=True)
class NewTheme:
    """A top-level theme to be stored, with the clusters below it."""

    name: str
    parts: tuple[NewPart, ...]


@dataclass(frozen=True, slots=True)
class NewPart:
    name: str
    centre: Vectors
    """(dim,), unit length."""
    photo_ids: Ids
    nearness: Vectors
    """Cosine similarity of each photo to the centre."""


# --- clusters -------------------------------------------------------------------------------------------


def read_state(db: apsw.Connection) -> ThemesState | None:
    row = db.execute("SELECT model_key, photos, made_at FROM theme_state").fetchone()
    return None if row is None else ThemesState(*row)


_ELIGIBLE = f"FROM embedding AS e JOIN photo AS p ON p.id = e.photo_id WHERE e.model_id = ? AND {_SHOWN}"


def eligible(db: apsw.Connection, model_id: int) -> Ids:
    """Photos that are shown and have a vector of a model, ordered by content hash."""
    rows = db.execute(f"SELECT p.id {_ELIGIBLE} ORDER BY p.content_hash", (model_id,))
    return np.array(ids_of(rows), np.int64)


def count_eligible(db: apsw.Connection, model_id: int) -> int:
    """How many photos :func:`eligible` finds."""
    found: int = db.execute(f"SELECT count(*) {_ELIGIBLE}", (model_id,)).get
    return found


def without_theme(db: apsw.Connection, model_id: int) -> list[int]:
    """Photos that are shown, have a vector of a model, and are in no theme yet."""
    return ids_of(
        db.execute(
            "SELECT p.id FROM (SELECT photo_id FROM embedding WHERE model_id = ? "
            "EXCEPT SELECT photo_id FROM theme_photo) AS m JOIN photo AS p ON p.id = m.photo_id "
            f"WHERE {_SHOWN} ORDER BY p.id",
            (model_id,),
        )
    )


def replace_all(db: apsw.Connection, new: Sequence[NewTheme], state: ThemesState) -> None:
    """Store other themes in place of all. The user's choices stay, and apply to the new ones."""
    db.execute("DELETE FROM theme_photo")
    db.execute("DELETE FROM theme")
    for theme in new:
        top = _insert(db, None, theme.name, None)
        for part in theme.parts:
            own = _insert(db, top, part.name, part.centre.astype("<f4").tobytes())
            put_photos(db, own, part.photo_ids, part.nearness)
    db.execute(
        "INSERT OR REPLACE INTO theme_state (id, model_key, photos, made_at) VALUES (1, ?, ?, ?)",
        (state.model_key, state.photos, state.at),
    )
    theme_choices.link(db)


def _insert(db: apsw.Connection, parent: int | None, name: str, centre: bytes | None) -> int:
    return int(
        db.execute(
            "INSERT INTO theme (parent_id, name, centre) VALUES (?, ?, ?) RETURNING id",
            (parent, name, centre),
        ).get
    )


def put_photos(db: apsw.Connection, theme_id: int, photo_ids: Ids, nearness: Vectors) -> None:
    """Add photos (n,) with their similarity to the centre (n,). Photos that are gone are ignored."""
    db.executemany(
        "INSERT OR REPLACE INTO theme_photo (photo_id, theme_id, nearness) SELECT id, ?, ? FROM photo "
        "WHERE id = ?",
        (
            (theme_id, value, photo)
            for photo, value in zip(photo_ids.tolist(), nearness.tolist(), strict=True)
        ),
    )


def centres(db: apsw.Connection) -> tuple[list[int], Vectors]:
    """The themes with photos of their own, and their centres (k, dim)."""
    ids: list[int] = []
    rows: list[Vectors] = []
    for theme, centre in db.execute("SELECT id, centre FROM theme WHERE centre IS NOT NULL ORDER BY id"):
        ids.append(theme)
        rows.append(np.frombuffer(centre, "<f4"))
    return ids, np.stack(rows) if rows else np.zeros((0, 0), np.float32)


# --- themes as they are shown ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Group:
    """Clusters that are shown as one theme."""

    ids: list[int]
    parent: int | None
    automatic: str
    choice: tuple[str, bool] | None


def all_themes(db: apsw.Connection) -> list[Theme]:
    """Themes that have photos to show, the largest first, each followed by those inside it.

    A theme that consists of one cluster has none inside it.
    """
    choices = {
        choice: (name, bool(hidden))
        for choice, name, hidden in db.execute("SELECT id, name, hidden FROM theme_choice")
    }
    groups, group_of = _groups(db, choices)
    counted = {
        theme: (size, first, last)
        for theme, size, first, last in db.execute(
            "SELECT m.theme_id, count(*), min(p.date), max(p.date) FROM theme_photo AS m "
            f"JOIN photo AS p ON p.id = m.photo_id WHERE {_SHOWN} GROUP BY m.theme_id"
        )
    }
    covers: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for theme, photo, nearness in db.execute(
        "SELECT theme_id, photo_id, nearness FROM (SELECT m.theme_id, m.photo_id, m.nearness, "
        "row_number() OVER (PARTITION BY m.theme_id ORDER BY m.nearness DESC, p.content_hash) AS place "
        "FROM theme_photo AS m JOIN photo AS p ON p.id = m.photo_id "
        f"WHERE {_SHOWN}) WHERE place <= {_COVERS}"
    ):
        covers[theme].append((nearness, photo))
    inside: defaultdict[int, list[_Group]] = defaultdict(list)
    for group in groups.values():
        if group.parent is not None:
            inside[group_of[group.parent]].append(group)
    found: list[tuple[Theme, list[Theme]]] = []
    for top, group in groups.items():
        if group.parent is not None:
            continue
        clusters = [each for part in inside[top] for each in part.ids if each in counted]
        if not clusters:
            continue
        theme = _theme(group, clusters, counted, covers, None)
        parts = [
            _theme(part, own, counted, covers, theme)
            for part in inside[top]
            if (own := [each for each in part.ids if each in counted])
        ]
        found.append((theme, sorted(parts, key=_by_size) if len(parts) > 1 else []))
    found.sort(key=lambda each: _by_size(each[0]))
    return [each for theme, parts in found for each in (theme, *parts)]


def _by_size(theme: Theme) -> tuple[int, str]:
    return -theme.size, theme.name


def _groups(
    db: apsw.Connection, choices: dict[int, tuple[str, bool]]
) -> tuple[dict[int, _Group], dict[int, int]]:
    """Groups by their first cluster, and the group of each cluster."""
    groups: dict[int, _Group] = {}
    group_of: dict[int, int] = {}
    by_choice: dict[int, int] = {}
    for theme, parent, name, choice in db.execute(
        "SELECT id, parent_id, name, choice_id FROM theme ORDER BY id"
    ):
        known = choice if choice in choices else None
        lead = theme if known is None else by_choice.setdefault(known, theme)
        group_of[theme] = lead
        if lead == theme:
            groups[theme] = _Group([theme], parent, name, None if known is None else choices[known])
        else:
            groups[lead].ids.append(theme)
    return groups, group_of


def _theme(
    group: _Group,
    clusters: Sequence[int],
    counted: dict[int, tuple[int, str, str]],
    covers: dict[int, list[tuple[float, int]]],
    parent: Theme | None,
) -> Theme:
    named, hidden = group.choice or ("", False)
    name = named or group.automatic
    ranked = sorted(clusters, key=lambda each: (-counted[each][0], each))
    best = [sorted(covers[each], key=lambda cover: -cover[0]) for each in ranked]
    # One photo of each cluster, the largest first, and further ones of the largest.
    chosen = [each[0][1] for each in best[:_COVERS]]
    chosen += [photo for _, photo in best[0][1:]][: _COVERS - len(chosen)]
    return Theme(
        group.ids[0],
        name,
        name if parent is None else f"{parent.name}/{name}",
        None if parent is None else parent.id,
        sum(counted[each][0] for each in clusters),
        tuple(chosen),
        min(counted[each][1] for each in clusters),
        max(counted[each][2] for each in clusters),
        hidden,
        bool(named),
        len(group.ids),
    )


def find(db: apsw.Connection, path: str) -> list[Theme]:
    """Themes of a name or path, without regard to case."""
    wanted = path.strip("/").casefold()
    return [each for each in all_themes(db) if wanted in (each.path.casefold(), each.name.casefold())]
