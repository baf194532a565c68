"""The immediate stages: files are decoded ahead of the model, encoded in batches and committed every second.

One decoding of a file yields everything that the stages thumbnail and vector need.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError as FutureCancelled
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.encoder import Encoder, Pixels
from safelight.core.errors import CancelledError, ImageError
from safelight.core.jobs import JobControl
from safelight.core.photo import DecodedPhoto
from safelight.core.stages import StageDeclaration, StageFailure
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.file_committer import FailedFile, FileCommitter, ReadFile
from safelight.services.models.model import ModelService
from safelight.services.models.speed import SpeedMeter
from safelight.services.stages.declarations import THUMBNAIL, VECTOR
from safelight.store import files, photo_paths, photos, stage_states, stored_thumbnails, vectors
from safelight.store.files import FileRow
from safelight.store.library import Connection, LibraryStore

COMMIT_INTERVAL_S = 1.0
"""The longest time that a decoded photo waits before it is committed and visible."""

MAX_UNCOMMITTED_FILES = 256

MAX_KEPT_INPUTS = 512
"""The most model inputs kept in memory (150 KB each at 224 px), for photos decoded before the model was
loaded. Photos beyond this number are decoded again for their vectors."""

_PAGE_SIZE = 500

_PHOTOS_PER_SPEED_RECORD = 1024
"""A long run stores the model's speed each time it has encoded this many photos, and every run at its end."""

ReportCounts = Callable[[int, int, int], None]
"""Called with (done, failed, additional work since the last call)."""


@dataclass(frozen=True, slots=True)
class _PendingFile:
    row: FileRow
    path: str


@dataclass(frozen=True, slots=True)
class _IncompletePhoto:
    """A photo of the library that lacks an immediate stage."""

    photo_id: int
    path: str
    content_hash: bytes
    stage: StageDeclaration


_Job = _PendingFile | _IncompletePhoto


class Pipeline:
    """One run over all pending files, then over the photos that lack a thumbnail or a vector."""

    def __init__(
        self,
        store: LibraryStore,
        pool: DecodePool,
        model: ModelService,
        committer: FileCommitter,
        on_change: Callable[[LibraryChanged], None],
        report_counts: ReportCounts,
    ) -> None:
        self._store = store
        self._pool = pool
        self._model = model
        self._committer = committer
        self._on_change = on_change
        self._report_counts = report_counts
        self._decoding: dict[Future[DecodedPhoto], _Job] = {}
        self._decoded: SimpleQueue[Future[DecodedPhoto]] = SimpleQueue()
        self._to_encode: list[ReadFile | _IncompletePhoto] = []
        self._inputs: list[Pixels] = []
        self._ready: list[ReadFile] = []
        self._failed: list[FailedFile] = []
        self._vectors: dict[int, npt.NDArray[np.float32]] = {}
        self._thumbnails: dict[int, bytes] = {}
        self._stage_failures: list[tuple[_IncompletePhoto, StageFailure]] = []
        self._kept_inputs: list[tuple[int, Pixels]] = []
        self._model_id: int | None = None
        self._last_commit = time.monotonic()
        self._done = 0
        self._failures = 0
        self.speed = SpeedMeter()

    def run(self, control: JobControl, *, wait_for_model: bool) -> None:
        """Process everything that is pending. Raises CancelledError, NoSpaceError, ModelError; what was
        committed before remains."""
        try:
            self._process(self._pending(), control)
            self._process(self._incomplete(THUMBNAIL), control)
            encoder = self._model.get()
            if encoder is None and self._photos_lacking(VECTOR):
                self._model.start()  # its listeners are called when it is loaded
                if wait_for_model:
                    encoder = self._wait_for_model(control)
            if encoder is not None:
                self._embed_kept_inputs(encoder)
                self._process(self._incomplete(VECTOR), control)
            self.speed.store_if_enough(self._store, self._model.name)
        finally:
            for future in self._decoding:
                future.cancel()

    # --- pending work -----------------------------------------------------------------------------

    def _pending(self) -> Iterator[_Job]:
        with self._store.read() as db:
            waiting = files.pending_ids(db)
        if waiting:
            self._model.start()
        for start in range(0, len(waiting), _PAGE_SIZE):
            with self._store.read() as db:
                rows = files.with_absolute_paths(db, waiting[start : start + _PAGE_SIZE])
            for row, path in rows:
                yield _PendingFile(row, os.fsdecode(path))

    def _incomplete(self, stage: StageDeclaration) -> Iterator[_Job]:
        lacking = self._photos_lacking(stage)
        if not lacking:
            return
        if stage is THUMBNAIL:  # they were lost with thumbs.db, so that their stage is not done any more
            with self._store.write() as db:
                stage_states.forget(db, stage, None, lacking)
        self._report_counts(self._done, self._failures, len(lacking))
        for start in range(0, len(lacking), _PAGE_SIZE):
            with self._store.read() as db:
                places = photo_paths.located(db, lacking[start : start + _PAGE_SIZE])
            for photo_id, content_hash, path in places:
                yield _IncompletePhoto(photo_id, os.fsdecode(path), content_hash, stage)

    def _photos_lacking(self, stage: StageDeclaration) -> list[int]:
        """Ids of photos without a thumbnail, or without a vector of the model in use (loaded or not)."""
        with self._store.read() as db:
            if stage is THUMBNAIL:
                return stored_thumbnails.missing(db)
            return stage_states.lacking(db, stage, vectors.model_id(db, self._model.key))

    # --- the loop -----------------------------------------------------------------------------------

    def _process(self, jobs: Iterator[_Job], control: JobControl) -> None:
        more = True
        while True:
            loaded = self._model.is_loaded
            if control.paused:
                self._commit()
                self._report_counts(self._done, self._failures, 0)
            control.checkpoint()
            if loaded and not self._model.is_loaded:  # it was unloaded during a long pause
                self._wait_for_model(control)
            while more and len(self._decoding) < self._look_ahead():
                job = next(jobs, None)
                if job is None:
                    more = False
                else:
                    self._submit(job)
            if not self._decoding:
                break
            try:
                self._take_decoded(self._decoded.get(timeout=0.25))
            except Empty:
                self._encode()
            encoder = self._model.get()
            if len(self._to_encode) >= (encoder.batch_size if encoder else MAX_KEPT_INPUTS):
                self._encode()
            waited = time.monotonic() - self._last_commit
            if waited >= COMMIT_INTERVAL_S or len(self._ready) + len(self._failed) >= MAX_UNCOMMITTED_FILES:
                self._commit()
        self._commit()

    def _look_ahead(self) -> int:
        """How many files to decode ahead: enough for every process and the next batch, but bounded."""
        encoder = self._model.get()
        return max(32, 4 * self._pool.size, 2 * encoder.batch_size if encoder else 0)

    def _submit(self, job: _Job) -> None:
        future = self._pool.decode(job.path, self._model.input_spec)
        self._decoding[future] = job
        future.add_done_callback(self._decoded.put)

    def _take_decoded(self, future: Future[DecodedPhoto]) -> None:
        job = self._decoding.pop(future)
        try:
            decoded = future.result()
        except FutureCancelled:
            raise CancelledError from None
        except ImageError as error:
            self._done += 1
            if isinstance(job, _PendingFile):
                self._failures += 1
                self._failed.append(FailedFile(job.row, error))
            elif not error.kind.passing:
                self._stage_failures.append((job, StageFailure(error.kind.value)))
            return
        if isinstance(job, _IncompletePhoto) and decoded.content_hash != job.content_hash:
            self._done += 1  # the file has changed since, and the next scan finds it
            return
        if isinstance(job, _IncompletePhoto) and job.stage is THUMBNAIL:
            self._thumbnails[job.photo_id] = decoded.thumbnail
            self._done += 1
            return
        assert decoded.model_input is not None
        self._to_encode.append(job if isinstance(job, _IncompletePhoto) else ReadFile(job.row, decoded))
        self._inputs.append(decoded.model_input)

    def _encode(self) -> None:
        """Compute the vectors of the waiting inputs. While no model is loaded, files are committed
        without."""
        items, inputs = self._to_encode, self._inputs
        if not items:
            return
        self._to_encode, self._inputs = [], []
        self._done += len(items)
        encoder = self._model.get()
        self._ready += [item for item in items if isinstance(item, ReadFile)]
        if encoder is None:
            return
        new = [number for number, item in enumerate(items) if not self._is_embedded(item)]
        if not new:
            return
        stacked = np.stack([inputs[number] for number in new])
        with self.speed.timing(len(new), encoder.info.method):
            found = encoder.encode_images(stacked)
        for number, vector in zip(new, found, strict=True):
            item = items[number]
            if isinstance(item, ReadFile):
                item.vector = vector
            else:
                self._vectors[item.photo_id] = vector

    def _is_embedded(self, item: ReadFile | _IncompletePhoto) -> bool:
        """Whether this content already has a vector, because the file was copied or moved."""
        if isinstance(item, _IncompletePhoto):
            return False
        with self._store.read() as db:
            photo_id = photos.find_by_content(db, item.decoded.content_hash)
            return photo_id is not None and self._has_vector(db, photo_id)

    def _has_vector(self, db: Connection, photo_id: int) -> bool:
        model_id = vectors.model_id(db, self._model.key)
        return model_id is not None and vectors.get(db, model_id, photo_id) is not None

    def _commit(self) -> None:
        """Commit everything that is ready and report what changed."""
        self._encode()
        self._last_commit = time.monotonic()
        encoder = self._model.get()
        if not (self._ready or self._failed or self._vectors or self._thumbnails or self._stage_failures):
            return
        model_id = self._register_model(encoder) if encoder is not None else None
        if self._ready or self._failed:
            read, failed = self._ready, self._failed
            self._ready, self._failed = [], []
            change = self._committer.commit(read, failed, model_id)
            self._keep_inputs(read)
            if change:
                self._on_change(change)
        self._store_vectors()
        self._store_thumbnails()
        self._store_failures()
        self.speed.store_if_enough(self._store, self._model.name, at_least=_PHOTOS_PER_SPEED_RECORD)
        self._report_counts(self._done, self._failures, 0)

    def _store_thumbnails(self) -> None:
        made, self._thumbnails = self._thumbnails, {}
        if not made:
            return
        with self._store.write() as db:
            for photo_id, jpeg in made.items():
                stored_thumbnails.put(db, photo_id, jpeg)
        self._on_change(LibraryChanged(ChangeKind.PIXELS, updated=tuple(sorted(made))))

    def _store_failures(self) -> None:
        """Record photos at which a stage failed, so that it does not try the same file again and again."""
        failures, self._stage_failures = self._stage_failures, []
        if not failures:
            return
        now = time.time()
        with self._store.write() as db:
            model_id = vectors.model_id(db, self._model.key)
            for stage in (THUMBNAIL, VECTOR):
                found = [(job.photo_id, failure) for job, failure in failures if job.stage is stage]
                if stage is VECTOR and model_id is None:
                    continue  # unknown until the model has stored a vector
                stage_states.set_failed(db, stage, model_id, found, now)

    # --- vectors ------------------------------------------------------------------------------------

    def _keep_inputs(self, read: list[ReadFile]) -> None:
        for item in read:
            pixels = item.decoded.model_input
            if item.vector is None and pixels is not None and len(self._kept_inputs) < MAX_KEPT_INPUTS:
                self._kept_inputs.append((item.photo_id, pixels))

    def _embed_kept_inputs(self, encoder: Encoder) -> None:
        with self._store.read() as db:
            held = [item for item in self._kept_inputs if not self._has_vector(db, item[0])]
        self._kept_inputs = []
        size = max(1, encoder.batch_size)
        for start in range(0, len(held), size):
            part = held[start : start + size]
            stacked = np.stack([pixels for _, pixels in part])
            with self.speed.timing(len(part), encoder.info.method):
                found = encoder.encode_images(stacked)
            self._vectors.update(zip((photo_id for photo_id, _ in part), found, strict=True))
        self._register_model(encoder)
        self._store_vectors()

    def _store_vectors(self) -> None:
        if self._vectors and self._model_id is not None:
            ids, rows = list(self._vectors), np.stack(list(self._vectors.values()))
            with self._store.write() as db:
                vectors.put(db, self._model_id, ids, rows)
            self._vectors = {}

    def _register_model(self, encoder: Encoder) -> int:
        if self._model_id is None:
            with self._store.write() as db:
                self._model_id = vectors.register(db, encoder.info, time.time())
        return self._model_id

    def _wait_for_model(self, control: JobControl) -> Encoder:
        self._model.start()
        while (encoder := self._model.get()) is None:
            control.checkpoint()
            self._model.join(0.1)
        return encoder
