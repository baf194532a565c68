"""Commands run as from a terminal, on a library of their own."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from safelight import app
from safelight.embedding.catalogue import ModelSpec
from safelight.services.models.model import ModelService
from safelight.services.models.references import Descriptions
from support.decoding_here import DecodingHere
from support.fake_encoder import FakeEncoder
from support.originals import stated
from support.pictures import encoded, scene

Run = Callable[..., "Outcome"]


class Outcome:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line that says what went wrong."""
        lines = [line for line in self.err.splitlines() if line.startswith("safelight: ")]
        assert len(lines) == 1, self.err
        return lines[0].removeprefix("safelight: ")


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a library of its own, with the arithmetic model."""

    def fake(cls: type[ModelService], spec: ModelSpec, threads: int, *, exact: bool = False) -> ModelService:
        encoder = FakeEncoder()
        return cls(lambda: encoder, encoder.input_spec, encoder.info.key, encoder.info.name)

    monkeypatch.setattr(ModelService, "of", classmethod(fake))
    monkeypatch.setattr(Descriptions, "load", _descriptions)
    monkeypatch.setenv("SAFELIGHT_LIBRARY", str(tmp_path / "library"))

    def run(*words: str) -> Outcome:
        capfd.readouterr()
        try:
            status = app.run(words)
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capfd.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


_load_descriptions = Descriptions.load


@cache
def _descriptions() -> Descriptions:
    """The reference descriptions, which never change: parsing them takes as long as most commands."""
    return _load_descriptions()


@cache
def _picture(number: int) -> bytes:
    return encoded(scene(seed=number), "JPEG")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return _draw((tmp_path / "Pictures").resolve())


def _draw(root: Path) -> Path:
    (root / "sub").mkdir(parents=True)
    for number in range(4):
        (root / "sub" / f"{number}.jpg").write_bytes(_picture(number))
    return root


@pytest.fixture
def index_here(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Runs ``safelight index`` on a folder without decode processes, whose start takes seconds."""

    def index(root: Path) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("safelight.services.library.DecodePool", DecodingHere)
            assert run("index", str(root)).status == 0

    return index


@dataclass(frozen=True)
class _Indexed:
    """Pictures and a library that has them."""

    root: Path
    library: Path
    stated: dict[Path, tuple[int, int, int]]
    """The pictures when they were indexed."""


class _IndexedPictures:
    """Indexes ``pictures`` once for all tests that do not change them.

    Every test gets its own copy of the library. The pictures are shared. After a test that changed some,
    others are drawn and indexed.
    """

    def __init__(self, places: Iterator[Path]) -> None:
        self._places = places
        self._made: _Indexed | None = None

    def placed(self, library: Path, index: Callable[[Path], None]) -> Path:
        """The pictures, of which ``library`` becomes a library. ``index`` creates one at this path."""
        made = self._made
        if made is not None and stated(made.root) == made.stated:
            shutil.copytree(made.library, library)
            return made.root
        place = next(self._places)
        root = _draw(place / "Pictures")
        index(root)
        shutil.copytree(library, place / "library")
        self._made = _Indexed(root, place / "library", stated(root))
        return root


@pytest.fixture(scope="session")
def _indexed_pictures(tmp_path_factory: pytest.TempPathFactory) -> _IndexedPictures:
    place = tmp_path_factory.mktemp("indexed-pictures")
    return _IndexedPictures(place / str(number) for number in itertools.count())


@pytest.fixture
def indexed_pictures(
    index_here: Callable[[Path], None], tmp_path: Path, _indexed_pictures: _IndexedPictures
) -> Path:
    """Pictures as ``pictures`` has them, after ``safelight index``. They are not in ``tmp_path``."""
    return _indexed_pictures.placed(tmp_path / "library", index_here)
