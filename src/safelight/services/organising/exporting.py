"""Copies photos to a folder: unchanged, converted, or without private metadata."""

from __future__ import annotations

import logging
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from pathlib import Path

from safelight.core.description import EMPTY_DESCRIPTION, Description, with_description
from safelight.core.errors import CancelledError, FolderError, ImageError, SafelightError, UsageError
from safelight.core.exporting import (
    LARGEST_SIZE,
    SMALLEST_SIZE,
    CopySpec,
    ExportFormat,
    ExportProgress,
    ExportRequest,
    ExportResult,
    PrivateInfo,
    without_private_info,
)
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.name_template import NamedPhoto, NameTemplate
from safelight.core.photo import Photo
from safelight.core.user_paths import is_folder
from safelight.imaging.metadata import MAX_XMP
from safelight.imaging.metadata.xmp_edit import edit_sidecar
from safelight.imaging.sidecars import sidecars_of
from safelight.imaging.source import read_file
from safelight.services.indexing.decoding import DecodePool
from safelight.services.organising import new_files
from safelight.services.organising.new_files import TargetUnavailableError
from safelight.store import export_rows, file_metadata, folders, photos
from safelight.store.library import LibraryStore
from safelight.store.rows import below

log = logging.getLogger(__name__)

_BATCH_SIZE = 200
"""Photos whose rows are read together."""
_CANCEL_CHECK_S = 0.2
"""How often a wait for a conversion checks whether the export was cancelled."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to write."""

    photo: Photo
    number: int
    is_half: bool
    source: str
    """Empty if no file of the photo can be read."""
    format: ExportFormat
    turns: int
    """Clockwise quarter turns of the copy."""
    before: Description
    """The description in the file and its sidecars when they were last read."""
    after: Description
    """The description in the library."""


class Exporter:
    """Copies photos. For one thread at a time."""

    def __init__(self, store: LibraryStore, pool: DecodePool) -> None:
        self._store = store
        self._pool = pool

    def run(
        self,
        request: ExportRequest,
        control: JobControl,
        report: Callable[[ExportProgress], None] = lambda _: None,
    ) -> ExportResult:
        """Copy the photos of a request. Returns what was done, also if it was cancelled or the disk is full.

        Raises UsageError and FolderError for an invalid request.
        """
        template = checked_template(request)
        folder = Path(request.folder)
        self._check_space(request, folder)
        run = _Run(self._store, self._pool, request, template, control, report)
        stopped: Message | None = None
        cancelled = False
        try:
            run.copy_all()
        except CancelledError:
            cancelled = True
        except TargetUnavailableError as error:
            stopped = error.message
        log.info("%d photos were copied to a folder", run.copied)
        return ExportResult(
            request.folder,
            len(request.photo_ids),
            run.copied,
            run.sidecars,
            run.converted,
            run.unturned,
            run.bytes,
            tuple(run.files),
            tuple(run.failed),
            stopped,
            cancelled,
            self._library_folder(folder),
        )

    def _check_space(self, request: ExportRequest, folder: Path) -> None:
        """Raise FolderError if the disk is too small. Not for converted copies, whose size is unknown and
        usually smaller."""
        if request.format is not ExportFormat.ORIGINAL or request.size or request.withheld:
            return
        with self._store.read() as db:
            needed = export_rows.total_bytes(db, request.photo_ids)
        existing = next((each for each in (folder, *folder.parents) if is_folder(each)), None)
        try:
            free = shutil.disk_usage(existing).free if existing else needed
        except OSError:
            return
        if needed > free:
            raise FolderError(
                "The photos need {needed:,.1f} GB, but the disk of {folder} has only {free:,.1f} "
                "GB left. Free some space, or choose another folder.",
                needed=needed / 1e9,
                folder=folder,
                free=free / 1e9,
            )

    def _library_folder(self, folder: Path) -> str:
        real = os.fsencode(os.path.realpath(folder))
        with self._store.read() as db:
            roots = [each.path for each in folders.all_folders(db)]
        return next((root for root in roots if below(real, os.fsencode(root)) is not None), "")


def checked_template(request: ExportRequest) -> NameTemplate:
    """Check a request, and return its name template. Raises UsageError, FolderError."""
    if not os.path.isabs(request.folder):
        raise UsageError("Name the folder for the copies with its whole path.")
    if os.path.lexists(request.folder) and not os.path.isdir(request.folder):
        raise FolderError("{folder} is not a folder.", folder=request.folder)
    if request.size is not None and not SMALLEST_SIZE <= request.size <= LARGEST_SIZE:
        raise UsageError(
            "A size is {smallest} to {largest:,} pixels, not {size:,}.",
            smallest=SMALLEST_SIZE,
            largest=LARGEST_SIZE,
            size=request.size,
        )
    if not request.photo_ids:
        raise UsageError("There are no photos to copy.")
    return NameTemplate(request.template)


class _Run:
    """One running export."""

    def __init__(
        self,
        store: LibraryStore,
        pool: DecodePool,
        request: ExportRequest,
        template: NameTemplate,
        control: JobControl,
        report: Callable[[ExportProgress], None],
    ) -> None:
        self._store = store
        self._pool = pool
        self._request = request
        self._template = template
        self._control = control
        self._report = report
        self.copied = self.sidecars = self.converted = self.unturned = self.bytes = 0
        self._names = new_files.TargetNames()
        self.files: list[tuple[str, str]] = []
        self.failed: list[tuple[str, Message]] = []

    def copy_all(self) -> None:
        """Copy all photos. Some are converted ahead, on all cores, while others are written."""
        ahead: deque[tuple[_Job, Future[bytes] | None]] = deque()
        try:
            for job in self._jobs():
                ahead.append((job, self._begin(job)))
                if len(ahead) > 2 * self._pool.size:
                    self._finish(*ahead.popleft())
            while ahead:
                self._finish(*ahead.popleft())
        finally:
            for _, future in ahead:
                if future is not None:
                    future.cancel()

    def _jobs(self) -> Iterator[_Job]:
        request = self._request
        for start in range(0, len(request.photo_ids), _BATCH_SIZE):
            ids = request.photo_ids[start : start + _BATCH_SIZE]
            with self._store.read() as db:
                found = {photo.id: photo for photo in photos.get_many(db, ids)}
                halves = [half for photo in found.values() for half in photo.halves]
                found |= {photo.id: photo for photo in photos.get_many(db, halves)}
                library_states = file_metadata.of_photos(db, found)
                files_state = file_metadata.base_of(db, found)
            for number, photo_id in enumerate(ids, start + 1):
                photo = found.get(photo_id)
                if photo is None:
                    self.failed.append((f"photo {photo_id}", Message("It is no longer in the library.")))
                    self._report_progress(number)
                    continue
                shot = [photo, *(found[half] for half in photo.halves if half in found)]
                for part in shot:
                    written = request.format_for(part)
                    if part is not photo and written is not ExportFormat.ORIGINAL:
                        continue  # one picture of each shot is enough
                    yield _Job(
                        part,
                        number,
                        part is not photo,
                        _available(part),
                        written,
                        0 if request.is_left_unturned(part) else request.turns_of(part),
                        files_state.get(part.id, EMPTY_DESCRIPTION),
                        library_states[part.id],
                    )

    def _begin(self, job: _Job) -> Future[bytes] | None:
        as_it_is = job.format is ExportFormat.ORIGINAL and not job.turns
        if as_it_is or not job.source or job.photo.duration is not None:
            return None
        spec = CopySpec(job.format, self._request.size, self._request.withheld, job.after, job.turns)
        return self._pool.copy_of(job.source, spec)

    def _finish(self, job: _Job, conversion: Future[bytes] | None) -> None:
        self._control.checkpoint()
        try:
            picture = self._wait(conversion) if conversion is not None and job.source else None
            left_unturned = picture == b""
            target = self._write(job, picture or None)
        except TargetUnavailableError:
            raise
        except (SafelightError, ImageError) as error:
            known = job.source or next((file.path for file in job.photo.files), f"photo {job.photo.id}")
            self.failed.append((known, error.message))
        else:
            self.files.append((job.source, str(target)))
            self.bytes += target.stat().st_size
            if not job.is_half:
                self.copied += 1
                forced = self._request.format is ExportFormat.ORIGINAL is not job.format
                self.converted += forced and job.format.value.upper() != job.photo.format
                self.unturned += self._request.is_left_unturned(job.photo) or left_unturned
        self._report_progress(job.number)

    def _write(self, job: _Job, picture: bytes | None) -> Path:
        """Write a copy: of the file's bytes, or ``picture``."""
        if not job.source:
            raise FolderError("None of its files can be read now. Connect its drive, and copy it again.")
        request, source = self._request, os.fsencode(job.source)
        allowed = without_private_info(with_description(job.photo.metadata, job.after), request.withheld)
        named = NamedPhoto.of(
            *(job.photo, job.source, job.number, len(request.photo_ids), allowed),
            with_date=PrivateInfo.DATE not in request.withheld,
        )
        *levels, name = self._template.render(named)
        folder = Path(request.folder, *levels)
        if picture is not None and job.format is not ExportFormat.ORIGINAL:
            keep_time = PrivateInfo.DATE not in request.withheld
            target_name = self._names.target(folder, name, job.format.extension)
            return new_files.write_file(picture, source, target_name, keep_time=keep_time)
        if job.photo.duration is not None and request.withheld:
            raise UsageError("A video cannot be copied without what it gives away.")
        extension = os.path.splitext(job.source)[1]
        content, suffix = self._sidecar(job, source, extension)
        target_name = self._names.target(folder, name, extension, suffix)
        if picture is None:
            target = new_files.copy_file(source, target_name, self._control.checkpoint)
        else:  # only its orientation differs
            target = new_files.write_file(picture, source, target_name, keep_time=True)
        if content is not None:
            path = target.with_name(target.name[: len(target.name) - len(extension)] + suffix)
            try:
                new_files.write_sidecar(content, path, source)
                self.sidecars += 1
            except TargetUnavailableError:
                raise
            except SafelightError as error:
                self.failed.append((str(path), error.message))
        return target

    def _sidecar(self, job: _Job, source: bytes, extension: str) -> tuple[bytes | None, str]:
        """(content, suffix) of the copy's sidecar, whose name is the stem and the suffix. (None, "") for no
        sidecar."""
        if not self._request.sidecars:
            return None, ""
        existing = sidecars_of(source)
        if not existing and job.after.is_same(job.before):
            return None, ""
        # A sidecar named after the stem (IMG_1.xmp) keeps that form, the only one that Lightroom reads.
        by_stem = bool(existing) and not existing[0].startswith(source)
        suffix = ".xmp" if by_stem else f"{extension}.xmp"
        try:
            old = read_file(existing[0], MAX_XMP) if existing else None
        except ImageError as error:  # empty, too large or not readable: the picture is copied without it
            self.failed.append((os.fsdecode(existing[0]), error.message))
            return None, ""
        try:
            return edit_sidecar(old, job.before if existing else EMPTY_DESCRIPTION, job.after), suffix
        except SafelightError:
            return old, suffix  # no valid XMP: copied as it is

    def _wait(self, conversion: Future[bytes]) -> bytes:
        while True:
            self._control.checkpoint()
            try:
                return conversion.result(_CANCEL_CHECK_S)
            except FutureTimeoutError:
                continue

    def _report_progress(self, done: int) -> None:
        self._report(ExportProgress(done, len(self._request.photo_ids), len(self.failed)))


def _available(photo: Photo) -> str:
    """The path of a file of the photo that can be read now; empty if there is none."""
    places = sorted(photo.files, key=lambda file: not file.online)
    return next((file.path for file in places if os.path.isfile(file.path)), "")
