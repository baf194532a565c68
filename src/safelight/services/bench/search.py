"""Search time in memory, compared with plain sqlite-vec and with one matrix product."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from safelight.core.encoder import InputSpec, ModelInfo, Pixels, Vectors
from safelight.core.errors import UsageError
from safelight.core.message import Message
from safelight.core.photo import FileStat
from safelight.core.stopwatch import Stopwatch
from safelight.services.bench.figures import Effort, Setting, Sheet, in_turn, percentile, timed
from safelight.services.bench.memory import resident
from safelight.services.bench.synthetic import Clusters
from safelight.services.indexing.decoding import DecodePool
from safelight.services.searching.searcher import Searcher
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import bulk, folders, vectors
from safelight.store.library import LibraryStore

SECTION = "search"
DIM = 512
K = 100

_HITS = 200
_DAYS = 1000
_FIRST_DAY = date(2020, 1, 1)
_FILTERS = {"0.1 %": ("date:", 0), "10 %": ("before:", 100), "90 %": ("before:", 900)}
"""Date filters that admit a given share, since photos are spread evenly over a thousand days. Each query uses
another day, because filter results are cached."""

_BYTES_PER_PHOTO = 3500
_FEW = 12
_LARGE = 200_000
_BUILDING_SECONDS = 1800


def bytes_needed(effort: Effort) -> int:
    """Disk space used by the largest library, including its log."""
    return 2 * max(effort.vectors) * _BYTES_PER_PHOTO


def measure(setting: Setting) -> Sheet:
    """Fill a library step by step with synthetic vectors and search it at each size, then one with the
    given vectors.
    """
    sheet = Sheet(SECTION)
    clusters = Clusters(DIM)
    queries = clusters.queries(setting.effort.queries)
    _Bench(setting, sheet, "made", queries).at_sizes(clusters.rows, setting.effort.vectors)
    if setting.vectors is not None:
        rows = _given(setting.vectors)
        asked = rows[:: max(1, len(rows) // setting.effort.queries)][: setting.effort.queries]
        _Bench(setting, sheet, "given", asked).at_sizes(lambda _: iter([rows]), (len(rows),))
    return sheet


def _given(file: Path) -> Vectors:
    try:
        rows = np.load(file, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UsageError("{path} is not a NumPy file of vectors.", path=file) from error
    if rows.ndim != 2 or len(rows) < 2 or not np.issubdtype(rows.dtype, np.floating):
        raise UsageError("{path} does not hold vectors as rows of numbers.", path=file)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(norms).all() and norms.all()):
        raise UsageError("{path} holds vectors that are zero or not finite.", path=file)
    return np.asarray(rows / norms, np.float32)


class _Bench:
    """A library with one kind of vectors."""

    def __init__(self, setting: Setting, sheet: Sheet, kind: str, queries: Vectors) -> None:
        self._setting = setting
        self._sheet = sheet
        self._kind = kind
        self._queries = queries

    def at_sizes(self, rows: Callable[[int], Iterator[Vectors]], sizes: Sequence[int]) -> None:
        """``rows`` returns the given number of further vectors."""
        info = ModelInfo(key="bench@0", name="bench", dim=self._queries.shape[1], device="cpu")
        scratch = self._setting.scratch / self._kind
        filled = 0
        with LibraryStore.create_or_open(scratch) as store, DecodePool(1) as pool:
            with store.write() as db:
                folder_id = folders.add(db, os.fsencode(scratch / "photos"), None, time.time()).folder.id
                model_id = vectors.register(db, info, time.time())
            for size in sorted(sizes):
                self._setting.report(f"search: a library of {size:,} photos, vectors {self._kind}")
                fill(store, folder_id, model_id, rows(size - filled), filled)
                filled = size
                cache = VectorCache(store, threads=min(4, self._setting.cores))
                try:
                    label = f"{size:,}" if self._kind == "made" else f"{size:,} {self._kind}"
                    part = _Part(self._sheet, label, size, store, model_id, cache)
                    part.read_into_memory()
                    part.compare(self._queries)
                    part.with_filters(self._queries)
                    searcher = Searcher(store, pool, _Model(info, self._queries), cache)
                    part.whole(searcher, len(self._queries))
                finally:
                    cache.close()


def fill(store: LibraryStore, folder_id: int, model_id: int, pieces: Iterator[Vectors], have: int) -> None:
    """Add photos with these vectors to a library that already has this many."""
    for rows in pieces:
        entries = [
            (
                b"%d/%d.jpg" % (number // 1000, number),
                FileStat(3_000_000 + number, 1_600_000_000_000_000_000 + number, number + 1),
                f"{_FIRST_DAY + timedelta(days=number % _DAYS)}T12:00:00",
            )
            for number in range(have, have + len(rows))
        ]
        with store.write() as db:
            vectors.put(db, model_id, bulk.fill(db, folder_id, entries, time.time()), rows)
        have += len(rows)


class _Part:
    """The figures for one library size."""

    def __init__(
        self,
        sheet: Sheet,
        label: str,
        size: int,
        store: LibraryStore,
        model_id: int,
        cache: VectorCache,
    ) -> None:
        self._sheet = sheet
        self._label = label
        self._size = size
        self._store = store
        self._model_id = model_id
        self._cache = cache

    def read_into_memory(self) -> None:
        before = resident()
        seconds = timed(self._warm)
        self._add("vectors read into memory, in the background", seconds, "s")
        after = resident()
        if before is not None and after is not None and self._cache.cached_photos:
            self._add("memory that they take", (after - before) / 1e6, "MB")

    def _warm(self) -> None:
        self._cache.warm(self._model_id)
        self._cache.settle(_BUILDING_SECONDS)

    def compare(self, queries: Vectors) -> None:
        """Compared with plain sqlite-vec and with one product with a float32 matrix."""
        rows = _Plain(self._store, self._model_id)
        with self._store.read() as db:

            def in_memory(number: int) -> list[tuple[int, float]]:
                return self._cache.nearest(db, self._model_id, queries[number % len(queries)], K)

            def sqlite_vec(number: int) -> list[tuple[int, float]]:
                return vectors.nearest(db, self._model_id, queries[number % len(queries)], K)

            def product(number: int) -> list[int]:
                return rows.nearest(queries[number % len(queries)])

            quick = in_turn({"memory": in_memory, "product": product}, len(queries))
            slow = in_turn(
                {"memory": in_memory, "sqlite-vec": sqlite_vec},
                _FEW if self._size > _LARGE else len(queries),
            )
            shared = [
                len({photo for photo, _ in in_memory(number)} & set(product(number)))
                for number in range(len(queries))
            ]
        for share in (50, 95, 99):
            self._add(f"search alone, p{share}", percentile(quick["memory"], share) * 1e3, "ms", f"k = {K}")
        for name, other, seconds in (
            ("one float32 product and its top", "product", quick),
            ("sqlite-vec as it comes", "sqlite-vec", slow),
        ):
            self._add(f"{name}, p50", percentile(seconds[other], 50) * 1e3, "ms")
            for share in (50, 95):
                ratio = percentile(seconds["memory"], share) / percentile(seconds[other], share)
                if other == "product":
                    self._add(f"search beside that product, p{share}", ratio, "x", "less is better")
                else:
                    self._add(f"search faster than sqlite-vec, p{share}", 1 / ratio, "x")
        self._add(f"recall@{K} against exact", sum(shared) / (len(queries) * min(K, self._size)), "")

    def with_filters(self, queries: Vectors) -> None:
        """Search among filtered ids only."""
        with self._store.read() as db:
            ids = np.concatenate([part for part, _ in vectors.all_vectors(db, self._model_id)])
            for name, share in (("0.1 %", 0.001), ("10 %", 0.1), ("90 %", 0.9)):
                allowed = ids[:: round(1 / share)] if share < 0.5 else np.delete(ids, np.s_[::10])
                passed = allowed.tolist()
                seconds = in_turn(
                    {
                        "memory": lambda n: self._cache.nearest(db, self._model_id, queries[n], K, passed),  # noqa: B023
                        "sqlite-vec": lambda n: vectors.nearest(db, self._model_id, queries[n], K, passed),  # noqa: B023
                    },
                    min(_FEW, len(queries)),
                )
                memory, other = (percentile(seconds[each], 50) for each in ("memory", "sqlite-vec"))
                self._add(f"among {name} of the photos, p50", memory * 1e3, "ms")
                self._add(f"among {name}, faster than sqlite-vec", other / memory, "x")

    def whole(self, searcher: Searcher, count: int) -> None:
        """Measure a search from text to hits, by stage. The model's part is left out, as it does not depend
        on the size.
        """
        searcher.prepare()
        self._cache.settle(_BUILDING_SECONDS)
        first = timed(lambda: searcher.search("word 0", _HITS))
        self._add("first query, text to hits", first * 1e3, "ms", "after the library was measured")
        for name, (key, days) in {"": ("", 0), **_FILTERS}.items():
            runs: list[Stopwatch] = []
            for number in range(min(count, 20)):
                stopwatch = Stopwatch()
                condition = f"{key}{_FIRST_DAY + timedelta(days + number)}" if key else ""
                searcher.search(f"word {number} {condition}", _HITS, record_step=stopwatch)
                runs.append(stopwatch)
            whole = [sum(stopwatch.seconds.values()) for stopwatch in runs]
            label = f" with a filter that passes {name}" if name else ""
            self._add(f"text to hits{label}, p50", percentile(whole, 50) * 1e3, "ms")
            self._add(f"text to hits{label}, p95", percentile(whole, 95) * 1e3, "ms")
            for stage in runs[0].seconds:
                spent = [stopwatch.seconds[stage] for stopwatch in runs]
                self._add(f"  {stage}, p50", percentile(spent, 50) * 1e3, "ms")

    def _add(self, name: str, value: float, unit: str, note: str = "") -> None:
        self._sheet.add(f"{self._label}: {name}", value, unit, note)


class _Plain:
    """The simplest method: one matrix of all vectors, multiplied by the query."""

    def __init__(self, store: LibraryStore, model_id: int) -> None:
        with store.read() as db:
            parts = list(vectors.all_vectors(db, model_id))
        self._ids = np.concatenate([ids for ids, _ in parts])
        self._rows = np.concatenate([rows for _, rows in parts])

    def nearest(self, query: Vectors) -> list[int]:
        scores = self._rows @ query
        count = min(K, len(scores))
        top = np.argpartition(scores, len(scores) - count)[len(scores) - count :]
        best = top[np.argsort(-scores[top])]
        found: list[int] = self._ids[best].tolist()
        return found


class _Model:
    """Replaces a model and returns a ready vector for every text."""

    def __init__(self, info: ModelInfo, queries: Vectors) -> None:
        self._encoder = _Encoder(info, queries)

    def wait(self) -> _Encoder:
        return self._encoder

    def upcoming(self) -> None:
        return None

    def unknown_words(self, _text: str) -> tuple[str, ...]:
        return ()

    @property
    def notice(self) -> Message | None:
        return None


class _Encoder:
    def __init__(self, info: ModelInfo, queries: Vectors) -> None:
        self._info = info
        self._queries = queries

    @property
    def info(self) -> ModelInfo:
        return self._info

    @property
    def input_spec(self) -> InputSpec:
        return InputSpec()

    @property
    def batch_size(self) -> int:
        return 1

    def encode_images(self, batch: Pixels) -> Vectors:
        return self._queries[: len(batch)]

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        return self._queries[[zlib.crc32(text.encode()) % len(self._queries) for text in texts]]
