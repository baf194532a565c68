"""The hashes of compared photos, kept from one run to the next: they never change, only more come."""

from __future__ import annotations

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

    def read(self, db: Connection) -> tuple[Sketched, Ids]:
        """Every photo with a sketch, and those of them that have yet to be compared; where there are none,
        nothing is read."""
        new = likeness.sketched(db, self._rules, compared=False)
        if not len(new.ids):
            return new, new.ids
        now = likeness.sum_of_compared(db, self._rules)
        compared = self._as_of(now)
        if compared is None:
            compared = likeness.sketched(db, self._rules, compared=True)
        self._compared, self._new = compared, new
        return _together(compared, new), new.ids

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
