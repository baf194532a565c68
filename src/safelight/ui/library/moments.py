"""Which frame of each video the results show."""

from __future__ import annotations

from collections.abc import Mapping


class Moments:
    """Set on the GUI thread. Other threads may read it, since the mapping is replaced as a whole."""

    def __init__(self) -> None:
        self._seconds: Mapping[int, float] = {}

    def get(self, photo_id: int) -> float | None:
        """Seconds after the beginning; None where the poster is shown for the video."""
        return self._seconds.get(photo_id)

    def replace(self, seconds: Mapping[int, float]) -> list[int]:
        """Set the frames of new results. Returns the videos that are shown by another frame than before."""
        before, self._seconds = self._seconds, seconds
        return [each for each in before.keys() | seconds.keys() if before.get(each) != seconds.get(each)]
