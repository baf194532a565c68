"""What the window asks of the engine: frozen values, nothing else.

A request that expects one answer carries a ``generation``; the answer repeats it, and an answer whose
generation is not the newest is dropped by whoever asked. Paths are text in ``os.fsdecode`` form.
"""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.duplicates import GroupAction, Verdict


@dataclass(frozen=True, slots=True)
class AddFolder:
    path: str


@dataclass(frozen=True, slots=True)
class RemoveFolder:
    """Forget a folder. Its files stay where they are; photos that lie nowhere else leave the library."""

    folder_id: int


@dataclass(frozen=True, slots=True)
class Rescan:
    """Look again at every folder (or those named), as when a watcher may have missed something."""

    folder_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Photos by description. A newer one replaces any that still waits."""

    generation: int
    text: str


@dataclass(frozen=True, slots=True)
class FindSimilar:
    """Photos like one of the library (``photo_id``), a file (``path``) or encoded bytes (``image``).

    With a ``text`` of the search language, they fit both together.
    """

    generation: int
    photo_id: int | None = None
    path: str | None = None
    image: bytes | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ExplainHit:
    """Why a photo answers a search. Answered by :class:`HitExplained`, at first without a heat map, then
    again with it. A newer one replaces any that still waits."""

    generation: int
    photo_id: int
    search: Search | FindSimilar
    """The search as it was asked; its generation is not looked at."""


@dataclass(frozen=True, slots=True)
class PauseIndexing:
    pass


@dataclass(frozen=True, slots=True)
class ResumeIndexing:
    pass


@dataclass(frozen=True, slots=True)
class CancelIndexing:
    """Give up the run under way. What was indexed stays; the rest waits for the next scan."""


@dataclass(frozen=True, slots=True)
class RetryFailures:
    """Try failed files again: those named, or all."""

    file_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class IgnoreFailures:
    """Tell no more of these failed files until they change, or until all are tried again."""

    file_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PhotoViewed:
    """A photo was looked at in full: a new model reads it ahead of others."""

    photo_id: int


@dataclass(frozen=True, slots=True)
class SetFavourite:
    photo_ids: tuple[int, ...]
    favourite: bool


@dataclass(frozen=True, slots=True)
class FindDuplicates:
    """Group the library's duplicates. Answered by :class:`DuplicatesFound`, at first partial, then again
    whenever a change of the library changes the groups, until a newer request replaces this one."""

    generation: int


@dataclass(frozen=True, slots=True)
class SettleDuplicates:
    """Carry out actions on groups, as one step that can be undone. Answered by :class:`DuplicatesSettled`."""

    generation: int
    actions: tuple[GroupAction, ...]


@dataclass(frozen=True, slots=True)
class JudgeDuplicates:
    """Remember what a person decided of photos, each pair of them, as one step that can be undone.
    Answered by :class:`DuplicatesSettled`."""

    generation: int
    photo_ids: tuple[int, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class TrashPhotos:
    """Move every file of these photos to the trash, as one step that can be undone. What is protected, has
    changed or is away is spared. Answered by :class:`DuplicatesSettled`."""

    generation: int
    photo_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProtectPath:
    """Lock a file or folder against being proposed for the trash, or unlock it."""

    path: str
    protected: bool


@dataclass(frozen=True, slots=True)
class UndoAction:
    """Undo a step of the journal: the one named, or the last that was not undone.
    Answered by :class:`ActionUndone`."""

    generation: int
    journal_id: int | None = None


@dataclass(frozen=True, slots=True)
class SaveSearch:
    """Keep a query under a name; one that has the name already gives way."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class RenameSearch:
    search_id: int
    name: str


@dataclass(frozen=True, slots=True)
class DeleteSearch:
    search_id: int


@dataclass(frozen=True, slots=True)
class ListModels:
    """Answered by :class:`ModelsListed`."""

    generation: int


@dataclass(frozen=True, slots=True)
class DownloadModel:
    """Fetch a model by its name among the offers, or ``hf-hub:owner/name``; goes on where it broke off.
    The person has accepted its licence. Tells its progress by :class:`ModelTransfer`."""

    name: str


@dataclass(frozen=True, slots=True)
class ImportModel:
    """Install a copy of a folder. Tells its progress by :class:`ModelTransfer`."""

    path: str


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    """Break off a download or copy, under way or waiting: that of the model named, or all. What came stays,
    so that a download goes on from there, unless it is to be discarded."""

    name: str | None = None
    discard: bool = False


@dataclass(frozen=True, slots=True)
class UseModel:
    """Make an installed model the library's. Answered by :class:`ModelChosen`, after which the engine is to
    be started anew."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteModel:
    """Delete an installed model and its vectors in this library."""

    name: str


@dataclass(frozen=True, slots=True)
class CompareModels:
    """Have the model named read a sample of the library, to be asked beside the model in use. Tells how far
    it is by :class:`ComparisonProgress`; ends with :class:`StopComparing` or another of its kind."""

    generation: int
    name: str


@dataclass(frozen=True, slots=True)
class AskModels:
    """Put a description to both models. Answered by :class:`ComparisonAnswered`; the newest counts."""

    generation: int
    text: str


@dataclass(frozen=True, slots=True)
class StopComparing:
    pass


@dataclass(frozen=True, slots=True)
class ReadPreferences:
    """Answered by :class:`PreferencesRead`."""

    generation: int


@dataclass(frozen=True, slots=True)
class ChangePreference:
    """Set one of ``safelight.services.preferences.NAMES``. Answered by :class:`PreferencesRead`."""

    generation: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ConfirmRemovals:
    """Answer to :class:`RemovalsHeld`: the files are gone for good, so forget them."""

    folder_id: int


@dataclass(frozen=True, slots=True)
class KeepMissing:
    """Answer to :class:`RemovalsHeld`: keep the photos, and ask again only when more files are gone."""

    folder_id: int


@dataclass(frozen=True, slots=True)
class Shutdown:
    pass


Request = (
    AddFolder
    | RemoveFolder
    | Rescan
    | Search
    | FindSimilar
    | ExplainHit
    | PauseIndexing
    | ResumeIndexing
    | CancelIndexing
    | RetryFailures
    | IgnoreFailures
    | PhotoViewed
    | SetFavourite
    | FindDuplicates
    | SettleDuplicates
    | JudgeDuplicates
    | TrashPhotos
    | ProtectPath
    | UndoAction
    | SaveSearch
    | RenameSearch
    | DeleteSearch
    | ListModels
    | DownloadModel
    | ImportModel
    | CancelTransfer
    | UseModel
    | DeleteModel
    | CompareModels
    | AskModels
    | StopComparing
    | ReadPreferences
    | ChangePreference
    | ConfirmRemovals
    | KeepMissing
    | Shutdown
)
