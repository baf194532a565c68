"""Caches the vectors of the model in use in memory, and uses them only while they are up to date."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from safelight.core.encoder import Vectors
from safelight.core.errors import SafelightError
from safelight.core.nearest import CODED, PLAIN, Ids, Scores, VectorMatrix
from safelight.core.photo_units import Match
from safelight.services.searching.helper_pool import HelperPool
from safelight.services.searching.unit_owners import UnitOwners
from safelight.services.searching.visible_photos import VisiblePhotos
from safelight.store import revisions, spaces, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.revisions import Revision
from safelight.store.rows import is_limited
from safelight.store.spaces import Space, UnitVectors

log = logging.getLogger(__name__)

MEMORY = 2**30
"""Bytes that vectors may take in memory. If there are more, sqlite-vec searches them. A million vectors of
512 numbers fit."""

PLAIN_MEMORY = 2**26
"""Up to this size vectors are stored as float32, beyond it in half the space."""

_MEMORY_DIVISOR = 4
"""Vectors take at most the machine's memory divided by this."""

_MAX_CHANGES_PER_SEARCH = 256
"""The most changed photos that a search reads itself. If there are more, sqlite-vec answers, and the
background thread reads them meanwhile."""

_UPDATE_INTERVAL_S = 0.5
"""Time between two updates while photos are being indexed."""

_MAX_IDS_PER_ROW = 64
"""Vectors whose ids have wider gaps than this are not cached, because the table from ids to rows would be too
large."""

_PHOTOS = 0
"""The key of the space of photos. Other spaces have their ids."""


@dataclass(slots=True)
class _CachedSpace:
    """One space in memory."""

    matrix: VectorMatrix
    coded: bool
    revision: Revision
    owners: UnitOwners | None = None
    """The owners of the units; None for photos."""


class VectorCache:
    """Finds nearest neighbours in memory if the vectors are there, and otherwise with sqlite-vec.

    Nothing is loaded before :meth:`warm` is called, because loading takes longer than a single search with
    sqlite-vec. Every answer is for the state of the library that the caller's read transaction sees: changes
    since the last answer are applied first. Each space has a dense matrix of its own. Thread-safe.

    A connection that sees only some photos of the library gets answers for these photos alone.
    """

    def __init__(self, store: LibraryStore, *, threads: int = 1, memory: int | None = None) -> None:
        """``threads`` compare in parallel. ``memory`` is the limit in bytes, by default the smaller of
        :data:`MEMORY` and a quarter of the machine's memory."""
        self._store = store
        self._visible = VisiblePhotos()
        self._has_whole_library = not store.is_limited
        self._helper_pool = HelperPool(threads)
        self._memory = _default_memory() if memory is None else memory
        self._spaces: dict[int, _CachedSpace] = {}
        self._lock = threading.Lock()
        """Held while a matrix is used or changed."""
        self._requests_changed = threading.Condition()
        self._wanted_model: int | None = None
        self._requested = self._served = 0
        """How often an update was requested, and the last of these requests that was served."""
        self._closing = False
        self._thread: threading.Thread | None = None

    def warm(self, model_id: int) -> None:
        """Load the vectors of a model in the background and keep them up to date from now on."""
        with self._requests_changed:
            if self._closing:
                return
            self._wanted_model = model_id
            self._requested += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="vectors", daemon=True)
                self._thread.start()
            self._requests_changed.notify_all()

    def note_change(self) -> None:
        """Read changes of the library in the background, so that the next search does not have to."""
        with self._requests_changed:
            self._requested += 1
            self._requests_changed.notify_all()

    def settle(self, timeout: float) -> bool:
        """Wait until everything that :meth:`warm` and :meth:`note_change` requested is done."""
        with self._requests_changed:
            return self._requests_changed.wait_for(
                lambda: self._served == self._requested or self._closing, timeout
            )

    @property
    def cached_photos(self) -> int:
        """Photos whose vectors are in memory."""
        with self._lock:
            return 0 if _PHOTOS not in self._spaces else len(self._spaces[_PHOTOS].matrix)

    def nearest(
        self,
        db: Connection,
        model_id: int,
        query: Vectors,
        k: int,
        allowed: Ids | Sequence[int] | None = None,
    ) -> list[tuple[int, float]]:
        """Answer as :func:`safelight.store.vectors.nearest`, which is used while the matrix is not ready."""
        wanted = self._wanted_photos(db, allowed)
        with self._lock:
            held = self._current_space(db, model_id, None)
            if held is not None:
                matrix = held.matrix
                ids, scores = matrix.nearest(vectors.normalised_query(query, matrix.dim), k, wanted)
                return list(zip(ids.tolist(), scores.tolist(), strict=True))
            self._switch_to(model_id)
        return vectors.nearest(db, model_id, query, k, allowed)

    def nearest_by_unit(
        self,
        db: Connection,
        space: Space,
        query: Vectors,
        k: int,
        allowed: Ids | Sequence[int] | None = None,
    ) -> list[Match]:
        """Answer as :func:`safelight.store.spaces.nearest`, which is used while the matrix is not ready."""
        wanted = self._wanted_photos(db, allowed)
        with self._lock:
            held = self._current_space(db, space.model_id, space)
            if held is not None and held.owners is not None:
                query = vectors.normalised_query(query, space.dim)
                return held.owners.nearest(held.matrix, query, k, wanted)
        return spaces.nearest(db, space, query, k, allowed)

    def scores(self, db: Connection, model_id: int, queries: Vectors) -> tuple[Ids, Scores] | None:
        """The ids of all visible photos with a vector (n,), in no particular order, and their cosine
        similarities to queries (q, dim) as (q, n). None if the vectors are not in memory; this does not load
        them. Beyond :data:`PLAIN_MEMORY` the scores have an error of about 0.001."""
        with self._lock:
            held = self._current_space(db, model_id, None)
            if held is None:
                return None
            directions = np.stack([vectors.normalised_query(query, held.matrix.dim) for query in queries])
            ids, scores = held.matrix.scores(directions)
        if not self._sees_fewer_photos(db):
            return ids, scores
        seen = np.isin(ids, self._visible.restricted_to(db, None))
        return ids[seen], scores[:, seen]

    def close(self) -> None:
        """Idempotent."""
        with self._requests_changed:
            self._closing = True
            thread = self._thread
            self._requests_changed.notify_all()
        if thread is not None:
            thread.join()
        with self._lock:
            self._spaces = {}
            self._helper_pool.close()

    # --- for a search -------------------------------------------------------------------------------

    def _sees_fewer_photos(self, db: Connection) -> bool:
        """Whether a connection sees fewer photos than this cache holds."""
        return self._has_whole_library and is_limited(db)

    def _wanted_photos(self, db: Connection, allowed: Ids | Sequence[int] | None) -> Ids | None:
        """The photos among which to search; None for all."""
        if self._sees_fewer_photos(db):
            return self._visible.restricted_to(db, allowed)
        return None if allowed is None else np.asarray(allowed, np.int64)

    def _current_space(self, db: Connection, model_id: int, space: Space | None) -> _CachedSpace | None:
        """A space as ``db`` sees the library; None if it is not in memory or has changed too much. The caller
        holds the lock.
        """
        held = self._spaces.get(_PHOTOS if space is None else space.id)
        if held is None or held.revision.model_id != model_id:
            return None
        now = _revision(db, model_id, space)
        if self._sees_fewer_photos(db):
            # This connection cannot read the changes of all photos; the background thread's can.
            if held.revision == replace(now, change=revisions.newest_change(db)):
                return held
            self.note_change()
            return None
        if held.revision != now:
            changed = revisions.changed_photos(db, held.revision, now)
            if changed is None or len(changed) > _MAX_CHANGES_PER_SEARCH:
                self.note_change()
                return None
            _apply_changes(held, changed, _rows_of(db, model_id, space, changed), now)
        return held

    def _switch_to(self, model_id: int) -> None:
        """Load the vectors of another model, which searches use now."""
        with self._requests_changed:
            if self._thread is not None and self._wanted_model != model_id:
                self._wanted_model = model_id
                self._requested += 1
                self._requests_changed.notify_all()

    # --- the background thread --------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            with self._requests_changed:
                self._requests_changed.wait_for(lambda: self._closing or self._served != self._requested)
                model_id, asked = self._wanted_model, self._requested
                if self._closing or model_id is None:
                    return
            try:
                caught_up = self._catch_up(model_id)
            except (SafelightError, MemoryError) as error:
                # The model is gone, the library is being closed, or there is no room: sqlite-vec answers.
                log.info("vectors are not kept in memory: %s", type(error).__name__)
                self._release()
                caught_up = True
            except Exception:
                log.exception("keeping vectors in memory ended because of an error in Safelight")
                self._release()
                return
            with self._requests_changed:
                if caught_up and model_id == self._wanted_model:
                    self._served = asked
                    self._requests_changed.notify_all()
                self._requests_changed.wait_for(lambda: self._closing, _UPDATE_INTERVAL_S)

    def _release(self, key: int | None = None) -> None:
        """Remove one space from memory, or all."""
        with self._lock:
            if key is None:
                self._spaces = {}
            else:
                self._spaces.pop(key, None)

    def _catch_up(self, model_id: int) -> bool:
        """Bring every space of a model up to date. False if a search has applied newer changes meanwhile, so
        that the result could not be used."""
        with self._store.read() as db:
            others = spaces.of_model(db, model_id)
        with self._lock:
            known = {_PHOTOS, *(space.id for space in others)}
            self._spaces = {key: held for key, held in self._spaces.items() if key in known}
        caught_up = [self._catch_up_space(model_id, space) for space in (None, *others)]
        return all(caught_up)

    def _catch_up_space(self, model_id: int, space: Space | None) -> bool:
        key = _PHOTOS if space is None else space.id
        with self._lock:  # before the library is read, or a search could be newer than this reading
            held = self._spaces.get(key)
            before = held.revision if held is not None else None
        with self._store.read() as db:
            now = _revision(db, model_id, space)
            if held is not None and before is not None and self._worth_keeping(key, held):
                changed = revisions.changed_photos(db, before, now)
                if changed is not None and len(changed) <= max(
                    _MAX_CHANGES_PER_SEARCH, len(held.matrix) // 10
                ):
                    found = _rows_of(db, model_id, space, changed)
                    with self._lock:
                        if held.revision != before:
                            return False
                        _apply_changes(held, changed, found, now)
                    return True
            self._release(key)  # before the new matrix is allocated
            self._build(db, model_id, space, now)
        return True

    def _worth_keeping(self, key: int, held: _CachedSpace) -> bool:
        """Whether a matrix may be updated instead of built again: it has the right kind of numbers and few
        empty rows."""
        rows = len(held.matrix)
        coded = self._needs_compression(key, rows, held.matrix.dim)
        fits = coded is not None and (held.coded or not coded)
        return fits and held.matrix.empty_rows <= max(_MAX_CHANGES_PER_SEARCH, rows // 10)

    def _needs_compression(self, key: int, rows: int, dim: int) -> bool | None:
        """Whether this many vectors must be compressed to fit into memory with the other spaces. None if they
        do not fit even so."""
        with self._lock:
            taken = sum(
                len(held.matrix) * held.matrix.dim * (CODED if held.coded else PLAIN)
                for other, held in self._spaces.items()
                if other != key
            )
        free = self._memory - taken
        if rows * dim * PLAIN <= min(PLAIN_MEMORY, free):
            return False
        return True if rows * dim * CODED <= free else None

    def _build(self, db: Connection, model_id: int, space: Space | None, now: Revision) -> None:
        key = _PHOTOS if space is None else space.id
        rows = vectors.count(db, model_id) if space is None else spaces.count(db, space)
        dim = vectors.dimensions(db, model_id)
        coded = self._needs_compression(key, rows, dim)
        if coded is None:
            log.info("%d vectors are more than may be kept in memory", rows)
            return
        owners = None if space is None else UnitOwners()
        held = _CachedSpace(VectorMatrix(dim, coded=coded, spread=self._helper_pool), coded, now, owners)
        for part in _all_rows(db, model_id, space):
            if self._closing:
                return
            if int(part.units.max()) > _MAX_IDS_PER_ROW * (rows + 1024):
                log.info("ids are too far apart for their vectors to be kept in memory")
                return
            _add_rows(held, part)
        with self._lock:
            self._spaces[key] = held
        log.info("%d vectors are in memory", len(held.matrix))


def _revision(db: Connection, model_id: int, space: Space | None) -> Revision:
    return revisions.current(db, model_id) if space is None else spaces.revision(db, space)


def _rows_of(db: Connection, model_id: int, space: Space | None, photo_ids: Sequence[int]) -> UnitVectors:
    if space is not None:
        return spaces.of_photos(db, space, photo_ids)
    ids, rows = vectors.of_visible(db, model_id, photo_ids)
    return UnitVectors(ids, ids, rows)


def _all_rows(db: Connection, model_id: int, space: Space | None) -> Iterator[UnitVectors]:
    if space is not None:
        yield from spaces.all_units(db, space)
        return
    for ids, rows in vectors.all_vectors(db, model_id):
        yield UnitVectors(ids, ids, rows)


def _apply_changes(held: _CachedSpace, changed: Sequence[int], found: UnitVectors, now: Revision) -> None:
    """Replace the rows of the changed photos with their present vectors."""
    photo_ids = np.array(changed, np.int64)
    held.matrix.remove(photo_ids if held.owners is None else held.owners.forget(photo_ids))
    _add_rows(held, found)
    held.revision = now


def _add_rows(held: _CachedSpace, found: UnitVectors) -> None:
    held.matrix.put(found.units, found.vectors)
    if held.owners is not None:
        held.owners.put(found.units, found.photos)


def _default_memory() -> int:
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows, and systems that do not tell
        return MEMORY
    return min(MEMORY, memory // _MEMORY_DIVISOR)
