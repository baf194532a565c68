"""Makes fingerprints of videos over time, by which re-encoded videos are found as duplicates."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from safelight.core.duplicates import DuplicateKind
from safelight.core.grouping import link
from safelight.core.message import Message
from safelight.core.stages import CostClass, Input, StageDeclaration, StageFailure, Subset
from safelight.core.videos import Film
from safelight.imaging.film import SIDE, likeness_of_films
from safelight.services.stages.stage import Stage, StageItem
from safelight.store import likeness, photos, stage_states, videos
from safelight.store.library import Connection
from safelight.store.likeness import Pair

SAME_VIDEO = 0.9
"""From this likeness on, two videos are the same one. docs/duplicates.md says how this was measured."""


class _Fingerprint(Stage[Film]):
    """Stores the fingerprint of a video, which was made while it was decoded."""

    def process(self, batch: Sequence[StageItem]) -> Sequence[Film | StageFailure]:
        return [item.film or StageFailure("broken") for item in batch]

    def store(self, db: Connection, results: Sequence[tuple[int, Film]]) -> None:
        stored = [(photo_id, to_json(film)) for photo_id, film in results]
        stage_states.put_results(db, self.declaration, None, stored)


class FilmStage(_Fingerprint):
    """Makes the fingerprint of a video over time, and pairs it with similar videos that have one already."""

    declaration = StageDeclaration(
        name="film",
        title=Message("Videos of equal length"),
        activity=Message("Comparing videos"),
        version=1,
        inputs=frozenset({Input.FILM}),
        cost=CostClass.BACKGROUND,
        after=("thumbnail",),
        batch=4,
        subset=Subset.VIDEOS_OF_EQUAL_LENGTH,
    )

    def store(self, db: Connection, results: Sequence[tuple[int, Film]]) -> None:
        super().store(db, results)
        visible = photos.visible(db, [photo_id for photo_id, _ in results])
        for photo_id, film in results:
            if photo_id in visible:
                others = stage_states.results(db, self.declaration, videos.as_long_as(db, photo_id))
                likeness.put_pairs(db, _pairs(photo_id, film, others))


class FineFilmStage(_Fingerprint):
    """A finer fingerprint, for :class:`safelight.services.duplicates.video_parts.VideoParts`.

    It decodes most of a video, so it runs only while nothing else has to be done.
    """

    declaration = StageDeclaration(
        name="fine-film",
        title=Message("Parts of longer videos"),
        activity=Message("Reading videos to compare them"),
        version=1,
        inputs=frozenset({Input.FINE_FILM}),
        cost=CostClass.IDLE,
        after=("film",),
        batch=4,
        subset=Subset.VIDEOS_OF_OTHER_LENGTH,
    )


def _pairs(photo_id: int, film: Film, others: Mapping[int, Any]) -> Iterator[Pair]:
    """The pairs of a video with similar ones of ``others``, which are stored results by photo id."""
    for other, stored in others.items():
        alike = likeness_of_films(film, from_json(stored))
        if alike is not None and alike >= SAME_VIDEO:
            yield Pair(*link(photo_id, other), DuplicateKind.RESAVED_VIDEO, round(alike, 4))


def to_json(film: Film) -> Mapping[str, Any]:
    """A film as it is stored."""
    return {"step": film.step, "frames": b64encode(film.frames.tobytes()).decode("ascii")}


def from_json(made: Mapping[str, Any]) -> Film:
    """A stored film."""
    frames = np.frombuffer(b64decode(made["frames"]), np.uint8).reshape(-1, SIDE * SIDE)
    return Film(float(made["step"]), frames)
