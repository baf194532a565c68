"""Finding duplicates in the library."""

from __future__ import annotations

from safelight.core.duplicates import DuplicateGroup, group_of_identical
from safelight.store import photos
from safelight.store.library import Connection


def identical_files(db: Connection) -> list[DuplicateGroup]:
    """Photos that lie in several files, most copies first."""
    shared = photos.get_many(db, photos.with_copies(db))
    groups = [group_of_identical([(file.path, file.mtime_ns) for file in photo.files]) for photo in shared]
    return sorted(groups, key=lambda group: (-len(group.members), group.members[0].path))
