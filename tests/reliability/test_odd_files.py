"""Names, times, links and rights that file systems allow and programs forget."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import time
import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from safelight.core.errors import FailureKind
from safelight.core.jobs import JobControl
from safelight.core.photo import FolderState
from safelight.imaging.hashes import content_hash
from safelight.services.indexing.indexer import IndexReport
from safelight.services.library import Library
from safelight.store import files, folders, marks, photos
from support.fake_encoder import FakeEncoder
from support.listening import failures_into
from support.reliable import (
    add_root,
    assert_equals_disk,
    assert_sound,
    draw,
    index,
    opened,
    paths,
    small_picture,
)
from support.unprivileged import as_before, as_nobody, nobodys_place
from support.waiting import wait_until

posix = pytest.mark.skipif(os.name == "nt", reason="not on this file system")


class Odd:
    def __init__(self, library: Library, root: Path, encoder: FakeEncoder) -> None:
        self.library = library
        self.root = root
        self.encoder = encoder

    def put(self, name: bytes, seed: int) -> bytes:
        """A picture under a name of bytes; its absolute path. Skips where no such name can be."""
        path = os.path.join(os.fsencode(self.root), name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            with open(path, "wb") as file:
                file.write(small_picture(seed))
        except OSError as error:
            if error.errno in (errno.EILSEQ, errno.EINVAL):
                pytest.skip("this file system refuses such a name")
            raise
        return path

    def index(self) -> None:
        index(self.library, confirm=True)
        assert_sound(self.library, self.encoder)
        assert_equals_disk(self.library)

    def shown(self) -> set[bytes]:
        return paths(self.library)


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Odd]:
    root = (tmp_path / "Pictures").resolve()
    root.mkdir()
    encoder = FakeEncoder()
    with opened(tmp_path / "library", encoder) as library:
        add_root(library, root)
        yield Odd(library, root, encoder)


NAMES = {
    "not UTF-8": b"caf\xe9 \xff\xfe.jpg",
    "a newline": b"two\nlines\r.jpg",
    "a tab and a bell": b"tab\t\x07.jpg",
    "255 bytes": b"x" * 251 + b".jpg",
    "255 bytes of letters that take two": "é".encode() * 125 + b"x.jpg",
    "quotes and a backslash": b"'\"\\%20?#*.jpg",
    "SQL": b"'); DROP TABLE photo;--.jpg",
    "a wildcard": b"%_%.jpg",
    "right to left": "\u202egpj.txt.jpg".encode(),
    "an emoji": "👨‍👩‍👧.jpg".encode(),
    "only spaces": b"   .jpg",
    "a format string": b"{0} %s ${HOME}.jpg",
    "markup": b"<img src=x onerror=alert(1)> &amp;.jpg",
    "a dash in front": b"--confirm-removals.jpg",
    "a separator of words": "a\u2028b\u0085c.jpg".encode(),
}


@posix
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name(odd: Odd, name: bytes) -> None:
    path = odd.put(b"folder of " + name[:200] + b"/" + name, 1)
    odd.index()
    assert odd.shown() == {path}
    renamed = os.path.join(os.fsencode(odd.root), name)
    os.rename(path, renamed)
    odd.index()
    assert odd.shown() == {renamed}
    assert odd.encoder.images_encoded == 1
    os.unlink(renamed)
    odd.index()
    assert odd.shown() == set()


def test_composed_and_decomposed_names_are_two_files(odd: Odd) -> None:
    one = odd.put(unicodedata.normalize("NFC", "Zoë.jpg").encode(), 1)
    two = odd.put(unicodedata.normalize("NFD", "Zoë.jpg").encode(), 2)
    if len(list(odd.root.iterdir())) == 1:
        pytest.skip("one name on this file system")
    odd.index()
    assert odd.shown() == {one, two}


def test_case_is_kept_and_a_rename_of_it_costs_nothing(odd: Odd) -> None:
    path = odd.put(b"Beach.jpg", 1)
    odd.index()
    renamed = os.path.join(os.fsencode(odd.root), b"BEACH.JPG")
    os.rename(path, renamed)
    odd.index()
    assert odd.shown() == {renamed}
    assert odd.encoder.images_encoded == 1


@pytest.mark.parametrize(
    "seconds",
    [-(2**31), -86_400 * 365 * 100, -1, 0, 1, 2**31, 2**32 + 5, 86_400 * 365 * 300, 2**33],
)
def test_times_of_any_century(odd: Odd, seconds: int) -> None:
    path = odd.put(b"old.jpg", 1)
    try:
        os.utime(path, ns=(seconds * 10**9 + 7, seconds * 10**9 + 7))
    except (OSError, OverflowError):
        pytest.skip("no such time on this file system")
    odd.index()
    with odd.library.store.read() as db:
        (photo,) = photos.get_many(db, photos.ids(db))
    assert len(photo.date) == 19
    assert photo.date[4] == "-"
    again = index(odd.library)
    assert (again.added, again.updated, again.moved) == (0, 0, 0)


@posix
def test_links_pipes_and_sockets(odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    path = odd.put(b"deep/a.jpg", 1)
    root = os.fsencode(odd.root)
    os.symlink(root, os.path.join(root, b"deep", b"round in a circle"))
    os.symlink(path, os.path.join(root, b"linked.jpg"))
    os.symlink(b"nowhere", os.path.join(root, b"dangling.jpg"))
    os.symlink(b"self.jpg", os.path.join(root, b"self.jpg"))
    os.mkfifo(os.path.join(root, b"pipe.jpg"))
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(odd.root)  # a socket's name has room for about a hundred bytes
        listening.bind("socket.jpg")
        odd.index()
    hard = os.path.join(root, b"hard.jpg")
    os.link(path, hard)
    odd.index()
    assert odd.shown() == {path, hard}
    with odd.library.store.read() as db:
        assert photos.counts(db).photos == 1
        assert files.failures(db) == []
    os.unlink(path)
    odd.index()
    assert odd.shown() == {hard}
    assert odd.encoder.images_encoded == 1


@posix
def test_a_pipe_that_takes_a_pictures_place(odd: Odd) -> None:
    """Between the listing and the reading anything may happen to a name."""
    path = odd.put(b"a.jpg", 1)
    odd.index()
    os.unlink(path)
    os.mkfifo(path)
    signal.alarm(60)
    try:
        odd.index()
    finally:
        signal.alarm(0)
    assert odd.shown() == set()


@posix
def test_folders_and_files_that_may_not_be_read_lose_nothing() -> None:
    encoder = FakeEncoder()
    with nobodys_place() as place:
        root = place / "Pictures"
        with opened(place / "library", encoder) as library:
            with as_nobody():
                draw(root / "closed", range(3))
                draw(root, [7])
            add_root(library, root)
            index(library)  # as who may read everything, so that all is imported
            before = paths(library)
            assert len(before) == 4
            with as_nobody():
                draw(root, [8])
                (root / "00008.jpg").chmod(0)
                (root / "closed").chmod(0)
                report = look(library)
                assert (report.failed, report.removed) == (1, 0)
                assert paths(library) == before
                with library.store.read() as db:
                    kinds = [failure.kind for failure in files.failures(db)]
                assert kinds == [FailureKind.UNREADABLE] * 2, "the file, and the folder that cannot be listed"
                (root / "closed").chmod(0o755)
                (root / "00008.jpg").chmod(0o644)
                assert look(library).failed == 0
            assert len(paths(library)) == 5
            assert_sound(library, encoder)


def look(library: Library) -> IndexReport:
    """As :func:`index`; the library's own files stay whose they are."""
    with as_before():
        with library.store.read() as db:
            scope = [folder.id for folder in folders.all_folders(db)]
        indexer = library.indexer()
        indexer.retry_transient(time.time(), at_once=True)
    return indexer.run(dict.fromkeys(scope), JobControl(), wait_for_model=True)


def test_a_folder_that_will_not_be_listed_loses_nothing(odd: Odd, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an overloaded share answers: an error for one folder, and for one file."""
    kept = {odd.put(b"shaky/%d.jpg" % number, number) for number in range(3)}
    odd.index()
    listed = os.scandir

    def shaky(path: bytes) -> object:
        if path.endswith(b"shaky"):
            raise OSError(errno.EIO, "Input/output error")
        return listed(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", shaky)
        index(odd.library)
    assert odd.shown() == kept
    odd.index()


def test_atomic_saves_keep_marks_where_the_picture_is_the_same(odd: Odd) -> None:
    path = odd.put(b"a.jpg", 1)
    odd.index()
    with odd.library.store.write() as db:
        marks.set_favourite(db, photos.ids(db), True)
    changed: list[str] = []
    live = odd.library.live(failures_into(changed))
    live.start()
    try:
        for turn in range(5):
            part = os.path.join(os.fsencode(odd.root), b".a.jpg.part")
            with open(part, "wb") as file:
                file.write(with_comment(small_picture(1), turn))
            os.replace(part, path)
            wait_until(partial(shows_save, odd, turn), "the saved file")
        assert live.wait_until_idle(30)
    finally:
        live.close()
    assert changed == []
    assert odd.shown() == {path}
    with odd.library.store.read() as db:
        assert len(photos.ids(db, favourites=True)) == 1


def shows_save(odd: Odd, turn: int) -> bool:
    with odd.library.store.read() as db:
        hashes = photos.content_hashes(db, photos.ids(db))
    return list(hashes.values()) == [content_hash(with_comment(small_picture(1), turn))]


def with_comment(jpeg: bytes, turn: int) -> bytes:
    """Other bytes, the same pixels."""
    return jpeg[:2] + b"\xff\xfe" + (3).to_bytes(2, "big") + bytes([turn]) + jpeg[2:]


def test_a_folder_within_a_folder_is_one(odd: Odd, tmp_path: Path) -> None:
    draw(odd.root / "inner", range(4))
    add_root(odd.library, odd.root / "inner")
    odd.index()
    assert len(odd.shown()) == 4
    with odd.library.store.read() as db:
        assert [folder.state for folder in folders.all_folders(db)] == [FolderState.ONLINE]


@pytest.mark.skipif(sys.platform != "linux", reason="as deep as Linux allows")
def test_paths_as_deep_as_they_go(odd: Odd) -> None:
    deep = b"/".join([b"d" * 200] * 19)
    path = odd.put(deep + b"/a.jpg", 1)
    assert len(path) > 3800
    odd.index()
    assert odd.shown() == {path}
