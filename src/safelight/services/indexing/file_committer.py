"""Commits files that were read to the library: as a new photo, another copy, a moved or an edited file."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import ImageError
from safelight.core.photo import DecodedPhoto
from safelight.services.stages.metadata import MetadataStage, merge_metadata
from safelight.store import file_checks, file_metadata, files, photos, stage_states, vectors
from safelight.store.files import FileRow
from safelight.store.library import Connection, LibraryStore

Vector = npt.NDArray[np.float32]


@dataclass(slots=True)
class ReadFile:
    """A file that was read and is to be committed; with its vector if a model is loaded."""

    row: FileRow
    decoded: DecodedPhoto
    vector: Vector | None = None
    photo_id: int = 0
    """Set by :meth:`FileCommitter.commit`."""


@dataclass(frozen=True, slots=True)
class FailedFile:
    row: FileRow
    error: ImageError


class FileCommitter:
    """Commits read files, and records which of them are moved files.

    ``missing`` holds the files, by id, that the scan did not find. If a newly read file has the content of
    one, the file has moved there: it is removed from ``missing``, and the photo keeps its data.
    """

    def __init__(self, store: LibraryStore, missing: MutableMapping[int, FileRow], decoder: str) -> None:
        self._store = store
        self._missing = missing
        self._decoder = decoder
        self._by_photo: defaultdict[int, list[int]] = defaultdict(list)
        for row in missing.values():
            if row.photo_id is not None:
                self._by_photo[row.photo_id].append(row.id)
        self.indexed: set[int] = set()
        self.moved_files: set[int] = set()

    @property
    def moved(self) -> int:
        return len(self.moved_files)

    def commit(
        self, read: Sequence[ReadFile], failed: Sequence[FailedFile], model_id: int | None
    ) -> LibraryChanged:
        """Write rows, thumbnails and vectors of a batch in one transaction."""
        added: set[int] = set()
        updated: set[int] = set()
        removed: set[int] = set()
        embedded: dict[int, Vector] = {}
        now = time.time()
        with self._store.write() as db:
            for item in read:
                item.photo_id, shown = self._find_or_create_photo(db, item, now)
                (updated if shown else added).add(item.photo_id)
                previous = files.set_indexed(db, item.row.id, item.photo_id, item.row.stat)
                file_checks.note_read(
                    db, item.row.id, item.decoded.content_hash, item.decoded.sample, None, now
                )
                self._record_move(db, item)
                stage_states.retry(db, [item.photo_id])  # the file can be read, so that stages try again
                if previous is not None and previous != item.photo_id:
                    removed.add(previous)
                if item.vector is not None:
                    embedded[item.photo_id] = item.vector
            for failure in failed:
                previous = files.set_failed(
                    db, failure.row.id, failure.error.kind, failure.error.message, now, self._decoder
                )
                if previous is not None:
                    removed.add(previous)
            if embedded and model_id is not None:
                vectors.put(db, model_id, list(embedded), np.stack(list(embedded.values())))
            removed -= photos.visible(db, removed)
        self.indexed.update(item.row.id for item in read)
        return LibraryChanged(
            (ChangeKind.FILES if read else ChangeKind.NONE)
            | (ChangeKind.FAILURES if failed else ChangeKind.NONE),
            added=tuple(sorted(added)),
            updated=tuple(sorted(updated - added)),
            removed=tuple(sorted(removed)),
        )

    def _find_or_create_photo(self, db: Connection, item: ReadFile, now: float) -> tuple[int, bool]:
        """(photo id, whether it was visible before) of this file's content; the photo is created if
        needed."""
        existing = photos.find_by_content(db, item.decoded.content_hash)
        if existing is not None:
            return existing, bool(photos.visible(db, [existing]))
        photo_id = photos.insert(db, item.decoded, file_date(item.row.stat.mtime_ns), now)
        if item.row.photo_id is not None:
            # The bytes changed but perhaps not the pixels: then it is the same picture with other metadata.
            _inherit(db, item.row.photo_id, photo_id)
        else:
            self._inherit_from_missing(db, item.decoded.pixel_hash, photo_id)
        merge_metadata(db, [(photo_id, item.decoded.metadata)])
        stage_states.set_done(db, MetadataStage.declaration, None, [photo_id])
        return photo_id, False

    def _inherit_from_missing(self, db: Connection, pixel_hash: bytes, photo_id: int) -> None:
        """Copy the data of a photo with the same pixels whose files are all missing, if there is one.

        Programs that organise photos may write metadata into a file and rename it in one step. The other
        photo keeps its data too, because its files may return.
        """
        for other in photos.with_pixels(db, pixel_hash):
            if other != photo_id and all(row.id in self._missing for row in files.of_photo(db, other)):
                _inherit(db, other, photo_id, keep=True)
                return

    def _record_move(self, db: Connection, item: ReadFile) -> None:
        candidates = self._by_photo.get(item.photo_id)
        while candidates:
            old = candidates.pop()
            if old != item.row.id and self._missing.pop(old, None) is not None:
                files.remove(db, [old])
                self.moved_files.add(item.row.id)
                return


def _inherit(db: Connection, old_photo: int, new_photo: int, *, keep: bool = False) -> None:
    if photos.inherit(db, old_photo, new_photo, keep=keep):
        file_metadata.inherit(db, old_photo, new_photo)


def file_date(mtime_ns: int) -> str:
    """The local time of a file's last change, as ``YYYY-MM-DDTHH:MM:SS``; in 1970 if it is invalid."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        moment = (epoch + timedelta(microseconds=mtime_ns // 1000)).astimezone()
    except (OverflowError, OSError, ValueError):
        moment = epoch
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
