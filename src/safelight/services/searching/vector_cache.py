"""The vectors of the model in use, kept in memory for as long as that is sure to give the same answers."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from safelight.core.encoder import Vectors
from safelight.core.errors import SafelightError
from safelight.core.nearest import CODED, PLAIN, Ids, Matrix, Scores
from safelight.services.searching.helper_pool import HelperPool
from safelight.store import revisions, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.revisions import Revision

log = logging.getLogger(__name__)

MEMORY = 2**30
"""Bytes that vectors may take; for more photos sqlite-vec answers. A million of 512 numbers fit."""

PLAIN_MEMORY = 2**26
"""Up to here they are kept as float32, beyond it in half the space."""

_SHARE = 4
"""Of the machine's memory, the vectors take at most one part in so many."""

_AT_ONCE = 256
"""Changed photos that a search itself reads; for more it asks sqlite-vec, and they are read behind it."""

_REST_SECONDS = 0.5
"""Between two looks at what changed while photos stream in."""

_IDS_PER_PHOTO = 64
"""A table from ids to rows stays small where ids are given out in turn, as they are."""


@dataclass(slots=True)
class _Held:
    matrix: Matrix
    coded: bool
    revision: Revision


class VectorCache:
    """Nearest neighbours from memory where they are there, else from sqlite-vec.

    Nothing is built until :meth:`warm`, so a single search costs nothing more. Every answer is given for
    the state of the library that the caller's read sees: what has changed since the last one is applied
    first. Thread-safe.
    """

    def __init__(self, store: LibraryStore, *, threads: int = 1, memory: int | None = None) -> None:
        """``threads`` compare at once; ``memory`` is the bound in bytes, by default :data:`MEMORY` or a
        quarter of the machine's."""
        self._store = store
        self._helper_pool = HelperPool(threads)
        self._memory = _allowance() if memory is None else memory
        self._held: _Held | None = None
        self._lock = threading.Lock()
        """Held while the matrix is used or changed."""
        self._news = threading.Condition()
        self._wanted: int | None = None
        self._asked = self._done = 0
        """How often a look was asked for, and which of these has been answered."""
        self._closing = False
        self._thread: threading.Thread | None = None

    def warm(self, model_id: int) -> None:
        """Build the matrix of a model in the background and keep it up to date from now on."""
        with self._news:
            if self._closing:
                return
            self._wanted = model_id
            self._asked += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="vectors", daemon=True)
                self._thread.start()
            self._news.notify_all()

    def look(self) -> None:
        """Something in the library changed: read it soon, so that the next search need not."""
        with self._news:
            self._asked += 1
            self._news.notify_all()

    def settle(self, timeout: float) -> bool:
        """Wait until all that :meth:`warm` and :meth:`look` asked for is done."""
        with self._news:
            return self._news.wait_for(lambda: self._done == self._asked or self._closing, timeout)

    @property
    def held(self) -> int:
        """Photos whose vectors are in memory."""
        with self._lock:
            return 0 if self._held is None else len(self._held.matrix)

    def nearest(
        self,
        db: Connection,
        model_id: int,
        query: Vectors,
        k: int,
        allowed: Ids | Sequence[int] | None = None,
    ) -> list[tuple[int, float]]:
        """As :func:`safelight.store.vectors.nearest`, which answers while the matrix is not ready."""
        with self._lock:
            matrix = self._ready(db, model_id)
            if matrix is not None:
                wanted = None if allowed is None else np.asarray(allowed, np.int64)
                ids, scores = matrix.nearest(vectors.unit(query, matrix.dim), k, wanted)
                return list(zip(ids.tolist(), scores.tolist(), strict=True))
            self._follow(model_id)
        return vectors.nearest(db, model_id, query, k, allowed)

    def scores(self, db: Connection, model_id: int, queries: Vectors) -> tuple[Ids, Scores] | None:
        """All visible photos with a vector (n,), in no order, and their cosine similarities to some queries
        (q, dim), as (q, n); None while they are not in memory. Asking does not bring them there: searches say
        whose are held. Beyond :data:`PLAIN_MEMORY` a score may be off by a thousandth or so."""
        with self._lock:
            matrix = self._ready(db, model_id)
            if matrix is None:
                return None
            return matrix.scores(np.stack([vectors.unit(query, matrix.dim) for query in queries]))

    def close(self) -> None:
        """Idempotent."""
        with self._news:
            self._closing = True
            thread = self._thread
            self._news.notify_all()
        if thread is not None:
            thread.join()
        with self._lock:
            self._held = None
            self._helper_pool.close()

    # --- for a search -------------------------------------------------------------------------------

    def _ready(self, db: Connection, model_id: int) -> Matrix | None:
        """The matrix as ``db`` sees the library, if that takes next to nothing. Holds the lock."""
        held = self._held
        if held is None or held.revision.model_id != model_id:
            return None
        now = revisions.current(db, model_id)
        if held.revision != now:
            changed = revisions.changed_photos(db, held.revision, now)
            if changed is None or len(changed) > _AT_ONCE:
                self.look()
                return None
            self._apply(held, changed, *vectors.shown(db, model_id, changed), now)
        return held.matrix

    def _follow(self, model_id: int) -> None:
        """Searches turned to another model."""
        with self._news:
            if self._thread is not None and self._wanted != model_id:
                self._wanted = model_id
                self._asked += 1
                self._news.notify_all()

    @staticmethod
    def _apply(held: _Held, changed: list[int], ids: Ids, rows: Vectors, now: Revision) -> None:
        held.matrix.remove(np.array(changed, np.int64))
        held.matrix.put(ids, rows)
        held.revision = now

    # --- the background thread --------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closing or self._done != self._asked)
                model_id, asked = self._wanted, self._asked
                if self._closing or model_id is None:
                    return
            try:
                caught_up = self._catch_up(model_id)
            except (SafelightError, MemoryError) as error:
                # The model is gone, the library is being closed, or there is no room: sqlite-vec answers.
                log.info("vectors are not kept in memory: %s", type(error).__name__)
                self._drop()
                caught_up = True
            except Exception:
                log.exception("keeping vectors in memory ended by a fault of Safelight's own")
                self._drop()
                return
            with self._news:
                if caught_up and model_id == self._wanted:
                    self._done = asked
                    self._news.notify_all()
                self._news.wait_for(lambda: self._closing, _REST_SECONDS)

    def _drop(self) -> None:
        with self._lock:
            self._held = None

    def _catch_up(self, model_id: int) -> bool:
        """Bring the matrix up to what the library holds now; False where a search was quicker."""
        with self._lock:  # before the library is read, or a search could be ahead of what is seen here
            held = self._held
            before = held.revision if held is not None else None
        with self._store.read() as db:
            now = revisions.current(db, model_id)
            if held is not None and before is not None and self._worth_keeping(held):
                changed = revisions.changed_photos(db, before, now)
                if changed is not None and len(changed) <= max(_AT_ONCE, len(held.matrix) // 10):
                    found = vectors.shown(db, model_id, changed)
                    with self._lock:
                        if held.revision != before:
                            return False
                        self._apply(held, changed, *found, now)
                    return True
            self._drop()  # before the new one takes its own space
            self._build(db, model_id, now)
        return True

    def _worth_keeping(self, held: _Held) -> bool:
        """Whether the matrix is still of a kind that fits, and mostly full."""
        photos = len(held.matrix)
        kind = self._kind(photos, held.matrix.dim)
        fits = kind is not None and (held.coded or not kind)
        return fits and held.matrix.empty_rows <= max(_AT_ONCE, photos // 10)

    def _kind(self, photos: int, dim: int) -> bool | None:
        """Whether to code that many vectors; None where they do not fit in any way."""
        if photos * dim * PLAIN <= min(PLAIN_MEMORY, self._memory):
            return False
        return True if photos * dim * CODED <= self._memory else None

    def _build(self, db: Connection, model_id: int, now: Revision) -> None:
        photos, dim = vectors.count(db, model_id), vectors.dimensions(db, model_id)
        coded = self._kind(photos, dim)
        if coded is None:
            log.info("the vectors of %d photos are more than may be kept in memory", photos)
            return
        matrix = Matrix(dim, coded=coded, spread=self._helper_pool)
        for ids, rows in vectors.all_vectors(db, model_id):
            if self._closing:
                return
            if int(ids.max()) > _IDS_PER_PHOTO * (photos + 1024):
                log.info("photos are numbered too far apart to be kept in memory")
                return
            matrix.put(ids, rows)
        with self._lock:
            self._held = _Held(matrix, coded, now)
        log.info("the vectors of %d photos are in memory", len(matrix))


def _allowance() -> int:
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows, and systems that do not say
        return MEMORY
    return min(MEMORY, memory // _SHARE)
