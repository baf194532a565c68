"""``safelight index --watch``: what it does once the first look is over."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.conftest import Run
from safelight.cli.indexing import live_indexer
from safelight.core.encoder import Encoder
from safelight.core.errors import ModelError
from safelight.core.jobs import JobControl
from safelight.services.indexing import roots
from safelight.services.indexing.decoding import DecodePool
from safelight.services.indexing.live import LiveIndexer
from safelight.services.library import Library
from safelight.services.models.model import Loader, ModelService
from safelight.store import folders, vectors
from safelight.store.library import LibraryStore
from support import reliable
from support.decoding_here import DecodingHere
from support.fake_encoder import FakeEncoder
from support.listening import failures_into
from support.pictures import encoded, scene
from support.stored import without_vector
from support.waiting import wait_until

FAKE = FakeEncoder()


@contextlib.contextmanager
def opened(directory: Path, load: Loader) -> Iterator[Library]:
    model = ModelService(load, FAKE.input_spec, FAKE.info.key, FAKE.info.name)
    with Library(LibraryStore.create_or_open(directory), DecodePool(1), model) as library:
        yield library


@pytest.fixture
def indexed(tmp_path: Path, pictures: Path) -> Path:
    """A library in which nothing is left to do for ``pictures``."""
    with opened(tmp_path / "library", lambda: FAKE) as library:
        root = roots.checked_root(str(pictures))
        with library.store.write() as db:
            folder = folders.add(db, root, roots.volume(root), time.time()).folder
        library.indexer().run({folder.id: None}, JobControl(), wait_for_model=True)
    return tmp_path / "library"


def count_without_vector(library: Library) -> int:
    with library.store.read() as db:
        model_id = vectors.model_id(db, FAKE.info.key)
        assert model_id is not None
        return len(without_vector(db, model_id))


def bring_a_photo(pictures: Path, library: Library, live: LiveIndexer) -> None:
    """It is in the library then, and waits for its vector."""
    (pictures / "new.jpg").write_bytes(encoded(scene(seed=99), "JPEG"))
    live.scan()
    wait_until(lambda: count_without_vector(library) == 1, "the new photo is known")
    assert live.wait_until_idle(30)


@pytest.mark.slow
def test_a_new_photo_gets_its_vector_from_a_model_that_is_loaded_for_it(
    indexed: Path, pictures: Path
) -> None:
    may_load = threading.Event()

    def load() -> Encoder:
        assert may_load.wait(60)
        return FAKE

    with opened(indexed, load) as library, contextlib.closing(live_indexer(library)) as live:
        try:
            bring_a_photo(pictures, library, live)
            assert not library.model.is_loaded
        finally:
            may_load.set()
        wait_until(lambda: count_without_vector(library) == 0, "the new photo can be found by words")


@pytest.mark.slow
def test_a_model_that_cannot_be_loaded_is_reported(
    indexed: Path, pictures: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    may_fail = threading.Event()
    said: list[str] = []

    def load() -> Encoder:
        assert may_fail.wait(60)
        raise ModelError("The model's file is damaged.")

    def received() -> bool:
        said.append(capfd.readouterr().err)
        return "safelight: The model's file is damaged.\n" in "".join(said)

    with opened(indexed, load) as library, contextlib.closing(live_indexer(library)) as live:
        try:
            bring_a_photo(pictures, library, live)
            assert not received()
        finally:
            may_fail.set()
        wait_until(received, "why the new photo cannot be found by words")


def test_following_ends_when_the_library_is_deleted(tmp_path: Path) -> None:
    """It went on to report changes of a library that was no longer there."""
    received: list[str] = []
    reliable.draw(tmp_path / "Pictures", range(2))
    with reliable.opened(tmp_path / "library") as library:
        reliable.add_root(library, tmp_path / "Pictures")
        live = library.live(failures_into(received))
        live.start()
        try:
            assert live.wait_until_idle(60)
            shutil.rmtree(tmp_path / "library")
            reliable.draw(tmp_path / "Pictures", [7])
            live.wait_until_stopped()
            reliable.draw(tmp_path / "Pictures", [8])
        finally:
            live.close()
    assert [line for line in received if "deleted or replaced" in line] == received
    assert len(received) == 1


def test_it_says_when_everything_is_up_to_date(
    run: Run, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: LiveIndexer) -> None:
        raise KeyboardInterrupt  # as by Ctrl+C

    monkeypatch.setattr("safelight.services.library.DecodePool", DecodingHere)
    monkeypatch.setattr(LiveIndexer, "wait_until_stopped", interrupted)
    done = run("index", str(pictures), "--watch")
    lines = [line for line in done.err.splitlines() if line.startswith("safelight: ")]
    assert done.status == 0
    assert lines == [
        "safelight: Following changes; Ctrl+C ends it.",
        "safelight: Up to date.",
        "safelight: Done.",
    ]


def test_waiting_ends_when_the_library_is_deleted(tmp_path: Path) -> None:
    with reliable.opened(tmp_path / "library") as library:
        live = library.live(failures_into([]))
        live.start()
        try:
            assert live.wait_until_idle(60)
            shutil.rmtree(tmp_path / "library")
            live.between_runs(library.store.check_in_place)
            live.wait_until_stopped()
            assert not live.wait_until_idle()
        finally:
            live.close()
