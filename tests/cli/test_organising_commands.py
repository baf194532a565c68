"""Tags, ratings, marks and albums from the command line, and undoing them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.conftest import Run


@pytest.fixture
def indexed(indexed_pictures: Path) -> Path:
    return indexed_pictures


def found(run: Run, query: str) -> int:
    return len(run("search", query, "-n", "100", "--json").json)


def photos_of(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*.jpg"))


def test_photos_are_tagged_by_name_folder_and_filters(run: Run, indexed: Path) -> None:
    first, second, *_ = photos_of(indexed)
    assert run("tag", "add", "animals/dog", first, second, "--json").json["photos"] == 2
    assert found(run, "tag:animals") == 2
    everything = found(run, "is:untagged") + 2
    assert run("tag", "add", "all", str(indexed), "--json").json["photos"] == everything
    assert run("tag", "add", "also", "--query", "tag:dog", "--json").json["photos"] == 2
    assert run("tag", "remove", "also", second, "--json").json["photos"] == 1
    assert run("tag", "rename", "animals", "pets").status == 0
    assert run("tag", "--json").json == [
        {"tag": "all", "photos": everything},
        {"tag": "also", "photos": 1},
        {"tag": "pets/dog", "photos": 2},
    ]
    assert run("tag", "delete", "pets").status == 0
    assert found(run, "tag:pets") == 0
    assert run("undo").status == 0
    assert found(run, "tag:pets/dog") == 2


def test_marks_are_set_and_undone(run: Run, indexed: Path) -> None:
    first, second, *_ = photos_of(indexed)
    assert run("rate", "4", first, second).status == 0
    assert run("rate", "reject", second).status == 0
    assert (found(run, "rating:4"), found(run, "is:rejected")) == (1, 1)
    marked = run(
        *("rate", first, "--label", "red", "--title", "Summer", "--caption", "At the lake", "--favourite"),
        "--json",
    )
    assert marked.json["photos"] == 1
    assert len(marked.json["steps"]) == 1  # one command is one step
    assert found(run, "label:red title:summer caption:lake is:favourite") == 1
    assert run("rate", first, "--turn", "left", "--json").json["photos"] == 1
    assert found(run, '"lake"') == 1
    before = found(run, "rating:>=0")
    assert run("rate", "--hide", first).status == 0
    assert (found(run, "rating:>=0"), found(run, "is:hidden")) == (before - 1, 1)
    assert run("rate", "--show", "--query", "is:hidden").status == 0
    assert found(run, "rating:>=0") == before
    assert run("undo").status == 0
    assert found(run, "is:hidden") == 1


def test_albums_keep_the_order_in_which_photos_are_named(run: Run, indexed: Path) -> None:
    first, second, third, *_ = photos_of(indexed)
    assert run("album", "create", "Trips/Italy", third, first).status == 0  # and the album around it
    assert run("album", "add", "trips/italy", second).status == 0
    assert run("album", "show", "Trips/Italy", "--json").json == [third, first, second]
    assert run("album", "first", "Trips/Italy", second).status == 0
    assert run("album", "cover", "Trips/Italy", first).status == 0
    assert run("album", "show", "Trips/Italy").out.split() == [second, third, first]
    assert run("album", "rename", "Trips/Italy", "Rome").status == 0
    assert run("album", "move", "Trips/Rome", "/").status == 0
    assert run("album", "list", "--json").json == [
        {"album": "Rome", "photos": 3},
        {"album": "Trips", "photos": 0},
    ]
    assert run("album", "remove", "Rome", third).status == 0
    assert run("album", "delete", "Rome").status == 0
    assert run("undo").status == 0
    assert run("album", "show", "Rome", "--json").json == [second, first]


def test_albums_are_ordered_among_those_of_the_same_parent(run: Run, indexed: Path) -> None:
    def listed() -> list[str]:
        return [each["album"] for each in run("album", "list", "--json").json]

    for name in ("a", "b", "c", "b/x", "b/y"):
        assert run("album", "create", name).status == 0
    assert run("album", "order", "c", "a").status == 0
    assert run("album", "order", "b/x").status == 0
    assert listed() == ["c", "a", "b", "b/y", "b/x"]
    assert "same parent" in run("album", "order", "c", "b/x").err
    assert run("album", "order", "c").status == 0
    assert listed() == ["a", "b", "b/y", "b/x", "c"]
    assert run("album", "create", "aa").status == 0
    assert listed()[-1] == "aa", "a new one comes last"
    assert run("undo").status == 0
    assert run("undo").status == 0
    assert listed() == ["c", "a", "b", "b/y", "b/x"]


def test_stacks_are_created_listed_and_ended(run: Run, indexed: Path) -> None:
    first, second, third, *_ = photos_of(indexed)
    before = found(run, "rating:>=0")
    assert run("stack", "create", first, second, third).status == 0
    assert found(run, "rating:>=0") == before - 2
    top, *below = run("stack", "--json").json[0]
    assert (top, sorted(below)) == (first, [second, third])
    assert run("stack", "top", third).status == 0
    assert run("stack").out.split()[0] == third
    assert run("stack", "end", third).status == 0
    assert run("stack").out == "There are no stacks yet.\n"
    assert run("undo").status == 0
    assert run("stack", "--json").json[0][0] == third


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("tag", "add", "x"), 0, ""),
        (("tag", "remove", "x"), 2, "Name the photos"),
        (("tag", "add"), 2, "Name the tag"),
        (("tag", "delete", "none"), 1, "There is no tag"),
        (("tag", "add", "x", "--query", "a dog"), 2, "Only filters can choose photos"),
        (("rate", "7", "--query", "is:favourite"), 2, "0 to 5 stars"),
        (("rate",), 2, "Say what to set"),
        (("album", "show", "none"), 1, "There is no album"),
        (("album", "rename", "none", "x"), 1, "There is no album"),
        (("album", "add"), 2, "Name the album"),
        (("stack", "create"), 2, "Name the photos"),
        (("stack", "top", "--query", "rating:>=0"), 2, "Name one photo"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(
    run: Run, indexed: Path, words: tuple[str, ...], status: int, message: str
) -> None:
    outcome = run(*words)
    assert outcome.status == status
    if message:
        assert message in outcome.error


def test_an_unknown_file_is_named_and_the_others_are_changed(run: Run, indexed: Path) -> None:
    first = photos_of(indexed)[0]
    outcome = run("tag", "add", "x", "nowhere.jpg", first)
    assert outcome.status == 1
    assert outcome.error == "nowhere.jpg is not a photo of the library; index its folder first."
    assert found(run, "tag:x") == 1


def test_a_tag_for_unknown_files_alone_is_not_created(run: Run, indexed: Path) -> None:
    outcome = run("tag", "add", "x", "nowhere.jpg")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.error == "nowhere.jpg is not a photo of the library; index its folder first."
    assert run("tag", "add", "x", "nowhere.jpg", "--json").json["steps"] == []
    assert run("tag", "list", "--json").json == []
