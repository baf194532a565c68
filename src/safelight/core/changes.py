"""What a commit changed, told to whoever shows the library."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemovalsHeld:
    """So many of a folder's files are gone that their photos are kept until a person has said why."""

    folder_id: int
    path: str
    missing: int
    known: int
    """Files that the library knows of in that folder, the missing ones included."""

    def __str__(self) -> str:
        return (
            f"{self.missing:,} of {self.known:,} files in {self.path} are gone; their photos are kept until "
            "you say that this was meant."
        )


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
