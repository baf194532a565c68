"""Duplicate detection: comparing a whole library, comparing new photos, and building the groups."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence

import numpy as np

from safelight.core.encoder import ModelInfo
from safelight.core.jobs import JobControl
from safelight.imaging.thumbnail import encode_thumbnail
from safelight.services.bench.figures import Setting, Sheet, timed
from safelight.services.bench.search import fill
from safelight.services.bench.synthetic import Clusters, scene
from safelight.services.duplicates.comparing import FINGERPRINT_VERSION, Comparer
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import folders, likeness, photos, stored_thumbnails, vectors
from safelight.store.library import LibraryStore

SECTION = "duplicates"

_DIM = 512
_TWINS = 0.05
"""Share of photos with a re-saved twin, whose hash differs in a few bits."""
_TEXTURE = 50.0
_NEW = 100
_ALONE = 5
"""Number of photos added one by one. The median is reported."""

_READING_SECONDS = 600.0


def measure(setting: Setting) -> Sheet:
    """Compare a whole library by hash, then newly added photos by hash and vector."""
    sheet = Sheet(SECTION)
    for size in setting.effort.compared:
        setting.report(f"duplicates: a library of {size:,} photos")
        directory = setting.scratch / f"{size}"
        with LibraryStore.create_or_open(directory) as store:
            _Library(sheet, size, store, directory.name, setting.cores).measure()
    return sheet


class _Library:
    def __init__(self, sheet: Sheet, size: int, store: LibraryStore, name: str, cores: int) -> None:
        self._sheet = sheet
        self._cores = cores
        self._size = size
        self._store = store
        self._random = np.random.default_rng(size)
        self._clusters = Clusters(_DIM)
        info = ModelInfo(key="bench@0", name="bench", dim=_DIM, device="cpu")
        with store.write() as db:
            self._folder = folders.add(db, os.fsencode(f"/made up/{name}"), None, time.time()).folder.id
            self._model = vectors.register(db, info, time.time())

    def measure(self) -> None:
        self._add(self._size)
        whole = timed(lambda: self._compare(None, Comparer(self._store)))
        self._report("comparing all by hash", whole, "s")
        with self._store.write() as db:
            # Vector neighbours are measured for new photos only: for all photos they take minutes.
            likeness.set_compared_by_vector(db, self._model, photos.ids(db))
        self._compare_new()
        with self._store.read() as db:
            qualities = Qualities()
            first = timed(lambda: find_groups(db, qualities))
            groups: list[object] = []
            seconds = timed(lambda: groups.extend(find_groups(db, qualities)))
        note = f"{len(groups):,} groups"
        self._report("building the groups, the first time", first, "s", f"{note}; looks at each picture once")
        self._report("building the groups", seconds, "s", note)

    def _compare_new(self) -> None:
        """Compare as the running program does, where searches keep the vectors in memory."""
        cache = VectorCache(self._store, threads=min(4, self._cores))
        try:
            cache.warm(self._model)
            comparer = Comparer(self._store, cache)

            def come(count: int) -> float:
                self._add(count)
                cache.note_change()
                cache.settle(_READING_SECONDS)
                return timed(lambda: self._compare(self._model, comparer)) / count

            first = come(1)
            alone = statistics.median(come(1) for _ in range(_ALONE))
            several = come(_NEW)
            cold = self._cold()
        finally:
            cache.close()
        held = "by hash and by vector, vectors in memory"
        self._report("a new photo, alone", alone * 1e3, "ms", f"{held}, median of {_ALONE}")
        self._report(f"a new photo, of {_NEW} at once", several * 1e3, "ms", held)
        self._report("a new photo, the first after a start", first * 1e3, "ms", held)
        self._report("a new photo, alone, vectors on disk", cold * 1e3, "ms", "as on the command line")

    def _cold(self) -> float:
        self._add(1)
        return timed(lambda: self._compare(self._model, Comparer(self._store)))

    def _compare(self, model_id: int | None, comparer: Comparer) -> None:
        for _ in comparer.run(model_id, JobControl()):
            pass

    def _add(self, count: int) -> None:
        """Photos with a fingerprint, a thumbnail and a vector."""
        with self._store.read() as db:
            have = photos.counts(db).photos
        fill(self._store, self._folder, self._model, self._clusters.rows(count), have)
        twins = max(1, round(count * _TWINS))
        with self._store.write() as db:
            new = sorted(photos.ids(db))[-count:]
            hashes = self._hashes(count, twins)
            pictures = [_thumbnail(number) for number in range(min(8, count))]
            likeness.put_fingerprints(
                db,
                FINGERPRINT_VERSION,
                [(photo, code, _TEXTURE) for photo, code in zip(new, hashes, strict=True)],
            )
            for place, photo in enumerate(new):
                if place < 2 * twins:
                    stored_thumbnails.put(db, photo, pictures[place // 2 % len(pictures)])

    def _hashes(self, count: int, twins: int) -> Sequence[int]:
        """Random, except that the first few form pairs."""
        codes = self._random.integers(-(2**63), 2**63 - 1, count)
        for pair in range(min(twins, count // 2)):
            codes[2 * pair + 1] = codes[2 * pair] ^ (1 << int(self._random.integers(0, 62)))
        found: list[int] = codes.tolist()
        return found

    def _report(self, name: str, value: float, unit: str, note: str = "") -> None:
        self._sheet.add(f"{self._size:,} photos: {name}", value, unit, note)


def _thumbnail(number: int) -> bytes:
    return encode_thumbnail(scene(384, 288, number).convert("RGB"))
