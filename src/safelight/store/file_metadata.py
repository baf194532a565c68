"""Metadata of photos as their files and sidecars state them, and which sidecars are known.

``photo_metadata`` has what a photo's files said when they were last read. Comparing it with a newer reading
shows what another program changed, so that values which the user set are not overwritten.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace

import apsw

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.description import (
    EMPTY_DESCRIPTION,
    SINGLE_FIELDS,
    Conflict,
    Description,
    description_of,
    merge,
    tags_by_folded_name,
)
from safelight.core.photo import DateSource, FaceRegion, ImageMetadata
from safelight.core.private_tags import with_people
from safelight.store import marks, photos, sidecars, tags, text
from safelight.store.rows import json_ids


@dataclass(slots=True)
class MergeResult:
    """What merging the metadata of files changed in the library."""

    marked: set[int] = field(default_factory=set)
    tagged: set[int] = field(default_factory=set)
    dated: set[int] = field(default_factory=set)
    """Photos whose date, camera or position changed."""
    conflicts: list[tuple[int, Conflict]] = field(default_factory=list)
    """Values that were changed both in the library and in a file."""

    @property
    def change(self) -> LibraryChanged:
        kinds = ChangeKind.MARKS if self.marked else ChangeKind.NONE
        kinds |= ChangeKind.TAGS if self.tagged else ChangeKind.NONE
        kinds |= ChangeKind.FILES if self.dated else ChangeKind.NONE
        return LibraryChanged(kinds, updated=tuple(sorted(self.marked | self.tagged | self.dated)))


def merge_metadata(db: apsw.Connection, read: Sequence[tuple[int, ImageMetadata]]) -> MergeResult:
    """Store the metadata that the files of photos state now, and merge them into marks and tags."""
    ids = [photo_id for photo_id, _ in read]
    present = photos.content_hashes(db, ids).keys()
    before, mine = base_of(db, ids), of_photos(db, ids)
    pending, with_sidecar = sidecars.pending_since(db, ids), _with_sidecars(db, ids)
    result = MergeResult()
    equal: list[int] = []
    for photo_id, metadata in read:
        if photo_id not in present:
            continue
        theirs = description_of(metadata)
        base = before.get(photo_id, EMPTY_DESCRIPTION)
        if photo_id in with_sidecar and not metadata.sidecars:
            # A sidecar that was deleted, perhaps with all others, takes nothing away from the library.
            base = theirs
        changed_here = pending.get(photo_id)
        newer = changed_here is not None and (metadata.sidecar_changed_at or 0.0) > changed_here
        merged, conflicts = merge(base, mine[photo_id], theirs, theirs_is_newer=newer)
        result.conflicts += [(photo_id, conflict) for conflict in conflicts]
        apply(db, photo_id, mine[photo_id], merged, result)
        if merged.is_same(theirs):
            equal.append(photo_id)
        _put(db, photo_id, metadata)
        if _update_photo(db, photo_id, metadata):
            result.dated.add(photo_id)
    sidecars.clear(db, equal)
    text.refresh(db, result.tagged | result.dated)
    return result


def apply(
    db: apsw.Connection, photo_id: int, before: Description, after: Description, result: MergeResult
) -> None:
    """Apply to a photo what is different in ``after``. The caller refreshes the words of
    ``result.tagged``.
    """
    for column in SINGLE_FIELDS:
        value = getattr(after, column)
        if value != getattr(before, column) and marks.set_value(db, [photo_id], column, value):
            result.marked.add(photo_id)
    old, new = tags_by_folded_name(before.tags), tags_by_folded_name(after.tags)
    for key in new.keys() - old.keys():
        db.execute(
            "INSERT OR IGNORE INTO photo_tag (photo_id, tag_id) VALUES (?, ?)",
            (photo_id, tags.create(db, new[key])[0]),
        )
    for key in old.keys() - new.keys():
        db.execute(
            "DELETE FROM photo_tag WHERE photo_id = ? AND tag_id = ?", (photo_id, tags.find(db, old[key]))
        )
    if old.keys() != new.keys():
        result.tagged.add(photo_id)


def of_photos(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Description]:
    """What the library says about each of these photos."""
    wanted = json_ids(photo_ids)
    named: defaultdict[int, list[str]] = defaultdict(list)
    for photo_id, tag in db.execute(
        "SELECT m.photo_id, t.name FROM json_each(?) AS a CROSS JOIN photo_tag AS m ON m.photo_id = a.value "
        "CROSS JOIN tag AS t ON t.id = m.tag_id ORDER BY m.photo_id, t.name",
        (wanted,),
    ):
        named[photo_id].append(tag)
    found = {photo_id: Description(tags=tuple(named[photo_id])) for photo_id in photo_ids}
    for photo_id, rating, label, title, caption in db.execute(
        "SELECT m.photo_id, m.rating, m.label, m.title, m.caption FROM json_each(?) AS a "
        "CROSS JOIN mark AS m ON m.photo_id = a.value",
        (wanted,),
    ):
        found[photo_id] = Description(rating, label, title, caption, tuple(named[photo_id]))
    return found


def base_of(db: apsw.Connection, photo_ids: Collection[int]) -> dict[int, Description]:
    """What the files of photos said when they were last read; without those whose files said nothing."""
    rows = db.execute(
        "SELECT m.photo_id, m.described FROM json_each(?) AS a "
        "CROSS JOIN photo_metadata AS m ON m.photo_id = a.value",
        (json_ids(photo_ids),),
    )
    return {photo_id: _description(stated) for photo_id, stated in rows}


def _description(stated: str) -> Description:
    values = json.loads(stated)
    return Description(**{**values, "tags": tuple(values.get("tags", ()))})


def _with_sidecars(db: apsw.Connection, photo_ids: Collection[int]) -> set[int]:
    rows = db.execute(
        "SELECT m.photo_id FROM json_each(?) AS a CROSS JOIN photo_metadata AS m ON m.photo_id = a.value "
        "WHERE m.sidecars > 0",
        (json_ids(photo_ids),),
    )
    return {photo_id for (photo_id,) in rows}


def set_base(db: apsw.Connection, photo_id: int, stated: Description, count: int) -> None:
    """Record that the files of a photo say this now, because it was just written into ``count`` sidecars.

    Regions of faces are not written, so that the files still name the people in them.
    """
    stated = replace(stated, tags=with_people(stated.tags, _people_stated(db, photo_id)))
    db.execute(
        "INSERT INTO photo_metadata (photo_id, described, sidecars) "
        "SELECT id, ?2, ?3 FROM photo WHERE id = ?1 "
        "ON CONFLICT (photo_id) DO UPDATE SET described = excluded.described, sidecars = excluded.sidecars",
        (photo_id, json.dumps(_short(asdict(stated)), ensure_ascii=False), count),
    )


def _people_stated(db: apsw.Connection, photo_id: int) -> list[str]:
    """The names of people in the metadata of a photo's files."""
    details = db.execute("SELECT details FROM photo_metadata WHERE photo_id = ?", (photo_id,)).get
    found = json.loads(details) if details else {}
    regions = [FaceRegion(**region) for region in found.get("regions", ())]
    return [*(each.name for each in regions if each.is_person), *found.get("people", ())]


def inherit(db: apsw.Connection, old_photo: int, new_photo: int) -> None:
    """The new photo has the marks of the old one, so that its files are compared with what those said."""
    db.execute(
        "INSERT OR IGNORE INTO photo_metadata (photo_id, described, details, notes, sidecars) "
        "SELECT ?, described, details, notes, sidecars FROM photo_metadata WHERE photo_id = ?",
        (new_photo, old_photo),
    )


_DETAILS = (
    *("subsecond", "utc_offset", "creator", "copyright"),
    *("regions", "regions_applied_to", "orientation", "people", "film"),
)


def _put(db: apsw.Connection, photo_id: int, metadata: ImageMetadata) -> None:
    stated = _short(asdict(description_of(metadata)))
    # Without regions the orientation is of no use. With them it is stored even if it is upright, since
    # version 4 of the library did not store it.
    orientation = (metadata.orientation or 1) if metadata.regions else None
    every = {**asdict(metadata), "orientation": orientation}
    details = _short({name: every[name] for name in _DETAILS})
    if not (stated or details or metadata.notes or metadata.sidecars):
        db.execute("DELETE FROM photo_metadata WHERE photo_id = ?", (photo_id,))
        return
    db.execute(
        "INSERT OR REPLACE INTO photo_metadata (photo_id, described, details, notes, sidecars) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            photo_id,
            json.dumps(stated, ensure_ascii=False),
            json.dumps(details, ensure_ascii=False),
            json.dumps(list(metadata.notes)),
            metadata.sidecars,
        ),
    )


def _short(values: dict[str, object]) -> dict[str, object]:
    """The values that are not empty. A zero offset from UTC is a value."""
    return {
        name: value
        for name, value in values.items()
        if value not in (None, "", (), []) and (value != 0 or name == "utc_offset")
    }


def _update_photo(db: apsw.Connection, photo_id: int, metadata: ImageMetadata) -> bool:
    """The columns of ``photo`` that come from metadata. Without a date, the time of the file counts."""
    source = metadata.date_source or (DateSource.METADATA if metadata.taken_at else DateSource.FILE)
    values = (
        metadata.taken_at,
        source in (DateSource.METADATA, DateSource.SIDECAR),
        source.value,
        metadata.camera,
        metadata.lens,
        metadata.iso,
        metadata.aperture,
        metadata.exposure,
        metadata.focal_length,
        metadata.latitude,
        metadata.longitude,
    )
    columns = (
        "date, date_is_taken, date_source, camera, lens, iso, aperture, exposure, focal_length, latitude, "
        "longitude"
    )
    db.execute(
        f"""
        UPDATE photo SET ({columns}) = (
            coalesce(
                ?2,
                CASE WHEN NOT date_is_taken AND date_source IS NOT 'name' THEN date END,
                (SELECT strftime('%Y-%m-%dT%H:%M:%S', min(f.mtime_ns) / 1000000000, 'unixepoch', 'localtime')
                    FROM file AS f WHERE f.photo_id = ?1),
                date
            ), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
        ) WHERE id = ?1 AND (
            ({columns}) IS NOT (ifnull(?2, date), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        )
        """,  # noqa: S608 - names of columns
        (photo_id, *values),
    )
    return db.changes() > 0
