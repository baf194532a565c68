"""Small files that unpack to enormous ones: the engine stays within its memory, and goes on."""

from __future__ import annotations

import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import FailureKind
from safelight.core.jobs import Phase
from safelight.core.operations import AddFolder
from safelight.engine.events import IndexProgress, SearchResults
from safelight.engine.requests import RunOperation, Search
from safelight.services.indexing.decode_worker import Limits
from safelight.store import files, photos
from safelight.store.library import LibraryStore
from support.engine_talk import EngineTalk
from support.originals import differences, taken_stock
from support.pictures import encoded, scene
from support.processes import family, resident_bytes

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

ENGINE_BYTES = 1 << 30
"""What the engine process itself may hold; it unpacks nothing."""


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, bits: int, colour: int, *extra: bytes, rows: int | None = None) -> bytes:
    """A PNG of nothing but zeros, deflated as a stream so that making it takes no memory."""
    packer = zlib.compressobj(6)
    channels = 3 if colour == 2 else 1
    row = bytes(1 + (width * bits * channels + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height if rows is None else rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + b"".join(extra) + png_chunk(b"IDAT", body)
    return b"\x89PNG\r\n\x1a\n" + chunks + png_chunk(b"IEND", b"")


def zipped_text(megabytes: int) -> bytes:
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(b"a" * 1_000_000) for _ in range(megabytes)) + packer.flush()
    return png_chunk(b"zTXt", b"Comment\0\0" + body)


def jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG whose header states another size."""
    data = bytearray(encoded(scene(64, 64), "JPEG"))
    start = data.index(b"\xff\xc0") + 5
    data[start : start + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def gif_of_frames(count: int) -> bytes:
    image = Image.new("P", (8, 8))
    image.putpalette([0, 0, 0, 255, 255, 255])
    data = encoded(image, "GIF")
    start = data.index(b"\x2c")
    frame = data[start:-1]
    return data[:start] + frame * count + b"\x3b"


def tiff_of_tags(count: int) -> bytes:
    """A directory that claims more entries and longer values than there are bytes."""
    entry = struct.pack("<HHII", 0x010E, 2, 0xFFFFFFF0, 8)
    return b"II*\0" + struct.pack("<IH", 8, count) + entry * 50


def bmp_of_size(width: int, height: int) -> bytes:
    data = bytearray(encoded(scene(16, 16), "BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def bombs() -> Iterator[tuple[str, bytes]]:
    yield "900 megapixels of one bit.png", png(30_000, 30_000, 1, 0)
    yield "900 megapixels of colour.png", png(30_000, 30_000, 8, 2, rows=50)
    yield "one gigapixel.jpg", jpeg_of_size(32_000, 32_000)
    yield "largest jpeg.jpg", jpeg_of_size(65_535, 65_535)
    yield "100 megapixels of grey.png", png(10_000, 10_000, 8, 0)
    yield "290 megapixels of colour.png", png(17_000, 17_000, 8, 2)
    yield "290 megapixels of 16 bits.png", png(17_000, 17_000, 16, 2, rows=40)
    yield "text of 70 MB.png", png(64, 64, 8, 2, zipped_text(70))
    yield "profile of 70 MB.png", png(64, 64, 8, 2, png_chunk(b"iCCP", b"p\0\0" + zipped_text(70)[17:-4]))
    yield "10,000 frames.gif", gif_of_frames(10_000)
    yield "largest header.png", png(2**31 - 1, 2**31 - 1, 8, 2, rows=0)
    yield "largest bitmap.bmp", bmp_of_size(2**31 - 1, 2**31 - 1)
    yield "upside down.bmp", bmp_of_size(30_000, -30_000)
    yield "endless tags.tif", tiff_of_tags(65_535)


def test_the_engine_stays_within_its_memory_and_indexes_the_neighbours(tmp_path: Path) -> None:
    root = (tmp_path / "Pictures").resolve()
    root.mkdir()
    for name, data in bombs():
        (root / name).write_bytes(data)
    for number in range(10):
        (root / f"good {number}.jpg").write_bytes(encoded(scene(seed=number), "JPEG"))
    before = taken_stock(root)

    talk = EngineTalk(tmp_path)
    peak = Peak(talk.pid)
    with talk, peak:
        talk.client.send(RunOperation(901, AddFolder(str(root))))
        talk.hear(LibraryChanged, lambda change: change.any_of(ChangeKind.FOLDERS))
        talk.hear(IndexProgress, lambda received: received.progress.phase is Phase.IDLE, timeout=120)
        talk.client.send(Search(1, "red"))
        assert talk.hear(SearchResults).hits
        assert talk.restarts == 0

    with LibraryStore.open_read_only(talk.library) as store, store.read() as db:
        failed = {Path(failure.path).name: failure.kind for failure in files.failures(db)}
        shown = {
            Path(file.path).name for photo in photos.get_many(db, photos.ids(db)) for file in photo.files
        }
    assert {f"good {number}.jpg" for number in range(10)} <= shown
    assert failed.keys() | shown == {path.name for path in root.iterdir()}
    assert failed["900 megapixels of one bit.png"] is FailureKind.TOO_LARGE
    assert failed["largest header.png"] is FailureKind.TOO_LARGE
    assert {"10,000 frames.gif", "100 megapixels of grey.png"} <= shown
    assert FailureKind.TIMED_OUT not in failed.values()
    assert FailureKind.CRASHED not in failed.values()
    assert peak.engine < ENGINE_BYTES, f"{peak.engine / 1e6:.0f} MB"
    assert peak.decoder < Limits().memory, f"{peak.decoder / 1e6:.0f} MB"
    assert differences(before, taken_stock(root)) == []


class Peak:
    """The most memory that an engine and each process below it held, looked at a hundred times a second."""

    def __init__(self, pid: int) -> None:
        self.engine = 0
        self.decoder = 0
        self._pid = pid
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ending.wait(0.01):
            self.engine = max(self.engine, resident_bytes(self._pid))
            for child in family(self._pid):
                self.decoder = max(self.decoder, resident_bytes(child))
