"""Taught concepts from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Run


@pytest.fixture
def indexed(indexed_pictures: Path) -> list[str]:
    return sorted(str(path) for path in indexed_pictures.rglob("*.jpg"))


def test_a_concept_is_taught_searched_proposed_and_deleted(run: Run, indexed: list[str]) -> None:
    first, second, third, *_ = indexed
    assert run("concept").out.startswith("There are no concepts yet")
    taught = run("concept", "teach", "our hut", first, second, "--not", third, "--json")
    assert taught.status == 0
    assert run("concept", "--json").json == [{"concept": "our hut", "words": "", "shown": 2, "not_shown": 1}]
    paths = [each["path"] for each in run("search", 'my:"our hut"', "-n", "100", "--json").json]
    assert {first, second} <= set(paths)
    assert third not in paths
    proposed = run("concept", "propose", "our hut", "-n", "2", "--json").json
    assert len(proposed) == 1
    assert {first, second, third}.isdisjoint(each["path"] for each in proposed)
    assert run("concept", "rename", "our hut", "hut").status == 0
    assert run("concept", "teach", "cabin", third, "--words", "a wooden cabin").status == 0
    assert run("concept", "merge", "cabin", "hut").status == 0
    assert run("concept", "--json").json == [{"concept": "hut", "words": "", "shown": 2, "not_shown": 1}]
    assert run("undo").status == 0
    assert [each["concept"] for each in run("concept", "--json").json] == ["cabin", "hut"]
    assert run("concept", "teach", "hut", second, "--forget").status == 0
    assert run("concept", "--json").json[1]["shown"] == 1
    assert run("concept", "delete", "hut").status == 0
    assert [each["concept"] for each in run("concept", "--json").json] == ["cabin"]


def test_what_cannot_be_done_is_one_clear_line(run: Run, indexed: list[str], tmp_path: Path) -> None:
    for words, said in (
        (("teach", "hut"), "Name the photos"),
        (("teach", "hut", "--not", indexed[0]), "Choose photos that show “hut”"),
        (("teach", "", indexed[0]), "Name the concept"),
        (("delete", "hut"), "There is no concept “hut”"),
        (("rename", "hut", "a", "b"), "Name the new name, once"),
        (("propose", "hut"), "There is no concept “hut”"),
        (("teach", "hut", "--query", "a red dog"), "Only filters can choose photos"),
        (("teach", "hut", "--query", "my:hut"), "Only filters can choose photos"),
        (("teach", "hut", str(tmp_path / "none.jpg")), "is not a photo of the library"),
    ):
        ended = run("concept", *words)
        assert ended.status != 0, words
        assert said in ended.err, words
