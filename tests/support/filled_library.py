"""A real library with drawn photos, written by the store's own functions."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from safelight.core.errors import FailureKind
from safelight.core.message import Message
from safelight.core.photo import DecodedPhoto, FileStat, ImageMetadata
from safelight.imaging.read import decode_photo
from safelight.store import files, folders, photos
from support.empty_library import open_library

SIZE = (640, 480)


def drawn(name: str) -> bytes:
    """A JPEG of one colour, which depends on the name."""
    hashed = zlib.crc32(name.encode())
    buffer = BytesIO()
    Image.new("RGB", SIZE, (hashed & 255, hashed >> 8 & 255, hashed >> 16 & 255)).save(buffer, "JPEG")
    return buffer.getvalue()


class FilledLibrary:
    """Plays the engine's part: the one writer of a library and of its folder of photos."""

    def __init__(self, place: Path) -> None:
        self.directory = place / "library"
        self.folder = place / "Pictures"
        self.folder.mkdir(parents=True)
        self.store = open_library(self.directory)
        with self.store.write() as db:
            self.folder_id = folders.add(db, os.fsencode(self.folder), None, 0.0).folder.id

    def close(self) -> None:
        self.store.close()

    def add(self, *names_and_dates: tuple[str, str]) -> list[int]:
        """Photos as (path in the folder, date taken), with their files; returns their ids."""
        added: list[int] = []
        with self.store.write() as db:
            for name, date in names_and_dates:
                content = drawn(name)
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / name).write_bytes(content)
                found = (self.folder / name).stat()
                stat = FileStat(found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)
                (file_id,) = files.add(db, self.folder_id, [(os.fsencode(name), stat)])
                decoded = DecodedPhoto(
                    content_hash=name.encode().ljust(20, b"\0")[-20:],
                    pixel_hash=name.encode().ljust(20, b"\0")[-20:],
                    perceptual_hash=0,
                    size=len(content),
                    format="JPEG",
                    width=SIZE[0],
                    height=SIZE[1],
                    colour=0x808080,
                    metadata=ImageMetadata(taken_at=date),
                    thumbnail=content,
                )
                photo_id = photos.insert(db, decoded, date, 0.0)
                files.set_indexed(db, file_id, photo_id, stat)
                added.append(photo_id)
        return added

    def add_copy(self, name: str, photo_id: int) -> None:
        """Another file with the bytes of a photo, at a path in the folder."""
        with self.store.write() as db:
            original = photos.get_many(db, [photo_id])[0].files[0].path
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(Path(original).read_bytes())
            found = (self.folder / name).stat()
            stat = FileStat(found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)
            (file_id,) = files.add(db, self.folder_id, [(os.fsencode(name), stat)])
            files.set_indexed(db, file_id, photo_id, stat)

    def add_file(self, name: str, date: str, *, stored_as: str = "") -> int:
        """A photo of a file that is in the folder, decoded as it is indexed. Then the file is renamed to
        ``stored_as``, if given."""
        path = self.folder / name
        decoded = decode_photo(str(path), None)
        if stored_as:
            path = path.rename(self.folder / stored_as)
        found = path.stat()
        stat = FileStat(found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)
        with self.store.write() as db:
            (file_id,) = files.add(db, self.folder_id, [(os.fsencode(path.name), stat)])
            photo_id = photos.insert(db, decoded, date, 0.0)
            files.set_indexed(db, file_id, photo_id, stat)
        return photo_id

    def remove(self, photo_ids: Sequence[int]) -> None:
        """Take photos out as the engine does when their files are gone."""
        with self.store.write() as db:
            held = [row.id for photo_id in photo_ids for row in files.of_photo(db, photo_id)]
            files.remove(db, held)

    def fail(self, name: str, reason: str, /, **values: object) -> int:
        """A file that could not be read, for a reason; returns its id."""
        with self.store.write() as db:
            (file_id,) = files.add(db, self.folder_id, [(os.fsencode(name), FileStat(1, 1, 1))])
            files.set_failed(
                db, file_id, FailureKind.BROKEN, Message(reason, **values), 1_700_000_000.0, "pillow"
            )
        return file_id
