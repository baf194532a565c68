"""Writes what users say about photos into XMP sidecars beside them, in the background.

Operations only note which photos they changed (the table ``sidecar_pending``, which triggers fill). A photo
leaves that table in the transaction that records its sidecars as written, so that a crash in between only
causes them to be compared again. Pictures themselves are never written.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from safelight.core.description import NOTHING, Description
from safelight.core.errors import ImageError, SidecarError
from safelight.core.jobs import JobControl
from safelight.core.settings import SIDECARS, Sidecars
from safelight.imaging.metadata.xmp import MAX_XMP
from safelight.imaging.metadata.xmp_edit import edited
from safelight.imaging.sidecars import SidecarNaming, sidecars_of
from safelight.imaging.source import read_file
from safelight.services import settings
from safelight.services.stages.metadata import MetadataStage
from safelight.store import file_metadata, sidecars, stage_states
from safelight.store.library import LibraryStore
from safelight.store.sidecars import KnownSidecar, PictureFile

log = logging.getLogger(__name__)

_BATCH = 64
"""Photos written before they are committed: a fraction of a second's work."""


@dataclass(slots=True)
class Written:
    """What a run did."""

    photos: int = 0
    """Photos whose sidecars now say what the library says."""
    files: int = 0
    """Sidecars written."""
    reread: int = 0
    """Photos whose sidecars were changed by another program since they were read, so that they are read
    first."""
    failed: list[tuple[str, str]] = field(default_factory=list)
    """(path of the sidecar, why it could not be written)."""


@dataclass(slots=True)
class _Batch:
    done: list[tuple[int, float, Description, int]] = field(default_factory=list)
    """(photo, since, description, number of sidecars)."""
    written: list[tuple[int, KnownSidecar]] = field(default_factory=list)
    """(folder, sidecar)."""
    reread: list[int] = field(default_factory=list)


class SidecarWriter:
    """For one thread at a time."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._naming: dict[bytes, SidecarNaming] = {}
        """By folder, during one run."""

    def run(self, control: JobControl, *, progress: Callable[[Written], None] = lambda _: None) -> Written:
        """Write the sidecars of all photos that changed, if the setting allows that.

        Photos whose folder is not connected keep waiting, as do those whose sidecar cannot be written.
        Raises CancelledError between two batches; what was committed stays.
        """
        result = Written()
        with self._store.read() as db:
            if settings.read(db)[SIDECARS] is not Sidecars.READ_WRITE:
                return result
            waiting = sidecars.all_pending(db)
        self._naming.clear()
        for start in range(0, len(waiting), _BATCH):
            control.checkpoint()
            self._write(waiting[start : start + _BATCH], result)
            progress(result)
        return result

    def _write(self, photo_ids: Sequence[int], result: Written) -> None:
        with self._store.read() as db:
            since = sidecars.since(db, photo_ids)
            wanted = file_metadata.of_photos(db, photo_ids)
            stated = file_metadata.base_of(db, photo_ids)
            places = sidecars.picture_files(db, photo_ids)
            known = {
                path: each
                for photo_id in photo_ids
                for file in places.get(photo_id, ())
                for path, each in sidecars.beside(db, file).items()
            }
        batch = _Batch()
        for photo_id in photo_ids:
            files = places.get(photo_id)
            if photo_id not in since or not files:
                continue
            before, after = stated.get(photo_id, NOTHING), wanted[photo_id]
            count = len(batch.written)
            if before.is_same(after) or self._write_photo(
                photo_id, files, before, after, known, batch, result
            ):
                beside = sum(1 for file in files if sidecars_of(file.absolute))
                batch.done.append((photo_id, since[photo_id], after, beside))
            result.files += len(batch.written) - count
        with self._store.write() as db:
            for folder_id, sidecar in batch.written:
                sidecars.put(db, folder_id, [sidecar])
            for photo_id, changed_at, description, beside in batch.done:
                file_metadata.set_base(db, photo_id, description, beside)
                sidecars.settle(db, photo_id, changed_at)
            stage_states.forget(db, MetadataStage.declaration, None, batch.reread)
        result.photos += len(batch.done)
        result.reread += len(batch.reread)

    def _write_photo(
        self,
        photo_id: int,
        files: Sequence[PictureFile],
        before: Description,
        after: Description,
        known: dict[bytes, KnownSidecar],
        batch: _Batch,
        result: Written,
    ) -> bool:
        """Write the sidecar of each file of a photo; False where one has to wait."""
        complete = True
        for file in files:
            existing = sidecars_of(file.absolute)
            path = existing[0] if existing else self._new_name(file.absolute)
            relative = path[len(file.root_prefix) :]
            try:
                if existing and _stated(path, relative) != known.get(path):
                    batch.reread.append(photo_id)
                    complete = False
                    continue
                old = read_file(path, MAX_XMP) if existing else None
                # A copy may have no sidecar although another file of the photo has one.
                new = edited(old, before if existing else NOTHING, after)
                if new != old:
                    _replace(path, new, like=path if existing else file.absolute)
                    batch.written.append((file.folder_id, _stated(path, relative)))
            except (SidecarError, ImageError) as error:
                complete = self._failed(path, str(error), result)
            except OSError as error:
                complete = self._failed(path, f"{error.strerror or error}.", result)
        return complete

    def _new_name(self, picture: bytes) -> bytes:
        folder = os.path.dirname(picture)
        naming = self._naming.get(folder)
        if naming is None:
            naming = self._naming[folder] = SidecarNaming(folder)
        return naming.path_for(picture)

    def _failed(self, path: bytes, reason: str, result: Written) -> bool:
        log.debug("a sidecar could not be written: %s", reason)
        result.failed.append((os.fsdecode(path), reason))
        return False


def _stated(path: bytes, relative: bytes) -> KnownSidecar:
    status = os.lstat(path)
    return KnownSidecar(relative, status.st_size, status.st_mtime_ns)


def _replace(path: bytes, content: bytes, *, like: bytes) -> None:
    """Give ``path`` new content in one step, so that no other program reads half of it.

    The sidecar may be read by whoever may read ``like``: the sidecar before, or the picture.
    """
    folder, name = os.path.split(path)
    part = os.path.join(folder, b"." + name[:180] + b"." + secrets.token_hex(4).encode() + b".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), stat.S_IMODE(os.lstat(like).st_mode) & 0o666 | 0o600)
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
