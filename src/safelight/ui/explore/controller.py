"""Connects the page Explore with the engine and the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import HideThemes, MergeThemes, Operation, Outcome, RenameTheme
from safelight.core.themes import MAX_THEME_NAME_LENGTH, clean_theme_name
from safelight.core.themes import Theme as PhotoTheme
from safelight.ui import wording
from safelight.ui.appearance.theme import Theme
from safelight.ui.lazy_page import LazyPage
from safelight.ui.library.reads import ReadThemes
from safelight.ui.library.window_services import WindowServices
from safelight.ui.pages.content import ContentArea
from safelight.ui.pages.declarations import EXPLORE
from safelight.ui.translation import error_text, translate
from safelight.ui.widgets.name_dialog import CheckedNameDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from safelight.engine import events
    from safelight.ui.explore.page import ExplorePage

_TOO_SMALL = "too_small"
_CHANGES = ChangeKind.THEMES | ChangeKind.PHOTOS | ChangeKind.MARKS


class ExploreController(QObject):
    """Asks for themes whenever the page is opened, and reads them again when they change while it is open."""

    def __init__(
        self,
        services: WindowServices,
        content: ContentArea,
        search: Callable[[str], object],
        show_recent: Callable[[], object],
        run: Callable[[Operation[Outcome], str], object],
        window: QWidget,
    ) -> None:
        """``search`` searches the whole library for a query; ``show_recent`` shows what was added last.

        ``run`` applies an operation, and offers to undo it with a message.
        """
        super().__init__(window)
        self._services = services
        self._bridge = services.bridge
        self._search = search
        self._show_recent = show_recent
        self._run = run
        self._window = window
        self._asked = 0
        """The generation of the latest request."""
        self._finding = False
        self._problem = ""
        self._too_small: int | None = None
        self.page: LazyPage[ExplorePage] = LazyPage(self._make)
        content.set_page(EXPLORE, self.page)
        services.bridge.library_changed.connect(self._on_library_changed)
        services.bridge.themes_advanced.connect(self._on_progress)
        services.bridge.themes_answered.connect(self._on_answer)
        services.bridge.request_failed.connect(self._on_failed)
        services.bridge.engine_stopped.connect(lambda _: self._end())

    def _make(self) -> ExplorePage:
        from safelight.ui.explore.fixed_searches import fixed_searches
        from safelight.ui.explore.page import ExplorePage

        page = ExplorePage(self._services.cache, self._services.themes.theme, fixed_searches())
        page.search_requested.connect(self._search)
        page.recent_requested.connect(self._show_recent)
        page.rename_requested.connect(lambda theme: self.prompt_for_name(theme).open())
        page.merge_requested.connect(self._merge)
        page.hide_requested.connect(self._hide)
        page.refresh_requested.connect(lambda: self._find(again=True))
        page.cancel_requested.connect(self._cancel)
        page.shown.connect(self._open)
        return page

    def apply_theme(self, theme: Theme) -> None:
        if self.page.made is not None:
            self.page.made.apply_theme(theme)

    # --- reading and finding ------------------------------------------------------------------

    def _open(self) -> None:
        self._read()
        if not self._finding:
            self._find(again=False)

    def _find(self, *, again: bool) -> None:
        from safelight.engine import requests

        self._asked = next(self._bridge.generations)
        self._finding = True
        self._problem, self._too_small = "", None
        self._bridge.send(requests.FindThemes(self._asked, again))

    def _cancel(self) -> None:
        from safelight.engine import requests

        self._bridge.send(requests.CancelThemes())

    def _read(self) -> None:
        self._services.background_reader.read(ReadThemes(), self._show)

    def _show(self, themes: Sequence[PhotoTheme]) -> None:
        page = self.page.made
        if page is None:
            return
        page.show_themes(themes)
        if self._problem:
            page.show_problem(self._problem)
        elif self._too_small is not None:
            page.show_too_small(self._too_small)

    def _on_library_changed(self, change: LibraryChanged) -> None:
        page = self.page.made
        if page is not None and page.isVisible() and change.any_of(_CHANGES):
            self._read()

    def _on_progress(self, progress: events.ThemesProgress) -> None:
        if progress.generation == self._asked and self._finding:
            self.page.get().show_finding(progress.share)

    def _on_answer(self, answer: events.ThemesAnswered) -> None:
        if answer.generation != self._asked:
            return
        if answer.state == _TOO_SMALL:
            self._too_small = answer.photos
        self._end()

    def _on_failed(self, failure: events.RequestFailed) -> None:
        if failure.generation == self._asked and self._finding:
            self._problem = error_text(failure.message)
            self._end()

    def _end(self) -> None:
        self._finding = False
        if self.page.made is not None:
            self.page.made.show_finding(None)
            self._read()

    # --- changing -----------------------------------------------------------------------------

    def prompt_for_name(self, theme: PhotoTheme) -> CheckedNameDialog:
        prompt = CheckedNameDialog(
            translate("Explore", "Rename the theme “{name}”").format(name=theme.name),
            translate("Explore", "Rename"),
            theme.name,
            MAX_THEME_NAME_LENGTH,
            clean_theme_name,
            self._window,
        )
        prompt.named.connect(
            lambda name: self._run(
                RenameTheme(theme.id, name), translate("Explore", "Renamed to “{name}”").format(name=name)
            )
        )
        return prompt

    def _merge(self, themes: Sequence[PhotoTheme]) -> None:
        into, *others = themes
        self._run(
            MergeThemes(tuple(theme.id for theme in others), into.id),
            translate("Explore", "Merged {themes} into “{name}”").format(
                themes=wording.count_of(len(themes), "theme"), name=into.name
            ),
        )

    def _hide(self, themes: Sequence[PhotoTheme], hidden: bool) -> None:
        count = wording.count_of(len(themes), "theme")
        text = (
            translate("Explore", "Hid {themes}") if hidden else translate("Explore", "{themes} shown again")
        )
        self._run(HideThemes(tuple(theme.id for theme in themes), hidden), text.format(themes=count))
