"""Copies of photos from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Run


@pytest.fixture
def indexed(indexed_pictures: Path) -> Path:
    return indexed_pictures


@pytest.mark.slow
def test_photos_are_copied_by_name_folder_and_filters(run: Run, indexed: Path, tmp_path: Path) -> None:
    first = str(indexed / "sub" / "0.jpg")
    assert run("tag", "add", "People/Anna", first).status == 0
    target = tmp_path / "a"
    done = run(
        "copy", first, "--query", "tag:Anna", "--to", str(target), "--name", "{number} {name}", "--json"
    )
    assert done.status == 0
    assert done.json["files"] == [{"original": first, "copy": str(target / "1 0.jpg")}]
    assert done.json["sidecars"] == 1
    done = run("copy", str(indexed), "--to", str(target / "b"), "--format", "png", "--size", "50")
    assert done.status == 0
    assert "4 photos copied to" in done.out
    assert len(list((target / "b").glob("*.png"))) == 4


@pytest.mark.slow
def test_what_copies_give_away_is_listed_before(run: Run, indexed: Path, tmp_path: Path) -> None:
    first = str(indexed / "sub" / "0.jpg")
    assert run("tag", "add", "People/Anna", first).status == 0
    target = str(tmp_path / "a")
    said = run("copy", first, "--to", target, "--dry-run", "--strip", "place,names")
    assert "1  names of people: left out" in said.out
    assert "1  titles, captions, tags or ratings: given away" in said.out
    assert not Path(target).exists()
    known = run("copy", first, "--to", target, "--dry-run", "--safe", "--json").json
    assert known["known"]["names"] == 1
    assert known["stripped"] == ["names", "place"]
    assert run("copy", first, "--to", target, "--safe").status == 0
    assert b"Anna" not in (Path(target) / "0.jpg").read_bytes()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ((), 2, "Name the photos"),
        (("--query", "a dog"), 2, "Only filters can choose photos"),
        (("--query", "tag:none"), 2, "There are no photos to copy."),
        (("--query", "rating:>=0", "--strip", "faces"), 2, "faces cannot be left out"),
        (("--query", "rating:>=0", "--name", "{x}"), 2, "{x} is not a field"),
        (("nowhere.jpg",), 1, "nowhere.jpg is not a photo of the library"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    run: Run, indexed: Path, tmp_path: Path, words: tuple[str, ...], status: int, message: str
) -> None:
    outcome = run("copy", *words, "--to", str(tmp_path / "a"))
    assert outcome.status == status
    assert message in outcome.error


def test_copies_into_the_library_are_reported_and_failures_named(run: Run, indexed: Path) -> None:
    paths = sorted((indexed / "sub").iterdir())
    paths[1].unlink()
    done = run("copy", str(indexed), "--to", str(indexed / "copies"))
    assert done.status == 1
    assert "was not copied. None of its files can be read now" in done.error
    assert "belongs to the library" in done.out
