"""The main job over real photos with the built-in model, as a person would run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.shared, pytest.mark.model]

Safelight = Callable[..., Any]


@pytest.fixture(scope="module")
def safelight(tmp_path_factory: pytest.TempPathFactory) -> Safelight:
    """Runs a command in a process of its own over one library; gives its JSON."""
    library = tmp_path_factory.mktemp("samples") / "library"

    def run(*words: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "safelight", "--library", str(library), *words, "--json"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def indexed(safelight: Safelight, shared: Path) -> dict[str, Any]:
    report: dict[str, Any] = safelight("index", str(shared / "photos"))
    return report


def test_every_photo_is_indexed_and_a_second_run_has_nothing_to_do(
    safelight: Safelight, indexed: dict[str, Any], shared: Path
) -> None:
    assert (indexed["photos"], indexed["added"], indexed["failed"]) == (1130, 1130, 0)
    again = safelight("index", str(shared / "photos"))
    assert (again["photos"], again["added"], again["updated"], again["removed"]) == (1130, 0, 0, 0)


@pytest.mark.parametrize(
    ("query", "words", "strong"),
    [
        ("a dog running on grass", {"dog"}, True),
        ("kids playing soccer", {"soccer"}, True),
        ("a cat", {"cat", "Persian", "tabby", "Siamese", "Egyptian"}, True),
        # The built-in model ranks it first but is not certain of it.
        ("a breakfast plate with eggs", {"breakfast"}, False),
    ],
)
def test_the_right_kind_of_picture_leads(
    safelight: Safelight, indexed: dict[str, Any], shared: Path, query: str, words: set[str], strong: bool
) -> None:
    captions = json.loads((shared / "photos" / "captions.json").read_text("utf-8"))
    rows = safelight("search", query, "-n", "3")
    received = [captions[os.path.relpath(row["path"], (shared / "photos").resolve())] for row in rows]
    right = [
        any(word in " ".join(about.get("captions") or [about.get("label") or ""]) for word in words)
        for about in received
    ]
    assert right[0], received
    assert rows[0]["band"] == "strong" or not strong


def test_similar_gives_the_photo_itself_first(
    safelight: Safelight, indexed: dict[str, Any], shared: Path
) -> None:
    photo = str((shared / "photos" / "imagenet" / "n02480855_gorilla.jpg").resolve())
    rows = safelight("similar", photo, "-n", "5")
    assert rows[0]["path"] == photo
    apes = ("chimpanzee", "gibbon", "orangutan", "siamang")
    assert any(ape in row["path"] for row in rows[1:] for ape in apes)


def test_broken_and_exotic_files_cost_nothing_else(
    safelight: Safelight, shared: Path, tmp_path: Path
) -> None:
    for name in ("broken", "formats"):
        shutil.copytree(shared / name, tmp_path / name)
    library = str(tmp_path / "library")
    report = safelight("--library", library, "index", str(tmp_path / "broken"), str(tmp_path / "formats"))
    failures = safelight("--library", library, "failures")
    assert report["photos"] > 40
    assert report["failed"] == len(failures) > 10
    assert all(failure["reason"] for failure in failures)
    assert safelight("--library", library, "doctor")["sound"]
