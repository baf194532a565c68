"""Operations: every change that a user makes to the library, as a frozen value.

The window, the command line and servers describe a change with one of these classes and hand it to
``safelight.services.operations``, which applies it in one transaction, journals it and can undo it. Paths
are text in ``os.fsdecode`` form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from safelight.core.concepts import DeleteConcept as DeleteConcept
from safelight.core.concepts import MergeConcepts as MergeConcepts
from safelight.core.concepts import RenameConcept as RenameConcept
from safelight.core.concepts import TeachConcept as TeachConcept
from safelight.core.duplicates import GroupAction, Verdict
from safelight.core.message import Message, Template
from safelight.core.migration import ImportFromProgram as ImportFromProgram
from safelight.core.operation import Json as Json
from safelight.core.operation import Note as Note
from safelight.core.operation import Operation as Operation
from safelight.core.operation import Outcome as Outcome
from safelight.core.organising import AddTag as AddTag
from safelight.core.organising import AddToAlbum as AddToAlbum
from safelight.core.organising import ArrangeAlbum as ArrangeAlbum
from safelight.core.organising import CreateAlbum as CreateAlbum
from safelight.core.organising import DeleteAlbum as DeleteAlbum
from safelight.core.organising import DeleteTag as DeleteTag
from safelight.core.organising import MoveAlbum as MoveAlbum
from safelight.core.organising import OrderAlbum as OrderAlbum
from safelight.core.organising import RefuseTag as RefuseTag
from safelight.core.organising import RemoveFromAlbum as RemoveFromAlbum
from safelight.core.organising import RemoveTag as RemoveTag
from safelight.core.organising import RenameAlbum as RenameAlbum
from safelight.core.organising import RenameTag as RenameTag
from safelight.core.organising import ResolveConflicts as ResolveConflicts
from safelight.core.organising import SetAlbumCover as SetAlbumCover
from safelight.core.organising import SetCaption as SetCaption
from safelight.core.organising import SetFavourite as SetFavourite
from safelight.core.organising import SetHidden as SetHidden
from safelight.core.organising import SetLabel as SetLabel
from safelight.core.organising import SetRating as SetRating
from safelight.core.organising import SetStackTop as SetStackTop
from safelight.core.organising import SetTitle as SetTitle
from safelight.core.organising import StackPhotos as StackPhotos
from safelight.core.organising import TurnPhotos as TurnPhotos
from safelight.core.organising import UnstackPhotos as UnstackPhotos


@dataclass(frozen=True, slots=True)
class RepairOutcome(Outcome):
    repaired: tuple[tuple[int, str, str], ...] = ()
    """(id of the repair, path, path of the copy that was used)."""
    left: tuple[tuple[str, Message], ...] = ()
    """(path, why it was left as it is)."""


@dataclass(frozen=True, slots=True)
class TrashOutcome(Outcome):
    """What went to the trash. Its changes are reported while it runs, so ``change`` is empty."""

    trashed: int = 0
    """Files, including companions."""
    moved: tuple[str, ...] = ()
    """Their paths."""
    freed: int = 0
    """Bytes, once the trash is emptied."""
    spared: tuple[tuple[str, Message], ...] = ()
    """(path, why it was left alone)."""


@dataclass(frozen=True, slots=True)
class UndoOutcome(Outcome):
    """What undoing a step brought back. An undo is no step itself, so ``step`` is None."""

    undone: int | None = None
    """The step that was undone; None where there was none."""
    code: str = ""
    """The operation that was undone."""
    params: Mapping[str, Json] = field(default_factory=dict)
    """See :func:`describe`."""
    reverted: int = 0
    """Photos, verdicts or rows restored; 0 where something newer had already replaced the change."""
    restored: int = 0
    """Files moved back to their place."""
    failed: tuple[tuple[str, Message], ...] = ()
    """(path, why it is not back in its place, and where it is)."""
    asked: int | None = None
    """The step that was not undone because the user has to confirm it. ``code`` and ``params`` describe
    it."""


# --- several changes ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CompositeOperation(Operation[Outcome]):
    """Apply operations one after the other as one step. None of them may read or move files, or pause
    indexing."""

    operations: tuple[Operation[Outcome], ...]

    code = "several"
    summary = Template("made several changes to {photos}")


# --- saved searches -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SaveSearch(Operation[Outcome]):
    """Keep a query under a name; a search that has the name already is replaced."""

    name: str
    query: str

    code = "save_search"
    summary = Template("saved the search “{name}”")


@dataclass(frozen=True, slots=True)
class RenameSearch(Operation[Outcome]):
    search_id: int
    name: str

    code = "rename_search"
    summary = Template("renamed the search “{before}” to “{name}”")


@dataclass(frozen=True, slots=True)
class DeleteSearch(Operation[Outcome]):
    search_id: int

    code = "delete_search"
    summary = Template("deleted the search “{name}”")


# --- themes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RenameTheme(Operation[Outcome]):
    """Give a theme another name; an empty one restores the automatic name."""

    theme_id: int
    name: str

    code = "rename_theme"
    summary = Template("renamed the theme “{before}” to “{name}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class MergeThemes(Operation[Outcome]):
    """Show themes as one. They have to be beside each other: all at the top, or all in one theme."""

    theme_ids: tuple[int, ...]
    into: int
    """The theme whose name the merged one has."""

    code = "merge_themes"
    summary = Template("merged {themes} into the theme “{name}”")
    for_commands = True


@dataclass(frozen=True, slots=True)
class HideThemes(Operation[Outcome]):
    """Leave themes out of the list of themes, or show them again. Their photos stay where they are."""

    theme_ids: tuple[int, ...]
    hidden: bool

    code = "hide_themes"
    summary = Template("hid or showed {themes}")
    for_commands = True


# --- folders --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AddFolder(Operation[Outcome]):
    """Index a folder and follow its changes. Folders of the library inside it become part of it (note
    ``folders_absorbed``); a folder inside one of the library is not added (note ``folder_included``), nor
    is one that the library has (note ``folder_known``)."""

    path: str

    pauses_indexing = True
    code = "add_folder"
    summary = Template("added the folder {path}")


@dataclass(frozen=True, slots=True)
class RemoveFolder(Operation[Outcome]):
    """Remove a folder from the library. Its files stay on disk; photos that are nowhere else leave the
    library, and come back at once with undo."""

    folder_id: int

    pauses_indexing = True
    code = "remove_folder"
    summary = Template("removed the folder {path}")


@dataclass(frozen=True, slots=True)
class ExcludeFolder(Operation[Outcome]):
    """Leave a folder inside one of the library out, with its subfolders (note ``folder_excluded``). Its files
    stay on disk; photos that are nowhere else leave the library, and come back at once with undo."""

    path: str

    pauses_indexing = True
    for_commands = True
    code = "exclude_folder"
    summary = Template("excluded the folder {path}")


@dataclass(frozen=True, slots=True)
class IncludeFolder(Operation[Outcome]):
    """Take a folder that was left out into the library again."""

    path: str

    pauses_indexing = True
    for_commands = True
    code = "include_folder"
    summary = Template("included the folder {path} again")


# --- failures, decisions --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IgnoreFailures(Operation[Outcome]):
    """List these failed files no more until they change, or until all are tried again."""

    file_ids: tuple[int, ...]

    code = "ignore_failures"
    summary = Template("ignored {failures}")


@dataclass(frozen=True, slots=True)
class JudgeDuplicates(Operation[Outcome]):
    """Remember what the user decided about photos, each pair of them."""

    photo_ids: tuple[int, ...]
    verdict: Verdict

    code = "judge"
    summary = Template("decided what are no duplicates")


@dataclass(frozen=True, slots=True)
class ProtectPath(Operation[Outcome]):
    """Protect a file or folder from being proposed for the trash, or end that protection."""

    path: str
    protected: bool

    code = "protect"
    summary = Template("changed the protection of {path}")
    for_commands = True


# --- the trash ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrashDuplicates(Operation[TrashOutcome]):
    """Move the files that these actions name to the trash, as one step."""

    actions: tuple[GroupAction, ...]

    code = "settle"
    summary = Template("moved {files} to the trash")
    slow = True


@dataclass(frozen=True, slots=True)
class TrashPhotos(Operation[TrashOutcome]):
    """Move every file of these photos to the trash as one step. Files that are protected, have changed or
    are not connected are spared."""

    photo_ids: tuple[int, ...]
    only_files: tuple[int, ...] = ()
    """Ids of files; if there are any, only these go, and further copies of their photos stay."""

    code = "trash"
    summary = Template("moved {files} to the trash")
    slow = True


@dataclass(frozen=True, slots=True)
class RestoreFiles(Operation[UndoOutcome]):
    """Move files from the trash back to their places. It undoes parts of earlier steps, so it is no step
    itself."""

    trashed_ids: tuple[int, ...]
    """Ids of rows of the journal, as the trash page lists them."""

    code = "restore_files"
    summary = Template("restored {files}")
    slow = True


# --- damaged files ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RepairFiles(Operation[RepairOutcome]):
    """Replace damaged files by intact copies where there are any. The damaged bytes are kept, and undo puts
    them back."""

    file_ids: tuple[int, ...] | None = None
    """None for all damaged files."""

    code = "repair_files"
    summary = Template("repaired {files}")
    slow = True


# --- undo -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Undo(Operation[UndoOutcome]):
    """Undo a step of the journal: the one named, or the latest that was not undone."""

    step: int | None = None
    asks_first: bool = False
    """Whether the latest step is only named, see :attr:`UndoOutcome.asked`, if it added a folder: undoing it
    removes all photos of the folder from the library."""

    code = "undo"
    summary = Template("undid a step")
    for_commands = True
    slow = True


OPERATIONS_BY_CODE: dict[str, type[Operation[Any]]] = {
    each.code: each
    for each in tuple(globals().values())
    if isinstance(each, type) and issubclass(each, Operation) and each is not Operation
}
"""All operations of this module by their codes."""


def describe(code: str, params: Mapping[str, Json]) -> Message:
    """What a step of the journal did. For a code that a newer Safelight wrote, the code."""
    if code not in OPERATIONS_BY_CODE:
        return Message("{code}", code=code)
    template = OPERATIONS_BY_CODE[code].summary
    try:
        template.text.format_map(params)
    except KeyError:  # a step journaled before this parameter existed
        return Message("{code}", code=code)
    return template.filled(**{name: _counted(name, value) for name, value in params.items()})


def _counted(name: str, value: Json) -> Json | Message:
    """A number with what it counts: ``3 photos``. Other values stay as they are."""
    if not isinstance(value, int):
        return value
    match name:
        case "photos":
            return Message("1 photo") if value == 1 else Message("{count:,} photos", count=value)
        case "files":
            return Message("1 file") if value == 1 else Message("{count:,} files", count=value)
        case "failures":
            return Message("1 failure") if value == 1 else Message("{count:,} failures", count=value)
        case "themes":
            return Message("1 theme") if value == 1 else Message("{count:,} themes", count=value)
    return value
