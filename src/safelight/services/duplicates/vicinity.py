"""Whom the vectors propose: near neighbours, and what one camera took within seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from safelight.core.grouping import Link, link
from safelight.core.neighbours import Half, near_neighbours
from safelight.services.duplicates.likening import BURST_SECONDS
from safelight.store import likeness, vectors
from safelight.store.library import Connection
from safelight.store.likeness import Ids

PROPOSE = 0.70
"""Cosine, of vectors about their mean, from which pixels are looked at. Nearly all crops, borders and
screenshots lie above it, nearly all strangers below (docs/duplicates.md)."""

NEIGHBOURS = 8
"""Nearest that are looked at."""

_CENTRED_FROM = 256
"""Photos from which on vectors are taken about their mean. Those of some models all point much the same
way, so that strangers have a cosine of a half."""

_BURST_REACH = 60
"""Frames after a photo that are looked at as its burst."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    photos: Link
    cosine: float
    """Of their vectors about the library's mean."""


class Vicinity:
    """The vectors of a library as of one moment: two bytes a number."""

    def __init__(self, db: Connection, model_id: int, photo_ids: Sequence[int]) -> None:
        """For finding the neighbours of these photos."""
        self._ids, self._rows = _gathered(db, model_id)
        order = np.argsort(self._ids, kind="stable")
        self._ids, self._rows = self._ids[order], self._rows[order]
        self._asking = np.flatnonzero(np.isin(self._ids, photo_ids))
        self._bursts = _bursts(likeness.exposures(db), set(self._ids[self._asking].tolist()))

    def parts(self) -> Iterator[tuple[list[int], list[Neighbour]]]:
        """Photos whose neighbours were found, and the pairs that come of it, each pair once in all."""
        proposed: set[Link] = set()
        for rows, (some, others, cosines) in near_neighbours(self._rows, self._asking, PROPOSE, NEIGHBOURS):
            photo_ids = self._ids[rows].tolist()
            found = dict(
                zip(
                    map(link, self._ids[some].tolist(), self._ids[others].tolist()),
                    cosines.tolist(),
                    strict=True,
                )
            )
            for photo_id in photo_ids:
                for other in self._bursts.get(photo_id, ()):
                    cosine = self._cosine(photo_id, other)
                    if cosine is not None:
                        found.setdefault(link(photo_id, other), cosine)
            fresh = sorted(pair for pair in found if pair not in proposed)
            proposed.update(fresh)
            yield photo_ids, [Neighbour(pair, round(min(1.0, found[pair]), 4)) for pair in fresh]

    def _cosine(self, first: int, second: int) -> float | None:
        places = np.searchsorted(self._ids, [first, second])
        if places.max() >= len(self._ids) or self._ids[places].tolist() != [first, second]:
            return None
        one, two = self._rows[places].astype(np.float32)
        return float(one @ two)


def _gathered(db: Connection, model_id: int) -> tuple[Ids, Half]:
    """All vectors of visible photos, about their mean and of unit length."""
    dim = vectors.dimensions(db, model_id)
    mean = np.zeros(dim, np.float32)
    if vectors.count(db, model_id) >= _CENTRED_FROM:
        mean = vectors.sample(db, model_id, 4096).mean(0)
    ids, rows = [np.empty(0, np.int64)], [np.empty((0, dim), np.float16)]
    for some, chunk in vectors.all_vectors(db, model_id):
        about = chunk - mean
        about /= np.maximum(np.linalg.norm(about, axis=1, keepdims=True), 1e-6)
        ids.append(some)
        rows.append(about.astype(np.float16))
    return np.concatenate(ids), np.concatenate(rows)


def _bursts(exposures: Sequence[tuple[int, str, str]], asking: set[int]) -> dict[int, list[int]]:
    """Those of ``asking`` with whom one camera took within seconds, given (photo, camera, date) in order."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    moments = [_seconds(date) for _, _, date in exposures]
    for place, (photo_id, camera, _) in enumerate(exposures):
        for later in range(place + 1, min(place + 1 + _BURST_REACH, len(exposures))):
            other, other_camera, _ = exposures[later]
            if other_camera != camera or not moments[later] - moments[place] <= BURST_SECONDS:
                break
            if photo_id in asking:
                found[photo_id].append(other)
            elif other in asking:
                found[other].append(photo_id)
    return dict(found)


def _seconds(date: str) -> float:
    try:
        return (datetime.fromisoformat(date) - datetime(1970, 1, 1)).total_seconds()  # noqa: DTZ001 (wall clock)
    except ValueError:
        return float("nan")
