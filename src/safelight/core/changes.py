"""What a commit changed, told to whoever shows the library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """Photo ids are sorted; ``removed`` are no longer shown anywhere."""

    added: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    folders: bool = False
    failures: bool = False

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.removed or self.folders or self.failures)
