"""What the window asks of the engine: frozen values, nothing else.

A request that expects one answer carries a ``generation``; the answer repeats it, and an answer whose
generation is not the newest is dropped by whoever asked. Paths are text in ``os.fsdecode`` form.
"""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.operations import Operation, Outcome


@dataclass(frozen=True, slots=True)
class RunOperation:
    """Apply an operation to the library. Answered by :class:`OperationDone` once it is committed, or by
    :class:`OperationFailed`; the changes are reported before that as :class:`LibraryChanged`."""

    generation: int
    operation: Operation[Outcome]


@dataclass(frozen=True, slots=True)
class Rescan:
    """Look again at every folder (or those named), as when a watcher may have missed something."""

    folder_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class ForgetDeleted:
    """Remove at once what the library holds of photos without a file, except marked ones."""


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
class PhotoViewed:
    """A photo was looked at in full: a new model reads it ahead of others."""

    photo_id: int


@dataclass(frozen=True, slots=True)
class FindDuplicates:
    """Group the library's duplicates. Answered by :class:`DuplicatesFound`, at first partial, then again
    whenever a change of the library changes the groups, until a newer request replaces this one."""

    generation: int


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
    """Set one of ``safelight.core.settings.SETTINGS``. Answered by :class:`PreferencesRead`."""

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
    Rescan
    | ForgetDeleted
    | RunOperation
    | Search
    | FindSimilar
    | ExplainHit
    | PauseIndexing
    | ResumeIndexing
    | CancelIndexing
    | RetryFailures
    | PhotoViewed
    | FindDuplicates
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
