"""The example of docs/how-to/add-a-migration-source.md works as it is printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from safelight.core.message import Message
from safelight.services.migration import migration
from safelight.services.migration.record import Record
from safelight.services.migration.source import Reading
from support.migration_world import MigrationWorld

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "add-a-migration-source.md"


def test_the_example_is_recognised_and_imported(
    make_world: Callable[[int], MigrationWorld], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    scope: dict[str, Any] = {each.__name__: each for each in (Path, Iterator, Message, Reading, Record)}
    exec(code, scope)
    monkeypatch.setattr(migration, "SOURCES", (scope["PlainList"](),))
    world = make_world(3)
    path = tmp_path / "mine.favourites"
    path.write_text(f"/old/Photos/{world.originals[2].old}\n\n/old/Photos/lost.jpg\n")
    found = world.plan(path)
    assert (found.preview.recognised, found.preview.missing) == (1, 1)
    assert [str(each) for each in found.preview.problems] == ["mine.favourites: line 2 is empty."]
    world.run(found.operation())
    assert [number for number, each in world.described().items() if each.favourite] == [2]
