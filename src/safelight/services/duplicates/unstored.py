"""Values that were measured for photos during a read transaction and have to be stored later."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Unstored(Generic[T]):
    """Values by photo id, until the caller takes them with :meth:`drain` and stores them."""

    def __init__(self) -> None:
        self._values: dict[int, T] = {}

    def add(self, photo_id: int, value: T) -> None:
        self._values[photo_id] = value

    def drain(self) -> list[tuple[int, T]]:
        """(photo, value) of those added since the last call."""
        taken, self._values = list(self._values.items()), {}
        return taken
