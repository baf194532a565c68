"""Rows of the store as values of the Python interface."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from safelight.api.values import (
    Changes,
    Doubtful,
    Duplicate,
    DuplicateSet,
    PhotoInfo,
    PhotoVectors,
    Status,
    TaughtConcept,
    ThemeInfo,
)
from safelight.core.concepts import Proposal
from safelight.core.duplicates import DuplicateGroup
from safelight.core.errors import UsageError
from safelight.core.photo import Photo
from safelight.core.themes import Theme
from safelight.services.program_access import Access
from safelight.store import changes, concepts, folders, labels, photos, stage_states, vectors
from safelight.store import themes as themes_store
from safelight.store.library import Connection


def photo_info(db: Connection, photo: Photo, access: Access) -> PhotoInfo:
    """What ``access`` gives of a photo with at least one file."""
    has_texts = access.places and access.people
    given = labels.of_photos(db, [photo.id])[photo.id]
    details = photo.metadata
    return PhotoInfo(
        key=photos.content_hashes(db, [photo.id])[photo.id].hex(),
        paths=tuple(file.path for file in photo.files),
        format=photo.format,
        size=photo.size,
        width=photo.width,
        height=photo.height,
        date=photo.date,
        date_is_taken=photo.date_is_taken,
        favourite=photo.favourite,
        rating=photo.rating,
        tags=given.tags,
        albums=given.albums,
        camera=details.camera,
        lens=details.lens,
        iso=details.iso,
        aperture=details.aperture,
        exposure=details.exposure,
        focal_length=details.focal_length,
        latitude=details.latitude if access.places else None,
        longitude=details.longitude if access.places else None,
        title=photo.title if has_texts else "",
        caption=photo.caption if has_texts else "",
        label=photo.label,
    )


def duplicate_sets(db: Connection, groups: Sequence[DuplicateGroup]) -> list[DuplicateSet]:
    """Groups with the keys of their photos."""
    ids = {member.photo_id for group in groups for member in group.members}
    keys = {photo_id: content.hex() for photo_id, content in photos.content_hashes(db, ids).items()}
    return [
        DuplicateSet(
            group.kind,
            str(group.reason),
            tuple(
                Duplicate(keys[member.photo_id], member.path, member.keep, str(member.why or ""))
                for member in group.members
            ),
        )
        for group in groups
    ]


def themes(db: Connection) -> list[ThemeInfo]:
    """The themes of the library, each with those inside it."""
    found = themes_store.all_themes(db)
    hashes = photos.content_hashes(db, {cover for theme in found for cover in theme.covers})

    def info(theme: Theme) -> ThemeInfo:
        return ThemeInfo(
            theme.name,
            theme.query,
            theme.size,
            theme.first,
            theme.last,
            tuple(hashes[cover].hex() for cover in theme.covers),
            theme.hidden,
            tuple(info(part) for part in found if part.parent_id == theme.id),
        )

    return [info(theme) for theme in found if theme.parent_id is None]


def taught_concepts(db: Connection) -> list[TaughtConcept]:
    """All concepts, by name, with how many of their examples are in the library."""
    return [
        TaughtConcept(
            each.name,
            each.description,
            len(concepts.photos_of(db, each.shown)),
            len(concepts.photos_of(db, each.not_shown)),
        )
        for each in concepts.all_concepts(db)
    ]


def doubtful(db: Connection, proposals: Sequence[Proposal]) -> list[Doubtful]:
    """Proposals in the same order, without photos that are gone or have no file."""
    known = {each.id: each for each in photos.get_many(db, [each.photo_id for each in proposals])}
    hashes = photos.content_hashes(db, list(known))
    return [
        Doubtful(hashes[photo.id].hex(), photo.files[0].path, each.probability)
        for each in proposals
        if (photo := known.get(each.photo_id)) is not None and photo.files
    ]


def photo_vectors(db: Connection, model_key: str, ids: Iterable[int] | None) -> PhotoVectors:
    """The vectors of photos by a model, of all photos if ``ids`` is None. Photos without one are left out.
    ``ids`` is read only if the library knows the model."""
    model_id = vectors.model_id(db, model_key)
    if model_id is None:
        return PhotoVectors(model_key, "photo", (), np.zeros((0, 0), np.float32))
    found, rows = vectors.of_visible(db, model_id, photos.ids(db) if ids is None else list(ids))
    hashes = photos.content_hashes(db, found.tolist())
    keys = tuple(hashes[photo_id].hex() for photo_id in found.tolist())
    return PhotoVectors(model_key, "photo", keys, rows)


def changes_since(db: Connection, since: str | None) -> Changes:
    """What changed since a revision; without one, only the current revision. Raises UsageError for text that
    is not a revision."""
    try:
        before = None if since is None else changes.State.read(since)
    except ValueError:
        raise UsageError("{since} is not a revision; use that of an earlier call.", since=since) from None
    now = changes.current(db)
    if before is None:
        return Changes(str(now))
    changed = changes.photos_between(db, before, now)
    keys = None
    if changed is not None:
        hashes = photos.content_hashes(db, changed)
        keys = tuple(hashes[photo_id].hex() for photo_id in changed if photo_id in hashes)
    return Changes(str(now), keys, changes.edits_between(db, before, now))


def status(db: Connection, model_key: str, model_name: str, *, with_folders: bool) -> Status:
    """The numbers of photos, those searchable by a model among them, and the folders if they may be seen."""
    from safelight.services.stages.declarations import COMPARISON

    model_id = vectors.model_id(db, model_key)
    counts = photos.counts(db, model_id)
    return Status(
        photos=counts.photos,
        files=counts.files,
        pending=counts.pending,
        searchable=counts.embedded,
        favourites=counts.favourites,
        model=model_name,
        folders=tuple(folder.path for folder in folders.all_folders(db)) if with_folders else (),
        not_compared=stage_states.coverage(db, COMPARISON, model_id).waiting,
    )
