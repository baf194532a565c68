"""Finds videos that are a part of a longer one, by their fine fingerprints."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from safelight.core.duplicates import DuplicateKind
from safelight.core.grouping import link
from safelight.core.message import Message
from safelight.core.stages import CostClass, StageDeclaration
from safelight.core.videos import LEAST_PART_SECONDS, LEAST_PART_SHARE, SAME_LENGTH_SECONDS, SAME_LENGTH_SHARE
from safelight.imaging.film_parts import SearchedFilm, find_part
from safelight.services.stages.film import FineFilmStage, from_json
from safelight.store import likeness, stage_states, videos
from safelight.store.library import Connection, LibraryStore
from safelight.store.likeness import Pair
from safelight.store.videos import VideoMeasures

_COMPARED = StageDeclaration(
    name="video-parts",
    title=Message("Videos compared with longer ones"),
    activity=Message("Comparing videos"),
    version=FineFilmStage.declaration.version,
    inputs=frozenset(),
    cost=CostClass.ON_REQUEST,
    subset=FineFilmStage.declaration.subset,
)
"""Records which videos were compared with all others. The stage runner does not run it."""

_CHUNK = 8
"""Videos that are compared and committed together."""
_VIDEOS_IN_MEMORY = 64
"""Other videos whose fingerprints are in memory at the same time."""
_MAX_ASPECT_DIFFERENCE = 0.05
"""The largest relative difference between the aspect ratios of two videos that may show the same picture."""


class VideoParts:
    """Compares videos that have a fine fingerprint and were not compared yet. For one thread."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store

    def waiting(self, db: Connection) -> list[int]:
        """The videos that :meth:`compare` will compare, sorted."""
        ready = stage_states.with_result(db, FineFilmStage.declaration)
        if not ready:
            return []
        return sorted(set(ready).intersection(stage_states.lacking(db, _COMPARED, None)))

    def compare(self, waiting: Sequence[int]) -> Iterator[int]:
        """Compare these videos with all that were compared before, and with each other. Yields the number of
        videos after each commit.
        """
        if not waiting:
            return
        with self._store.read() as db:
            all_videos = stage_states.with_result(db, FineFilmStage.declaration)
            measures = videos.measures(db, all_videos)
        not_compared = set(waiting)
        for start in range(0, len(waiting), _CHUNK):
            chunk = waiting[start : start + _CHUNK]
            not_compared.difference_update(chunk)
            earlier = [each for each in all_videos if each not in not_compared]
            found = self._pairs(chunk, earlier, measures)
            with self._store.write() as db:
                likeness.put_pairs(db, found)
                stage_states.set_done(db, _COMPARED, None, chunk)
            yield len(chunk)

    def _pairs(
        self, chunk: Sequence[int], earlier: Sequence[int], measures: Mapping[int, VideoMeasures]
    ) -> list[Pair]:
        """The pairs of the videos of a chunk with earlier ones, and with each other."""
        mine = self._films(chunk, measures)
        found = []
        for start in range(0, len(earlier), _VIDEOS_IN_MEMORY):
            part = earlier[start : start + _VIDEOS_IN_MEMORY]
            others = self._films([each for each in part if each not in mine], measures) | {
                each: mine[each] for each in part if each in mine
            }
            for one, first in mine.items():
                for two, second in others.items():
                    if two in mine and two >= one:
                        continue
                    if not _may_be_part(measures[one], measures[two]):
                        continue
                    longer_first = measures[one].duration > measures[two].duration
                    whole, shorter = (first, second) if longer_first else (second, first)
                    place = find_part(whole, shorter)
                    if place is not None:
                        pair = link(one, two)
                        whole_id = one if longer_first else two
                        detail = (
                            f"{pair.index(whole_id)}:{place.start:.1f}-{place.start + shorter.duration:.1f}"
                        )
                        found.append(Pair(*pair, DuplicateKind.VIDEO_PART, round(place.likeness, 4), detail))
        return found

    def _films(
        self, photo_ids: Collection[int], measures: Mapping[int, VideoMeasures]
    ) -> dict[int, SearchedFilm]:
        with self._store.read() as db:
            stored = stage_states.results(db, FineFilmStage.declaration, photo_ids)
        return {
            photo_id: SearchedFilm.of(from_json(made), measures[photo_id].duration)
            for photo_id, made in stored.items()
            if photo_id in measures
        }


def part_place(pair: Pair) -> tuple[int, float, float] | None:
    """The longer video of a pair, and the seconds of it at which the shorter one begins and ends; None for a
    pair of another kind.
    """
    if pair.kind is not DuplicateKind.VIDEO_PART:
        return None
    whole, _, span = pair.detail.partition(":")
    start, _, end = span.partition("-")
    return (pair.first, pair.second)[int(whole)], float(start), float(end)


def part_in(pair: Pair, longer: int) -> tuple[float, float] | None:
    """The seconds at which the other video of a pair begins and ends in the ``longer`` one; None if it is no
    part of that one.
    """
    place = part_place(pair)
    return None if place is None or place[0] != longer else place[1:]


def _may_be_part(one: VideoMeasures, two: VideoMeasures) -> bool:
    """Whether one of two videos can be a part of the other, by their lengths and shapes."""
    shorter, longer = sorted((one.duration, two.duration))
    if longer - shorter <= SAME_LENGTH_SECONDS + SAME_LENGTH_SHARE * longer:
        return False
    shapes = sorted(each.width / each.height for each in (one, two))
    return (
        shorter >= max(LEAST_PART_SECONDS, LEAST_PART_SHARE * longer)
        and shapes[1] <= (1 + _MAX_ASPECT_DIFFERENCE) * shapes[0]
    )
