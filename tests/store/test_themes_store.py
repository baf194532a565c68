"""Choices about themes in exports and in rebuilt libraries, and what a limited program sees of themes."""

from __future__ import annotations

from pathlib import Path

import pytest

from safelight.core.errors import SafelightError
from safelight.core.jobs import JobControl
from safelight.core.operations import HideThemes, MergeThemes, RenameTheme
from safelight.services.library import Library
from safelight.services.operations.runner import OperationRunner
from safelight.store import theme_choices, themes, user_data_export, vocabulary
from safelight.store.library import LibraryStore
from safelight.store.limits import Limit
from safelight.store.recovery import backups
from safelight.store.recovery.salvage import rebuild
from support.themed import shown, themed


def change(library: Library) -> None:
    """Rename one theme, merge another into it, and hide a third."""
    first, second, third, *_ = [theme for theme in shown(library) if theme.parent_id is None]
    runner = OperationRunner(library.store)
    runner.run(RenameTheme(first.id, "Ours"))
    runner.run(MergeThemes((second.id,), first.id))
    runner.run(HideThemes((third.id,), True))


def state(library: Library) -> list[tuple[str, int, bool, int]]:
    return [(theme.path, theme.size, theme.hidden, theme.merged) for theme in shown(library)]


def test_an_export_carries_choices_into_another_library(tmp_path: Path) -> None:
    with themed(tmp_path / "one") as (library, _):
        change(library)
        wanted = state(library)
        with library.store.read() as db:
            document = user_data_export.collect(db)
    with themed(tmp_path / "other") as (library, _):
        assert state(library) != wanted
        for _ in range(2):  # applying it twice changes nothing more
            with library.store.write() as db:
                user_data_export.apply(db, document)
            assert state(library) == wanted
        with library.store.read() as db:
            assert len(theme_choices.all_choices(db)) == 2


@pytest.mark.parametrize(
    "theme",
    [
        {"name": "x" * 101, "hidden": False, "is_top": True, "parts": []},
        {"name": "a", "hidden": 2, "is_top": True, "parts": []},
        {"name": "a", "hidden": False, "is_top": True, "parts": [["ab"]]},
        {"name": "a", "hidden": False, "is_top": True, "parts": "none"},
        {"name": "a"},
    ],
)
def test_what_is_no_choice_is_not_imported(tmp_path: Path, theme: dict[str, object]) -> None:
    with themed(tmp_path) as (library, _):
        with library.store.read() as db:
            document = user_data_export.collect(db)
        document["themes"] = [theme]
        with pytest.raises(SafelightError, match="not an export"), library.store.write() as db:
            user_data_export.apply(db, document)


def test_a_rebuilt_library_keeps_choices(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        change(library)
        wanted = state(library)
        directory = library.store.directory
    rebuild(directory)
    with themed(tmp_path, found=False, filled=False) as (library, _):
        assert shown(library) == []
        library.themes().find(JobControl())
        assert state(library) == wanted


def test_restoring_says_which_choices_would_be_lost(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        with library.store.read() as db:
            before = backups.contents(db)
        change(library)
        with library.store.read() as db:
            lost = backups.contents(db).beyond(before)
        assert lost.themes == 2
        assert str(lost) == "2 choices about themes"
        assert lost


def test_paths_of_themes_complete_the_search(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _), library.store.read() as db:
        offered = {each.value: each.photos for each in vocabulary.read(db).of("theme")}
        for theme in themes.all_themes(db):
            assert offered[theme.path] == theme.size


def test_a_program_that_sees_only_some_photos_sees_no_names_of_themes(tmp_path: Path) -> None:
    with themed(tmp_path) as (library, _):
        change(library)
        directory = library.store.directory
    whole, partial = Limit(is_partial=False), Limit(is_partial=True)
    for limit, there in ((whole, True), (partial, False)):
        with LibraryStore.open_up_to_date_read_only(directory, limit=limit) as store, store.read() as db:
            assert bool(themes.all_themes(db)) is there
            assert bool(vocabulary.read(db).of("theme")) is there
            assert theme_choices.all_choices(db) == [] or there
            assert not db.execute("SELECT 1 FROM theme_example").get
