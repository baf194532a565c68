"""Rows and vectors for tests of the library, made up but of the right shape."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from safelight.core.encoder import ModelInfo, Vectors
from safelight.core.photo import DecodedPhoto, FileStat, ImageMetadata
from safelight.services.stages.declarations import VECTOR
from safelight.store import files, folders, photos, stage_states, vectors
from safelight.store.library import Connection

DIM = 8
MODEL = ModelInfo(key="test@00000000", name="test", dim=DIM, device="cpu")
DATE = "2024-05-06T07:08:09"


def stat(number: int = 1) -> FileStat:
    """Another number, another file."""
    return FileStat(size=1000 + number, mtime_ns=1_700_000_000_000_000_000 + number, inode=number, device=1)


def digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=20).digest()


def decoded(name: str, *, pixels: str | None = None, metadata: ImageMetadata | None = None) -> DecodedPhoto:
    """What reading a file would yield; photos of equal ``pixels`` differ in their metadata only."""
    return DecodedPhoto(
        content_hash=digest(name),
        pixel_hash=digest(pixels or name),
        perceptual_hash=-5,
        size=1234,
        format="JPEG",
        width=640,
        height=480,
        colour=0x336699,
        metadata=metadata or ImageMetadata(),
        thumbnail=f"jpeg of {name}".encode(),
    )


def unit_vectors(seed: int, count: int, dim: int = DIM) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def add_folder(db: Connection, path: str | bytes = "/photos") -> int:
    return folders.add(db, os.fsencode(path), None, 1.0).folder.id


def add_file(db: Connection, folder_id: int, path: str | bytes, number: int = 1) -> int:
    """A file that waits to be read."""
    (file_id,) = files.add(db, folder_id, [(os.fsencode(path), stat(number))])
    return file_id


def hold(db: Connection, file_id: int, photo_id: int, number: int = 1) -> int | None:
    """Say that a file was read and holds a photo."""
    return files.set_indexed(db, file_id, photo_id, stat(number))


def add_photo(
    db: Connection,
    folder_id: int,
    path: str | bytes,
    *,
    content: str | None = None,
    pixels: str | None = None,
    metadata: ImageMetadata | None = None,
    date: str = DATE,
) -> int:
    """A file that was read, and the photo it holds: ``content`` says which, else the path does."""
    name = content or repr((folder_id, path))
    new = decoded(name, pixels=pixels, metadata=metadata)
    photo_id = photos.find_by_content(db, new.content_hash)
    if photo_id is None:
        photo_id = photos.insert(db, new, date, 1.0)
    hold(db, add_file(db, folder_id, path), photo_id)
    return photo_id


def add_photos_with_vectors(db: Connection, count: int, seed: int = 0) -> tuple[int, list[int], Vectors]:
    """Model, photo ids and their vectors."""
    folder_id = add_folder(db)
    ids = [add_photo(db, folder_id, f"{number}.jpg") for number in range(count)]
    rows = unit_vectors(seed, count)
    model_id = vectors.register(db, MODEL, 1.0)
    vectors.put(db, model_id, ids, rows)
    return model_id, ids, rows


def without_vector(db: Connection, model_id: int) -> list[int]:
    """Photos that the model has yet to read, in the order in which it will."""
    return stage_states.lacking(db, VECTOR, model_id)


@contextmanager
def unprivileged(directory: Path) -> Iterator[None]:
    """As somebody who may read ``directory`` but not write to it."""
    directory.chmod(0o555)
    for path in directory.iterdir():
        path.chmod(0o444)
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65534)
        yield
    finally:
        if root:
            os.seteuid(0)
        directory.chmod(0o755)


class Worker:
    """A thread that keeps what its work raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 (handed to the test)
            self.error = error

    def join(self) -> BaseException | None:
        self._thread.join(60)
        assert not self._thread.is_alive()
        return self.error
