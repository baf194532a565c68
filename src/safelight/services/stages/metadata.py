"""Reads metadata of photos whose sidecars have changed, or that an older version of Safelight indexed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.message import Message
from safelight.core.operations import ResolveConflicts
from safelight.core.photo import ImageMetadata
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure
from safelight.services.stages.stage import Stage, StageItem
from safelight.store import file_metadata, journal
from safelight.store.library import Connection


class MetadataStage(Stage[ImageMetadata]):
    """Indexing a file stores its metadata and records this stage as done."""

    declaration = StageDeclaration(
        name="metadata",
        title=Message("Metadata"),
        activity=Message("Reading metadata"),
        version=3,  # 3: the films of motion photos
        inputs=frozenset({Input.METADATA}),
        cost=CostClass.BACKGROUND,
    )

    def process(self, batch: Sequence[StageItem]) -> Sequence[ImageMetadata | StageFailure]:
        return [item.metadata or ImageMetadata() for item in batch]

    def store(self, db: Connection, results: Sequence[tuple[int, ImageMetadata]]) -> LibraryChanged:
        return merge_metadata(db, results)


def merge_metadata(db: Connection, read: Sequence[tuple[int, ImageMetadata]]) -> LibraryChanged:
    """Store metadata and merge them into marks and tags. Values that lost a conflict are stored in the
    journal, so that the user can choose them."""
    merged = file_metadata.merge_metadata(db, read)
    if merged.conflicts:
        values = [[photo_id, each.field, each.lost, each.kept] for photo_id, each in merged.conflicts]
        detail = {
            "params": {"photos": len({photo_id for photo_id, *_ in values})},
            "undo": {"values": values},
        }
        journal.begin(db, ResolveConflicts.code, detail, time.time())
        return replace(merged.change, kinds=merged.change.kinds | ChangeKind.CONFLICTS)
    return merged.change
