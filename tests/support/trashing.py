"""A library of small files with true hashes, and a trash that can be made to fail."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from safelight.core.operations import Undo, UndoOutcome
from safelight.core.photo import DecodedPhoto, FileStat, ImageMetadata
from safelight.services.indexing.scanner import file_stat
from safelight.services.operations.runner import OperationRunner
from safelight.services.review.trash import SystemTrash, TrashError
from safelight.services.review.undo import UndoResult
from safelight.store import files, folders, photos
from safelight.store.library import LibraryStore
from support.empty_library import open_library


def png(shade: int, note: str = "") -> bytes:
    """A real picture of one shade. Pictures of one shade have equal pixels, whatever their notes are."""
    image = Image.new("RGB", (8, 6), (shade, shade // 2, 7))
    notes = PngInfo()
    if note:
        notes.add_text("Comment", note)
    encoded = BytesIO()
    image.save(encoded, "PNG", pnginfo=notes)
    return encoded.getvalue()


def undo(store: LibraryStore, step: int | None = None) -> UndoOutcome:
    """Undo a step, or the latest, as the window and the command line do."""
    return OperationRunner(store).run(Undo(step))


def recover(store: LibraryStore) -> UndoResult:
    """As at the next start of the program."""
    return OperationRunner(store).recover()


def content_hash(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=20).digest()


class Reviewed:
    """Files and what the library knows of them."""

    def __init__(self, place: Path, store: LibraryStore | None = None) -> None:
        self.place = place
        self.folder = place / "Pictures"
        self.folder.mkdir(exist_ok=True)
        self.store = store or open_library(place / "library")
        with self.store.write() as db:
            root = os.fsencode(self.folder)
            status = self.folder.stat()
            self.folder_id = folders.add(db, root, f"{status.st_dev}:{status.st_ino}", 1.0).folder.id

    def add(self, name: str | bytes, content: bytes, *, pixels: bytes | None = None) -> int:
        """Write a file, index it and return its id."""
        path = self.folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return self.note(path, content, pixels=pixels)

    def note(self, path: Path, content: bytes, *, pixels: bytes | None = None) -> int:
        """Index a file that is there."""
        status = file_stat(path.lstat())
        with self.store.write() as db:
            photo_id = photos.find_by_content(db, content_hash(content))
            if photo_id is None:
                photo_id = photos.insert(db, _decoded(content, pixels), "2024-01-01T00:00:00", 1.0)
            relative = os.fsencode(path.relative_to(self.folder))
            (file_id,) = files.add(db, self.folder_id, [(relative, status)])
            files.set_indexed(db, file_id, photo_id, status)
        return file_id

    def path(self, file_id: int) -> Path:
        with self.store.read() as db:
            return Path(os.fsdecode(files.absolute_path(db, file_id)))

    def photo(self, file_id: int) -> int:
        with self.store.read() as db:
            ((row, _),) = files.with_absolute_paths(db, [file_id])
        assert row.photo_id is not None
        return row.photo_id

    def known(self) -> set[str]:
        """Names of the files in the library, relative to its folder."""
        with self.store.read() as db:
            return {os.fsdecode(row.path) for row in files.in_folder(db, self.folder_id)}

    def on_disk(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not path.is_symlink()
        }


def _decoded(content: bytes, pixels: bytes | None) -> DecodedPhoto:
    return DecodedPhoto(
        content_hash=content_hash(content),
        pixel_hash=content_hash(pixels or content),
        perceptual_hash=0,
        size=len(content),
        format="JPEG",
        width=4,
        height=3,
        colour=0,
        metadata=ImageMetadata(),
        thumbnail=b"jpeg",
    )


class FaultyTrash(SystemTrash):
    """The system's trash with something happening before a file goes there, or after."""

    def __init__(
        self,
        before: Callable[[bytes], None] = lambda _: None,
        after: Callable[[bytes], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self.before = before
        self.after = after

    def send(self, path: bytes) -> bytes | None:
        self.before(path)
        trashed = super().send(path)
        self.after(path)
        return trashed


def disk_error(_: bytes) -> None:
    raise TrashError("the system did not move it to the trash (input/output error)")


def trashed_files(data: Path) -> list[bytes]:
    """The files in the home trash under an XDG data folder, sorted."""
    folder = data / "Trash" / "files"
    return sorted(path.read_bytes() for path in folder.iterdir()) if folder.is_dir() else []


def some_stat(path: Path) -> FileStat:
    return file_stat(path.lstat())


class HeldTrash(FaultyTrash):
    """The system's trash, which waits before each file until it is released."""

    def __init__(self) -> None:
        super().__init__(before=self._wait)
        self.reached = threading.Event()
        """Set once a file is about to go there."""
        self.released = threading.Event()

    def _wait(self, _: bytes) -> None:
        self.reached.set()
        assert self.released.wait(30)
