"""The list of words that are suggested as tags, and suggestions that were refused."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

import apsw

from safelight import paths
from safelight.core import tag_words
from safelight.core.errors import SafelightError
from safelight.core.tag_words import TagWord
from safelight.store import tags
from safelight.store.rows import json_ids

_LONGEST_LIST = 1_000_000
"""Bytes."""
_MOST_OWN = 150
"""The number of the user's tags that are suggested: those with the most photos."""


def own_list(directory: Path) -> Path:
    """The path of the user's list, if there is one."""
    return directory / tag_words.FILE_NAME


def built_in() -> str:
    """The text of the built-in list."""
    return (paths.resources_dir() / "tags" / "words.txt").read_text(encoding="utf-8")


def built_in_names() -> tuple[str, ...]:
    """The names of the words of the built-in list."""
    return tuple(dict.fromkeys(word.name for word in tag_words.parse_tag_words(built_in())))


def listed(directory: Path) -> tuple[TagWord, ...]:
    """The words of the list in use. Raises SafelightError where it cannot be read."""
    place = own_list(directory)
    try:
        text = _text_of(place) if os.path.lexists(place) else built_in()
    except (OSError, ValueError) as error:
        raise SafelightError(
            "{path} cannot be read as text in UTF-8. Correct it or delete it.", path=place
        ) from error
    return tag_words.parse_tag_words(text)


def _text_of(place: Path) -> str:
    """A library may come from somebody else: a pipe would be waited for, and a device never ends. Raises
    OSError, ValueError."""
    status = place.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST_LIST:
        raise ValueError
    return place.read_text(encoding="utf-8-sig")


def all_words(db: apsw.Connection, directory: Path) -> tuple[TagWord, ...]:
    """The words of the list and the user's tags. Raises as :func:`listed`."""
    own = sorted((each for each in tags.all_tags(db) if each.photos), key=lambda each: -each.photos)
    return tag_words.with_own_tags(listed(directory), [each.name for each in own[:_MOST_OWN]])


# --- refused suggestions --------------------------------------------------------------------------------


def refused(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, set[str]]:
    """The tags, in lower case, that were refused for each of these photos."""
    found: dict[int, set[str]] = {}
    rows = db.execute(
        "SELECT p.id, r.tag FROM json_each(?) AS a CROSS JOIN photo AS p ON p.id = a.value "
        "CROSS JOIN refused_tag AS r ON r.content_hash = p.content_hash",
        (json_ids(photo_ids),),
    )
    for photo, tag in rows:
        found.setdefault(photo, set()).add(tag.lower())
    return found


def refusing(db: apsw.Connection, tag: str) -> list[int]:
    """The visible photos for which a tag was refused."""
    rows = db.execute(
        "SELECT p.id FROM refused_tag AS r JOIN photo AS p ON p.content_hash = r.content_hash "
        "WHERE r.tag = ? AND p.orphaned_at IS NULL",
        (tag,),
    )
    return [photo for (photo,) in rows]


def set_refused(
    db: apsw.Connection, contents: Collection[bytes], tag: str, when: float | None
) -> list[bytes]:
    """Refuse a tag for photos, by their content, or (None) allow it again; returns those that changed."""
    changed = []
    for content in contents:
        if when is None:
            db.execute("DELETE FROM refused_tag WHERE content_hash = ? AND tag = ?", (content, tag))
        else:
            db.execute("INSERT OR IGNORE INTO refused_tag VALUES (?, ?, ?)", (content, tag, when))
        if db.changes():
            changed.append(content)
    return changed
