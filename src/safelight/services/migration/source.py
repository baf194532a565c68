"""What a source of an import is. To add one, see docs/how-to/add-a-migration-source.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from safelight.core.errors import SourceError as SourceError
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.services.migration.record import Record

MOST_PROBLEMS = 100


class LeftOutPhoto(NamedTuple):
    """A photo that is not taken over at all."""

    kind: LeftOut
    path: str
    """As that program knows it."""
    original_name: str
    """The name of the file before that program renamed it; empty where ``path`` has it."""


@dataclass(slots=True)
class Reading:
    """What a source needs while it reads, and what it has to report."""

    control: JobControl = field(default_factory=JobControl)
    problems: list[Message] = field(default_factory=list)
    """One line for each part that could not be read."""
    unlisted: int = 0
    """Problems beyond :data:`MOST_PROBLEMS`."""
    left_out: list[LeftOutPhoto] = field(default_factory=list)
    """Photos that are not taken over at all."""
    on_step: Callable[[], None] = lambda: None

    def step(self) -> None:
        """Call often: cancels, and keeps the progress moving."""
        self.control.checkpoint()
        self.on_step()

    def problem(self, message: Message) -> None:
        """Report a part that could not be read; the rest goes on."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(message)
        else:
            self.unlisted += 1

    def leave_out(self, kind: LeftOut, path: str, original_name: str = "") -> None:
        """Report a photo that is not taken over, such as one in the trash."""
        self.left_out.append(LeftOutPhoto(kind, path, original_name))


class Source(Protocol):
    """A program, or a form of export, whose knowledge about photos can be taken over."""

    @property
    def name(self) -> str:
        """The name on the command line, such as ``digikam``; never renamed."""
        ...

    @property
    def program(self) -> str:
        """The name of the program as users know it: ``digiKam``."""
        ...

    @property
    def what(self) -> str:
        """What to choose, in a few English words: ``digikam4.db``."""
        ...

    def recognises(self, path: Path) -> bool:
        """Whether a file or folder looks like one of these. Reads little, and never raises."""
        ...

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        """Every photo that it knows. Opens nothing for writing.

        Raises SourceError where it cannot be read at all, and reports a damaged part as a problem.
        """
        ...
