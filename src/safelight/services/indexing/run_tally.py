"""Counts of one index run."""

from __future__ import annotations


class RunTally:
    """Counts of one run, kept by file id so that nothing is counted twice."""

    def __init__(self) -> None:
        self.new: set[int] = set()
        self.changed: set[int] = set()
        self.indexed: set[int] = set()
        self.moved_files: set[int] = set()
        self.moved = 0
        self.removed = 0
        self.done = 0
