"""The hashes of compared photos, kept between runs: they never change, photos are only added."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from safelight.store import likeness
from safelight.store.library import Connection
from safelight.store.likeness import FingerprintChecksum, Fingerprints, Ids


class KeptHashes:
    """Reads only hashes that it does not have yet. Not thread-safe."""

    def __init__(self, rules: int) -> None:
        self._rules = rules
        self._compared: Fingerprints | None = None
        self._new: Fingerprints | None = None
        """The photos that were not compared at the last read."""

    def read(
        self, db: Connection, photo_ids: Collection[int], compared: FingerprintChecksum
    ) -> tuple[Fingerprints, Ids]:
        """Every compared photo and those of ``photo_ids`` that are not compared yet; and the ids of the
        latter. ``compared`` is the sum of the former."""
        new = likeness.uncompared_fingerprints(db, self._rules, photo_ids)
        known = self._as_of(compared)
        if known is None:
            known = likeness.compared_fingerprints(db, self._rules)
        self._compared, self._new = known, new
        return _together(known, new), new.ids

    def _as_of(self, now: FingerprintChecksum) -> Fingerprints | None:
        """The kept hashes if they have this sum, with or without those that were new at the last read."""
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
