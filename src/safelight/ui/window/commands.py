"""What each command of the window does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from safelight.core.operations import SetRating
from safelight.core.organising_rules import LABELS
from safelight.ui.commands.actions import COMMANDS, Actions
from safelight.ui.pages.declarations import PAGES

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from safelight.ui.organise.palette import CommandPalette
    from safelight.ui.window.controllers import WindowControllers


def handlers_of(controllers: WindowControllers) -> dict[str, Callable[[], object]]:
    """The functions of :data:`safelight.ui.commands.actions.COMMANDS` by name, except those of the window."""
    layout, views, organise = controllers.layout, controllers.views, controllers.organise
    photos, folders, selected = controllers.photo_commands, controllers.folder_commands, controllers.selection
    # Lambdas leave parts that few sessions need to be created when they are first used.
    return {
        "find_similar": lambda: views.find_similar(selected.one),
        "more_like": lambda: controllers.refining.more_like(selected.ids),
        "less_like": lambda: controllers.refining.less_like(selected.ids),
        "view": lambda: views.open_viewer(selected.one),
        "slideshow": lambda: _toggle_slideshow(controllers),
        "compare": lambda: controllers.compare.open(selected.ids),
        "open_externally": lambda: photos.open_externally(selected.one),
        "show_in_folder": lambda: photos.show_in_folder(selected.one),
        "copy": lambda: photos.copy(selected.ids),
        "copy_path": lambda: photos.copy_path(selected.ids),
        "export": lambda: controllers.exports.open(selected.ids),
        "favourite": lambda: photos.set_favourite(selected.ids, not selected.all_favourites),
        **{f"rate_{stars}": partial(_rate, controllers, stars) for stars in range(6)},
        "reject": organise.reject,
        **{f"label_{label}": partial(organise.label, label) for label in LABELS},
        "label_none": partial(organise.label, ""),
        "tag": organise.ask_for_tag,
        "accept_tags": controllers.tag_suggestions.row.accept_all,
        "teach": lambda: controllers.teaching.open(),  # noqa: PLW0108
        "to_album": organise.ask_for_album,
        "from_album": organise.remove_from_album,
        "stack": organise.stack,
        "unstack": organise.unstack,
        "open_stack": lambda: layout.stacks.toggle(selected.ids),
        "stack_top": organise.set_stack_top,
        "album_cover": organise.set_album_cover,
        "earlier": lambda: controllers.album_arranging.move(selected.ids, -1),
        "later": lambda: controllers.album_arranging.move(selected.ids, 1),
        "to_start": lambda: controllers.album_arranging.move_to_start(selected.ids),
        "to_end": lambda: controllers.album_arranging.move_to_end(selected.ids),
        "turn_right": lambda: controllers.turning.turn(selected.ids, 1),
        "turn_left": lambda: controllers.turning.turn(selected.ids, 3),
        "hide": organise.hide,
        "new_album": partial(organise.ask_for_new_album, None),
        "trash": lambda: _trash(controllers),
        "undo": lambda: controllers.trash_commands.undo(None),
        "add_folder": folders.choose,
        "rescan": folders.rescan,
        "pause": controllers.watch.toggle_pause,
        "search": views.focus_search,
        "save_search": controllers.search.save,
        "clear_history": layout.search_bar.history.clear,
        "paste": layout.search_bar.paste,
        "select_all": layout.grid.selectAll,
        **{page.key: partial(views.show_page, page.key) for page in PAGES},
        "back": views.navigation.back,
        "forward": views.navigation.forward,
        "go_to_date": lambda: controllers.date_jump.ask(),  # noqa: PLW0108
        "shortcuts": controllers.settings.show_shortcuts,
        "unfold": layout.grid_content.toggle_folds,
        "arrange": layout.search_bar.arrange.showMenu,
        "rail": layout.layout_state.toggle_sidebar,
        "details": lambda: _toggle_details(controllers),
        "larger": lambda: layout.layout_state.resize_thumbnails(1),
        "smaller": lambda: layout.layout_state.resize_thumbnails(-1),
        "menu": layout.search_bar.menu_button.showMenu,
    }


def open_palette(window: QWidget, controllers: WindowControllers, commands: Actions) -> CommandPalette:
    """The command palette with what is possible now. ``window`` is its parent."""
    from safelight.ui.organise import choices
    from safelight.ui.organise.palette import CommandPalette

    layout = controllers.layout
    icons = {command.name: command.mark for command in COMMANDS}
    actions = {name: action for name, action in commands.all.items() if name != "palette"}
    organisation = controllers.organise.organisation
    offered = [
        *choices.of_actions(actions, icons),
        *choices.of_places(organisation, layout.sidebar.folders, controllers.views.open_scope),
        *choices.of_concepts(organisation.concepts, layout.search_bar.set_text),
        *choices.of_searches(controllers.saved_searches.searches, controllers.search.open),
    ]
    return CommandPalette(offered, controllers.services.themes.theme, window)


def _toggle_slideshow(controllers: WindowControllers) -> None:
    """Start a slideshow with the selected photo, or with the first one; or stop it."""
    viewer, layout = controllers.viewer, controllers.layout
    if viewer.current is None and layout.grid.isVisible():
        photos = controllers.selection.ids or layout.grid_content.shown_ids()
        if len(photos):
            controllers.views.open_viewer(photos[0])
    if viewer.current is not None:
        viewer.slideshow.toggle()


def _toggle_details(controllers: WindowControllers) -> None:
    """Details of the photo shown: in the viewer, or in the panel beside the grid."""
    if controllers.viewer.current is not None:
        controllers.viewer.toggle_info()
    else:
        controllers.layout.layout_state.details.toggle()


def _rate(controllers: WindowControllers, stars: int) -> None:
    if controllers.selection.ids:
        controllers.services.bridge.run(SetRating(controllers.selection.ids, stars))


def _trash(controllers: WindowControllers) -> None:
    # In the review of duplicates, Delete acts on the files marked there, wherever the focus is.
    viewed = controllers.viewer.current is not None or controllers.compare.current is not None
    if controllers.layout.grid.isVisible() or viewed:
        controllers.trash_commands.trash(controllers.selection.ids)
