"""The photos that the viewer goes through. No widgets here."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from safelight.core.photo import Photo


class PhotoSequence:
    """Has a current photo while it is open. A further file of the same shot, or another photo of the same
    stack, can take its place for a while.
    """

    def __init__(self) -> None:
        self._ids = array("q")
        self._at = -1
        self._shot: tuple[int, ...] = ()
        """The photo and the others of its shot or stack, while one of these is current in its place."""

    @property
    def ids(self) -> Sequence[int]:
        return self._ids

    @property
    def at(self) -> int:
        """The position of the current photo, from 0."""
        return self._at

    @property
    def current(self) -> int | None:
        """None while closed."""
        return self._ids[self._at] if 0 <= self._at < len(self._ids) else None

    @property
    def following(self) -> int | None:
        """The photo after the current one; None at the end."""
        at = self._at + 1
        return self._ids[at] if at < len(self._ids) else None

    @property
    def near(self) -> list[int]:
        """The current photo, then the next and the previous one."""
        return [self._ids[at] for at in (self._at, self._at + 1, self._at - 1) if 0 <= at < len(self._ids)]

    def open(self, ids: Sequence[int], current: int) -> None:
        self._ids = array("q", ids)
        self._at = self._ids.index(current)

    def close(self) -> None:
        self._at = -1

    def replace(self, ids: Sequence[int]) -> bool:
        """Go through other photos, while open. Returns False if the current one is not among them; then a
        neighbour is current.
        """
        current = self._ids[self._at]
        if self._shot and self._shot[0] in ids:
            ids = [current if each == self._shot[0] else each for each in ids]
        else:
            self._shot = ()
        self._ids = array("q", ids)
        if current in self._ids:
            self._at = self._ids.index(current)
            return True
        self._at = min(self._at, len(self._ids) - 1)
        return False

    def step(self, by: int) -> bool:
        """Go forwards, or backwards if negative, up to either end. Returns whether there was a photo."""
        at = min(max(self._at + by, 0), len(self._ids) - 1)
        if at == self._at:
            return False
        self.end_shot()
        self._at = at
        return True

    def has_others(self, photo: Photo) -> bool:
        """Whether the current photo, which is ``photo``, has further files of its shot or is in a stack."""
        return bool(self._shot or photo.halves or photo.stacked)

    def show_other(self, photo: Photo) -> None:
        """Put the next one of the shot or the stack of ``photo``, the current photo, in its place."""
        self._shot = self._shot or (photo.id, *photo.halves, *photo.stacked)
        following = self._shot.index(photo.id) + 1
        self._ids[self._at] = self._shot[following % len(self._shot)]

    def end_shot(self) -> None:
        """Return to the photo that represents its shot."""
        if self._shot and 0 <= self._at < len(self._ids):
            self._ids[self._at] = self._shot[0]
        self._shot = ()
