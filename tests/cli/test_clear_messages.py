"""Arguments and states that ended in a traceback, or did something else than was asked."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from cli.conftest import Run
from safelight.store.connect import connect
from support.decoding_here import DecodingHere


@pytest.fixture
def library(indexed_pictures: Path, tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.mark.parametrize("number", ["99999999999999999999999", str(2**63), "0", "77"])
def test_a_step_that_does_not_exist(run: Run, library: Path, number: str) -> None:
    done = run("undo", number)
    assert done.status == 1
    assert f"no step {number}" in done.error


@pytest.mark.parametrize(
    "words",
    [
        ("index", ""),
        ("index", " "),
        ("protect", ""),
        ("unprotect", ""),
        ("backup", ""),
        ("export", ""),
        ("import", ""),
    ],
)
def test_an_empty_name_is_not_the_current_folder(
    run: Run, library: Path, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    done = run(*words)
    assert done.status in (1, 2)
    assert "empty" in done.error
    assert list(elsewhere.iterdir()) == []
    assert run("protect").out == "Nothing is protected.\n"
    assert len(run("folders", "--json").json) == 1


def test_the_import_of_a_fifo_does_not_wait(run: Run, library: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    done = run("import", str(tmp_path / "pipe.json"))
    assert done.status == 1
    assert "pipe.json" in done.error


@pytest.mark.parametrize("rating", [1e30, -1, 6, 3.5, "4", None, True, 10**400])
def test_a_rating_that_none_can_be(run: Run, library: Path, tmp_path: Path, rating: object) -> None:
    target = tmp_path / "safelight-export.json"
    db = connect(library / "library.db", writable=False)
    content = db.execute("SELECT hex(content_hash) FROM photo").get
    db.close()
    document = {
        "format": "safelight-export",
        "version": 1,
        "albums": [],
        "saved_searches": [],
        "decisions": [],
        "photos": [
            {"content_hash": content, "favourite": True, "rating": rating, "hidden": False, "tags": []}
        ],
    }
    target.write_text(json.dumps(document))
    done = run("import", str(target))
    assert done.status == 1
    assert "was not imported" in done.error
    assert run("status", "--json").json["favourites"] == 0


@pytest.mark.expected_log("could not be read to its end")
@pytest.mark.parametrize("harm", ["vectors = x'00'", "vectors = NULL", "vectors = 'text'"])
def test_a_damaged_vector_table_is_a_message(run: Run, library: Path, harm: str) -> None:
    db = connect(library / "library.db", writable=True)
    try:
        (table,) = next(
            iter(db.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'vec_*_vector_chunks00'"))
        )
        db.execute(f"UPDATE {table} SET {harm}")
    except apsw.ConstraintError:
        pytest.skip("the table refuses that value")
    finally:
        db.close()
    for words in (("search", "red"), ("similar", str(library / "nothing.jpg")), ("index",), ("status",)):
        done = run(*words)
        assert "Traceback" not in done.err
        assert done.status in (0, 1)
    assert run("doctor").status == 1
    assert run("doctor", "--mend").status == 0


@pytest.mark.slow
def test_undo_says_that_the_folder_was_removed(run: Run, library: Path, indexed_pictures: Path) -> None:
    """It said that the drive was not connected, and named neither the step nor the place."""
    shutil.copy(indexed_pictures / "sub" / "0.jpg", indexed_pictures / "sub" / "copy of 0.jpg")
    assert run("index").status == 0
    assert run("duplicates", "--kind", "identical", "--apply", "keep-best", "--yes").status == 0
    shutil.rmtree(indexed_pictures)
    done = run("undo")
    assert done.status == 1
    assert "was removed" in done.error
    assert "drive" not in done.error
    assert done.error.startswith("Step ")
    assert str(indexed_pictures) in done.error


def test_a_long_preparation_of_searches_is_shown(
    run: Run, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the descriptions of a new library took minutes, in which nothing was said."""
    hours = itertools.count(0.0, 3600.0)
    monkeypatch.setattr("safelight.services.library.DecodePool", DecodingHere)
    monkeypatch.setattr("safelight.cli.console.time", SimpleNamespace(monotonic=lambda: next(hours)))
    done = run("index", str(pictures))
    assert done.status == 0
    assert "Preparing searches" in done.err.splitlines()
