"""A whole library over a folder of drawn photos, for tests that break it in every way there is."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from safelight.core.encoder import InputSpec
from safelight.core.errors import ImageError
from safelight.core.jobs import JobControl
from safelight.core.photo import DecodedPhoto
from safelight.imaging.formats import is_photo_name
from safelight.imaging.read import decode_photo
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.found_files import FoundFile
from safelight.services.indexing.indexer import IndexReport
from safelight.services.indexing.roots import checked_root, volume
from safelight.services.indexing.scanner import walk
from safelight.services.library import Library
from safelight.services.models.model import ModelService
from safelight.store import files, folders, photos, vectors
from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene
from support.stored import without_vector


class DecodingHere(DecodePool):
    """Decodes on the thread that asks: for tests of everything but the processes, by the thousand."""

    def decode(self, path: str, spec: InputSpec | None) -> Future[DecodedPhoto]:
        future: Future[DecodedPhoto] = Future()
        try:
            future.set_result(decode_photo(path, spec))
        except ImageError as error:
            future.set_exception(error)
        return future


def small_picture(seed: int) -> bytes:
    """A JPEG of a few hundred bytes, another for each seed."""
    return encoded(scene(24, 18, seed=seed), "JPEG", quality=60)


def draw(folder: Path, numbers: Sequence[int]) -> None:
    """Files named after their numbers; each is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        part = folder / f"{number:05d}.part"
        part.write_bytes(small_picture(number))
        part.replace(part.with_suffix(".jpg"))


def model_of(encoder: FakeEncoder) -> ModelService:
    return ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)


@contextmanager
def opened(
    directory: Path, encoder: FakeEncoder | None = None, pool: DecodePool | None = None
) -> Iterator[Library]:
    """The library in ``directory``, made if need be, with the arithmetic model."""
    store = LibraryStore.create_or_open(directory)
    try:
        library = Library(store, pool or DecodingHere(), model_of(encoder or FakeEncoder()))
    except BaseException:
        store.close()
        raise
    with library:
        yield library


def add_root(library: Library, root: Path) -> int:
    checked = checked_root(str(root))
    with library.store.write() as db:
        return folders.add(db, checked, volume(checked), time.time()).folder.id


def index(library: Library, *, confirm: bool = False) -> IndexReport:
    """Look at every folder, as `safelight index` does."""
    with library.store.read() as db:
        scope = [folder.id for folder in folders.all_folders(db)]
    indexer = library.indexer()
    indexer.retry_transient(time.time(), at_once=True)
    return indexer.run(
        dict.fromkeys(scope), JobControl(), wait_for_model=True, confirmed=scope if confirm else ()
    )


def assert_sound(library: Library, encoder: FakeEncoder | None = None) -> None:
    """Nothing is damaged, and every photo that is shown has the model's vector."""
    with library.store.read() as db:
        assert [finding.problem for finding in health.examine(db)] == []
        if encoder is not None:
            model_id = vectors.model_id(db, encoder.info.key)
            assert model_id is not None
            assert without_vector(db, model_id) == []
        assert files.pending_ids(db) == []


def assert_equals_disk(library: Library) -> None:
    """The library names the files that lie in its folders now, and no others."""
    with library.store.read() as db:
        for folder in folders.all_folders(db):
            known = {(row.path, row.stat) for row in files.in_folder(db, folder.id)}
            there = {
                (found.path, found.stat)
                for found in walk(os.fsencode(folder.path), is_photo_name)
                if isinstance(found, FoundFile)
            }
            assert known == there


def paths(library: Library) -> set[bytes]:
    """Absolute paths of all photos that are shown."""
    with library.store.read() as db:
        return {
            os.fsencode(file.path) for photo in photos.get_many(db, photos.ids(db)) for file in photo.files
        }
