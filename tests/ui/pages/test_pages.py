"""Pages: what follows from a declaration, also from that of the how-to page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from safelight.core.photo import LibraryCounts
from safelight.paths import resources_dir
from safelight.ui.appearance.theme import DARK
from safelight.ui.commands.actions import COMMANDS
from safelight.ui.library.window_services import WindowServices
from safelight.ui.pages import declarations as pages
from safelight.ui.pages.declarations import PAGES, Page
from safelight.ui.sidebar import sidebar
from safelight.ui.sidebar.sidebar import Sidebar
from safelight.ui.view_request import PHOTOS, Place, ViewRequest
from support.sidebar_rows import choose

ROOT = Path(__file__).resolve().parents[3]
COUNTS = LibraryCounts(photos=5, files=5, failures=2, favourites=1, embedded=5, pending=0)


def declared() -> list[Page]:
    """The pages of the how-to page."""
    text = (ROOT / "docs" / "how-to" / "add-a-page.md").read_text("utf-8")
    names = dict(vars(pages))
    found = []
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        head, call = block.rsplit("\nPage(", 1) if "\nPage(" in block else ("", block.removeprefix("Page("))
        exec(head, names)
        found.append(eval(f"Page({call}", names))
    return found


def test_declarations_are_consistent() -> None:
    assert len({page.key for page in PAGES}) == len(PAGES)
    assert len({page.title for page in PAGES}) == len(PAGES)
    commands = {command.name: command for command in COMMANDS}
    assert len(commands) == len(COMMANDS), "a page has the name of a command"
    for page in PAGES:
        assert (resources_dir() / "icons" / f"{page.icon}.svg").exists()
        assert commands[page.key].text == page.title
    assert PHOTOS - {Place.FOLDER, Place.TAG, Place.ALBUM} <= {page.key for page in PAGES}


def test_the_sidebar_lists_pages_with_their_counts(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    map_page, settings = declared()
    assert settings == next(page for page in PAGES if page.key == "settings")
    monkeypatch.setattr(sidebar, "PAGES", (*PAGES, map_page))
    bar = Sidebar(DARK)
    qtbot.addWidget(bar)
    bar.show_overview(COUNTS, ())
    bar.show_duplicates(3, 1000)
    assert [scope.place for scope in bar.scopes] == [
        *("library", "favourites", "recent", "map", "duplicates", "problems")
    ]
    heard: list[ViewRequest] = []
    bar.scope_chosen.connect(heard.append)
    choose(bar, "Map")
    assert heard == [ViewRequest(Place("map"))]


def test_the_factory_of_the_how_to_page_imports_late() -> None:
    map_page, _ = declared()
    assert map_page.make is not None
    with pytest.raises(ModuleNotFoundError, match=r"safelight\.ui\.map"):
        map_page.make(WindowServices)  # type: ignore[arg-type]
