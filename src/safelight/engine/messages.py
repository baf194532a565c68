"""What the window and the engine say to each other: frozen values, nothing else.

Requests go to the engine, events come from it. A request that expects one answer carries a
``generation``; the answer repeats it, and an answer whose generation is not the newest is dropped
by whoever asked. Paths are text in ``os.fsdecode`` form.
"""

from __future__ import annotations

from dataclasses import dataclass

from safelight.core.changes import LibraryChanged as LibraryChanged
from safelight.core.encoder import ModelInfo
from safelight.core.jobs import Progress
from safelight.core.search import SearchHit

# --- requests -----------------------------------------------------------------------------------


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
    """Photos like one of the library (``photo_id``), a file (``path``) or encoded bytes (``image``)."""

    generation: int
    photo_id: int | None = None
    path: str | None = None
    image: bytes | None = None


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
class SetFavourite:
    photo_ids: tuple[int, ...]
    favourite: bool


@dataclass(frozen=True, slots=True)
class Shutdown:
    pass


Request = (
    AddFolder
    | RemoveFolder
    | Rescan
    | Search
    | FindSimilar
    | PauseIndexing
    | ResumeIndexing
    | CancelIndexing
    | RetryFailures
    | SetFavourite
    | Shutdown
)

# --- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The library is open and requests are answered; searches wait for :class:`ModelReady`."""


@dataclass(frozen=True, slots=True)
class ModelReady:
    model: ModelInfo


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The engine cannot go on, for a reason a person can act on. It ends after this; no restart helps."""

    message: str


@dataclass(frozen=True, slots=True)
class EngineStopped:
    """Made by the client, not the engine: the process ended without being asked to."""

    will_restart: bool
    message: str


@dataclass(frozen=True, slots=True)
class IndexProgress:
    progress: Progress


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Hits best first. ``notice`` is one line for the person, e.g. that the model is still loading."""

    generation: int
    hits: tuple[SearchHit, ...]
    notice: str = ""


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """A request could not be carried out; ``generation`` is set where the request had one."""

    message: str
    generation: int | None = None


Event = (
    EngineReady
    | ModelReady
    | EngineFailed
    | EngineStopped
    | IndexProgress
    | LibraryChanged
    | SearchResults
    | RequestFailed
)
