"""Safelight beside other ways to do the same, in one run on one machine: ratios, with versions.

    python packaging/bench/side_by_side.py [--vectors N] [--pictures N] [--rounds N] [--json FILE]

* Indexing: the pipeline of rclip 3.3 (threads that read, hash and prepare whole pictures, batches of eight, a
  row of SQLite for each) and the loop of open_clip's tutorial (one picture after the other), both written
  again here after theirs, with the weights that Safelight has built in, in float32 as open_clip gives them.
  rclip's own model cannot be fetched by a test machine, and would compare models rather than programs.
* Search: all vectors from SQLite into a matrix for each query, as rclip does; sqlite-vec as it comes; and one
  product with a matrix that is in memory already.

What Safelight does besides (thumbnails, three hashes, metadata, words) is in its time and not in theirs.
Duplicates have programs of their own: duplicates.py and duplicate_rivals.py.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from safelight import __version__
from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.jobs import JobControl
from safelight.embedding import catalogue
from safelight.services.bench import figures
from safelight.services.bench.search import fill
from safelight.services.bench.synthetic import Clusters, write_pictures
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.indexer import Indexer
from safelight.services.library import available_cores, shared_cores
from safelight.services.models.model import ModelService
from safelight.services.searching.vector_cache import VectorCache
from safelight.store import folders, vectors
from safelight.store.library import LibraryStore

DIM, K = 512, 100
_BATCH, _LOOK_AHEAD = 8, 3

Rows = dict[str, float]


# --- indexing -----------------------------------------------------------------------------------------------


class Tower:
    """The built-in model as anybody would load it: float32, pictures prepared by open_clip's transform."""

    def __init__(self, scratch: Path) -> None:
        from safelight.embedding.weights import open_model

        self._model, _ = open_model(catalogue.default(scratch))
        from open_clip.transform import image_transform

        self.prepare: Callable[[Any], Any] = image_transform(224, is_train=False)

    def encode(self, prepared: list[Any]) -> Vectors:
        import torch

        with torch.inference_mode():
            found = self._model.encode_image(torch.stack(prepared)).numpy()
        return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def tutorial_loop(files: list[Path], tower: Tower) -> None:
    """``for each file: preprocess(Image.open(file)), encode_image``, as in open_clip's README."""
    from PIL import Image

    rows = [tower.encode([tower.prepare(Image.open(file))]) for file in files]
    assert len(np.concatenate(rows)) == len(files)


def rclip_pipeline(files: list[Path], tower: Tower, database: Path) -> None:
    """After ``RClip._load_images`` and ``_index_images`` of rclip 3.3.0."""
    from PIL import Image

    def read(file: Path) -> tuple[str, str, Any]:
        digest = hashlib.md5(file.read_bytes()).hexdigest()
        return str(file), digest, tower.prepare(Image.open(file).convert("RGB"))

    db = sqlite3.connect(database)
    db.execute("CREATE TABLE images (filepath TEXT UNIQUE, hash TEXT, vector BLOB)")
    ahead: deque[Future[tuple[str, str, Any]]] = deque()
    left = iter(files)
    with ThreadPoolExecutor(available_cores()) as pool:

        def submit() -> None:
            file = next(left, None)
            if file is not None:
                ahead.append(pool.submit(read, file))

        for _ in range(_LOOK_AHEAD * _BATCH):
            submit()
        batch: list[tuple[str, str, Any]] = []
        while ahead:
            batch.append(ahead.popleft().result())
            submit()
            if len(batch) == _BATCH or not ahead:
                found = tower.encode([prepared for _, _, prepared in batch])
                db.executemany(
                    "INSERT INTO images VALUES (?, ?, ?)",
                    [
                        (path, digest, row.tobytes())
                        for (path, digest, _), row in zip(batch, found, strict=True)
                    ],
                )
                batch = []
    db.commit()
    db.close()


class Safelight:
    """Its own pipeline, with the model loaded and its processes running."""

    def __init__(self, scratch: Path) -> None:
        decoders, threads = shared_cores(available_cores())
        self._scratch = scratch
        self._pool = DecodePool(decoders)
        self._model = ModelService.of(catalogue.default(scratch), threads)
        self._encoder = self._model.wait()
        assert self._encoder.batch_size

    def index(self, folder: Path) -> None:
        with LibraryStore.create_or_open(self._scratch / f"indexed {time.time_ns()}") as store:
            with store.write() as db:
                folder_id = folders.add(db, os.fsencode(folder), None, time.time()).folder.id
            report = Indexer(store, self._pool, self._model).run(
                {folder_id: None}, JobControl(), wait_for_model=True
            )
            assert not report.failed

    def close(self) -> None:
        self._pool.close()


def compare_indexing(scratch: Path, count: int, size: tuple[int, int], rounds: int) -> Rows:
    """Images/s of each, in turn."""
    folder = scratch / f"{size[0]}"
    write_pictures(folder, count, size)
    files = sorted(folder.iterdir())
    safelight, tower = Safelight(scratch), Tower(scratch)
    try:
        seconds = figures.in_turn(
            {
                "Safelight": lambda _: safelight.index(folder),
                "rclip's scheme": lambda _: rclip_pipeline(
                    files, tower, scratch / f"rclip {size[0]} {time.time_ns()}.db"
                ),
                "open_clip's tutorial": lambda _: tutorial_loop(files, tower),
            },
            rounds,
        )
    finally:
        safelight.close()
    return {name: count / statistics.median(taken) for name, taken in seconds.items()}


# --- search -------------------------------------------------------------------------------------------------


def compare_search(scratch: Path, count: int, rounds: int) -> Rows:
    """Milliseconds of each from a query's vector to its hundred best, in turn."""
    clusters = Clusters(DIM)
    queries = clusters.queries(max(rounds, 1))
    plain = sqlite3.connect(scratch / "rows.db")
    plain.execute("CREATE TABLE images (filepath TEXT UNIQUE, vector BLOB)")

    def noted() -> Iterator[Vectors]:
        done = 0
        for rows in clusters.rows(count):
            plain.executemany(
                "INSERT INTO images VALUES (?, ?)",
                ((f"/photos/{done + place}.jpg", row.tobytes()) for place, row in enumerate(rows)),
            )
            done += len(rows)
            yield rows

    with LibraryStore.create_or_open(scratch / "searched") as store:
        with store.write() as db:
            folder_id = folders.add(db, os.fsencode(scratch / "photos"), None, time.time()).folder.id
            model_id = vectors.register(db, ModelInfo("bench@0", "bench", DIM, "cpu"), time.time())
        fill(store, folder_id, model_id, noted(), 0)
        plain.commit()
        matrix = np.concatenate([row for _, row in _all(store, model_id)])
        cache = VectorCache(store, threads=min(4, available_cores()))
        cache.warm(model_id)
        cache.settle(600)

        def per_query(number: int) -> None:
            rows = plain.execute("SELECT filepath, vector FROM images").fetchall()
            _best(np.stack([np.frombuffer(vector, np.float32) for _, vector in rows]), queries[number])

        with store.read() as db:
            seconds = figures.in_turn(
                {
                    "Safelight": lambda number: cache.nearest(db, model_id, queries[number], K),
                    "sqlite-vec as it comes": lambda number: vectors.nearest(
                        db, model_id, queries[number], K
                    ),
                    "all vectors from SQLite for each query": per_query,
                    "one product with a matrix in memory": lambda number: _best(matrix, queries[number]),
                },
                rounds,
            )
        cache.close()
    plain.close()
    return {name: statistics.median(taken) * 1e3 for name, taken in seconds.items()}


def _all(store: LibraryStore, model_id: int) -> list[tuple[Any, Vectors]]:
    with store.read() as db:
        return list(vectors.all_vectors(db, model_id))


def _best(matrix: Vectors, query: Vectors) -> None:
    scores = matrix @ query
    top = np.argpartition(scores, len(scores) - K)[-K:]
    top[np.argsort(-scores[top])]


# --- the program --------------------------------------------------------------------------------------------


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--vectors", type=int, default=100_000)
    parser.add_argument("--pictures", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    report: dict[str, Any] = {
        "machine": figures.machine(available_cores()),
        "versions": {"safelight": __version__}
        | {name: version(name) for name in ("sqlite-vec", "open_clip_torch", "torch", "pillow", "numpy")},
    }
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        report["12-megapixel JPEGs, images/s"] = compare_indexing(
            scratch, given.pictures, (4000, 3000), given.rounds
        )
        report["small JPEGs, images/s"] = compare_indexing(
            scratch, 8 * given.pictures, (500, 375), given.rounds
        )
        report[f"{given.vectors:,} vectors, ms"] = compare_search(scratch, given.vectors, 3 * given.rounds)
    for title, rows in report.items():
        print(f"\n{title}")
        own = rows.get("Safelight")
        for name, value in rows.items():
            other = isinstance(value, float) and own is not None and name != "Safelight"
            ratio = (own / value if "images/s" in title else value / own) if other else None
            print(f"  {name:<42} {value:>12.4g}" if isinstance(value, float) else f"  {name:<42} {value}")
            if ratio is not None:
                print(f"  {'  Safelight is faster by':<42} {ratio:>12.2f}")
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
