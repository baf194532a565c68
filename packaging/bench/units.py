"""Measures a second space of made-up units: several windows for each photo, beside the photos' own vectors.

    python packaging/bench/units.py [--photos 100000] [--units 3] [--dim 512]

Every answer, the photos and the unit that is named for each, is compared with brute force over all units.
Needs about 2 GB of disk and 2 GB of memory for the default sizes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.photo import FileStat
from safelight.core.photo_units import UnitKind
from safelight.services.bench.memory import resident
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import bulk, folders, spaces, vectors
from safelight.store.library import LibraryStore

_PART = 5000
_QUERIES, _NEAREST = 20, 100


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=3)
    parser.add_argument("--dim", type=int, default=512)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, LibraryStore.create_or_open(Path(place)) as store:
        print(json.dumps(measure(store, chosen.photos, chosen.units, chosen.dim), indent=2))


def measure(store: LibraryStore, photos: int, units: int, dim: int) -> dict[str, float | int]:
    """Figures of one library."""
    random = np.random.default_rng(0)
    began = time.perf_counter()
    owners, rows, model_id = fill(store, random, photos, units, dim)
    built = time.perf_counter() - began
    queries = normal(random, _QUERIES, dim)
    cache = VectorCache(store, threads=2)
    before = resident() or 0
    began = time.perf_counter()
    cache.warm(model_id)
    cache.settle(3600)
    loaded, grown = time.perf_counter() - began, (resident() or 0) - before
    whole: list[float] = []
    folded: list[float] = []
    near: list[bool] = []
    differences: list[float] = []
    with store.read() as db:
        (space,) = spaces.of_model(db, model_id)
        for query in queries:
            began = time.perf_counter()
            cache.nearest(db, model_id, query, _NEAREST)
            whole.append(time.perf_counter() - began)
            began = time.perf_counter()
            found = cache.nearest_by_unit(db, space, query, _NEAREST)
            folded.append(time.perf_counter() - began)
            known = spaces.units_by_id(db, [match.unit_id for match in found])
            answer = [(match.photo_id, known[match.unit_id].number) for match in found]
            same, difference = compared(answer, rows @ query, owners, units)
            near.append(same)
            differences.append(difference)
    cache.close()
    return {
        "photos": photos,
        "units": len(owners),
        "dimensions": dim,
        "seconds to build": round(built, 1),
        "seconds to load both spaces": round(loaded, 2),
        "memory of both, MB": round(grown / 1e6),
        "photos, median ms": round(statistics.median(whole) * 1e3, 2),
        "units folded into photos, median ms": round(statistics.median(folded) * 1e3, 2),
        "queries": len(queries),
        "queries equal to brute force": sum(near),
        "greatest difference in similarity at any place": float(f"{max(differences):.1e}"),
    }


def compared(
    answer: Sequence[tuple[int, int]],
    scores: npt.NDArray[np.float32],
    owners: npt.NDArray[np.int64],
    units: int,
) -> tuple[bool, float]:
    """Whether photos and units are those of brute force in the same order; and the greatest difference, at
    any place, between the similarity of the unit that was named and of the right one.

    Vectors in memory are accurate to 1e-5, so that closer photos may change places.
    """
    by_photo = scores.reshape(-1, units)
    photos = owners[::units]
    order = np.lexsort((photos, -by_photo.max(1)))[:_NEAREST]
    expected = list(zip(photos[order].tolist(), by_photo[order].argmax(1).tolist(), strict=True))
    named = np.array([by_photo[np.searchsorted(photos, photo), unit] for photo, unit in answer])
    return list(answer) == expected, float(np.abs(named - by_photo[order].max(1)).max())


def fill(
    store: LibraryStore, random: np.random.Generator, photos: int, units: int, dim: int
) -> tuple[npt.NDArray[np.int64], Vectors, int]:
    """The photo and the vector of each unit, and the model."""
    owners: list[npt.NDArray[np.int64]] = []
    rows: list[Vectors] = []
    with store.write() as db:
        folder = folders.add(db, b"/made up", None, 1.0).folder.id
        model_id = vectors.register(db, ModelInfo("bench@0", "bench", dim, "cpu"), 1.0)
        space = spaces.register(db, model_id, UnitKind.WINDOW)
    places = [{"x": n / units, "y": 0.0, "width": 1 / units, "height": 1.0} for n in range(units)]
    for start in range(0, photos, _PART):
        count = min(_PART, photos - start)
        entries = [
            (f"{number}.jpg".encode(), FileStat(1, number, number, 1), "2024-01-01T00:00:00")
            for number in range(start, start + count)
        ]
        with store.write() as db:
            ids = list(bulk.fill(db, folder, entries, 1.0))
            vectors.put(db, model_id, ids, normal(random, count, dim))
            part = normal(random, count * units, dim)
            spaces.put(db, space, [(photo, places) for photo in ids], part)
        owners.append(np.repeat(np.array(ids, np.int64), units))
        rows.append(part)
    return np.concatenate(owners), np.concatenate(rows), model_id


def normal(random: np.random.Generator, count: int, dim: int) -> Vectors:
    """Random unit vectors."""
    rows = random.standard_normal((count, dim), np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


if __name__ == "__main__":
    main()
