"""Themes of a library: found, joined by new photos, named, and changed by the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from safelight.core.changes import ChangeKind
from safelight.core.errors import CancelledError, SafelightError, UsageError
from safelight.core.jobs import JobControl
from safelight.core.operations import HideThemes, MergeThemes, RenameTheme, SetHidden, Undo
from safelight.core.query import parse
from safelight.core.themes import Theme
from safelight.services.library import Library
from safelight.services.operations.runner import OperationRunner
from safelight.services.understanding.themes import State
from safelight.store import filter_ids, folders, themes
from support.themed import GROUPS, SIZES, add_group, members, shown, themed


def run(library: Library, operation: Any) -> Any:
    return OperationRunner(library.store).run(operation)


def tops(library: Library) -> list[Theme]:
    return [theme for theme in shown(library) if theme.parent_id is None]


def found_by(library: Library, query: str) -> set[int]:
    with library.store.read() as db:
        return {int(photo) for photo in filter_ids.matching_ids(db, parse(query).restrictions)}


def theme_of(library: Library, photos: list[int]) -> Theme:
    """The theme that has exactly these photos."""
    (found,) = [theme for theme in shown(library) if found_by(library, theme.query) == set(photos)]
    return found


def named(library: Library, path: str) -> Theme:
    with library.store.read() as db:
        (found,) = themes.find(db, path)
    return found


def test_photos_that_are_alike_are_in_one_theme(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, groups):
        clusters = [theme for theme in shown(library) if theme.parent_id is not None or theme.merged == 1]
        for colour in GROUPS:
            theme = theme_of(library, groups[colour])
            assert theme.size == len(groups[colour])
            assert set(theme.covers) <= set(groups[colour])
            assert len(theme.covers) == 4
            assert theme.first == theme.last == "2024-05-06T07:08:09"
        assert sum(theme.size for theme in tops(library)) == sum(SIZES)
        assert len({theme.path for theme in clusters}) == len(clusters)


def test_the_same_photos_give_the_same_themes_in_whatever_order_they_came(tmp_path: Path) -> None:
    def contents(library: Library) -> dict[str, set[bytes]]:
        with library.store.read() as db:
            hashes = dict(db.execute("SELECT id, content_hash FROM photo"))
        return {name: {hashes[photo] for photo in photos} for name, photos in members(library).items()}

    with themed(tmp_path / "one") as (library, _):
        wanted = contents(library)
    with themed(tmp_path / "other", backwards=True) as (library, _):
        assert contents(library) == wanted


def test_a_small_library_has_none(tmp_path: Path) -> None:
    with themed(tmp_path, found=False) as (library, groups):
        with library.store.write() as db:
            db.execute("DELETE FROM embedding WHERE photo_id > ?", (groups["red"][-1],))
        assert library.themes().status().state is State.TOO_SMALL
        library.themes().update(JobControl())
        assert shown(library) == []


def test_new_photos_join_the_nearest_theme_and_nothing_else_moves(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, groups):
        before = shown(library)
        with library.store.write() as db:
            (folder_id,) = [folder.id for folder in folders.all_folders(db)]
            new = add_group(db, folder_id, "blue", range(100, 105))
        change = library.themes().update(JobControl())
        assert change.any_of(ChangeKind.THEMES)
        assert theme_of(library, [*groups["blue"], *new]).size == 17
        assert [theme.name for theme in shown(library)] == [theme.name for theme in before]
        assert {theme.id for theme in shown(library)} == {theme.id for theme in before}
        assert not library.themes().update(JobControl())


def test_they_are_found_again_once_the_library_has_grown_much(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        before = {theme.id for theme in shown(library)}
        with library.store.write() as db:
            (folder_id,) = [folder.id for folder in folders.all_folders(db)]
            add_group(db, folder_id, "purple", range(sum(SIZES)))
        assert library.themes().status().state is State.OUTGROWN
        library.themes().update(JobControl())
        assert library.themes().status().state is State.CURRENT
        assert before.isdisjoint(theme.id for theme in shown(library))


def test_cancelling_leaves_the_themes_as_they_were(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        before = shown(library)
        control = JobControl()

        def cancel_midway(share: float) -> None:
            if share > 0.5:
                control.cancel()

        with pytest.raises(CancelledError):
            library.themes().find(control, cancel_midway)
        assert shown(library) == before


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    with themed(tmp_path, found=False) as (library, _):
        shares: list[float] = []
        library.themes().find(JobControl(), shares.append)
        assert shares == sorted(shares)
        assert shares[0] == 0
        assert shares[-1] == 1


def test_hidden_photos_are_in_no_theme_and_take_no_part_in_finding_them(tmp_path: Path) -> None:
    with themed(tmp_path, found=False) as (library, groups):
        run(library, SetHidden(tuple(groups["yellow"]), True))
        library.themes().find(JobControl())
        assert sum(theme.size for theme in tops(library)) == sum(SIZES[:3])
        run(library, SetHidden(tuple(groups["red"][:3]), True))
        assert sum(theme.size for theme in tops(library)) == sum(SIZES[:3]) - 3
        run(library, SetHidden(tuple(groups["red"][:3]), False))
        run(library, SetHidden(tuple(groups["yellow"]), False))
        library.themes().update(JobControl())
        assert sum(theme.size for theme in tops(library)) == sum(SIZES)


# --- what the user decides ------------------------------------------------------------------------------


def beside(library: Library) -> tuple[Theme, Theme]:
    first, second, *_ = tops(library)
    return first, second


def test_a_name_stays_when_the_themes_are_found_again(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, groups):
        theme = theme_of(library, groups["red"])
        run(library, RenameTheme(theme.id, "  Our   tomatoes "))
        assert theme_of(library, groups["red"]).name == "Our tomatoes"
        library.themes().find(JobControl())
        again = theme_of(library, groups["red"])
        assert again.name == "Our tomatoes"
        assert again.id != theme.id
        assert again.renamed
        assert found_by(library, 'theme:"our TOMATOES"') == set(groups["red"])
        run(library, RenameTheme(again.id, ""))
        assert theme_of(library, groups["red"]).name == theme.name


def test_a_name_that_another_theme_has_is_refused(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        first, second = beside(library)
        with pytest.raises(UsageError, match="merge them, or choose another name"):
            run(library, RenameTheme(first.id, second.name.upper()))
        with pytest.raises(UsageError, match="cannot contain “/”"):
            run(library, RenameTheme(first.id, "a/b"))
        with pytest.raises(SafelightError, match="the themes were found again meanwhile"):
            run(library, RenameTheme(987_654, "gone"))


def test_merged_themes_are_one_and_stay_so(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        first, second = beside(library)
        both = found_by(library, first.query) | found_by(library, second.query)
        run(library, MergeThemes((second.id,), first.id))
        merged = named(library, first.name)
        assert merged.size == len(both)
        assert merged.merged == 2
        assert found_by(library, merged.query) == both
        assert len(tops(library)) == len([*beside(library), *tops(library)[2:]])
        library.themes().find(JobControl())
        assert found_by(library, named(library, first.name).query) == both
        assert run(library, Undo()).reverted
        assert {theme.name for theme in tops(library)} >= {first.name, second.name}


def test_only_themes_beside_each_other_can_be_merged(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        inner = [theme for theme in shown(library) if theme.parent_id is not None]
        assert inner, "one theme of this library has two inside it"
        other = next(theme for theme in tops(library) if theme.id != inner[0].parent_id)
        with pytest.raises(UsageError, match="beside each other"):
            run(library, MergeThemes((inner[0].id,), other.id))
        with pytest.raises(UsageError, match="the one to merge it into"):
            run(library, MergeThemes((), other.id))
        one, other = [theme for theme in inner if theme.parent_id == inner[0].parent_id][:2]
        both = found_by(library, one.query) | found_by(library, other.query)
        run(library, MergeThemes((other.id,), one.id))
        left = [theme for theme in shown(library) if theme.parent_id is not None]
        assert len(left) in (len(inner) - 1, len(inner) - 2), "a theme with one part shows none"
        assert found_by(library, one.query) == both


def test_hidden_themes_are_marked_and_their_photos_stay_to_be_found(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        first, second = beside(library)
        run(library, HideThemes((first.id, second.id), True))
        assert [theme.name for theme in tops(library) if theme.hidden] == [first.name, second.name]
        assert len(found_by(library, first.query)) == first.size
        library.themes().find(JobControl())
        assert {theme.name for theme in tops(library) if theme.hidden} == {first.name, second.name}
        assert run(library, HideThemes((named(library, first.name).id,), True)).step is None
        run(library, Undo())
        assert not [theme for theme in tops(library) if theme.hidden]


def test_undo_leaves_alone_what_was_changed_since(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        first, _ = beside(library)
        one = run(library, RenameTheme(first.id, "one"))
        run(library, RenameTheme(first.id, "two"))
        assert run(library, Undo(one.step)).reverted == 0
        assert named(library, "two").id == first.id


def test_a_choice_is_forgotten_by_no_model(tmp_path: Path) -> None:
    """The vectors of another model group the photos otherwise; the choice goes where its examples are."""
    with themed(tmp_path) as (library, groups):
        run(library, RenameTheme(theme_of(library, groups["green"]).id, "Meadow"))
        with library.store.write() as db:
            db.execute("DELETE FROM theme")
            assert not themes.all_themes(db)
        library.themes().find(JobControl())
        assert theme_of(library, groups["green"]).name == "Meadow"
