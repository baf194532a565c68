"""Libraries for imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.migration_world import MigrationWorld


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Callable[[int], MigrationWorld]]:
    made: list[MigrationWorld] = []

    def make(count: int) -> MigrationWorld:
        made.append(MigrationWorld(tmp_path / f"world{len(made)}", count))
        return made[-1]

    yield make
    for world in made:
        world.close()
