"""Events from the engine to the window, as frozen values.

The answer to a request repeats its ``generation``. Paths are text in ``os.fsdecode`` form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from safelight.core.changes import LibraryChanged, RemovalsHeld, RemovalsSettled
from safelight.core.concepts import Proposal
from safelight.core.duplicates import DuplicateGroup
from safelight.core.encoder import ModelInfo
from safelight.core.explanation import Explanation
from safelight.core.exporting import ExportProgress, ExportResult
from safelight.core.jobs import Progress
from safelight.core.message import Message
from safelight.core.migration import ImportPreview
from safelight.core.models import ModelRow
from safelight.core.operations import Outcome
from safelight.core.search import Band, SearchHit
from safelight.core.settings import Settings
from safelight.core.tag_words import SharedSuggestion


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The library is open and requests are answered; searches wait for :class:`ModelReady`."""


@dataclass(frozen=True, slots=True)
class ModelReady:
    model: ModelInfo


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The engine cannot run, for a reason that the user can act on. It ends, and a restart would not help."""

    message: Message


@dataclass(frozen=True, slots=True)
class EngineStopped:
    """Made by the client, not the engine: the process ended without being asked to."""

    will_restart: bool
    message: Message


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer to :class:`Ping`. The client receives it and does not pass it on."""


@dataclass(frozen=True, slots=True)
class EngineSilent:
    """Made by the client, not the engine: the process lives but has not taken a request for so long."""

    seconds: int
    """0 when it takes requests again."""


@dataclass(frozen=True, slots=True)
class WorkStalled:
    """The engine takes requests, but a worker has made no progress for long."""

    message: Message | None
    """None when it goes on."""


@dataclass(frozen=True, slots=True)
class IndexProgress:
    progress: Progress


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Hits, best first. ``notices`` are sentences for the user, such as that no match is strong."""

    generation: int
    hits: tuple[SearchHit, ...]
    notices: tuple[Message, ...] = ()
    also: Mapping[Band, tuple[int, ...]] = field(default_factory=dict)
    """Photos of each band after those of the hits, best first."""
    others: int = 0
    """How many more there are, all less likely; they follow as :class:`FurtherResults`."""
    unknown_words: tuple[str, ...] = ()
    """Words of the query that the model was never taught; a notice names them too."""


@dataclass(frozen=True, slots=True)
class FurtherResults:
    """The photos after all those of :class:`SearchResults`, best first, unless a newer search came."""

    generation: int
    photo_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExamplesProposed:
    """Photos about which to ask whether they show a concept; none where nothing can be said yet."""

    generation: int
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True)
class TagsSuggested:
    """The tags that suit photos, the most likely first. ``notice`` may say why there are none."""

    generation: int
    suggestions: tuple[SharedSuggestion, ...]
    notice: Message | None = None
    done: int | None = None
    """Photos processed so far, which the suggestions are for; None once all are."""


@dataclass(frozen=True, slots=True)
class HitExplained:
    generation: int
    explanation: Explanation
    complete: bool
    """False while the heat map is being made."""


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """A request failed; ``generation`` is set where the request had one."""

    message: Message
    generation: int | None = None


@dataclass(frozen=True, slots=True)
class DuplicatesFound:
    """All groups known so far; replaces what was sent before for this generation."""

    generation: int
    groups: tuple[DuplicateGroup, ...]
    complete: bool
    """False while the library is still being compared."""
    done: int = 0
    """Comparisons done, of ``total``, while they are in progress; 0 of 0 once complete."""
    total: int = 0


@dataclass(frozen=True, slots=True)
class ThemesProgress:
    generation: int
    share: float
    """How much of the work is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class ThemesAnswered:
    """Finding themes has ended; the library has the themes, if there are any."""

    generation: int
    state: str
    """A :class:`safelight.services.understanding.themes.State`."""
    photos: int
    """Photos that could be in a theme."""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class OperationDone:
    """An operation is committed: it survives the death of the engine."""

    generation: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class OperationFailed:
    """An operation was not applied, or a slow one stopped in the middle."""

    generation: int
    code: str
    """See :attr:`safelight.core.errors.SafelightError.code`."""
    message: Message


@dataclass(frozen=True, slots=True)
class ModelsListed:
    generation: int
    models: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class ModelTransfer:
    """Progress of a download or an import. ``total`` is 0 once it has ended; the installed models may
    then have changed."""

    name: str
    """The name of the model once it is installed."""
    done: int
    """Bytes."""
    total: int
    installed: bool = False
    error: Message | None = None
    """Why it failed; None if it did not."""


@dataclass(frozen=True, slots=True)
class ModelChosen:
    name: str


@dataclass(frozen=True, slots=True)
class ModelUnloaded:
    """The model was not used for long and was unloaded. :class:`ModelReady` reports when it is loaded
    again."""

    model: ModelInfo


@dataclass(frozen=True, slots=True)
class ModelNotice:
    """The model runs in an unexpected way, such as not on the GPU."""

    message: Message


@dataclass(frozen=True, slots=True)
class ComparisonProgress:
    """How many photos of the sample both models have encoded."""

    generation: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ComparisonAnswered:
    """Photo ids of the sample, best first, under the model in use and under the candidate."""

    generation: int
    current: tuple[int, ...]
    candidate: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SettingsRead:
    generation: int
    settings: Settings


@dataclass(frozen=True, slots=True)
class MigrationAdvanced:
    """Progress of a preview. ``progress.total`` is 0 while the other program's catalogue is read."""

    generation: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class MigrationPreviewed:
    generation: int
    preview: ImportPreview


@dataclass(frozen=True, slots=True)
class MigrationDone:
    """An import is committed."""

    generation: int
    step: int | None
    """The journal step that undoes it; None where nothing changed."""
    photos: int
    """How many changed."""


@dataclass(frozen=True, slots=True)
class MigrationListed:
    generation: int
    path: str
    rows: int


@dataclass(frozen=True, slots=True)
class ExportAdvanced:
    generation: int
    progress: ExportProgress


@dataclass(frozen=True, slots=True)
class ExportEnded:
    """An export is over, because all is copied, it was cancelled, or nothing more could be written."""

    generation: int
    result: ExportResult
    """The result without the list of files."""


Event = (
    EngineReady
    | ModelReady
    | EngineFailed
    | EngineStopped
    | IndexProgress
    | LibraryChanged
    | SearchResults
    | FurtherResults
    | ExamplesProposed
    | TagsSuggested
    | HitExplained
    | DuplicatesFound
    | ThemesProgress
    | ThemesAnswered
    | OperationDone
    | OperationFailed
    | ModelsListed
    | ModelTransfer
    | ModelChosen
    | ModelUnloaded
    | ModelNotice
    | ComparisonProgress
    | ComparisonAnswered
    | SettingsRead
    | MigrationAdvanced
    | MigrationPreviewed
    | MigrationDone
    | MigrationListed
    | ExportAdvanced
    | ExportEnded
    | RemovalsHeld
    | RemovalsSettled
    | RequestFailed
    | Pong
    | EngineSilent
    | WorkStalled
)
