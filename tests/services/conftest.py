"""A folder of drawn photos and the services over a real library, with the arithmetic encoder."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from safelight.core.changes import LibraryChanged
from safelight.core.jobs import JobControl, Progress
from safelight.core.photo import Failure, Photo
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.indexer import Indexer, IndexReport
from safelight.services.indexing.live import LiveIndexer
from safelight.services.indexing.roots import checked_root, volume
from safelight.services.library import Library
from safelight.services.models.model import ModelService
from safelight.store import files, folders, photos
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.empty_library import open_library
from support.fake_encoder import FakeEncoder
from support.originals import stated
from support.pictures import encoded, scene


@pytest.fixture(scope="session")
def pool() -> Iterator[DecodePool]:
    """One set of decode processes for all tests here: starting them is what costs."""
    with DecodePool(2) as shared_pool:
        started = [shared_pool.load(encoded(scene(), "PNG")) for _ in range(4)]
        for future in started:
            future.result(120)
        yield shared_pool


@dataclass
class Bench:
    """A library with one folder, and what its index runs reported."""

    library: Library
    encoder: FakeEncoder
    root: Path
    changes: list[LibraryChanged] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    @property
    def store(self) -> LibraryStore:
        return self.library.store

    def draw(self, name: str, seed: int, **options: object) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(scene(seed=seed), "JPEG", quality=90, **options))
        return path

    def add_root(self, root: Path) -> int:
        checked = checked_root(str(root))
        with self.store.write() as db:
            return folders.add(db, checked, volume(checked), time.time()).folder.id

    def indexer(self) -> Indexer:
        return self.library.indexer(self.progress.append, self.changes.append)

    def index(self, *folder_ids: int, control: JobControl | None = None) -> IndexReport:
        """Index the folders given, or all."""
        with self.store.read() as db:
            scope = folder_ids or tuple(folder.id for folder in folders.all_folders(db))
        report = self.indexer().run(dict.fromkeys(scope), control or JobControl(), wait_for_model=True)
        with self.store.read() as db:
            assert health.check(db) == []
        return report

    def photos(self) -> list[Photo]:
        with self.store.read() as db:
            return photos.get_many(db, photos.ids(db))

    def paths(self) -> set[Path]:
        return {Path(file.path) for photo in self.photos() for file in photo.files}

    def photo_at(self, path: Path) -> Photo:
        return next(photo for photo in self.photos() if str(path) in {file.path for file in photo.files})

    def failures(self) -> list[Failure]:
        with self.store.read() as db:
            return files.failures(db)


@contextlib.contextmanager
def opened_bench(directory: Path, root: Path, pool: DecodePool) -> Iterator[Bench]:
    """The library in ``directory`` with one root. Both are added where they are missing."""
    encoder = FakeEncoder()
    model = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)
    store = open_library(directory)
    bench = Bench(Library(store, pool, model), encoder, root.resolve())
    with store.read() as db:
        is_new = not folders.all_folders(db)
    if is_new:
        bench.add_root(root)
    yield bench
    bench.library.vectors.close()
    store.close()


@pytest.fixture
def bench(tmp_path: Path, pool: DecodePool) -> Iterator[Bench]:
    root = tmp_path / "Pictures"
    root.mkdir()
    with opened_bench(tmp_path / "library", root, pool) as made:
        yield made


Draw = Callable[[Bench], None]


class IndexedLibraries:
    """Libraries of drawn pictures, each indexed once for many tests.

    Every test gets its own copy of the library. The pictures are shared: after a test that changed some, they
    are drawn and indexed again.
    """

    def __init__(self, place: Path, pool: DecodePool) -> None:
        self._place = place
        self._pool = pool
        self._made: dict[Draw, tuple[Path, dict[Path, tuple[int, int, int]]]] = {}
        self._count = 0

    @contextlib.contextmanager
    def opened(self, draw: Draw, directory: Path) -> Iterator[Bench]:
        """The library of what ``draw`` draws, in ``directory``, which does not exist yet."""
        made = self._made.get(draw)
        if made is None or stated(made[0] / "Pictures") != made[1]:
            made = self._made[draw] = self._index(draw)
        shutil.copytree(made[0] / "library", directory)
        with opened_bench(directory, made[0] / "Pictures", self._pool) as bench:
            yield bench

    def _index(self, draw: Draw) -> tuple[Path, dict[Path, tuple[int, int, int]]]:
        self._count += 1
        place = self._place / str(self._count)
        root = place / "Pictures"
        root.mkdir(parents=True)
        with opened_bench(place / "library", root, self._pool) as bench:
            draw(bench)
            bench.index()
        return place, stated(root)


@pytest.fixture(scope="session")
def indexed_libraries(tmp_path_factory: pytest.TempPathFactory, pool: DecodePool) -> IndexedLibraries:
    return IndexedLibraries(tmp_path_factory.mktemp("indexed"), pool)


@contextlib.contextmanager
def started(bench: Bench, live: LiveIndexer) -> Iterator[None]:
    """It has looked at everything once, with the model there."""
    bench.library.model.wait()
    live.start()
    assert live.wait_until_idle(30)
    yield
    live.close()
