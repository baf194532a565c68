"""Runs stages over the photos that lack them, batch by batch."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from safelight.core.changes import LibraryChanged
from safelight.core.encoder import Pixels
from safelight.core.errors import ImageError, SafelightError
from safelight.core.jobs import JobControl, Phase, Progress, RateMeter
from safelight.core.message import Message
from safelight.core.photo import ImageMetadata
from safelight.core.settings import SIDECARS, Sidecars
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure, in_order
from safelight.core.videos import Film
from safelight.services import settings
from safelight.services.stages.futures import map_future
from safelight.services.stages.stage import AnyStage, StageItem
from safelight.services.stages.unit_stage import UnitReader, UnitStage
from safelight.store import photo_paths, photos, stage_states, stored_thumbnails, vectors
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

Value = TypeVar("Value")

FAULT = "fault"
"""The code of a failure that is an error in Safelight itself."""


class FileReader(UnitReader, Protocol):
    """Decodes files, as :class:`safelight.services.indexing.decoding.DecodePool` does."""

    def load(
        self, source: str | bytes, max_side: int | None = None
    ) -> Future[tuple[Pixels, ImageMetadata]]: ...

    def metadata(self, paths: Sequence[bytes], *, with_sidecars: bool) -> Future[ImageMetadata]: ...

    def film(self, path: str, *, fine: bool = False) -> Future[Film]: ...


@dataclass(slots=True)
class _StoredInputs:
    """The stored inputs of a batch of photos that a stage needs, by photo id."""

    thumbnails: dict[int, bytes] = field(default_factory=dict)
    vectors: dict[int, Any] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    """A file of the photo in a folder that is connected."""
    sizes: dict[int, tuple[int, int]] = field(default_factory=dict)
    copies: dict[int, list[bytes]] = field(default_factory=dict)
    """All files of the photo."""
    with_sidecars: bool = False

    def photos_with_all(self, photo_ids: Sequence[int], inputs: Collection[Input]) -> list[int]:
        """The photos for which everything is stored from which these inputs are made."""
        found: dict[Input, Container[int]] = {
            Input.BYTES: self.paths,
            Input.METADATA: self.copies,
            Input.PIXELS: self.paths,
            Input.THUMBNAIL: self.thumbnails,
            Input.FILM: self.paths,
            Input.FINE_FILM: self.paths,
            Input.VECTOR: self.vectors,
            Input.UNITS: self.paths.keys() & self.sizes.keys(),
        }
        return [photo_id for photo_id in photo_ids if all(photo_id in found[each] for each in inputs)]


class StageRunner:
    """Processes photos that lack a stage: the most viewed first, then the newest. For one thread at a time.

    A batch is read, processed and committed as a whole, so that at most one batch is lost when the program
    is killed. A photo that a stage cannot process is recorded as failed, and only for that stage.
    """

    def __init__(
        self, store: LibraryStore, reader: FileReader, stages: Sequence[AnyStage], model_key: str
    ) -> None:
        """``model_key`` names the model whose vectors stages work on."""
        self._store = store
        self._reader = reader
        self._model_key = model_key
        by_name = {stage.declaration.name: stage for stage in stages}
        # The order ignores stages that this runner does not run.
        self._stages = [
            by_name[each.name] for each in in_order(_declarations_among(stages)) if each.name in by_name
        ]

    @property
    def stages(self) -> Sequence[AnyStage]:
        """The stages in the order in which they run."""
        return self._stages

    def run(
        self,
        control: JobControl,
        costs: Collection[CostClass],
        *,
        report: Callable[[Progress], None] = lambda _: None,
        changed: Callable[[LibraryChanged], None] = lambda _: None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Process the photos that lack stages of these cost classes. False if ``interrupted`` ended it early.

        ``changed`` is called after each commit that changed what views show. Raises CancelledError,
        NoSpaceError and other errors of the library; what was committed remains.
        """
        return all(
            self._run(stage, control, report, changed, interrupted)
            for stage in self._stages
            if stage.declaration.cost in costs
        )

    def process_now(
        self,
        name: str,
        photo_ids: Sequence[int],
        control: JobControl,
        changed: Callable[[LibraryChanged], None] = lambda _: None,
    ) -> None:
        """Process these photos with one stage of any cost class. Raises the errors of :meth:`run`."""
        for stage in self._stages:
            if stage.declaration.name == name:
                for batch in _batches(photo_ids, stage.declaration.batch):
                    control.checkpoint()
                    self._process(stage, batch, changed)

    def unload_idle_models(self, seconds: float) -> bool:
        """Unload the models of stages that did not use them for this long; True if any was."""
        models = [stage.model for stage in self._stages if stage.model is not None]
        unloaded = [model.unload_if_idle(seconds) for model in models]
        return any(each is not None for each in unloaded)

    def _run(
        self,
        stage: AnyStage,
        control: JobControl,
        report: Callable[[Progress], None],
        changed: Callable[[LibraryChanged], None],
        interrupted: Callable[[], bool],
    ) -> bool:
        with self._store.read() as db:
            stage.model_id = vectors.model_id(db, self._model_key)
            waiting = stage.lacking(db)
        meter = RateMeter()
        done = failed = 0
        for batch in _batches(waiting, stage.declaration.batch):
            if control.paused:
                report(_progress(stage, Phase.PAUSED, done, len(waiting), failed, 0.0, control.reason))
            control.checkpoint()
            if interrupted():
                return False
            report(_progress(stage, Phase.PROCESSING, done, len(waiting), failed, meter.rate))
            failed += self._process(stage, batch, changed)
            done += len(batch)
            meter.add(len(batch), time.monotonic())
        return True

    def _process(
        self, stage: AnyStage, photo_ids: Sequence[int], changed: Callable[[LibraryChanged], None]
    ) -> int:
        """Process and commit one batch; return how many photos failed."""
        items, failures = self._read(stage, photo_ids)
        found = _process_each(stage, items)
        results: list[tuple[int, Any]] = []
        for item, result in zip(items, found, strict=True):
            if isinstance(result, StageFailure):
                failures.append((item.photo_id, result))
            else:
                results.append((item.photo_id, result))
        declaration, model_id = stage.declaration, stage.model_id
        with self._store.write() as db:
            change = stage.store(db, results)
            stage_states.set_done(db, declaration, model_id, [photo_id for photo_id, _ in results])
            stage_states.set_failed(db, declaration, model_id, failures, time.time())
        if change:
            changed(change)
        return len(failures)

    def _read(
        self, stage: AnyStage, photo_ids: Sequence[int]
    ) -> tuple[list[StageItem], list[tuple[int, StageFailure]]]:
        """(inputs, failures) of photos. Photos that have lost an input since they were listed are left
        out."""
        inputs = stage.declaration.inputs
        stored = self._read_stored(stage, photo_ids)
        found: dict[Input, dict[int, Any]] = {}
        failures: list[tuple[int, StageFailure]] = []
        photos_with_all = stored.photos_with_all(photo_ids, inputs)
        for each, futures in self._begin_decoding(stage, stored, photos_with_all).items():
            found[each], failed = _results(futures)
            failures += failed
        films = found[Input.FILM] | found[Input.FINE_FILM]
        items = [
            StageItem(
                photo_id,
                thumbnail=stored.thumbnails.get(photo_id),
                vector=stored.vectors.get(photo_id),
                pixels=found[Input.PIXELS].get(photo_id),
                path=stored.paths.get(photo_id),
                units=found[Input.UNITS].get(photo_id),
                metadata=found[Input.METADATA].get(photo_id),
                film=films.get(photo_id),
            )
            for photo_id in photos_with_all
            if all(photo_id in known for each, known in found.items() if each in inputs)
        ]
        return items, failures

    def _read_stored(self, stage: AnyStage, photo_ids: Sequence[int]) -> _StoredInputs:
        inputs = stage.declaration.inputs
        stored = _StoredInputs()
        with self._store.read() as db:
            if Input.THUMBNAIL in inputs:
                stored.thumbnails = stored_thumbnails.get_many(db, photo_ids)
            if Input.VECTOR in inputs and stage.model_id is not None:
                ids, rows = vectors.of_visible(db, stage.model_id, photo_ids)
                stored.vectors = dict(zip(ids.tolist(), rows, strict=True))
            if inputs & {Input.BYTES, Input.PIXELS, Input.UNITS, Input.FILM, Input.FINE_FILM}:
                stored.paths = {
                    photo_id: os.fsdecode(path) for photo_id, _, path in photo_paths.located(db, photo_ids)
                }
            if Input.UNITS in inputs:
                stored.sizes = photos.sizes(db, photo_ids)
            if Input.METADATA in inputs:
                stored.copies = photo_paths.connected(db, photo_ids)
                stored.with_sidecars = settings.read(db)[SIDECARS] is not Sidecars.OFF
        return stored

    def _begin_decoding(
        self, stage: AnyStage, stored: _StoredInputs, photo_ids: Sequence[int]
    ) -> dict[Input, dict[int, Future[Any]]]:
        """Begin to read the inputs that the stage needs from files."""
        inputs = stage.declaration.inputs
        reader = self._reader
        futures: dict[Input, dict[int, Future[Any]]] = {
            each: {} for each in (Input.PIXELS, Input.UNITS, Input.METADATA, Input.FILM, Input.FINE_FILM)
        }
        for photo_id in photo_ids:
            path = stored.paths.get(photo_id, "")
            if Input.PIXELS in inputs:
                loaded = reader.load(path, stage.declaration.pixels or None)
                futures[Input.PIXELS][photo_id] = map_future(loaded, itemgetter(0))
            if isinstance(stage, UnitStage):
                futures[Input.UNITS][photo_id] = stage.read(reader, path, stored.sizes[photo_id])
            if Input.METADATA in inputs:
                copies = stored.copies[photo_id]
                futures[Input.METADATA][photo_id] = reader.metadata(
                    copies, with_sidecars=stored.with_sidecars
                )
            for film in (Input.FILM, Input.FINE_FILM):
                if film in inputs:
                    futures[film][photo_id] = reader.film(path, fine=film is Input.FINE_FILM)
        return futures


def _results(
    futures: Mapping[int, Future[Value]],
) -> tuple[dict[int, Value], list[tuple[int, StageFailure]]]:
    """(value by photo id, failures). Waits for the futures."""
    found: dict[int, Value] = {}
    failures: list[tuple[int, StageFailure]] = []
    for photo_id, future in futures.items():
        try:
            found[photo_id] = future.result()
        except ImageError as error:
            # A transient failure is not recorded, so that the next run tries again.
            if not error.kind.passing:
                failures.append((photo_id, StageFailure(error.kind.value)))
    return found, failures


def _process_each(stage: AnyStage, items: Sequence[StageItem]) -> Sequence[Any]:
    """A result or failure for each item. If a batch fails, its items are processed one by one."""
    if not items:
        return []
    try:
        return stage.process(items)
    except SafelightError:
        raise  # an error of the model or the disk, not of a photo
    except Exception:
        if len(items) > 1:
            return [result for item in items for result in _process_each(stage, [item])]
        log.exception(
            "the stage %s failed at a photo because of an error in Safelight", stage.declaration.name
        )
        return [StageFailure(FAULT)]


def _declarations_among(stages: Sequence[AnyStage]) -> Iterator[StageDeclaration]:
    """The declarations of stages, without their dependencies on stages that are not among them."""
    names = {stage.declaration.name for stage in stages}
    for stage in stages:
        mine = stage.declaration
        yield replace(mine, after=tuple(name for name in mine.after if name in names))


def _progress(
    stage: AnyStage,
    phase: Phase,
    done: int,
    total: int,
    failed: int,
    rate: float,
    reason: Message | None = None,
) -> Progress:
    return Progress(phase, done, total, failed, rate, reason, stage.declaration.activity)


def _batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
