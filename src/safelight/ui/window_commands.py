"""The function of each command of the window, by its name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from safelight.core.operations import SetRating
from safelight.core.organising import LABELS
from safelight.ui.actions import COMMANDS
from safelight.ui.pages import PAGES

if TYPE_CHECKING:
    from safelight.ui.main_window import MainWindow
    from safelight.ui.organise.palette import CommandPalette


def handlers_of(window: MainWindow) -> dict[str, Callable[[], object]]:
    """One for each of :data:`safelight.ui.actions.COMMANDS`."""
    photos, folders, selected = window.photo_commands, window.folder_commands, window.selection
    # Lambdas leave parts that few sessions need to be created when they are first used.
    return {
        "find_similar": lambda: window.views.find_similar(selected.one),
        "more_like": lambda: window.refining.more_like(selected.ids),
        "less_like": lambda: window.refining.less_like(selected.ids),
        "view": lambda: window.views.open_viewer(selected.one),
        "compare": lambda: window.compare.open(selected.ids),
        "open_externally": lambda: photos.open_externally(selected.one),
        "show_in_folder": lambda: photos.show_in_folder(selected.one),
        "copy": lambda: photos.copy(selected.ids),
        "copy_path": lambda: photos.copy_path(selected.ids),
        "export": lambda: window.exports.open(selected.ids),
        "favourite": lambda: photos.set_favourite(selected.ids, not selected.all_favourites),
        **{f"rate_{stars}": partial(_rate, window, stars) for stars in range(6)},
        "reject": window.organise.reject,
        **{f"label_{label}": partial(window.organise.label, label) for label in LABELS},
        "label_none": partial(window.organise.label, ""),
        "tag": window.organise.ask_for_tag,
        "accept_tags": window.tag_suggestions.row.accept_all,
        "teach": lambda: window.teaching.open(),  # noqa: PLW0108
        "to_album": window.organise.ask_for_album,
        "from_album": window.organise.remove_from_album,
        "stack": window.organise.stack,
        "unstack": window.organise.unstack,
        "open_stack": lambda: window.stacks.toggle(selected.ids),
        "stack_top": window.organise.set_stack_top,
        "album_cover": window.organise.set_album_cover,
        "earlier": lambda: window.album_arranging.move(selected.ids, -1),
        "later": lambda: window.album_arranging.move(selected.ids, 1),
        "to_start": lambda: window.album_arranging.move_to_start(selected.ids),
        "to_end": lambda: window.album_arranging.move_to_end(selected.ids),
        "hide": window.organise.hide,
        "new_album": partial(window.organise.ask_for_new_album, None),
        "palette": lambda: open_palette(window).open(),
        "trash": lambda: _trash(window),
        "undo": lambda: window.trash_commands.undo(None),
        "add_folder": folders.choose,
        "rescan": folders.rescan,
        "pause": window.watch.toggle_pause,
        "search": window.views.focus_search,
        "save_search": window.search_links.save,
        "clear_history": window.search_bar.history.clear,
        "paste": window.search_bar.paste,
        "select_all": window.grid.selectAll,
        **{page.key: partial(window.views.show_page, page.key) for page in PAGES},
        "back": window.views.navigation.back,
        "forward": window.views.navigation.forward,
        "go_to_date": lambda: window.date_jump.ask(),  # noqa: PLW0108
        "shortcuts": window.settings.show_shortcuts,
        "unfold": window.listing.toggle_folds,
        "arrange": window.search_bar.arrange.showMenu,
        "rail": window.layout_state.toggle_sidebar,
        "details": lambda: _toggle_details(window),
        "larger": lambda: window.layout_state.resize_thumbnails(1),
        "smaller": lambda: window.layout_state.resize_thumbnails(-1),
        "full_screen": window.toggle_full_screen,
        "menu": window.search_bar.menu_button.showMenu,
        "quit": window.close,
    }


def open_palette(window: MainWindow) -> CommandPalette:
    """The command palette with what is possible now."""
    from safelight.ui.organise import choices
    from safelight.ui.organise.palette import CommandPalette

    icons = {command.name: command.mark for command in COMMANDS}
    actions = {name: action for name, action in window.commands.all.items() if name != "palette"}
    offered = [
        *choices.of_actions(actions, icons),
        *choices.of_places(window.organise.organisation, window.sidebar.folders, window.views.show_scope),
        *choices.of_concepts(window.organise.organisation.concepts, window.search_bar.set_text),
        *choices.of_searches(window.saved_searches.searches, window.search_links.open),
    ]
    return CommandPalette(offered, window.parts.themes.theme, window)


def _toggle_details(window: MainWindow) -> None:
    """Details of the photo shown: in the viewer, or in the panel beside the grid."""
    if window.viewer.current is not None:
        window.viewer.toggle_info()
    else:
        window.layout_state.details.toggle()


def _rate(window: MainWindow, stars: int) -> None:
    if window.selection.ids:
        window.parts.bridge.run(SetRating(window.selection.ids, stars))


def _trash(window: MainWindow) -> None:
    # In the review of duplicates, Delete acts on the files marked there, wherever the focus is.
    viewed = window.viewer.current is not None or window.compare.current is not None
    if window.grid.isVisible() or viewed:
        window.trash_commands.trash(window.selection.ids)
