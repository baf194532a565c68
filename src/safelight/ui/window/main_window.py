"""The main window: its start in stages, its commands and its end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from safelight.ui.appearance.icons import app_icon
from safelight.ui.lazy_page import LazyPage
from safelight.ui.library.window_services import WindowServices
from safelight.ui.pages.declarations import MIGRATION, MODELS, PAGES, SETTINGS
from safelight.ui.window.controllers import WindowControllers
from safelight.ui.window.layout import WindowLayout
from safelight.ui.window.staged_startup import StagedStartup

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from safelight.ui.commands.actions import Actions


class MainWindow(QMainWindow):
    """Shows the widgets of :class:`WindowLayout` at once, and then creates what works behind them.

    :attr:`controllers` holds what reacts to the user and to the library.
    """

    def __init__(self, services: WindowServices, library: Path, *, fresh: bool) -> None:
        """``fresh``: there is no library yet, so the window opens on the welcome page."""
        super().__init__()
        self.services = services
        self._layout = layout = WindowLayout(self, services, fresh=fresh)
        self.sidebar = layout.sidebar
        self.search_bar = layout.search_bar
        self.info_cache = layout.info_cache
        self.model = layout.model
        self.grid = layout.grid
        self.content = layout.content
        self.details = layout.details
        self.status = layout.status
        self.pages = layout.pages
        self.browser = layout.browser
        self.toasts = layout.toasts
        self.results = layout.results
        self.grid_content = layout.grid_content
        self.stacks = layout.stacks
        self.arranging = layout.arranging
        self.layout_state = layout.layout_state
        self.controllers = WindowControllers(self, layout, services, library)
        self.views = self.controllers.views
        self._shut_down = False
        # Each step is short, so that the window responds between them.
        load = (self._load_viewer, self._load_messages)
        make = (self._make_viewer, self._make_commands, self._make_organising, self._make_searching)
        rest = (self._make_pages, self._make_actions, self._connect, self._begin_working)
        self._starting = StagedStartup((self._begin_reading, *load, *make, *rest), self)

    # --- the start --------------------------------------------------------------------------

    def start(self) -> None:
        """Create and start what works behind the visible widgets."""
        self._starting.finish()

    def start_staged_startup(self) -> None:
        """The same, one step at a time, while the window responds; :attr:`started` is set when it is done."""
        self._starting.begin()

    @property
    def started(self) -> bool:
        return self._starting.done

    def open_paths(self, paths: Sequence[str]) -> None:
        """Add folders to the library, and show the first file."""
        files = [path for path in paths if Path(path).is_file()]
        folders = [path for path in paths if path not in files]
        if folders:
            self._starting.add(lambda: self.controllers.folder_commands.add(folders))
        if files:
            self._starting.add(lambda: self._open_file(files[0]))

    def _open_file(self, path: str) -> None:
        self.views.overlays_dismissed.emit()
        self.controllers.opened_files.open(path)

    def open_search(self, query: str) -> None:
        """Search the whole library."""
        self._starting.add(lambda: self.search_bar.set_text(query))

    def _begin_reading(self) -> None:
        # Photos first: their reader loads and works on its own thread meanwhile.
        self.services.reader.start()
        self.views.show_first()

    def _load_viewer(self) -> None:
        import safelight.ui.viewer.viewer  # noqa: F401

    def _load_messages(self) -> None:
        import safelight.engine.events
        import safelight.engine.requests  # noqa: F401

    def _make_viewer(self) -> None:
        self.pages.addWidget(self.controllers.viewer)
        self._create(self.controllers.turning)

    def _make_commands(self) -> None:
        controllers = self.controllers
        self._create(
            controllers.selection,
            controllers.photo_commands,
            controllers.trash_commands,
            controllers.folder_commands,
        )
        self._create(controllers.folder_tree, controllers.watch, controllers.follower)

    def _make_organising(self) -> None:
        from safelight.ui.window.removal_question import RemovalQuestions

        controllers = self.controllers
        self._create(
            controllers.organise,
            controllers.tag_suggestions,
            controllers.album_arranging,
            controllers.conflict_notices,
        )
        RemovalQuestions(self.services.bridge, self)

    def _make_searching(self) -> None:
        controllers = self.controllers
        controllers.saved_searches.changed.connect(controllers.organise.show_searches)
        self._create(
            controllers.saved_searches,
            controllers.search,
            controllers.like_thumbnails,
            controllers.refining,
            controllers.why,
        )

    def _make_pages(self) -> None:
        controllers = self.controllers
        self._create(
            controllers.models,
            controllers.duplicates,
            controllers.settings,
            controllers.problems,
            controllers.explore,
        )
        self._create(controllers.albums)
        for page in PAGES:
            if page.make is not None:
                self.content.set_page(page.key, LazyPage(partial(page.make, self.services)))
        self.content.set_page(SETTINGS, controllers.settings.page)
        self.content.set_page(MIGRATION, LazyPage(self._make_migration))
        self.views.openers[MODELS] = controllers.models.open

    def _make_migration(self) -> QWidget:
        from safelight.ui.migration.controller import MigrationController

        migration = MigrationController(self.services, self)
        migration.page.closed.connect(self.content.close_page)
        return migration.page

    def _make_actions(self) -> None:
        commands = self.commands
        self.controllers.settings.set_commands(commands)
        self.sidebar.set_history_actions(commands["back"], commands["forward"])
        self.search_bar.menu_button.setMenu(commands.main_menu())
        self.layout_state.set_commands(commands)

    def _connect(self) -> None:
        from safelight.ui.window.connections import WindowConnections
        from safelight.ui.window.selection_controller import SelectionController

        controllers = self.controllers
        acted_on = (
            controllers.selection,
            controllers.viewer,
            controllers.compare,
            controllers.duplicates,
            self.commands,
        )
        selecting = SelectionController(
            self._layout, *acted_on, self.context_menu, controllers.opened_files, self
        )
        WindowConnections(self, controllers, self.commands, selecting)

    def _create(self, *_: object) -> None:
        """Accessing the attributes of the controllers creates the objects."""

    def _begin_working(self) -> None:
        from safelight.ui.grid.photo_shapes import PhotoShapes

        self.setWindowIcon(app_icon())  # many sizes, so after the first paint
        self.services.background_reader.start()
        self.grid.show_shapes(PhotoShapes(self.services.background_reader, self.services.bridge, self))
        self.services.bridge.start()
        self.controllers.follower.load()
        self.controllers.organise.load()
        self.controllers.saved_searches.load()
        if self.search_bar.query is not None:
            self.views.search(self.search_bar.query)  # typed before the signals were connected

    # --- commands ---------------------------------------------------------------------------

    @cached_property
    def commands(self) -> Actions:
        from safelight.ui.commands.actions import Actions
        from safelight.ui.commands.shortcuts import ChangedKeys
        from safelight.ui.window.commands import handlers_of, open_palette

        handlers = handlers_of(self.controllers) | {
            "palette": lambda: open_palette(self, self.controllers, self.commands).open(),
            "full_screen": self._toggle_full_screen,
            "quit": self.close,
        }
        theme = self.services.themes.theme
        commands = Actions(self, handlers, theme, ChangedKeys(self.services.state))
        self._layout.themed.append(commands)
        return commands

    @cached_property
    def context_menu(self) -> QMenu:
        """The menu of a photo."""
        return self.commands.context_menu()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self.commands["full_screen"].setChecked(self.isFullScreen())
        if self.isFullScreen() and self.controllers.viewer.current is not None:
            self.controllers.viewer.controls.dismiss()

    # --- the end ----------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shutdown()
        event.accept()

    def shutdown(self) -> bool:
        """Stop all background work; True when nothing is left running. Idempotent."""
        if not self._shut_down:
            self._shut_down = True
            self._starting.stop()
            self.views.remember()
            self.layout_state.remember()
            self.hide()  # stopping may take a moment
            self.results.stop()
            self.controllers.stop()
            self.toasts.clear()
        return self.services.stop()
