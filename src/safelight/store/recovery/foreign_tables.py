"""What each column of a library may hold, for databases that somebody else may have written.

Every table of the schema is named here once: copied with a rule for each column, or left out. A test checks
that nothing is missing, so a new table needs a decision.
"""

from __future__ import annotations

from collections.abc import Mapping

from safelight.core.concepts import MAX_CONCEPT_LENGTH
from safelight.core.duplicates import Verdict
from safelight.core.errors import FailureKind
from safelight.core.organising_rules import LABELS, MAX_TEXT_LENGTH
from safelight.core.photo import DateSource, FolderState
from safelight.core.themes import MAX_THEME_NAME_LENGTH as LONGEST_THEME
from safelight.store.files import FileState
from safelight.store.journal import FileStep
from safelight.store.recovery.value_rules import (
    Rule,
    absolute_path,
    blob,
    date,
    described_json,
    details_json,
    faces_json,
    integer,
    json_text,
    one_of,
    optional,
    real,
    relative_path,
    setting_name,
    strings_json,
    text,
)

_INT64 = integer(-(2**63), 2**63 - 1)
_ID = integer(1, 2**53)
_FLAG = integer(0, 1)
_COUNT = integer(0, 2**53)
_MOMENT = real()
CONTENT_HASH = blob(20, 20)
NAME = text(500, empty=False)
QUERY = text(20_000)
TURNS = integer(0, 3)
POSITION = optional(_INT64)
RATING = integer(-1, 5)
LABEL = one_of(("", *LABELS))
CAPTION = text(MAX_TEXT_LENGTH)
VERDICT = one_of(Verdict)
MOMENT = _MOMENT
FACES = faces_json
TAG = text(500, empty=False)
THEME = text(LONGEST_THEME)
CONCEPT = text(MAX_CONCEPT_LENGTH, empty=False)
CONCEPT_WORDS = text(MAX_CONCEPT_LENGTH)

COPIED: Mapping[str, Mapping[str, Rule]] = {
    "meta": {"key": setting_name, "value": text(100_000)},
    "folder": {
        "id": _ID,
        "path": absolute_path,
        "path_text": text(70_000),
        "volume": optional(text(500)),
        "state": one_of(FolderState),
        "added_at": _MOMENT,
        "scanned_at": optional(_MOMENT),
    },
    "photo": {
        "id": _ID,
        "content_hash": CONTENT_HASH,
        "pixel_hash": blob(1, 64),
        "perceptual_hash": _INT64,
        "size": _COUNT,
        "format": text(32, empty=False),
        "width": integer(1, 2**31),
        "height": integer(1, 2**31),
        "colour": integer(0, 0xFFFFFF),
        "date": date,
        "date_is_taken": _FLAG,
        "camera": optional(text(2000)),
        "lens": optional(text(2000)),
        "iso": optional(_COUNT),
        "aperture": optional(real()),
        "exposure": optional(real()),
        "focal_length": optional(real()),
        "latitude": optional(real(-90, 90)),
        "longitude": optional(real(-180, 180)),
        "added_at": _MOMENT,
        "orphaned_at": optional(_MOMENT),
        "frames": optional(integer(-(2**31), 2**31)),
        "duration": optional(real(0, 1e7)),
        "date_source": optional(one_of(DateSource)),
    },
    "file": {
        "id": _ID,
        "folder_id": _ID,
        "path": relative_path,
        "path_text": text(70_000),
        "size": _COUNT,
        "mtime_ns": _INT64,
        "inode": _INT64,
        "device": _INT64,
        "state": one_of(FileState),
        "photo_id": optional(_ID, strict=True),
        "failure_kind": optional(one_of(FailureKind), strict=True),
        "failure_reason": optional(text(10_000)),
        "failed_at": optional(_MOMENT),
        "decoder": optional(text(2000)),
    },
    "model": {
        "id": integer(1, 2**31),
        "key": text(500, empty=False),
        "name": text(500, empty=False),
        "dim": integer(1, 16_384),
        "generation": integer(1, 2**31),
        "added_at": _MOMENT,
    },
    "mark": {
        "photo_id": _ID,
        "favourite": _FLAG,
        "rating": RATING,
        "hidden": _FLAG,
        "label": LABEL,
        "title": CAPTION,
        "caption": CAPTION,
        "turns": TURNS,
    },
    "tag": {"id": _ID, "name": TAG},
    "photo_tag": {"photo_id": _ID, "tag_id": _ID},
    "album": {
        "id": _ID,
        "name": NAME,
        "created_at": _MOMENT,
        "parent_id": optional(_ID),
        "cover_id": optional(_ID),
        "position": POSITION,
    },
    "album_photo": {"album_id": _ID, "photo_id": _ID, "position": _INT64},
    # What files said when they were last read. Without it, values that the user removed since would come back
    # from the files.
    "photo_metadata": {
        "photo_id": _ID,
        "described": described_json,
        "details": details_json,
        "notes": strings_json,
        "sidecars": _COUNT,
    },
    "given": {
        "photo_id": _ID,
        "date": optional(date),
        "latitude": optional(real(-90, 90)),
        "longitude": optional(real(-180, 180)),
    },
    "imported_faces": {"photo_id": _ID, "program": NAME, "faces": FACES},
    "stack_photo": {"photo_id": _ID, "top_id": _ID},
    "decision": {
        "first": CONTENT_HASH,
        "second": CONTENT_HASH,
        "verdict": VERDICT,
        "decided_at": _MOMENT,
    },
    "saved_search": {"id": _ID, "name": NAME, "query": QUERY, "created_at": _MOMENT},
    "kept_copies": {"content_hash": CONTENT_HASH, "files": _COUNT, "decided_at": _MOMENT},
    "protected": {"path": absolute_path, "added_at": _MOMENT, "inode": optional(_INT64)},
    "protected_content": {"content_hash": CONTENT_HASH, "path": absolute_path},
    "excluded_folder": {"path": absolute_path, "added_at": _MOMENT},
    "held_removal": {"folder_id": _ID, "missing": _COUNT, "noticed_at": _MOMENT, "kept": _FLAG},
    "viewed": {"photo_id": _ID, "times": _COUNT},
    "ignored_failure": {"file_id": _ID, "size": _COUNT, "mtime_ns": _INT64},
    "theme_choice": {"id": _ID, "name": THEME, "hidden": _FLAG, "is_top": _FLAG},
    "theme_example": {"choice_id": _ID, "part": _COUNT, "content_hash": CONTENT_HASH},
    "concept": {"id": _ID, "name": CONCEPT, "description": CONCEPT_WORDS, "created_at": _MOMENT},
    "concept_example": {"concept_id": _ID, "content_hash": CONTENT_HASH, "shows": _FLAG},
    "refused_tag": {"content_hash": CONTENT_HASH, "tag": TAG, "refused_at": _MOMENT},
}
"""Rules by table and column, parents before children."""

OWN_ONLY: Mapping[str, Mapping[str, Rule]] = {
    "journal": {
        "id": _ID,
        "done_at": _MOMENT,
        "action": setting_name,
        "detail": json_text(64_000_000),
        "undone_at": optional(_MOMENT, strict=True),
    },
    "journal_file": {
        "id": _ID,
        "journal_id": _ID,
        "state": one_of(FileStep),
        "path": absolute_path,
        "content_hash": CONTENT_HASH,
        "size": _COUNT,
        "mtime_ns": _INT64,
        "inode": _INT64,
        "device": _INT64,
        "photo_id": optional(_ID, strict=True),
        "keeper_id": optional(_ID, strict=True),
        "marks": optional(json_text(1_000_000), strict=True),
        "trashed_as": optional(absolute_path, strict=True),
    },
    "removed_folder": {
        "id": _ID,
        "path": absolute_path,
        "path_text": text(70_000),
        "volume": optional(text(500)),
        "state": one_of(FolderState),
        "added_at": _MOMENT,
        "scanned_at": optional(_MOMENT),
    },
    "removed_file": {
        "id": _ID,
        "folder_id": _ID,
        "path": relative_path,
        "path_text": text(70_000),
        "size": _COUNT,
        "mtime_ns": _INT64,
        "inode": _INT64,
        "device": _INT64,
        "photo_id": optional(_ID, strict=True),
        "decoder": optional(text(2000)),
    },
    "excluded_file": {
        "id": _ID,
        "excluded": absolute_path,
        "path": absolute_path,
        "path_text": text(70_000),
        "size": _COUNT,
        "mtime_ns": _INT64,
        "inode": _INT64,
        "device": _INT64,
        "photo_id": optional(_ID, strict=True),
        "decoder": optional(text(2000)),
    },
}
"""Tables of the undo history, which says where files may be moved: copied only from own files."""

LEFT_OUT = frozenset(
    {
        *("embedding", "photo_text", "caption_text", "vector_change"),
        *("file_check", "unlisted", "repair", "mount_point", "skipped_videos"),
        *("pair", "pair_check"),
        *("sketch", "likeness", "quality"),
        *("stage", "stage_state", "unit", "space"),
        *("sidecar", "sidecar_pending"),
        *("theme", "theme_photo", "theme_state"),
        "text_vector",
    }
)
"""Tables whose rows can be computed from the others or are found by a scan, and notes of repairs, which name
files. Vectors are copied by :func:`vectors.salvage`."""

PRIVATE_SETTINGS = frozenset({"uuid", "platform", "home", "backup_number", "backup_made_at"})
"""Keys of ``meta`` that the library sets itself. ``uuid`` is adopted separately."""
