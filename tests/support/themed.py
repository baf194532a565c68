"""A library with vectors in a few clear groups, for tests of themes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from safelight.core.encoder import Vectors
from safelight.core.jobs import JobControl
from safelight.core.themes import Theme
from safelight.services.library import Library
from safelight.store import themes, vectors
from safelight.store.library import Connection
from support.fake_encoder import FakeEncoder
from support.reliable import opened
from support.stored import add_folder, add_photo

GROUPS = ("red", "green", "blue", "yellow")
"""Colours that the fake encoder understands, each the middle of a group."""

SIZES = (24, 18, 12, 8)


def vectors_like(colour: str, names: Sequence[str]) -> Vectors:
    """Near the vector of a colour, each as its name says."""
    middle = FakeEncoder().encode_texts([colour])[0]
    rows = []
    for name in names:
        seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
        row = middle + 0.04 * np.random.default_rng(seed).standard_normal(len(middle))
        rows.append(row / np.linalg.norm(row))
    return np.asarray(rows, np.float32)


def add_group(db: Connection, folder_id: int, colour: str, numbers: Sequence[int]) -> list[int]:
    """Photos called after their colour; returns their ids."""
    names = [f"{colour} {number}.jpg" for number in numbers]
    model = vectors.register(db, FakeEncoder().info, 0.0)
    ids = [add_photo(db, folder_id, name) for name in names]
    vectors.put(db, model, ids, vectors_like(colour, names))
    return ids


@contextmanager
def themed(
    place: Path, *, found: bool = True, filled: bool = True, backwards: bool = False
) -> Iterator[tuple[Library, dict[str, list[int]]]]:
    """A library with four groups of photos, and the photos of each. Without ``filled``, one that exists.

    ``backwards`` adds the same photos in the opposite order.
    """
    with opened(place / "library") as library:
        if not filled:
            yield library, {}
            return
        with library.store.write() as db:
            folder_id = add_folder(db)
            order = -1 if backwards else 1
            groups = {
                colour: add_group(db, folder_id, colour, range(size)[::order])
                for colour, size in list(zip(GROUPS, SIZES, strict=True))[::order]
            }
        if found:
            library.themes().find(JobControl())
        yield library, groups


def shown(library: Library) -> list[Theme]:
    with library.store.read() as db:
        return themes.all_themes(db)


def members(library: Library) -> dict[str, set[int]]:
    """The photos of each theme that is not inside another, by its name."""
    with library.store.read() as db:
        return {
            theme.name: {
                photo
                for (photo,) in db.execute(
                    "SELECT photo_id FROM theme_photo WHERE theme_id IN "
                    "(SELECT id FROM theme WHERE parent_id = ?)",
                    (theme.id,),
                )
            }
            for theme in themes.all_themes(db)
            if theme.parent_id is None
        }
