"""Explains why a photo matches a query: by which parts of the query, and where in the picture."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import numpy as np

from safelight.core import bands, relevance
from safelight.core.encoder import Encoder, Vectors
from safelight.core.errors import ImageError, SafelightError
from safelight.core.explanation import Explanation, Heat, PartScore, Standing
from safelight.core.message import Message
from safelight.core.photo import LibraryCounts, Photo
from safelight.core.photo_units import PhotoUnit
from safelight.core.query import Query, alternatives
from safelight.core.search import Band
from safelight.core.tag_words import is_about_a_person
from safelight.services.indexing.decoding import DecodePool
from safelight.services.models.neutral import neutral_prompts
from safelight.services.searching import query_plan
from safelight.services.searching.calibration import MIN_COMPARED, Calibration
from safelight.services.searching.current_calibration import CurrentCalibration
from safelight.services.searching.heat_windows import Windows
from safelight.services.searching.judging import JudgedFilters
from safelight.services.searching.matched_units import MatchedUnits
from safelight.services.searching.query_encoding import Example, QueryEncoder, Vector
from safelight.services.searching.query_vectors import QueryPart, QueryVectors
from safelight.services.searching.ranked_search import Nearest
from safelight.services.searching.retrieval import Retrieval
from safelight.services.searching.targets import Target
from safelight.store import photo_paths, photos, spaces, vectors
from safelight.store.library import LibraryStore

NEAREST_WORDS = 5
NEAREST_DESCRIPTIONS = 3

_MIN_HEAT_SHARE = 0.4
"""Windows below this share of the hottest value have no heat, because the surroundings of a thing also match
a little."""

_STANDING = {Band.STRONG: Standing.CLEARLY, Band.MAYBE: Standing.SOMEWHAT, Band.REST: Standing.HARDLY}


@dataclass(frozen=True, slots=True)
class Explained:
    """The part of an explanation that is known at once, and a function that computes the heat map.
    :meth:`with_heat` may be called on another thread.
    """

    explanation: Explanation
    heat: Callable[[], Heat]

    def with_heat(self) -> Explanation:
        """The explanation with the heat map, or with the reason why there is none.

        Takes as long as encoding some dozens of pictures. Raises ModelError.
        """
        if self.explanation.notice is not None:
            return self.explanation
        try:
            return replace(self.explanation, heat=self.heat())
        except ImageError as error:
            return replace(self.explanation, notice=error.message)


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains one query in one library. For one thread, except for :meth:`Explained.with_heat`."""

    encoder: Encoder
    pool: DecodePool
    calibration: Calibration
    nearest: Nearest
    embedded: int
    """How many photos of the library have a vector."""

    def score(self, part: QueryPart, photo_id: int) -> PartScore:
        """How well a photo with a vector matches one part, compared with the photos that match it best."""
        target = self.calibration.target(QueryVectors((part.vector,)))
        best = self.calibration.measured(target, self.nearest(target.direction, MIN_COMPARED, None))
        found = self.nearest(target.direction, 1, [photo_id])
        own = self.calibration.measured(target, found)
        if target.words is not None:
            cuts = bands.Cuts.for_log_odds(np.array([math.inf], np.float32))
        elif target.by_words:
            cuts = bands.Cuts.for_words(bands.peak(best.deviations), self.embedded)
        else:
            others = best.deviations[best.cosines < bands.SAME_PICTURE_COSINE]
            cuts = bands.Cuts.for_picture(bands.peak(others), self.embedded)
        place = int(cuts.places(own.deviations)[0])
        (_, similarity), *_ = self.nearest(part.vector.vector, 1, [photo_id])
        return PartScore(
            part.text,
            similarity,
            float(self.calibration.background_deviations(target, found)[0]),
            _STANDING[bands.BAND_ORDER[place]],
            part.excluded,
            None if target.words is None else float(relevance.probability(own.deviations)[0]),
        )

    def deviation(self, query_vectors: QueryVectors, photo_id: int) -> float:
        """The deviation of a photo with a vector for the query's vectors."""
        target = self.calibration.target(query_vectors)
        found = self.calibration.measured(target, self.nearest(target.direction, 1, [photo_id]))
        deviation = float(found.deviations[0])
        return -deviation if query_vectors.only_excludes else deviation

    def nearest_words(self, vector: Vectors) -> tuple[str, ...]:
        """The everyday words whose similarity to a photo is most above the library's average, without words
        that describe what kind of person somebody is.
        """
        prompts = neutral_prompts()
        nearest = (prompts[number] for number in self.calibration.nearest_prompts(vector, len(prompts)))
        return tuple(islice((each for each in nearest if not is_about_a_person(each)), NEAREST_WORDS))

    def descriptions(self, vector: Vectors) -> tuple[str, ...]:
        """The reference descriptions nearest to a photo of this vector (dim,)."""
        return self.calibration.nearest_descriptions(vector, NEAREST_DESCRIPTIONS)

    def heat(self, path: str, size: tuple[int, int], target: Target) -> Heat:
        """The heat map of a target in the picture at a path. ``size`` is its width and height.

        Overlapping windows of the picture are measured as if each were a photo, so that this works with any
        model. A cell is the mean of the windows that contain it. Raises ImageError, ModelError.
        """
        windows = Windows.covering(*size)
        pixels = self.pool.prepare_regions(path, self.encoder.input_spec, windows.regions).result()
        found = self.calibration.deviations(self.encoder.encode_images(pixels), target)
        # Full heat needs at least a strong match, so that a picture that does not match remains pale.
        if target.words is not None:
            found = relevance.probability(found)
            full = max(float(found.max()), relevance.STRONG_PROBABILITY)
        else:
            full = max(float(found.max()), bands.STRONG_SHARE * bands.min_peak(self.embedded))
        return windows.spread(
            np.clip((found / full - _MIN_HEAT_SHARE) / (1 - _MIN_HEAT_SHARE), 0, 1).tolist()
        )


@dataclass(frozen=True, slots=True)
class _Subject:
    """The photo to explain."""

    photo: Photo
    vector: Vector
    """(dim,)"""
    paths: list[str]
    coverage: LibraryCounts
    """The coverage of the library that contains the photo."""


class PhotoExplanations:
    """Explains results in one library. For one thread at a time."""

    def __init__(
        self,
        store: LibraryStore,
        pool: DecodePool,
        encode: QueryEncoder,
        retrieval: Retrieval,
        calibration: CurrentCalibration,
        units: MatchedUnits,
        judged: JudgedFilters,
    ) -> None:
        """``units`` are those that ``retrieval`` fills."""
        self._judged = judged
        self._store = store
        self._pool = pool
        self._encode = encode
        self._retrieval = retrieval
        self._calibration = calibration
        self._units = units

    def explain(
        self, encoder: Encoder, model_id: int | None, photo_id: int, query: Query, like: Example | None
    ) -> Explained:
        """Why a photo matches a query and an example, as :meth:`Searcher.explain` returns it. ``model_id`` is
        None if nothing is indexed with the model."""
        subject = None if model_id is None else self._subject(model_id, photo_id)
        if model_id is None or subject is None:
            raise SafelightError("That photo has not been read with this model yet.")
        coverage = subject.coverage
        calibration = self._calibration.get(encoder, model_id, coverage.embedded)
        nearest = partial(self._retrieval.nearest, model_id)
        explainer = Explainer(encoder, self._pool, calibration, nearest, coverage.embedded)
        plain = alternatives(query)
        parts = {part.text: part for each in plain for part in self._encode.parts(encoder, each, like)}
        candidates = [
            (each, query_vectors)
            for each in plain
            if (query_vectors := self._encode.vectors(encoder, each, like)) is not None
        ]
        # Of several alternatives, the one that the photo matches best.
        best, query_vectors = max(
            candidates, key=lambda each: explainer.deviation(each[1], photo_id), default=(query, None)
        )
        scores = {part.text: explainer.score(part, photo_id) for part in parts.values()}
        # Several alternatives may have the same filter. It is judged and listed once.
        filters = dict.fromkeys(condition for each in plain for condition in each.judged)
        judged = self._judged.scores(encoder, model_id, filters, photo_id, coverage.embedded)
        scores.update({part.text: part for part in judged})
        words = (
            query_plan.words_for_names(best) if query_vectors is not None and query_vectors.by_words else ""
        )
        with self._store.read() as db:
            names = self._retrieval.names(db, encoder, model_id, words, coverage.photos, [photo_id])
        match = names.get(photo_id)
        path = next((path for path in subject.paths if os.path.exists(path)), None)
        target = None if query_vectors is None else calibration.target(query_vectors)
        unit = None
        if target is not None and query_vectors is not None and not query_vectors.only_excludes:
            unit = self._best_unit(model_id, target.direction, subject.vector, photo_id)
        explanation = Explanation(
            photo_id,
            tuple(scores.values()),
            explainer.nearest_words(subject.vector),
            explainer.descriptions(subject.vector),
            match.reason if match else None,
            unit=unit,
            notice=_no_heat(query_vectors, path, subject.photo),
        )
        self._units.forget()  # scoring the parts has recorded their units
        if target is None or path is None or subject.photo.duration is not None:
            return Explained(explanation, tuple)
        size = subject.photo.width, subject.photo.height
        return Explained(explanation, partial(explainer.heat, path, size, target))

    def _subject(self, model_id: int, photo_id: int) -> _Subject | None:
        """The photo to explain; None if it has no vector by the model, or is gone."""
        with self._store.read() as db:
            vector = vectors.get(db, model_id, photo_id)
            photo = next(iter(photos.get_many(db, [photo_id])), None)
            if vector is None or photo is None:
                return None
            paths = [os.fsdecode(path) for path in photo_paths.of_photo(db, photo_id)]
            return _Subject(photo, vector, paths, self._retrieval.coverage(db, model_id))

    def _best_unit(self, model_id: int, direction: Vector, whole: Vector, photo_id: int) -> PhotoUnit | None:
        """The unit of a photo that is nearest to a direction, if it is nearer than the vector of the
        ``whole`` photo."""
        direction = direction / np.linalg.norm(direction)
        with self._store.read() as db:
            near = [
                match
                for space in spaces.of_model(db, model_id)
                if space.kind.is_picture
                for match in spaces.nearest(db, space, direction, 1, [photo_id])
            ]
            best = max(near, key=lambda match: match.score, default=None)
            if best is None or best.score <= float(whole @ direction):
                return None
            return spaces.units_by_id(db, [best.unit_id]).get(best.unit_id)


def _no_heat(query_vectors: QueryVectors | None, path: str | None, photo: Photo) -> Message | None:
    """Why there is no heat map; None if there is one."""
    if photo.duration is not None:
        return Message("Videos have no heat map.")
    if query_vectors is None:
        return Message("The search has no description, so there is no heat map.")
    return None if path else Message("The file is not there now, so its parts cannot be compared.")
