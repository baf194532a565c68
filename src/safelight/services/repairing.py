"""Replaces damaged files by intact copies from elsewhere in the library, and undoes that.

A copy is used only if its bytes have exactly the content hash that the damaged file had when it was indexed.
The damaged bytes are kept in the library's folder ``damaged``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from safelight.core.errors import ImageError, SafelightError
from safelight.core.message import Message
from safelight.core.private_files import create_file, make_folder
from safelight.imaging.hashes import content_hash_of_file
from safelight.imaging.sample import sample_of_file
from safelight.services.indexing.scanner import file_stat
from safelight.store import file_checks, files, photos, repairs
from safelight.store.file_checks import CheckedFile
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery.copying import sync_folder
from safelight.store.repairs import Repair

FOLDER = "damaged"
_BLOCK = 1 << 20


@dataclass(slots=True)
class RepairResult:
    """The result of a repair."""

    done: list[tuple[int, str, str]] = field(default_factory=list)
    """(id of the repair, path, path of the copy that was used)."""
    failed: list[tuple[str, Message]] = field(default_factory=list)
    """(path, why it was not repaired)."""


class Repairer:
    """Repairs files of one library. One call at a time."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._damaged_folder = store.directory / FOLDER

    def candidates(self) -> list[CheckedFile]:
        """Files that verification found damaged, and files that could be read when they were indexed but
        cannot be read now."""
        with self._store.read() as db:
            return file_checks.faulty(db)

    def repair(
        self,
        file_ids: Collection[int] | None = None,
        journal: Callable[[Connection, int], None] = lambda _db, _repair: None,
    ) -> RepairResult:
        """Replace damaged files (those of ``file_ids``, or all) by intact copies, if there are any.

        ``journal`` is called with the id of each repair, in the transaction that records it before the file
        is replaced.
        """
        result = RepairResult()
        for file in self.candidates():
            if file_ids is not None and file.file_id not in file_ids:
                continue
            path = os.fsdecode(file.path)
            try:
                result.done.append(self._repair(file, journal))
            except (SafelightError, OSError) as error:
                result.failed.append((path, _reason(error)))
        return result

    def _repair(self, file: CheckedFile, journal: Callable[[Connection, int], None]) -> tuple[int, str, str]:
        status = os.lstat(file.path)
        if not stat.S_ISREG(status.st_mode):
            raise SafelightError("it is not a file any more")
        if status.st_mtime_ns != file.stat.mtime_ns:
            # Damage does not change it. The user may have saved another picture since the damage was found.
            raise SafelightError("it was changed since; it is read when its folder is indexed")
        damaged, _ = content_hash_of_file(file.path)
        if damaged == file.content_hash:
            with self._store.write() as db:
                file_checks.note_verified(db, file.file_id, time.time(), None)
                files.retry(db, [file.file_id])
            raise SafelightError("its bytes are right again; nothing was replaced")
        copy = self._intact_copy(file)
        make_folder(self._damaged_folder)
        kept = self._damaged_folder / f"{secrets.token_hex(8)}{_suffix(file.path)}"
        _copy(file.path, os.fsencode(kept), damaged, status)
        part = file.path + b"." + secrets.token_hex(4).encode() + b".part"
        repair_id: int | None = None
        try:
            _copy(copy, part, file.content_hash, status)
            _copy_attributes(part, file.path)
            if _was_changed(file.path, status):
                raise SafelightError("it was changed while it was repaired; nothing was replaced")
            with self._store.write(durable=True) as db:
                repair_id = repairs.begin(db, file.path, kept.name, file.content_hash, time.time())
                journal(db, repair_id)
            os.replace(part, file.path)
        finally:
            if os.path.lexists(part):
                os.unlink(part)
            if repair_id is None:
                kept.unlink()  # it still is where it was
        sync_folder(Path(os.fsdecode(os.path.dirname(file.path))))
        self._record_repaired(file.path, file.content_hash)
        return repair_id, os.fsdecode(file.path), os.fsdecode(copy)

    def _intact_copy(self, file: CheckedFile) -> bytes:
        with self._store.read() as db:
            others = file_checks.copies(db, file.content_hash, file.file_id)
        for path in others:
            try:
                if os.path.samefile(path, file.path):
                    continue
                found, _ = content_hash_of_file(path)
            except (ImageError, OSError):
                continue
            if found == file.content_hash:
                return path
        raise SafelightError("the library holds no intact copy of it")

    def take_back(self, repair_id: int) -> str:
        """Restore the damaged bytes. Returns the path. Raises SafelightError if that is not possible."""
        with self._store.read() as db:
            entry = repairs.get(db, repair_id)
        if entry is None or entry.undone_at is not None:
            raise SafelightError("There is no repair {number} to take back.", number=repair_id)
        path = os.fsdecode(entry.path)
        try:
            self.put_back(entry)
        except SafelightError as error:
            raise SafelightError("{path} was left as it is: {error}.", path=path, error=error) from error
        return path

    def put_back(self, entry: Repair) -> None:
        """Restore the damaged bytes. Raises SafelightError with the reason, without the name of the file."""
        kept = self._damaged_folder / entry.kept_as
        try:
            status = os.lstat(entry.path)
            now, _ = content_hash_of_file(entry.path)
            if now != entry.content_hash:
                raise SafelightError("it was changed since it was repaired")
            damaged, _ = content_hash_of_file(str(kept))
            part = entry.path + b"." + secrets.token_hex(4).encode() + b".part"
            try:
                _copy(os.fsencode(kept), part, damaged, status)
                _copy_attributes(part, entry.path)
                if _was_changed(entry.path, status):
                    raise SafelightError("it was changed just now")
                os.replace(part, entry.path)
            finally:
                if os.path.lexists(part):
                    os.unlink(part)
            sync_folder(Path(os.fsdecode(entry.path)).parent)
        except (ImageError, OSError) as error:
            raise SafelightError("it could not be put back ({error})", error=error) from error
        with self._store.write(durable=True) as db:
            repairs.set_undone(db, entry.id, time.time())
            row = files.by_path(db, entry.path)
            if row is not None:
                files.update_stat(db, row.id, file_stat(os.lstat(entry.path)))
                file_checks.verify_first(db, [row.id])

    def _record_repaired(self, path: bytes, content_hash: bytes) -> None:
        sample, status = sample_of_file(path)
        with self._store.write(durable=True) as db:
            row = files.by_path(db, path)
            photo_id = photos.find_by_content(db, content_hash)
            if row is None or photo_id is None:
                return
            files.set_indexed(db, row.id, photo_id, file_stat(status))
            file_checks.note_read(db, row.id, content_hash, sample, status.st_ctime_ns, time.time())


def _copy(source: bytes, target: bytes, expected: bytes, like: os.stat_result) -> None:
    """Copy to a new private file with the times of ``like``, and read it back.

    Raises SafelightError, OSError.
    """
    descriptor = create_file(Path(os.fsdecode(target)))
    try:
        with os.fdopen(descriptor, "wb") as write, open(source, "rb") as read:
            shutil.copyfileobj(read, write, _BLOCK)
            write.flush()
            os.fsync(write.fileno())
        found, _ = content_hash_of_file(target)
        if found != expected:
            raise SafelightError("it could not be copied without errors")
        os.utime(target, ns=(like.st_atime_ns, like.st_mtime_ns))
    except BaseException:
        if os.path.lexists(target):
            os.unlink(target)
        raise


def _copy_attributes(part: bytes, original: bytes) -> None:
    """Give a file the owner, permissions, times and extended attributes of the one that it replaces."""
    status = os.lstat(original)
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):  # only root can give files away
            os.chown(part, status.st_uid, status.st_gid)
    os.chmod(part, stat.S_IMODE(status.st_mode))
    with contextlib.suppress(OSError):  # attributes of another file system
        shutil.copystat(original, part)
    os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))


def _was_changed(path: bytes, before: os.stat_result) -> bool:
    """Whether another program has written or replaced a file."""
    now = os.lstat(path)
    return file_stat(now) != file_stat(before) or now.st_ctime_ns != before.st_ctime_ns


def _suffix(path: bytes) -> str:
    suffix = Path(os.fsdecode(path)).suffix
    return suffix if suffix.isascii() and len(suffix) < 10 else ""


def _reason(error: SafelightError | OSError) -> Message:
    if isinstance(error, OSError):
        return Message("{reason}", reason=error.strerror or error)
    return error.message
