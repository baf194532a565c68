"""The examples of docs/python.md run as they are written."""

from __future__ import annotations

import re
import subprocess
import sys
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


SCRIPT = """
from safelight import Library

print("begun", flush=True)
with Library.open(DIRECTORY) as library:
    print(len(library.picture(PHOTO, side=64)) > 100)
"""


@pytest.mark.slow
def test_a_script_runs_once(colours: Shelf, tmp_path: Path) -> None:
    """Decoding starts processes, and each of them ran the script again."""
    script = tmp_path / "script.py"
    photo = colours.root / "red.png"
    script.write_text(
        SCRIPT.replace("DIRECTORY", repr(str(colours.directory))).replace("PHOTO", repr(str(photo))),
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["begun", "True"], done.stderr
    assert done.returncode == 0


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 8
