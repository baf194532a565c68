"""A library with drawn photos and the arithmetic model, opened through the Python interface."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from safelight import paths
from safelight.api import Access, Library
from safelight.core.jobs import JobControl
from safelight.core.operations import AddFolder, AddTag
from safelight.embedding.catalogue import ModelSpec
from safelight.services.library import Library as OpenLibrary
from safelight.services.models.model import ModelService
from safelight.services.operations.runner import OperationRunner
from safelight.store import photo_paths
from safelight.store.library import Connection, LibraryStore
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene

COLOURS = {"red": (250, 5, 5), "green": (5, 160, 5), "blue": (5, 5, 250), "white": (250, 250, 250)}


def fake_service(
    cls: type[ModelService], spec: ModelSpec, threads: int, *, exact: bool = False
) -> ModelService:
    encoder = FakeEncoder()
    return cls(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)


@pytest.fixture(autouse=True)
def _arithmetic_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelService, "of", classmethod(fake_service))


@dataclass
class Shelf:
    """A library on disk and its folder of pictures. Plays the part of the user."""

    directory: Path
    root: Path

    def draw(self, name: str, colour: tuple[int, int, int] | int, **options: object) -> Path:
        """A picture of one colour, or a scene made from a seed."""
        image = scene(seed=colour) if isinstance(colour, int) else Image.new("RGB", (200, 150), colour)
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(image, "PNG" if path.suffix == ".png" else "JPEG", **options))
        return path

    def index(self) -> None:
        with OpenLibrary.open(self.directory, paths.models_dir()) as library:
            OperationRunner(library.store).run(AddFolder(str(self.root)))
            library.indexer().run({1: None}, JobControl(), wait_for_model=True)

    def write(self, change: Callable[[Connection], object]) -> None:
        with LibraryStore.create_or_open(self.directory) as store, store.write() as db:
            change(db)

    def id_of(self, path: Path) -> int:
        with LibraryStore.open_read_only(self.directory) as store, store.read() as db:
            found = photo_paths.photo_at(db, os.fsencode(path))
        assert found is not None
        return found

    def tag(self, name: str, *paths_of_photos: Path) -> None:
        ids = tuple(self.id_of(path) for path in paths_of_photos)
        with LibraryStore.create_or_open(self.directory) as store:
            OperationRunner(store).run(AddTag(ids, name))

    def hide(self, *paths_of_photos: Path) -> None:
        ids = [(self.id_of(path),) for path in paths_of_photos]
        self.write(
            lambda db: db.executemany(
                "INSERT INTO mark (photo_id, hidden) VALUES (?, 1) "
                "ON CONFLICT (photo_id) DO UPDATE SET hidden = 1",
                ids,
            )
        )

    def put_in_album(self, name: str, *paths_of_photos: Path) -> None:
        ids = [self.id_of(path) for path in paths_of_photos]

        def change(db: Connection) -> None:
            album = db.execute("INSERT INTO album (name, created_at) VALUES (?, 0) RETURNING id", (name,)).get
            for place, photo_id in enumerate(ids):
                db.execute("INSERT INTO album_photo VALUES (?, ?, ?)", (album, photo_id, place))

        self.write(change)

    def open(self, **options: object) -> Library:
        return Library.open(self.directory, **options)  # type: ignore[arg-type]

    def confined(self, only: str = "", **options: bool) -> Library:
        """As a server opens it."""
        return Library.open(self.directory, access=Access(only, outside=False, places=False, **options))


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, Path]:
    """One picture of each of four colours and 20 scenes in a folder ``noise``, and a copy of all of it.

    Indexing starts processes, which takes seconds, so it is done once.
    """
    place = tmp_path_factory.mktemp("shelf").resolve()
    made = Shelf(place / "live" / "library", place / "live" / "Pictures")
    for name, colour in COLOURS.items():
        made.draw(f"{name}.png", colour)
    for number in range(20):
        made.draw(f"noise/{number}.jpg", number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelService, "of", classmethod(fake_service))
        made.index()
    shutil.copytree(place / "live", place / "copy")
    return made, place / "copy"


@pytest.fixture
def colours(pristine: tuple[Shelf, Path]) -> Shelf:
    """The library as it was made. Its place does not change, because it names its files by their paths."""
    shelf, copy = pristine
    shutil.rmtree(shelf.directory.parent)
    shutil.copytree(copy, shelf.directory.parent)
    return shelf


@pytest.fixture
def library(colours: Shelf) -> Iterator[Library]:
    with colours.open() as opened:
        yield opened
