"""Organises the selected photos: marks, tags and albums, with their rows in the sidebar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu, QWidget

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.operations import (
    AddTag,
    AddToAlbum,
    CreateAlbum,
    DeleteAlbum,
    Operation,
    Outcome,
    RemoveFromAlbum,
    RemoveTag,
    RenameAlbum,
    RenameTag,
    SetAlbumCover,
    SetHidden,
    SetLabel,
    SetRating,
    SetStackTop,
    StackPhotos,
    Undo,
    UnstackPhotos,
)
from safelight.core.organising_rules import REJECTED, clean_album_name, clean_tag
from safelight.ui import wording
from safelight.ui.library.reads import Marks, Organisation, ReadMarks, ReadOrganisation, ReadSearchCounts
from safelight.ui.organise.marks_editor import MarksEditor
from safelight.ui.organise.menus import fill_album_menu, fill_tag_menu
from safelight.ui.organise.prompt import NamePrompt
from safelight.ui.translation import translate
from safelight.ui.view_request import Place, ViewRequest
from safelight.ui.widgets.menus import pop_up
from safelight.ui.widgets.toast import STEPS_TOPIC

if TYPE_CHECKING:
    from safelight.core.photo import Photo
    from safelight.store.albums import Album, AlbumSummary
    from safelight.store.saved_searches import SavedSearch
    from safelight.ui.appearance.theme import Theme
    from safelight.ui.library.window_services import WindowServices
    from safelight.ui.sidebar.sidebar import Sidebar
    from safelight.ui.widgets.toast import Toasts

_READ_DELAY = 300
"""Milliseconds in which changes are collected before tags and albums are read again."""
_COUNT_DELAY = 1000
"""Milliseconds in which changes are collected before saved searches are counted again."""
_COUNTED_CHANGES = ~(ChangeKind.PIXELS | ChangeKind.VECTORS | ChangeKind.DECISIONS | ChangeKind.SETTINGS)
"""The changes after which a saved search may have other photos."""


class SelectedPhotos(Protocol):
    """The photos that commands apply to."""

    @property
    def ids(self) -> tuple[int, ...]: ...

    @property
    def one(self) -> int | None:
        """The photo, if exactly one is selected."""
        ...


class ShownView(Protocol):
    """The part of the library that the window shows."""

    @property
    def scope(self) -> ViewRequest: ...

    def show_scope(self, scope: ViewRequest) -> None: ...


class OrganiseController(QObject):
    """Runs the commands for tags, albums and marks, and keeps their rows up to date."""

    changed = Signal(object)  # Organisation
    searches_counted = Signal()

    def __init__(
        self,
        services: WindowServices,
        sidebar: Sidebar,
        views: ShownView,
        selection: SelectedPhotos,
        toasts: Toasts,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._bridge = services.bridge
        self._reader = services.reader
        self._background_reader = services.background_reader
        self._sidebar = sidebar
        self._views = views
        self._selection = selection
        self._toasts = toasts
        self._window = window
        self.searches: tuple[SavedSearch, ...] = ()
        self.search_counts: Mapping[int, int] = {}
        """Photos of the searches that consist of filters only, by their ids."""
        self.organisation = Organisation((), ())
        self._read_again = QTimer(self, singleShot=True, interval=_READ_DELAY)
        self._read_again.timeout.connect(self.load)
        self._count_again = QTimer(self, singleShot=True, interval=_COUNT_DELAY)
        self._count_again.timeout.connect(self._count)
        self.editor = MarksEditor(services.themes.theme)
        self.editor.edited.connect(self.run)
        self.changed.connect(lambda organisation: self.editor.show_known_tags(organisation.tags))
        sidebar.organised_menu_requested.connect(self.show_menu)
        services.bridge.library_changed.connect(self._on_library_changed)
        services.bridge.engine_ready.connect(self.load)

    # --- the rows of the sidebar ----------------------------------------------------------------

    def load(self) -> None:
        self._reader.read(ReadOrganisation(), self._show)

    def stop(self) -> None:
        self._read_again.stop()
        self._count_again.stop()

    def show_searches(self, searches: Sequence[SavedSearch]) -> None:
        """Count the photos of these saved searches."""
        self.searches = tuple(searches)
        self.searches_counted.emit()
        self._count()

    def _on_library_changed(self, change: LibraryChanged) -> None:
        if change.any_of(ChangeKind.TAGS | ChangeKind.ALBUMS | ChangeKind.CONCEPTS | ChangeKind.PHOTOS):
            self._read_again.start()
        if self.searches and change.any_of(_COUNTED_CHANGES) and not self._count_again.isActive():
            self._count_again.start()

    def _show(self, organisation: Organisation) -> None:
        self.organisation = organisation
        self._sidebar.show_organised(
            organisation.album_rows, organisation.tag_rows, organisation.concept_rows
        )
        self.changed.emit(organisation)

    def _count(self) -> None:
        queries = tuple((each.id, each.query) for each in self.searches)
        if queries:
            self._background_reader.read(ReadSearchCounts(queries), self._show_search_counts, key="counts")

    def _show_search_counts(self, counts: Mapping[int, int]) -> None:
        self.search_counts = counts
        self._sidebar.show_search_counts(counts)
        self.searches_counted.emit()

    @property
    def selected(self) -> tuple[int, ...]:
        """The photos that commands apply to."""
        return self._selection.ids

    def apply_theme(self, theme: Theme) -> None:
        self.editor.apply_theme(theme)

    def show_photos(self, photos: list[Photo], total: int) -> None:
        """Show the marks of the selected photos in the details panel."""
        ids = self._selection.ids if total else ()
        self.editor.show_photos(ids, photos)
        if ids:
            self._reader.read(ReadMarks(ids), partial(self._show_marks, ids), key="marks")

    def _show_marks(self, ids: tuple[int, ...], marks: Marks) -> None:
        if ids == self._selection.ids:
            self.editor.show_tags(marks.tags)

    # --- marks ----------------------------------------------------------------------------------

    def reject(self) -> None:
        self._run(lambda ids: SetRating(ids, REJECTED), translate("Organise", "Rejected {photos}"))

    def label(self, label: str) -> None:
        self._run(lambda ids: SetLabel(ids, label), "")

    def hide(self) -> None:
        """Hide the selected photos; in the view of hidden photos, show them again."""
        unhides = self._views.scope.place == Place.HIDDEN
        text = (
            translate("Organise", "Stopped hiding {photos}")
            if unhides
            else translate("Organise", "Hid {photos}")
        )
        self._run(lambda ids: SetHidden(ids, not unhides), text)

    def _run(self, make: Callable[[tuple[int, ...]], Operation[Outcome]], text: str) -> None:
        ids = self._selection.ids
        if ids:
            message = text.format(photos=wording.count_of(len(ids), "photo"))
            self.run(make(ids), message)

    def run(self, operation: Operation[Outcome], text: str = "") -> None:
        """Apply an operation, and offer to undo it with a message."""
        self._bridge.run(operation, lambda outcome: self._show_message(text, outcome) if text else None)

    def _show_message(self, text: str, outcome: Outcome) -> None:
        if outcome.step is not None:
            step = outcome.step
            undo = translate("Organise", "Undo")
            self._toasts.show_message(text, undo, lambda: self._bridge.run(Undo(step)), topic=STEPS_TOPIC)

    # --- stacks ---------------------------------------------------------------------------------

    def stack(self) -> None:
        """Stack the selected photos, the first on top."""
        self._run(StackPhotos, translate("Organise", "Stacked {photos}"))

    def unstack(self) -> None:
        self._run(UnstackPhotos, translate("Organise", "Ended the stack"))

    def set_stack_top(self) -> None:
        """Make the selected photo the top of its stack."""
        one = self._selection.one
        if one is not None:
            self.run(SetStackTop(one), translate("Organise", "This photo is the top of its stack now"))

    # --- tags -----------------------------------------------------------------------------------

    def ask_for_tag(self) -> None:
        """Ask for a tag for the selected photos."""
        if self._selection.ids:
            self.prompt_for_tag(self._selection.ids).open()

    def prompt_for_tag(self, ids: tuple[int, ...]) -> NamePrompt:
        title = translate("Organise", "Tag {photos}").format(photos=wording.count_of(len(ids), "photo"))
        hint = translate("Organise", "A “/” separates levels: animals/dog")
        if self.tag_names:
            hint = translate("Organise", "Press ↓ to choose a tag. A “/” separates levels: animals/dog")
        prompt = NamePrompt(
            title, translate("Organise", "Add tag"), self.tag_names, clean_tag, self._window, hint=hint
        )
        prompt.named.connect(lambda name: self.tag(ids, name))
        return prompt

    @property
    def tag_names(self) -> tuple[str, ...]:
        return self.organisation.tags

    def tag(self, ids: Sequence[int], name: str) -> None:
        self.run(AddTag(tuple(ids), name), translate("Organise", "Tagged with “{tag}”").format(tag=name))

    def untag(self, ids: Sequence[int], name: str) -> None:
        self.run(
            RemoveTag(tuple(ids), name), translate("Organise", "Removed the tag “{tag}”").format(tag=name)
        )

    def rename_tag(self, tag: str) -> None:
        """Ask for another name of a tag."""
        prompt = NamePrompt(
            translate("Organise", "Rename or move tag"),
            translate("Organise", "Rename"),
            self.tag_names,
            clean_tag,
            self._window,
            name=tag,
            hint=translate("Organise", "The name of another tag merges both. A “/” separates levels."),
        )
        prompt.named.connect(
            lambda name: self.run(
                RenameTag(tag, name), translate("Organise", "Renamed to “{tag}”").format(tag=name)
            )
        )
        prompt.open()

    # --- albums ---------------------------------------------------------------------------------

    @property
    def albums(self) -> tuple[AlbumSummary, ...]:
        return self.organisation.albums

    def ask_for_album(self) -> None:
        """Ask for an album for the selected photos; a new name creates one."""
        ids = self._selection.ids
        title = translate("Organise", "Add {photos} to an album")
        self.prompt_for_album(title.format(photos=wording.count_of(len(ids), "photo")), ids).open()

    def ask_for_new_album(self, parent_id: int | None = None) -> None:
        self.prompt_for_album(translate("Organise", "New album"), (), parent_id).open()

    def prompt_for_album(self, title: str, ids: tuple[int, ...], parent_id: int | None = None) -> NamePrompt:
        known = [each.path for each in self.albums] if ids else []
        verb = translate("Organise", "Add") if ids else translate("Organise", "Create")
        hint = translate("Organise", "Press ↓ to choose an album. A new name creates one.") if known else ""
        check = _clean_album_path if ids else clean_album_name
        prompt = NamePrompt(title, verb, known, check, self._window, hint=hint)
        prompt.named.connect(lambda path: self._add_at_path(ids, path, parent_id))
        return prompt

    def _add_at_path(self, ids: tuple[int, ...], path: str, parent_id: int | None) -> None:
        """Add photos to the album at a path. The album and its parents are created if they are missing."""
        by_path = {each.path.lower(): each.album for each in self.albums}
        album = by_path.get(path.lower()) if parent_id is None and ids else None
        if album is not None:
            self.add_to_album(ids, album.id, album.name)
            return
        *parents, name = path.split("/")
        self.run(
            CreateAlbum(name, parent_id, ids, tuple(parents)),
            translate("Organise", "Created the album “{album}”").format(album=name),
        )

    def add_to_album(self, ids: Sequence[int], album_id: int, name: str) -> None:
        self.run(
            AddToAlbum(album_id, tuple(ids)),
            translate("Organise", "Added to “{album}”").format(album=name),
        )

    def remove_from_album(self) -> None:
        """Remove the selected photos from the album that is open."""
        scope = self._views.scope
        if scope.place == Place.ALBUM and scope.album_id is not None:
            album_id = scope.album_id
            text = translate("Organise", "Removed {photos} from the album")
            self._run(lambda ids: RemoveFromAlbum(album_id, ids), text)

    def set_album_cover(self) -> None:
        """Use the selected photo as the cover of the album that is open."""
        scope, one = self._views.scope, self._selection.one
        if scope.place == Place.ALBUM and scope.album_id is not None and one is not None:
            text = translate("Organise", "Changed the cover of the album")
            self.run(SetAlbumCover(scope.album_id, one), text)

    # --- menus and drops ------------------------------------------------------------------------

    def show_menu(self, scope: ViewRequest, position: QPoint) -> None:
        pop_up(self.menu(scope), position)

    def menu(self, scope: ViewRequest) -> QMenu:
        """The commands for a tag or an album."""
        menu = QMenu(self._window)
        if scope.place == Place.TAG:
            fill_tag_menu(menu, scope.tag, self)
        album = next((each for each in self.albums if each.album.id == scope.album_id), None)
        if album is not None:
            is_open = self._views.scope.album_id == album.album.id
            can_set_cover = is_open and self._selection.one is not None
            fill_album_menu(menu, album, self, can_set_cover=can_set_cover)
        return menu

    def rename_album(self, album: Album) -> None:
        """Ask for another name of an album."""
        prompt = NamePrompt(
            translate("Organise", "Rename album"),
            translate("Organise", "Rename"),
            (),
            clean_album_name,
            self._window,
            name=album.name,
        )
        text = translate("Organise", "Renamed to “{album}”")
        prompt.named.connect(lambda name: self.run(RenameAlbum(album.id, name), text.format(album=name)))
        prompt.open()

    def delete_album(self, album: Album) -> None:
        if self._views.scope.album_id == album.id:
            self._views.show_scope(ViewRequest())
        text = translate("Organise", "Deleted the album “{album}”").format(album=album.name)
        self.run(DeleteAlbum(album.id), text)

    def drop(self, scope: ViewRequest) -> bool:
        """Photos of the grid were dropped on a row; returns whether the row accepts them."""
        ids = self._selection.ids
        if not ids:
            return False
        if scope.place == Place.TAG:
            self.tag(ids, scope.tag)
            return True
        album = next((each.album for each in self.albums if each.album.id == scope.album_id), None)
        if album is None:
            return False
        self.add_to_album(ids, album.id, album.name)
        return True


def _clean_album_path(text: str) -> str:
    """The path of an album as it is stored. Raises UsageError for a name that is not allowed."""
    return "/".join(clean_album_name(level) for level in text.strip().strip("/").split("/"))
