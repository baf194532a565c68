"""Runs stages over the photos that lack them, batch by batch."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from safelight.core.changes import LibraryChanged
from safelight.core.encoder import Pixels
from safelight.core.errors import ImageError, SafelightError
from safelight.core.jobs import JobControl, Phase, Progress, RateMeter
from safelight.core.photo import ImageMetadata
from safelight.core.photo_units import UnitInputs
from safelight.core.settings import SIDECARS, Sidecars
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure, in_order
from safelight.core.videos import Film
from safelight.services import settings
from safelight.services.stages.stage import AnyStage, StageItem
from safelight.services.stages.unit_stage import UnitReader, UnitStage
from safelight.store import photo_paths, photos, stage_states, stored_thumbnails, vectors
from safelight.store.library import LibraryStore

log = logging.getLogger(__name__)

Found = TypeVar("Found")

FAULT = "fault"
"""The code of a failure that is an error in Safelight itself."""


class FileReader(UnitReader, Protocol):
    """What decodes files; :class:`safelight.services.indexing.decoding.DecodePool` does."""

    def load(
        self, source: str | bytes, max_side: int | None = None
    ) -> Future[tuple[Pixels, ImageMetadata]]: ...

    def metadata(self, paths: Sequence[bytes], *, with_sidecars: bool) -> Future[ImageMetadata]: ...

    def film(self, path: str, *, fine: bool = False) -> Future[Film]: ...


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
        # Stages that run elsewhere are not waited for here.
        self._stages = [
            by_name[each.name] for each in in_order(_without_foreign(stages)) if each.name in by_name
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
        """Process what lacks the stages of these cost classes; False where ``interrupted`` ended it early.

        ``changed`` is called after each commit that changed what views show. Raises CancelledError,
        NoSpaceError and what else stops the library; what was committed stays.
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
        """Process these photos with one stage, whatever its cost class. Raises as :meth:`run`."""
        for stage in self._stages:
            if stage.declaration.name == name:
                for batch in _parts(photo_ids, stage.declaration.batch):
                    control.checkpoint()
                    self._process(stage, batch, changed)

    def rest_models(self, seconds: float) -> bool:
        """Unload the models of stages that did not use them for this long; True if any was."""
        models = [stage.model for stage in self._stages if stage.model is not None]
        rested = [model.rest(seconds) for model in models]
        return any(each is not None for each in rested)

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
        for batch in _parts(waiting, stage.declaration.batch):
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
        found = _attempted(stage, items)
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
        """The inputs of photos, without those that lost one since they were listed, and those that fail."""
        inputs = stage.declaration.inputs
        thumbnails: dict[int, bytes] = {}
        rows: dict[int, Any] = {}
        paths: dict[int, str] = {}
        sizes: dict[int, tuple[int, int]] = {}
        places: dict[int, list[bytes]] = {}
        with_sidecars = False
        with self._store.read() as db:
            if Input.THUMBNAIL in inputs:
                thumbnails = stored_thumbnails.get_many(db, photo_ids)
            if Input.VECTOR in inputs and stage.model_id is not None:
                ids, found = vectors.shown(db, stage.model_id, photo_ids)
                rows = dict(zip(ids.tolist(), found, strict=True))
            if inputs & {Input.BYTES, Input.PIXELS, Input.UNITS, Input.FILM, Input.FINE_FILM}:
                paths = {
                    photo_id: os.fsdecode(path) for photo_id, _, path in photo_paths.located(db, photo_ids)
                }
            if Input.UNITS in inputs:
                sizes = photos.sizes(db, photo_ids)
            if Input.METADATA in inputs:
                places = photo_paths.connected(db, photo_ids)
                with_sidecars = settings.read(db)[SIDECARS] is not Sidecars.OFF
        there = _with_all(
            photo_ids,
            inputs,
            (Input.THUMBNAIL, thumbnails),
            (Input.VECTOR, rows),
            (Input.BYTES, paths),
            (Input.PIXELS, paths),
            (Input.UNITS, paths),
            (Input.FILM, paths),
            (Input.FINE_FILM, paths),
            (Input.UNITS, sizes),
            (Input.METADATA, places),
        )
        files = {photo_id: paths[photo_id] for photo_id in there if photo_id in paths}
        pixels, failures = self._decoded(stage, files)
        units, unreadable = self._cut(stage, files, sizes)
        metadata, silent = _results(
            {
                photo_id: self._reader.metadata(places[photo_id], with_sidecars=with_sidecars)
                for photo_id in there
                if photo_id in places
            }
        )
        unreadable += silent
        films, shapeless = _results(
            {
                photo_id: self._reader.film(path, fine=Input.FINE_FILM in inputs)
                for photo_id, path in files.items()
            }
            if inputs & {Input.FILM, Input.FINE_FILM}
            else {}
        )
        unreadable += shapeless
        read = _with_all(
            there,
            inputs,
            (Input.PIXELS, pixels),
            (Input.UNITS, units),
            (Input.METADATA, metadata),
            (Input.FILM, films),
            (Input.FINE_FILM, films),
        )
        items = [
            StageItem(
                photo_id,
                thumbnails.get(photo_id),
                rows.get(photo_id),
                pixels.get(photo_id),
                paths.get(photo_id),
                units.get(photo_id),
                metadata.get(photo_id),
                films.get(photo_id),
            )
            for photo_id in read
        ]
        return items, [*failures, *unreadable]

    def _decoded(
        self, stage: AnyStage, paths: dict[int, str]
    ) -> tuple[dict[int, Pixels], list[tuple[int, StageFailure]]]:
        if Input.PIXELS not in stage.declaration.inputs:
            return {}, []
        side = stage.declaration.pixels or None
        loaded, failures = _results(
            {photo_id: self._reader.load(path, side) for photo_id, path in paths.items()}
        )
        return {photo_id: pixels for photo_id, (pixels, _) in loaded.items()}, failures

    def _cut(
        self, stage: AnyStage, paths: dict[int, str], sizes: dict[int, tuple[int, int]]
    ) -> tuple[dict[int, UnitInputs], list[tuple[int, StageFailure]]]:
        if not isinstance(stage, UnitStage):
            return {}, []
        return _results(
            {photo_id: stage.read(self._reader, path, sizes[photo_id]) for photo_id, path in paths.items()}
        )


def _with_all(
    photo_ids: Sequence[int], inputs: Collection[Input], *found: tuple[Input, Mapping[int, object]]
) -> list[int]:
    """The photos with all the inputs. ``found`` are the photos for which an input was found."""
    needed = [known for each, known in found if each in inputs]
    return [photo_id for photo_id in photo_ids if all(photo_id in known for known in needed)]


def _results(
    futures: Mapping[int, Future[Found]],
) -> tuple[dict[int, Found], list[tuple[int, StageFailure]]]:
    """What was read of each photo, and the photos that cannot be read."""
    found: dict[int, Found] = {}
    failures: list[tuple[int, StageFailure]] = []
    for photo_id, future in futures.items():
        try:
            found[photo_id] = future.result()
        except ImageError as error:
            # A temporary failure is not recorded, so that the next run tries again.
            if not error.kind.passing:
                failures.append((photo_id, StageFailure(error.kind.value)))
    return found, failures


def _attempted(stage: AnyStage, items: Sequence[StageItem]) -> Sequence[Any]:
    """A result or failure for each, whatever :meth:`Stage.process` raises."""
    if not items:
        return []
    try:
        return stage.process(items)
    except SafelightError:
        raise  # an error of the model or the disk, not of a photo
    except Exception:
        if len(items) > 1:
            return [result for item in items for result in _attempted(stage, [item])]
        log.exception(
            "the stage %s failed at a photo because of an error in Safelight", stage.declaration.name
        )
        return [StageFailure(FAULT)]


def _without_foreign(stages: Sequence[AnyStage]) -> Iterator[StageDeclaration]:
    """Declarations that wait for each other only."""
    names = {stage.declaration.name for stage in stages}
    for stage in stages:
        mine = stage.declaration
        yield replace(mine, after=tuple(name for name in mine.after if name in names))


def _progress(
    stage: AnyStage, phase: Phase, done: int, total: int, failed: int, rate: float, reason: str = ""
) -> Progress:
    return Progress(phase, done, total, failed, rate, reason, stage.declaration.activity)


def _parts(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
