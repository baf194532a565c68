"""Values that were measured for photos and are not in the library yet."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Unstored(Generic[T]):
    """Values by photo id. Whoever can write takes them and stores them."""

    def __init__(self) -> None:
        self._values: dict[int, T] = {}

    def add(self, photo_id: int, value: T) -> None:
        self._values[photo_id] = value

    def drain(self) -> list[tuple[int, T]]:
        """(photo, value) of those added since the last call."""
        taken, self._values = list(self._values.items()), {}
        return taken
