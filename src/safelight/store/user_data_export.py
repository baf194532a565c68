"""Exporting what the user made as plain values that any program can read, and importing it.

The document is JSON; docs/reliability.md describes it. Photos are identified by content hash (BLAKE2b-160,
hex), so that they are found wherever their files are. Paths are included for people and other programs.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import apsw

from safelight.core.concepts import clean_concept_name
from safelight.core.errors import SafelightError
from safelight.core.keeper import DEFAULT_RULES, rules_in_order
from safelight.core.organising_rules import REJECTED
from safelight.store import (
    albums,
    concepts,
    decisions,
    exclusions,
    given,
    imported_faces,
    marks,
    photos,
    saved_searches,
    stacks,
    theme_choices,
)
from safelight.store import tags as tags_store
from safelight.store.given import Override
from safelight.store.recovery import foreign_tables
from safelight.store.recovery.value_rules import absolute_path
from safelight.store.rows import absolute

FORMAT = "safelight-export"
VERSION = 1


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import added, and what waits for its photos to be indexed."""

    photos: int
    albums: int
    saved_searches: int
    decisions: int
    unknown: int
    """Photos of the document that the library does not hold; index them and import again."""


def collect(db: apsw.Connection) -> dict[str, Any]:
    """Everything that the user made: marks, tags, albums, saved searches, decisions, themes and concepts."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "photos": _photos(db),
        "albums": [_album(db, each) for each in albums.all_albums(db)],
        "stacks": _stacks(db),
        "tags": [each.name for each in tags_store.all_tags(db)],
        "saved_searches": [
            {"name": name, "query": query}
            for name, query in db.execute("SELECT name, query FROM saved_search ORDER BY id")
        ],
        "themes": [
            {key: value for key, value in theme_choices.as_json(each).items() if key != "id"}
            for each in theme_choices.all_choices(db)
        ],
        **_review(db),
        "excluded_folders": [os.fsdecode(path) for path in exclusions.all_paths(db)],
        **_concepts(db),
    }


def _photos(db: apsw.Connection) -> list[dict[str, Any]]:
    """Photos with marks, and those that a decision names."""
    exported: list[Any] = db.execute(
        f"SELECT id, content_hash, date FROM photo WHERE ({marks.IS_MARKED}) "  # noqa: S608 (a constant)
        "OR content_hash IN (SELECT first FROM decision UNION SELECT second FROM decision) ORDER BY id"
    ).fetchall()
    paths: defaultdict[int, list[str]] = defaultdict(list)
    for photo, root, path in db.execute(
        "SELECT f.photo_id, r.path, f.path FROM file AS f JOIN folder AS r ON r.id = f.folder_id "
        "WHERE f.photo_id IS NOT NULL ORDER BY f.id"
    ):
        paths[photo].append(os.fsdecode(absolute(root, path)))
    marked = {
        row[0]: row[1:]
        for row in db.execute(
            "SELECT photo_id, favourite, rating, hidden, label, title, caption, turns FROM mark"
        )
    }
    tags: defaultdict[int, list[str]] = defaultdict(list)
    for photo, name in db.execute(
        "SELECT pt.photo_id, t.name FROM photo_tag AS pt JOIN tag AS t ON t.id = pt.tag_id ORDER BY t.name"
    ):
        tags[photo].append(name)
    dates = given.of_photos(db, [photo for photo, _, _ in exported])
    faces = imported_faces.of_photos(db, [photo for photo, _, _ in exported])
    entries = []
    for photo, content, date in exported:
        favourite, rating, hidden, label, title, caption, turns = marked.get(photo, (0, 0, 0, "", "", "", 0))
        entries.append(
            {
                "content_hash": content.hex(),
                "paths": paths[photo],
                "date": date,
                "favourite": bool(favourite),
                # Separate, so that versions without rejected photos can read the document.
                "rating": max(rating, 0),
                "rejected": rating < 0,
                "hidden": bool(hidden),
                "label": label,
                "title": title,
                "caption": caption,
                "turns": turns,
                "tags": tags[photo],
                "given": dates.get(photo, Override())._asdict(),
                "faces": {
                    program: imported_faces.as_json(found) for program, found in faces.get(photo, {}).items()
                },
            }
        )
    return entries


def _review(db: apsw.Connection) -> dict[str, Any]:
    """What was decided about duplicates."""
    return {
        "decisions": [
            {"first": first.hex(), "second": second.hex(), "verdict": verdict, "decided_at": decided_at}
            for first, second, verdict, decided_at in db.execute(
                "SELECT first, second, verdict, decided_at FROM decision ORDER BY decided_at, first, second"
            )
        ],
        "kept_copies": [
            {"content_hash": content.hex(), "files": count, "decided_at": decided_at}
            for content, count, decided_at in db.execute(
                "SELECT content_hash, files, decided_at FROM kept_copies ORDER BY decided_at, content_hash"
            )
        ],
        "protected": [os.fsdecode(path) for path in decisions.protected_paths(db).paths],
        "keeper_rules": [str(rule) for rule in decisions.keeper_rules(db)],
    }


def _concepts(db: apsw.Connection) -> dict[str, Any]:
    """Taught concepts, and refused suggestions."""
    return {
        "concepts": [
            {
                "name": each.name,
                "description": each.description,
                "shown": [content.hex() for content in each.shown],
                "not_shown": [content.hex() for content in each.not_shown],
            }
            for each in concepts.all_concepts(db)
        ],
        "refused_tags": [
            {"content_hash": content.hex(), "tag": tag, "refused_at": refused_at}
            for content, tag, refused_at in db.execute(
                "SELECT content_hash, tag, refused_at FROM refused_tag ORDER BY refused_at, content_hash, tag"
            )
        ],
    }


def _stacks(db: apsw.Connection) -> list[dict[str, Any]]:
    found = stacks.all_stacks(db)
    wanted = [photo for top, below in found.items() for photo in (top, *below)]
    contents = photos.content_hashes(db, wanted)
    return [
        {"top": contents[top].hex(), "photos": [contents[photo].hex() for photo in below]}
        for top, below in found.items()
    ]


def _album(db: apsw.Connection, summary: albums.AlbumSummary) -> dict[str, Any]:
    """An album as JSON. ``parents`` are the names of the albums around it, from the top level."""
    album = summary.album
    rows: list[Any] = db.execute(
        "SELECT p.id, p.content_hash FROM album_photo AS b JOIN photo AS p ON p.id = b.photo_id "
        "WHERE b.album_id = ? ORDER BY b.position, b.photo_id",
        (album.id,),
    ).fetchall()
    return {
        "name": album.name,
        "parents": albums.parent_names(db, album.id),
        "position": album.position,
        "photos": [content.hex() for _, content in rows],
        "cover": next((content.hex() for photo, content in rows if photo == album.cover_id), None),
    }


def apply(db: apsw.Connection, document: Any) -> ImportResult:
    """Add the content of a document to the library. Nothing that exists is removed or lowered.

    Applying it twice changes nothing more. Every value passes the rules for foreign databases; see
    :mod:`safelight.store.recovery.foreign_tables`. Raises SafelightError, whose text calls the document
    “it”, where the document is not one of these or holds a value that no library can. The transaction is then
    to be rolled back.
    """
    try:
        if document["format"] == FORMAT and document["version"] > VERSION:
            raise SafelightError(
                "It was written by a newer Safelight (export version {found}, this program knows {newest}); "
                "install the newest Safelight to import it.",
                found=document["version"],
                newest=VERSION,
            )
        if document["format"] != FORMAT or document["version"] != VERSION:
            raise _no_export()
        ids = {content: photo for photo, content in db.execute("SELECT id, content_hash FROM photo")}
        applied = sum(_apply_photo(db, entry, ids) for entry in document["photos"])
        for album in _list(document["albums"]):
            _apply_album(db, album, ids)
        for stack in _list(document.get("stacks", [])):
            _apply_stack(db, stack, ids)
        for tag in _list(document.get("tags", [])):
            tags_store.create(db, foreign_tables.TAG(tag))
        for search in _list(document["saved_searches"]):
            name, query = foreign_tables.NAME(search["name"]), foreign_tables.QUERY(search["query"])
            if saved_searches.by_name(db, name) is None:
                saved_searches.save(db, name, query, time.time())
        _apply_review(db, document)
        _apply_themes(db, document)
        _apply_concepts(db, document)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, apsw.ConstraintError) as error:
        raise _no_export() from error
    return ImportResult(
        photos=applied,
        albums=len(document["albums"]),
        saved_searches=len(document["saved_searches"]),
        decisions=len(document["decisions"]),
        unknown=len(document["photos"]) - applied,
    )


def _no_export() -> SafelightError:
    return SafelightError("It is not an export of Safelight.")


def _apply_photo(db: apsw.Connection, entry: Any, ids: dict[bytes, int]) -> bool:
    """Add marks, tags, given values and faces to the photo of an entry.

    Returns False if the library does not have it. The values are checked either way.
    """
    photo = ids.get(_content(entry["content_hash"]))
    favourite, hidden = _flag(entry["favourite"]), _flag(entry["hidden"])
    rating = foreign_tables.RATING(entry["rating"])
    if _flag(entry.get("rejected", False)) and rating == 0:
        rating = REJECTED
    label = foreign_tables.LABEL(entry.get("label", ""))
    title, caption = (foreign_tables.CAPTION(entry.get(key, "")) for key in ("title", "caption"))
    turns = foreign_tables.TURNS(entry.get("turns", 0))
    tags = [foreign_tables.TAG(tag) for tag in _list(entry["tags"])]
    faces = {
        foreign_tables.NAME(program): imported_faces.read(json.loads(foreign_tables.FACES(json.dumps(found))))
        for program, found in entry.get("faces", {}).items()
    }
    if photo is None:
        return False
    marks.add_marks(db, photo, (favourite, rating, hidden, label, title, caption, turns))
    for tag in tags:
        marks.add_tag(db, [photo], tag)
    if photo not in given.of_photos(db, [photo]):
        given.put(db, {photo: _given(entry.get("given", {}))})
    known = imported_faces.of_photos(db, [photo]).get(photo, {})
    for program in faces.keys() - known.keys():
        imported_faces.put(db, program, {photo: faces[program]})
    return True


def _apply_album(db: apsw.Connection, entry: Any, ids: dict[bytes, int]) -> None:
    """Add photos to an album, which is created if it is missing. A cover or position that it has stays."""
    contents = [_content(content) for content in _list(entry["photos"])]
    names = [foreign_tables.NAME(each) for each in (*_list(entry.get("parents", [])), entry["name"])]
    cover = None if entry.get("cover") is None else ids.get(_content(entry["cover"]))
    position = foreign_tables.POSITION(entry.get("position"))
    album, _ = albums.ensure_path(db, names, time.time())
    assert album is not None
    albums.add_photos(db, album, [ids[content] for content in contents if content in ids])
    stored = albums.get(db, album)
    if stored is None:
        return
    wanted = replace(
        stored,
        cover_id=cover if stored.cover_id is None else stored.cover_id,
        position=position if stored.position is None else stored.position,
    )
    if wanted != stored:
        albums.update(db, wanted)


def _apply_stack(db: apsw.Connection, stack: Any, ids: dict[bytes, int]) -> None:
    """Make a stack of the photos that are in none yet."""
    top = ids.get(_content(stack["top"]))
    below = [ids[content] for content in map(_content, _list(stack["photos"])) if content in ids]
    if top is None and below:
        top = below.pop(0)
    if top is None or top in stacks.tops_of(db, [top]):
        return
    taken = {*stacks.tops_of(db, below), *(photo for photo in below if stacks.below(db, [photo]))}
    stacks.put(db, [(photo, top) for photo in below if photo != top and photo not in taken])


def _apply_review(db: apsw.Connection, document: Any) -> None:
    """Add what was decided about duplicates, and excluded folders. Older exports have decisions only."""
    for decision in _list(document["decisions"]):
        first, second = sorted(_content(decision[side]) for side in ("first", "second"))
        verdict = foreign_tables.VERDICT(decision["verdict"])
        db.execute(
            "INSERT OR IGNORE INTO decision (first, second, verdict, decided_at) VALUES (?, ?, ?, ?)",
            (first, second, verdict, foreign_tables.MOMENT(decision["decided_at"])),
        )
    rules = foreign_tables.COPIED["kept_copies"]
    db.executemany(
        "INSERT OR IGNORE INTO kept_copies (content_hash, files, decided_at) VALUES (?, ?, ?)",
        [
            (
                _content(kept["content_hash"]),
                rules["files"](kept["files"]),
                rules["decided_at"](kept["decided_at"]),
            )
            for kept in _list(document.get("kept_copies", []))
        ],
    )
    for path in _list(document.get("protected", [])):
        decisions.protect(db, absolute_path(os.fsencode(path)), True, time.time())
    for path in _list(document.get("excluded_folders", [])):
        folder = absolute_path(os.fsencode(path))
        if not exclusions.has_files(db, folder):  # nothing that is in the library is removed
            exclusions.exclude(db, folder, time.time())
    if decisions.keeper_rules(db) == DEFAULT_RULES:
        decisions.set_keeper_rules(db, rules_in_order(_list(document.get("keeper_rules", []))))


def _apply_themes(db: apsw.Connection, document: Any) -> None:
    for theme in _list(document.get("themes", [])):
        theme_choices.add(
            db,
            foreign_tables.THEME(theme["name"]),
            bool(_flag(theme["hidden"])),
            bool(_flag(theme["is_top"])),
            [[_content(content) for content in _list(part)] for part in _list(theme["parts"])],
        )
    theme_choices.link(db)


def _apply_concepts(db: apsw.Connection, document: Any) -> None:
    """Apply the parts that exports before schema 4 did not have. A concept that exists gains examples."""
    for entry in _list(document.get("concepts", [])):
        name = clean_concept_name(foreign_tables.CONCEPT(entry["name"]))
        description = foreign_tables.CONCEPT_WORDS(entry.get("description", ""))
        known = concepts.find(db, name)
        concept = concepts.create(db, name, description, time.time()) if known is None else known.id
        own = concepts.examples(db, concept)
        for key, shows in (("not_shown", False), ("shown", True)):
            for content in map(_content, _list(entry[key])):
                if content not in own:
                    concepts.set_example(db, concept, content, shows)
    for refused in _list(document.get("refused_tags", [])):
        db.execute(
            "INSERT OR IGNORE INTO refused_tag (content_hash, tag, refused_at) VALUES (?, ?, ?)",
            (
                _content(refused["content_hash"]),
                foreign_tables.TAG(refused["tag"]),
                foreign_tables.MOMENT(refused["refused_at"]),
            ),
        )


def _given(value: Any) -> Override:
    rules = foreign_tables.COPIED["given"]
    return Override(*(rules[name](value.get(name)) for name in Override._fields))


def _content(value: Any) -> bytes:
    digest: bytes = foreign_tables.CONTENT_HASH(bytes.fromhex(value))
    return digest


def _flag(value: Any) -> int:
    if value not in (True, False):
        raise ValueError("neither true nor false")
    return int(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value
