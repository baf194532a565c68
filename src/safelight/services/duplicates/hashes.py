"""Caches the hashes of compared photos between runs. Hashes never change; photos are only added."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from safelight.store import likeness
from safelight.store.library import Connection
from safelight.store.likeness import FingerprintChecksum, Fingerprints, Ids


class HashCache:
    """Reads only hashes that are not cached yet. Not thread-safe."""

    def __init__(self, rules: int) -> None:
        self._rules = rules
        self._compared: Fingerprints | None = None
        self._new: Fingerprints | None = None
        """The photos that were not compared at the last read."""

    def read(
        self, db: Connection, photo_ids: Collection[int], compared: FingerprintChecksum
    ) -> tuple[Fingerprints, Ids]:
        """(hashes, ids of the new photos). The hashes are those of every compared photo, and of those in
        ``photo_ids`` that are not compared yet, which are the new ones. ``compared`` is the sum over the
        compared photos, by which the cache sees whether it is up to date.
        """
        new = likeness.uncompared_fingerprints(db, self._rules, photo_ids)
        known = self._as_of(compared)
        if known is None:
            known = likeness.compared_fingerprints(db, self._rules)
        self._compared, self._new = known, new
        return _together(known, new), new.ids

    def _as_of(self, now: FingerprintChecksum) -> Fingerprints | None:
        """The cached hashes, with or without those that were new at the last read, if they have this sum."""
        compared, new = self._compared, self._new
        if compared is None or new is None:
            return None
        if FingerprintChecksum.of(compared) == now:
            return compared
        both = _together(compared, new)
        return both if FingerprintChecksum.of(both) == now else None


def _together(one: Fingerprints, other: Fingerprints) -> Fingerprints:
    """Both parts together, ordered by photo."""
    ids = np.concatenate([one.ids, other.ids])
    order = np.argsort(ids, kind="stable")
    return Fingerprints(
        ids[order],
        np.concatenate([one.hashes, other.hashes])[order],
        np.concatenate([one.texture, other.texture])[order],
    )
