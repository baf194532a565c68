"""An open library: store, decode processes, model, and the services that use them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from safelight.core.changes import LibraryChanged, RemovalsHeld, RemovalsSettled
from safelight.core.errors import LibraryDamagedError
from safelight.core.jobs import Progress
from safelight.core.settings import HALF_PRECISION, MACHINE_SHARE, MAX_MEGAPIXELS, MachineShare
from safelight.embedding import catalogue
from safelight.embedding.bridge import Bridge
from safelight.embedding.catalogue import ModelSpec
from safelight.services import settings
from safelight.services.backup import damage_advice
from safelight.services.duplicates.comparing import Comparer
from safelight.services.indexing.decode_worker import Limits
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.indexer import Indexer
from safelight.services.indexing.live import Listener, LiveIndexer
from safelight.services.models import installed as models
from safelight.services.models import stored_text_vectors
from safelight.services.models.answering import AnsweringModel
from safelight.services.models.model import ModelService
from safelight.services.searching.searcher import Searcher
from safelight.services.searching.vector_cache import VectorCache
from safelight.services.stages.registry import photo_stages
from safelight.services.stages.runner import StageRunner
from safelight.services.understanding.themes import ThemeFinder
from safelight.store.library import LibraryStore
from safelight.store.limits import Limit


class Library:
    """Builds each part once and closes them in reverse order."""

    def __init__(
        self,
        store: LibraryStore,
        pool: DecodePool,
        model: ModelService,
        *,
        previous: ModelService | None = None,
    ) -> None:
        """``previous`` answers searches until ``model`` covers enough photos."""
        self.store = store
        with store.read() as db:
            self.settings = settings.read(db)
        self.pool = pool
        self.model = model
        self.stages = StageRunner(store, pool, photo_stages(model.wait, model.input_spec), model.key)
        self.answering = AnsweringModel(store, model, previous)
        self.vectors = VectorCache(store, threads=min(4, available_cores()))

    @classmethod
    def open(
        cls,
        directory: Path,
        models_dir: Path,
        *,
        model: str | None = None,
        read_only: bool = False,
        limit: Limit | None = None,
    ) -> Library:
        """Open for writing (one process at a time), or for reading beside a writer, with the named model or
        the library's chosen one. With a ``limit``, which implies ``read_only``, only the photos within it
        exist.

        Raises LibraryInUseError, LibraryTooNewError, LibraryDamagedError, LibraryUnavailableError,
        ModelError.
        """
        if model:
            catalogue.find(model, models_dir)  # rejected before anything is created
        try:
            store = (
                LibraryStore.open_up_to_date_read_only(directory, limit=limit)
                if read_only or limit is not None
                else LibraryStore.create_or_open(directory)
            )
        except LibraryDamagedError as error:
            raise damage_advice(directory, error) from error
        try:
            if not read_only and limit is None:
                stored_text_vectors.delete_outdated(directory)
            with store.read() as db:
                wanted = settings.read(db)
                spec = catalogue.find(model, models_dir) if model else models.chosen_model(db, models_dir)
                previous = models.previous_model(db, spec, models_dir)
            decoders, threads = shared_cores(available_cores(), wanted[MACHINE_SHARE])
            pool = DecodePool(decoders, Limits(pixels=wanted[MAX_MEGAPIXELS] * 1_000_000))
            exact = not wanted[HALF_PRECISION]
            chosen = ModelService.of(spec, threads, exact=exact)
            match previous:
                case Bridge():
                    answering: ModelService | None = chosen.bridged(previous)
                case ModelSpec():
                    answering = ModelService.of(previous, threads, exact=exact)
                case None:
                    answering = None
            return cls(store, pool, chosen, previous=answering)
        except BaseException:
            store.close()
            raise

    def indexer(
        self,
        on_progress: Callable[[Progress], None] = lambda _: None,
        on_change: Callable[[LibraryChanged], None] = lambda _: None,
        on_held: Callable[[RemovalsHeld], None] = lambda _: None,
        on_settled: Callable[[RemovalsSettled], None] = lambda _: None,
    ) -> Indexer:
        return Indexer(
            self.store,
            self.pool,
            self.model,
            stages=self.stages,
            on_progress=on_progress,
            on_change=on_change,
            on_held=on_held,
            on_settled=on_settled,
        )

    def live(self, listener: Listener) -> LiveIndexer:
        indexer = self.indexer(listener.progress, listener.changed, listener.held, listener.settled)
        return LiveIndexer(self.store, indexer, listener, stages=self.stages)

    def searcher(self) -> Searcher:
        return Searcher(self.store, self.pool, self.answering, self.vectors)

    @property
    def answering_key(self) -> str:
        """The key of the model whose vectors answer searches now."""
        return self.answering.key

    def forget_vectors(self) -> None:
        """Release the vectors in memory. Call it when other photos have become visible, which no change of
        the library reports; searchers made before must not be used any more.
        """
        self.vectors.close()
        self.vectors = VectorCache(self.store, threads=min(4, available_cores()))

    def comparer(self) -> Comparer:
        return Comparer(self.store, self.vectors, processes=self.pool.size)

    def themes(self) -> ThemeFinder:
        return ThemeFinder(self.store, self.answering)

    def close(self) -> None:
        """Idempotent."""
        self.vectors.close()
        self.pool.close()
        self.store.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def available_cores() -> int:
    """Number of cores this process may use, which in a container is less than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_cores(cores: int, share: MachineShare = MachineShare.BALANCED) -> tuple[int, int]:
    """(decode processes, model threads) for this number of cores.

    A gentle share is half of the cores for the model and a quarter for decoding, rounded down, at least one
    each. Otherwise both may use every core: the model's threads sleep while they wait, and decode processes
    run at a lower priority. Large pictures take ten times longer to decode than to encode: on two cores,
    12-megapixel JPEGs were indexed at 13.6 to 15.5 images/s with one process and at 14.8 to 21.0 with two,
    measured alternately.
    """
    if share is MachineShare.GENTLE:
        return max(1, min(8, cores // 4)), max(1, cores // 2)
    return max(1, min(8, cores)), max(1, cores)


_NICENESS = {MachineShare.GENTLE: 10, MachineShare.BALANCED: 5, MachineShare.FULL: 0}


def lower_priority(share: MachineShare) -> None:
    """Lower the priority below the user's other programs, permanently: on Linux that of this thread and of
    the threads and processes that it starts later, elsewhere that of the process. Does nothing where the
    system has no nice values.
    """
    if hasattr(os, "setpriority"):
        now = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(now, _NICENESS[share]))
