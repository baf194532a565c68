"""Rows of the store as values of the Python interface."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from safelight.api.values import Duplicate, DuplicateSet, PhotoInfo, ThemeInfo
from safelight.core.duplicates import DuplicateGroup
from safelight.core.photo import Photo
from safelight.core.themes import Theme
from safelight.store import labels, photo_paths, photos
from safelight.store import themes as themes_store
from safelight.store.library import Connection

_KEY = re.compile(r"[0-9a-fA-F]{40}")


def id_of(db: Connection, photo: str | os.PathLike[str]) -> int | None:
    """The visible photo with a key, or that the file at a path contains."""
    text = os.fspath(photo)
    if _KEY.fullmatch(text):
        found = photos.find_by_content(db, bytes.fromhex(text))
    else:
        try:
            found = photo_paths.photo_at(db, os.path.realpath(os.fsencode(os.path.expanduser(text))))
        except ValueError:  # a null character, or what no path can contain
            return None
    return found if found is not None and found in photos.visible(db, [found]) else None


def photo_info(db: Connection, photo: Photo, *, places: bool) -> PhotoInfo:
    """Of a photo with at least one file. Without ``places``, its coordinates are left out."""
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
        latitude=details.latitude if places else None,
        longitude=details.longitude if places else None,
    )


def duplicate_sets(db: Connection, groups: Sequence[DuplicateGroup]) -> list[DuplicateSet]:
    """Groups with the keys of their photos."""
    ids = {member.photo_id for group in groups for member in group.members}
    keys = {photo_id: content.hex() for photo_id, content in photos.content_hashes(db, ids).items()}
    return [
        DuplicateSet(
            group.kind,
            group.reason,
            tuple(
                Duplicate(keys[member.photo_id], member.path, member.keep, member.why)
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
