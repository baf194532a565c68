"""Finding duplicates in the library."""

from __future__ import annotations

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, DuplicateMember, FileFacts
from safelight.core.photo import Photo
from safelight.store import photos
from safelight.store.library import Connection


def identical_files(db: Connection) -> list[DuplicateGroup]:
    """Photos that lie in several files, most copies first."""
    groups = [group_of_identical(photo) for photo in photos.get_many(db, photos.with_copies(db))]
    return sorted(groups, key=lambda group: (-len(group.members), group.members[0].path))


def group_of_identical(photo: Photo) -> DuplicateGroup:
    """The files of one photo; the one that was there first is kept."""
    oldest_first = sorted(photo.files, key=lambda file: (file.mtime_ns, len(file.path), file.path))
    facts = FileFacts(
        photo.size,
        photo.width,
        photo.height,
        photo.format,
        photo.date,
        photo.date_is_taken,
        photo.metadata.camera,
        favourite=photo.favourite,
        rating=photo.rating,
    )
    return DuplicateGroup(
        f"{DuplicateKind.IDENTICAL}-{photo.id}",
        DuplicateKind.IDENTICAL,
        f"{len(oldest_first)} files with the same bytes",
        tuple(
            DuplicateMember(
                file.path,
                file.id,
                photo.id,
                keep=number == 0,
                why="oldest file" if number == 0 else "",
                facts=facts,
            )
            for number, file in enumerate(oldest_first)
        ),
    )
