"""The hashes of compared photos, kept from one run to the next: they never change, only more come."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from safelight.store import likeness
from safelight.store.library import Connection
from safelight.store.likeness import HashSum, Ids, Sketched


class KeptHashes:
    """Reads what it does not have yet. For one thread."""

    def __init__(self, rules: int) -> None:
        self._rules = rules
        self._compared: Sketched | None = None
        self._new: Sketched | None = None
        """What the last read found not to be compared."""

    def read(self, db: Connection, photo_ids: Collection[int], compared: HashSum) -> tuple[Sketched, Ids]:
        """Every photo that was compared, and those of ``photo_ids`` that have yet to be, with whom these are.
        ``compared`` is what the former come to."""
        new = likeness.uncompared(db, self._rules, photo_ids)
        known = self._as_of(compared)
        if known is None:
            known = likeness.compared(db, self._rules)
        self._compared, self._new = known, new
        return _together(known, new), new.ids

    def _as_of(self, now: HashSum) -> Sketched | None:
        """What is kept if it comes to this sum, perhaps with what was new and will have been compared."""
        compared, new = self._compared, self._new
        if compared is None or new is None:
            return None
        if HashSum.of(compared) == now:
            return compared
        both = _together(compared, new)
        return both if HashSum.of(both) == now else None


def _together(one: Sketched, other: Sketched) -> Sketched:
    """By photo."""
    ids = np.concatenate([one.ids, other.ids])
    order = np.argsort(ids, kind="stable")
    return Sketched(
        ids[order],
        np.concatenate([one.hashes, other.hashes])[order],
        np.concatenate([one.texture, other.texture])[order],
    )
