"""Requests from the window to the engine, as frozen values.

A request that has an answer carries a ``generation``, which the answer repeats; the sender drops answers
that are out of date. Paths are text in ``os.fsdecode`` form.
"""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.exporting import ExportRequest
from safelight.core.operations import Operation, Outcome


@dataclass(frozen=True, slots=True)
class RunOperation:
    """Apply an operation to the library. Answered by :class:`OperationDone` once it is committed, or by
    :class:`OperationFailed`; the changes are reported before that as :class:`LibraryChanged`."""

    generation: int
    operation: Operation[Outcome]


@dataclass(frozen=True, slots=True)
class Rescan:
    """Scan every folder again, or those named, for changes that the watcher may have missed."""

    folder_ids: tuple[int, ...] | None = None
    below: bytes = b""
    """Only this folder inside each of those, relative to it."""


@dataclass(frozen=True, slots=True)
class ForgetDeleted:
    """Remove at once what the library holds of photos without a file, except marked ones."""


@dataclass(frozen=True, slots=True)
class Search:
    """Find photos that match a query. A newer search replaces one that waits."""

    generation: int
    text: str


@dataclass(frozen=True, slots=True)
class FindSimilar:
    """Find photos similar to one of the library (``photo_id``), a file (``path``) or bytes (``image``).

    With a ``text`` in the search language, they match both.
    """

    generation: int
    photo_id: int | None = None
    path: str | None = None
    image: bytes | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ExplainHit:
    """Explain why a photo matches a search. Answered by :class:`HitExplained` twice, the second time with a
    heat map. A newer request replaces one that waits."""

    generation: int
    photo_id: int
    search: Search | FindSimilar
    """The search; its generation is ignored."""


@dataclass(frozen=True, slots=True)
class ProposeExamples:
    """Choose photos to ask about for a concept. Answered by :class:`ExamplesProposed`; the newest counts."""

    generation: int
    concept: str
    count: int


@dataclass(frozen=True, slots=True)
class SuggestTags:
    """Suggest tags for photos. Answered by :class:`TagsSuggested`, for many photos several times; the newest
    request of each view counts, and one without photos ends the work of an earlier one."""

    generation: int
    photo_ids: tuple[int, ...]
    view: str = "details"
    """The part of the window that asks."""


@dataclass(frozen=True, slots=True)
class PauseIndexing:
    pass


@dataclass(frozen=True, slots=True)
class ResumeIndexing:
    pass


@dataclass(frozen=True, slots=True)
class CancelIndexing:
    """Stop the run under way. What was indexed stays; the rest waits for the next scan."""


@dataclass(frozen=True, slots=True)
class RetryFailures:
    """Try failed files again: those named, or all."""

    file_ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class PhotoViewed:
    """A photo was opened in the viewer. Background work takes the most viewed photos first."""

    photo_id: int


@dataclass(frozen=True, slots=True)
class FindDuplicates:
    """Group the library's duplicates. Answered by :class:`DuplicatesFound`, at first partial, then again
    whenever a change of the library changes the groups, until a newer request replaces this one."""

    generation: int


@dataclass(frozen=True, slots=True)
class FindThemes:
    """Find the themes of the library if there are none that fit it, or ``again``; otherwise add new photos to
    them. Progress is reported as :class:`ThemesProgress`; answered by :class:`ThemesAnswered`."""

    generation: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class CancelThemes:
    """Stop finding themes; those from before stay."""


@dataclass(frozen=True, slots=True)
class ListModels:
    """Answered by :class:`ModelsListed`."""

    generation: int


@dataclass(frozen=True, slots=True)
class DownloadModel:
    """Download a model by its name among the offers, or ``hf-hub:owner/name``, or resume its download. The
    user has accepted its licence. Progress is reported as :class:`ModelTransfer`."""

    name: str


@dataclass(frozen=True, slots=True)
class ImportModel:
    """Install a copy of a folder. Progress is reported as :class:`ModelTransfer`."""

    path: str


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    """Stop a download or copy, under way or waiting: that of the model named, or all. What arrived is kept
    for resuming, unless ``discard``."""

    name: str | None = None
    discard: bool = False


@dataclass(frozen=True, slots=True)
class UseModel:
    """Use an installed model for the library. Answered by :class:`ModelChosen`, after which the engine must
    be restarted."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteModel:
    """Delete an installed model and its vectors in this library."""

    name: str


@dataclass(frozen=True, slots=True)
class CompareModels:
    """Encode a sample of the library with the model named, to search it beside the model in use. Progress is
    reported as :class:`ComparisonProgress`; :class:`StopComparing` or another comparison ends it."""

    generation: int
    name: str


@dataclass(frozen=True, slots=True)
class SearchWithBothModels:
    """Search the sample with both models. Answered by :class:`ComparisonAnswered`; the newest counts."""

    generation: int
    text: str


@dataclass(frozen=True, slots=True)
class StopComparing:
    pass


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Answered by :class:`SettingsRead`."""

    generation: int


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Set one of ``safelight.core.settings.SETTINGS``. Answered by :class:`SettingsRead`."""

    generation: int
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ConfirmRemovals:
    """Answer to :class:`RemovalsHeld`: the files were deleted on purpose, so forget them."""

    folder_id: int


@dataclass(frozen=True, slots=True)
class KeepMissing:
    """Answer to :class:`RemovalsHeld`: keep the photos, and ask again only when more files are gone."""

    folder_id: int


@dataclass(frozen=True, slots=True)
class ExportPhotos:
    """Copy photos to a folder. Answered by :class:`ExportEnded`, or by :class:`RequestFailed` if it cannot
    begin. Progress is reported as :class:`ExportAdvanced`."""

    generation: int
    export: ExportRequest


@dataclass(frozen=True, slots=True)
class CancelExport:
    """Stop the export with this generation. Its copies stay."""

    generation: int


@dataclass(frozen=True, slots=True)
class PreviewMigration:
    """Find out what importing from another program would change. Answered by :class:`MigrationPreviewed`,
    with progress as :class:`MigrationAdvanced`. Replaces a preview that was asked for before."""

    generation: int
    path: str
    """A catalogue, or the folder of an export."""
    mappings: tuple[tuple[str, str], ...] = ()
    """(folder of the other program, where it is now)."""


@dataclass(frozen=True, slots=True)
class ApplyMigration:
    """Import what the latest preview showed. Answered by :class:`MigrationDone`."""

    generation: int
    all_theirs: bool = False
    """Where a value differs, take the other program's."""
    theirs: tuple[tuple[int, str], ...] = ()
    """(photo, field) of single values to take."""


@dataclass(frozen=True, slots=True)
class ListMigration:
    """Write the conflicts of the latest preview, and the photos that were not found, to a new file. Answered
    by :class:`MigrationListed`."""

    generation: int
    path: str


@dataclass(frozen=True, slots=True)
class StopMigration:
    """Stop a preview under way, and forget the latest one."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Sent by the client after a request to learn whether the engine still takes requests. Answered by
    :class:`Pong`."""


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
    | ProposeExamples
    | SuggestTags
    | PauseIndexing
    | ResumeIndexing
    | CancelIndexing
    | RetryFailures
    | PhotoViewed
    | FindDuplicates
    | FindThemes
    | CancelThemes
    | ListModels
    | DownloadModel
    | ImportModel
    | CancelTransfer
    | UseModel
    | DeleteModel
    | CompareModels
    | SearchWithBothModels
    | StopComparing
    | ReadSettings
    | ChangeSetting
    | ConfirmRemovals
    | KeepMissing
    | ExportPhotos
    | CancelExport
    | PreviewMigration
    | ApplyMigration
    | ListMigration
    | StopMigration
    | Ping
    | Shutdown
)
