"""Suggested tags from the command line."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cli.conftest import Run
from safelight.api import Library
from safelight.api.values import SuggestedTag


@pytest.mark.slow
def test_the_list_of_words_can_be_replaced(run: Run, pictures: Path) -> None:
    assert run("index", str(pictures)).status == 0
    place = Path(run("suggest", "words", "--json").json["file"])
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    place.write_text("beast, animal\n", encoding="utf-8")
    assert Path(run("suggest", "words", "--json").json["file"]).read_text("utf-8") == "beast, animal\n"
    for photo in run("suggest", "list", str(pictures), "--json").json:
        assert {tag["tag"] for tag in photo["tags"]} <= {"beast"}
    place.write_text("animal\n   dog\n", encoding="utf-8")
    refused = run("suggest", "list", str(pictures))
    assert refused.status != 0
    assert "Line 2 of the list of tags" in refused.err


@pytest.mark.slow
def test_refusing_is_a_step_that_can_be_undone(run: Run, pictures: Path) -> None:
    assert run("index", str(pictures)).status == 0
    assert len(run("suggest", "refuse", str(pictures), "--tag", "dog", "--json").json["steps"]) == 1
    assert run("suggest", "refuse", str(pictures), "--tag", "Dog", "--json").json["steps"] == []
    assert run("undo").status == 0
    assert len(run("suggest", "refuse", str(pictures), "--tag", "dog", "--json").json["steps"]) == 1


@pytest.mark.slow
def test_what_cannot_be_done_is_one_clear_line(run: Run, pictures: Path) -> None:
    assert run("index", str(pictures)).status == 0
    for words, said in (
        (("refuse", str(pictures)), "Name the tag to refuse"),
        (("list", str(pictures), "--tag", "dog"), "takes no --tag"),
        (("list",), "Name the photos"),
        (("list", str(pictures / "none.jpg")), "is not a photo of the library"),
    ):
        ended = run("suggest", *words)
        assert ended.status != 0, words
        assert said in ended.err, words
    assert "not among the words" in run("search", "looks:blorp").err + run("search", "looks:blorp").out


def test_accepting_all_is_one_step(run: Run, indexed_pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the model suggests is measured elsewhere; here, two tags for every photo."""
    words = (SuggestedTag("snow", 0.9), SuggestedTag("animal/dog", 0.8))
    monkeypatch.setattr(Library, "suggest", lambda _, photos: [words for _ in photos])
    (step,) = run("suggest", "accept", str(indexed_pictures), "--json").json["steps"]
    assert {each["tag"]: each["photos"] for each in run("tag", "list", "--json").json} == {
        "animal/dog": 4,
        "snow": 4,
    }
    assert run("undo", str(step)).status == 0
    assert run("tag", "list", "--json").json == []
    assert len(run("suggest", "accept", str(indexed_pictures), "--tag", "Snow", "--json").json["steps"]) == 1
    assert [each["tag"] for each in run("tag", "list", "--json").json] == ["snow"]
