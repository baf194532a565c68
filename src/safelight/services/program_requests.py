"""Records the requests of assistants and other programs to a server, so that the user can see them.

The record is a file with one JSON object per line, which only the user can read. Several servers may append
to it at the same time.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safelight.core.private_files import FILE_MODE, create_file

FILE_NAME = "program-requests.jsonl"

_MAX_BYTES = 1 << 20
"""When the file is larger, older requests are dropped."""
_BYTES_KEPT = _MAX_BYTES // 2
_MAX_TEXT_LENGTH = 500
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class ProgramRequest:
    """One request of a program."""

    at: float
    """Seconds since the epoch."""
    program: str
    """The kind of server: ``mcp`` or ``serve``."""
    request: str
    """Stable code, such as ``search``."""
    text: str
    """The subject of the request: a query, or the name of a file or album."""
    photos: int
    """The number of photos in the answer, or of changed photos."""
    refused: bool = False


class RequestRecord:
    """The record of one library."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE_NAME

    def add(self, request: ProgramRequest) -> None:
        """Append a request. Raises OSError."""
        line = json.dumps(asdict(request) | {"text": request.text[:_MAX_TEXT_LENGTH]}).encode("ascii") + b"\n"
        descriptor = os.open(self.path, _FLAGS, FILE_MODE)
        try:
            os.write(descriptor, line)
            size = os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)
        if size > _MAX_BYTES:
            self._drop_older()

    def check(self) -> None:
        """Check that requests can be added. Raises OSError."""
        os.close(os.open(self.path, _FLAGS, FILE_MODE))

    def newest(self, limit: int) -> list[ProgramRequest]:
        """The last requests, the newest first, without damaged lines. Raises OSError."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        found: list[ProgramRequest] = []
        for line in reversed(lines):
            request = _parsed(line)
            if request is not None:
                found.append(request)
            if len(found) == limit:
                break
        return found

    def clear(self) -> None:
        """Remove the record. Raises OSError."""
        self.path.unlink(missing_ok=True)

    def _drop_older(self) -> None:
        """Keep the newest half. A request that another server appends at this moment may be lost."""
        kept = self.path.read_bytes()[-_BYTES_KEPT:]
        smaller = self.path.with_suffix(".part")
        smaller.unlink(missing_ok=True)
        with os.fdopen(create_file(smaller), "wb") as file:
            file.write(kept[kept.index(b"\n") + 1 :])
        smaller.replace(self.path)


def _parsed(line: bytes) -> ProgramRequest | None:
    try:
        values: Any = json.loads(line)
        return ProgramRequest(
            float(values["at"]),
            str(values["program"]),
            str(values["request"]),
            str(values["text"]),
            int(values["photos"]),
            bool(values["refused"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
