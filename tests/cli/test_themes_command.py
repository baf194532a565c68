"""``safelight themes``."""

from __future__ import annotations

from pathlib import Path

from cli.conftest import Run
from safelight.core.themes import Theme
from safelight.store import folders, marks, themes
from safelight.store.library import LibraryStore
from support.themed import GROUPS, SIZES, add_group, themed


def listed(tmp_path: Path) -> list[Theme]:
    with LibraryStore.open_up_to_date_read_only(tmp_path / "library") as store, store.read() as db:
        return [theme for theme in themes.all_themes(db) if theme.parent_id is None]


def test_themes_are_found_listed_searched_and_changed(run: Run, tmp_path: Path) -> None:
    with themed(tmp_path, found=False):
        pass
    assert "run: safelight themes refresh" in run("themes").out
    assert run("themes", "--json").json == []
    said = run("themes", "refresh", "--json")
    assert said.json["photos"] == sum(SIZES)
    first, second, third, *_ = known = listed(tmp_path)
    assert said.json["themes"] == len(known)
    out = run("themes").out
    for theme in known:
        assert f"{theme.size:>7,}  {theme.name}  2024\n" in out
    everything = run("themes", "--json").json
    assert [theme["name"] for theme in everything] == [theme.name for theme in known]
    assert all(len(cover) == 40 for theme in everything for cover in theme["covers"])
    found = run("search", first.query, "-n", "100", "--json").json
    assert len(found) == first.size

    assert "to undo: safelight undo" in run("themes", "rename", first.name, "Ours").out
    assert run("themes", "merge", "ours", second.name).status == 0
    assert run("themes", "hide", third.name).status == 0
    now = {theme.name: theme for theme in listed(tmp_path)}
    assert now["Ours"].size == first.size + second.size
    assert now[third.name].hidden
    assert f"{third.name}  2024  hidden" in run("themes").out
    assert run("themes", "hide", third.name).out == "Nothing changed.\n"
    assert run("themes", "show", third.name).status == 0
    for _ in range(4):
        assert run("undo").status == 0
    assert listed(tmp_path) == known


def test_new_photos_are_in_themes_after_an_index_run(run: Run, tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _), library.store.write() as db:
        (folder_id,) = [folder.id for folder in folders.all_folders(db)]
        add_group(db, folder_id, GROUPS[0], range(100, 103))
    assert run("index").status == 0  # the folder is not there, so that its photos stay
    assert sum(theme.size for theme in listed(tmp_path)) == sum(SIZES) + 3


def test_what_makes_no_sense_is_one_line(run: Run, tmp_path: Path) -> None:
    assert "index a folder first" in run("themes", "refresh").error
    with themed(tmp_path):
        pass
    first, second, *_ = listed(tmp_path)
    for words, message in (
        (("rename", "none", "some"), "There is no theme “none”"),
        (("rename", first.name), "Name the theme and its new name"),
        (("rename", first.name, second.name), "merge them, or choose another name"),
        (("merge", first.name), "those that become a part of it"),
        (("hide",), "Name the themes"),
        (("list", "x"), "takes no names"),
        (("refresh", "x"), "takes no names"),
    ):
        outcome = run("themes", *words)
        assert message in outcome.error
        assert outcome.status in (1, 2)


def test_a_small_library_says_so(run: Run, tmp_path: Path) -> None:
    with themed(tmp_path, found=False) as (library, groups), library.store.write() as db:
        db.execute("DELETE FROM embedding WHERE photo_id > ?", (groups["red"][-1],))
    assert (
        "Themes need at least 40 searchable photos, and the library has 24" in run("themes", "refresh").error
    )


def test_tags_are_compared_with_searches_after_an_index_run(run: Run, tmp_path: Path) -> None:
    """The fake encoder reads "red7" as "red", but no word of one is a word of the other."""
    with themed(tmp_path, found=False) as (library, groups), library.store.write() as db:
        marks.add_tag(db, groups["blue"][:1], "red7")

    def place() -> int:
        found = run("search", "red", "-n", "100", "--json").json
        return [hit["path"] for hit in found].index("/photos/blue 0.jpg")

    before = place()
    assert run("index").status == 0
    assert place() < before
