"""The photos that a limited connection sees, as arrays that restrict a search in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np

from safelight.core.nearest import Ids
from safelight.store import vectors
from safelight.store.connect import pragma_int
from safelight.store.library import Connection


class VisiblePhotos:
    """Reads the photos of a connection again when the library has changed. Thread-safe."""

    def __init__(self) -> None:
        self._visible_by_connection: WeakKeyDictionary[Connection, tuple[int, Ids]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def restricted_to(self, db: Connection, allowed: Ids | Sequence[int] | None) -> Ids:
        """The photos (n,) of ``allowed`` that ``db`` sees, sorted; without ``allowed``, all that it sees."""
        # data_version changes on this connection whenever another connection commits.
        version = pragma_int(db, "data_version")
        with self._lock:
            seen, visible = self._visible_by_connection.get(db, (None, None))
        if visible is None or seen != version:
            visible = np.sort(vectors.visible(db))
            with self._lock:
                self._visible_by_connection[db] = version, visible
        if allowed is None:
            return visible
        return np.intersect1d(visible, np.asarray(allowed, np.int64))
