"""What the next index run has to do, merged from all requests."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

PathsByFolder = Mapping[int, frozenset[bytes] | None]
"""By folder id: the paths to scan, relative to the folder, or None for the whole folder."""


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """The work of one run."""

    scope: PathsByFolder
    confirmed: frozenset[int]
    """Folders whose missing files the user confirmed as deleted."""


class IndexQueue:
    """Merges requests into one. Not thread-safe: its owner holds a lock around each call."""

    def __init__(self) -> None:
        self._scope: dict[int, set[bytes] | None] = {}
        self._confirmed: set[int] = set()
        self._process = False
        self._due_at = 0.0

    def __bool__(self) -> bool:
        return bool(self._scope) or self._process

    @property
    def due_at(self) -> float:
        """The monotonic time from which the work may begin."""
        return self._due_at

    @property
    def is_due(self) -> bool:
        return bool(self) and time.monotonic() >= self._due_at

    def scan(self, folder_id: int, paths: frozenset[bytes] | None = None) -> None:
        """Scan a folder, or only these paths in it."""
        if paths is None:
            self._scope[folder_id] = None
            return
        known = self._scope.setdefault(folder_id, set())
        if known is not None:
            known.update(paths)

    def process(self) -> None:
        """Process photos that lack something, even if there is nothing to scan."""
        self._process = True

    def confirm(self, folder_id: int) -> None:
        """Scan a folder and forget the files that are missing from it."""
        self._confirmed.add(folder_id)
        self.scan(folder_id)

    def keep_only(self, folder_ids: Collection[int]) -> None:
        """Drop the scans of all other folders, which were removed."""
        self._scope = {number: paths for number, paths in self._scope.items() if number in folder_ids}

    def delay(self, seconds: float) -> None:
        self._due_at = time.monotonic() + seconds

    def hurry(self) -> None:
        """End a delay."""
        self._due_at = 0.0

    def get(self) -> IndexRequest:
        """All that is waiting. The queue is empty afterwards."""
        scope = {number: None if paths is None else frozenset(paths) for number, paths in self._scope.items()}
        request = IndexRequest(scope, frozenset(self._confirmed))
        self._scope = {}
        self._confirmed = set()
        self._process = False
        return request

    def put_back(self, request: IndexRequest) -> None:
        """Add the work of a run that did not finish."""
        self._process = True
        self._confirmed |= request.confirmed
        for folder_id, paths in request.scope.items():
            self.scan(folder_id, paths)
