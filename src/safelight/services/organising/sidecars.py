"""Writes the user's descriptions of photos into XMP sidecars beside them, in the background.

Operations only record which photos they changed (the table ``sidecar_pending``, which triggers fill). A
photo leaves that table in the transaction that records its sidecars as written, so that a crash in between
only causes them to be compared again. Pictures themselves are never written.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from safelight.core.description import EMPTY_DESCRIPTION, Description
from safelight.core.errors import ImageError, SidecarError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.settings import SIDECARS, Sidecars
from safelight.imaging.metadata.xmp import MAX_XMP
from safelight.imaging.metadata.xmp_edit import edit_sidecar
from safelight.imaging.sidecars import SidecarNaming, sidecars_of
from safelight.imaging.source import read_file
from safelight.services import settings
from safelight.services.organising.sidecar_files import (
    ChangedMeanwhileError,
    SidecarWrite,
    current_state,
    file_kind,
    replace_all,
)
from safelight.services.stages.metadata import MetadataStage
from safelight.store import file_metadata, sidecars, stage_states
from safelight.store.library import LibraryStore
from safelight.store.sidecars import KnownSidecar, PictureFile

log = logging.getLogger(__name__)

_BATCH_SIZE = 64
"""Photos whose sidecars are written before a commit, which takes a fraction of a second."""


@dataclass(slots=True)
class SidecarReport:
    """The result of a run."""

    photos: int = 0
    """Photos whose sidecars now have the library's description."""
    files: int = 0
    """The number of sidecars written."""
    reread: int = 0
    """Photos whose sidecars another program has changed since they were read. They will be read again before
    they are written."""
    failed: list[tuple[str, Message]] = field(default_factory=list)
    """(path of the sidecar, why it could not be written)."""


class _Batch:
    """Photos that are written and committed together."""

    def __init__(self, known: dict[bytes, KnownSidecar], result: SidecarReport) -> None:
        self.known = known
        """Sidecars as they were when they were last read or written, by absolute path."""
        self.written: list[tuple[int, KnownSidecar]] = []
        """(folder, sidecar)."""
        self.reread: set[int] = set()
        self.incomplete: set[int] = set()
        """Photos that remain pending."""
        self._result = result
        self._jobs: dict[bytes, SidecarWrite] = {}

    def prepare(
        self,
        photo_id: int,
        file: PictureFile,
        path: bytes,
        *,
        exists: bool,
        before: Description,
        after: Description,
    ) -> None:
        """Prepare the new content of a file's sidecar, for :meth:`flush`."""
        if path in self._jobs:  # it belongs to two pictures
            self.flush()
        relative = path[len(file.root_prefix) :]
        try:
            if not exists and (other_kind := file_kind(path)) is not None:
                if other_kind == "file":  # made by another program just now
                    self._wait(photo_id, reread=True)
                else:
                    self._fail(photo_id, path, _name_taken(other_kind))
                return
            expected = current_state(path, relative) if exists else None
            if expected is not None and expected != self.known.get(path):
                self._wait(photo_id, reread=True)
                return
            old = read_file(path, MAX_XMP) if exists else None
            # A copy may have no sidecar although another file of the photo has one.
            new = edit_sidecar(old, before if exists else EMPTY_DESCRIPTION, after)
        except (SidecarError, ImageError) as error:
            self._fail(photo_id, path, error.message)
        except OSError as error:
            self._fail(photo_id, path, _reason(error))
        else:
            if new != old:
                self._jobs[path] = SidecarWrite(
                    photo_id, file.folder_id, path, relative, new, expected, file.absolute
                )

    def flush(self) -> None:
        """Write the prepared sidecars."""
        jobs = list(self._jobs.values())
        self._jobs.clear()
        for job, outcome in zip(jobs, replace_all(jobs), strict=True):
            match outcome:
                case KnownSidecar():
                    self.known[job.path] = outcome
                    self.written.append((job.folder_id, outcome))
                    self._result.files += 1
                case ChangedMeanwhileError():
                    self._wait(job.photo_id, reread=True)
                case OSError():
                    self._fail(job.photo_id, job.path, _reason(outcome))

    def _wait(self, photo_id: int, *, reread: bool) -> None:
        self.incomplete.add(photo_id)
        if reread:
            self.reread.add(photo_id)

    def _fail(self, photo_id: int, path: bytes, reason: Message) -> None:
        log.debug("a sidecar could not be written: %s", reason)
        self._wait(photo_id, reread=False)
        self._result.failed.append((os.fsdecode(path), reason))


class SidecarWriter:
    """Writes sidecars. For one thread at a time."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._naming: dict[bytes, SidecarNaming] = {}
        """How sidecars are named in each folder, during one run."""

    def run(
        self, control: JobControl, *, progress: Callable[[SidecarReport], None] = lambda _: None
    ) -> SidecarReport:
        """Write the sidecars of all photos that changed, if the setting allows it.

        Photos remain pending if their folder is not connected or their sidecar cannot be written. Raises
        CancelledError between two batches; what was committed remains.
        """
        result = SidecarReport()
        with self._store.read() as db:
            if settings.read(db)[SIDECARS] is not Sidecars.READ_WRITE:
                return result
            waiting = sidecars.all_pending(db)
        self._naming.clear()
        for start in range(0, len(waiting), _BATCH_SIZE):
            control.checkpoint()
            self._write(waiting[start : start + _BATCH_SIZE], result)
            progress(result)
        return result

    def _write(self, photo_ids: Sequence[int], result: SidecarReport) -> None:
        with self._store.read() as db:
            since = sidecars.pending_since(db, photo_ids)
            wanted = file_metadata.of_photos(db, photo_ids)
            stated_before = file_metadata.base_of(db, photo_ids)
            places = sidecars.picture_files(db, photo_ids)
            known = {
                path: each
                for photo_id in photo_ids
                for file in places.get(photo_id, ())
                for path, each in sidecars.known_for(db, file).items()
            }
        batch = _Batch(known, result)
        attempted: list[int] = []
        for photo_id in photo_ids:
            files = places.get(photo_id)
            if photo_id not in since or not files:
                continue
            attempted.append(photo_id)
            before, after = stated_before.get(photo_id, EMPTY_DESCRIPTION), wanted[photo_id]
            if before.is_same(after):
                continue
            for file in files:
                existing = sidecars_of(file.absolute)
                path = existing[0] if existing else self._new_name(file.absolute)
                batch.prepare(photo_id, file, path, exists=bool(existing), before=before, after=after)
        batch.flush()
        done = [photo_id for photo_id in attempted if photo_id not in batch.incomplete]
        with self._store.write() as db:
            for folder_id, sidecar in batch.written:
                sidecars.put(db, folder_id, [sidecar])
            for photo_id in done:
                count = sum(1 for file in places[photo_id] if sidecars_of(file.absolute))
                file_metadata.set_base(db, photo_id, wanted[photo_id], count)
                sidecars.clear_if_unchanged(db, photo_id, since[photo_id])
            stage_states.forget(db, MetadataStage.declaration, None, batch.reread)
        result.photos += len(done)
        result.reread += len(batch.reread)

    def _new_name(self, picture: bytes) -> bytes:
        folder = os.path.dirname(picture)
        naming = self._naming.get(folder)
        if naming is None:
            naming = self._naming[folder] = SidecarNaming(folder)
        return naming.path_for(picture)


def _reason(error: OSError) -> Message:
    return Message("{reason}.", reason=error.strerror or error)


def _name_taken(kind: str) -> Message:
    match kind:
        case "folder":
            return Message("There is a folder of that name; rename or remove it.")
        case "symbolic link":
            return Message("There is a symbolic link of that name; rename or remove it.")
    return Message("There is a pipe or device of that name; rename or remove it.")
