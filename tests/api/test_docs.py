"""The examples of docs/python.md run as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.conftest import Shelf

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number: int, colours: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_LIBRARY", str(colours.directory))
    source = EXAMPLES[number]
    if "import Library" not in source:
        source = "from safelight import Library\n" + source
    exec(compile(source, f"{PAGE.name}, example {number + 1}", "exec"), {})


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8
