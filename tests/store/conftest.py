from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.store.library import LibraryStore
from safelight.store.recovery import health
from support.empty_library import open_library


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def store(directory: Path) -> Iterator[LibraryStore]:
    """An empty library, which must be sound when the test is done with it."""
    with open_library(directory) as opened:
        yield opened
        with opened.read() as db:
            assert health.check(db) == []


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that other users can reach, as tmp_path is not."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place)
