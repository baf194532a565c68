"""The example of docs/how-to/add-an-operation.md works as it is printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.message import Template
from safelight.core.operations import OPERATIONS_BY_CODE, Operation, Outcome, Undo, describe
from safelight.services.operations import runner as runner_module
from safelight.services.operations.handler import Applied, Handler, Reverted
from safelight.services.operations.runner import OperationRunner
from support.filled_library import FilledLibrary

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "add-an-operation.md"


def test_the_example_is_applied_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    scope: dict[str, Any] = {
        "dataclass": dataclass,
        "__name__": __name__,
        **{each.__name__: each for each in (Operation, Outcome, LibraryChanged, ChangeKind, Template)},
        **{each.__name__: each for each in (Applied, Handler, Reverted)},
    }
    exec(code, scope)
    handler, operation = scope["HANDLER"], scope["SetHidden"]
    monkeypatch.setitem(runner_module._BY_CLASS, operation, handler)
    monkeypatch.setitem(runner_module._BY_CODE, operation.code, handler)
    monkeypatch.setitem(OPERATIONS_BY_CODE, operation.code, operation)

    library = FilledLibrary(tmp_path)
    (photo,) = library.add(("a.jpg", "2024-01-01T00:00:00"))
    changes: list[LibraryChanged] = []
    runner = OperationRunner(library.store, on_change=changes.append)

    def hidden() -> bool:
        with library.store.read() as db:
            return bool(db.execute("SELECT hidden FROM mark WHERE photo_id = ?", (photo,)).get)

    assert runner.run(operation(photo, True)).step is not None
    assert hidden()
    undone = runner.run(Undo())
    assert not hidden()
    assert [change.kinds for change in changes] == [ChangeKind.MARKS, ChangeKind.MARKS]
    assert str(describe(undone.code, undone.params)) == "changed the visibility of 1 photo"
    library.close()


def test_the_page_is_short() -> None:
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 60
