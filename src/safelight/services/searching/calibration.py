"""How well photos match a query in one library: probabilities for words, and deviations from the library's
own background for pictures (:mod:`safelight.core.relevance` and :mod:`safelight.core.bands`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from safelight.core import bands, relevance
from safelight.core.encoder import Vectors
from safelight.core.estimate import Estimate, estimate_matches
from safelight.core.name_evidence import NameMatch
from safelight.services.models.references import References
from safelight.services.searching.banding import rank_by_band
from safelight.services.searching.photo_backgrounds import PhotoBackgrounds
from safelight.services.searching.photo_references import PhotoReferences
from safelight.services.searching.query_vectors import QueryVector, QueryVectors
from safelight.services.searching.targets import Measured, Ranked, Target, WordTarget
from safelight.store import vectors
from safelight.store.library import LibraryStore
from safelight.store.vectors import Ids

MIN_COMPARED = 400
"""The smallest number of photos that a search compares, even if it returns fewer. The nearest photos do not
always have the highest deviations, which decide the bands."""

MAX_COMPARED_PER_SEARCH = 4096
"""The most photos that one search compares with the reference descriptions for the first time. Photos beyond
this number get a lower probability until they have been compared."""

IDLE_COMPARISON_BATCH = 512
"""Photos compared in one call while no search runs, which takes a fraction of a second."""

_SAME_DIRECTION = 1e-3


class Calibration:
    """Judges photos of one library by one model. For one thread at a time."""

    def __init__(
        self,
        store: LibraryStore,
        model_id: int,
        prompts: Vectors,
        references: References | None = None,
    ) -> None:
        """``prompts`` are the vectors of the neutral texts. Without ``references``, words are judged as
        pictures are, by how far photos deviate from the library.
        """
        self._store = store
        self._model_id = model_id
        self._prompts = prompts
        self._centre = prompts.mean(0)
        self._backgrounds = PhotoBackgrounds(store, model_id, prompts)
        self._photo_references = None if references is None else PhotoReferences(references)

    def refresh(self, photos: int) -> None:
        """Prepare for the present library, with this many photos with a vector. Raises ModelError for a model
        that is not registered.
        """
        self._backgrounds.refresh(photos)

    @property
    def has_references(self) -> bool:
        """Whether words are judged by the reference descriptions."""
        return self._photo_references is not None

    def compare_some(self) -> bool:
        """Compare more photos with the reference descriptions. Returns whether photos remain."""
        if self._photo_references is None:
            return False
        before = len(self._photo_references)
        rows = np.flatnonzero(self._photo_references.missing(self._backgrounds.ids))[:IDLE_COMPARISON_BATCH]
        self._compare(self._backgrounds.ids[rows], self._backgrounds.spread[rows])
        # Photos that were just removed cannot be compared. Without progress there is nothing more to do.
        return len(self._photo_references) > before and bool(
            self._photo_references.missing(self._backgrounds.ids).any()
        )

    def target(self, query_vectors: QueryVectors) -> Target:
        """The target of a query.

        A text is searched for without the centre of the neutral texts. The cosine to that centre is the mean
        of a photo's cosines to the neutral texts, so the search itself already subtracts each photo's mean,
        which is most of the correction by the photos' backgrounds. The weights of several parts are in units
        of the spread of their own backgrounds, because cosines to texts and to pictures have different
        scales. A single word that the model has a classifier of is searched for by that.
        """
        alone = len(query_vectors.parts) == 1
        first = query_vectors.parts[0]
        words = self._word_target(query_vectors.wanted or first) if alone and first.by_words else None
        if words is not None and query_vectors.wanted is None and words.evidence.classifier is not None:
            return self._classifier_target(words)
        direction = np.zeros(self._prompts.shape[1], np.float32)
        suited = np.float32(0)
        sample = np.zeros(len(self._backgrounds.sample), np.float32)
        for part in query_vectors.parts:
            own = self._own_direction(part)
            # Not a product of matrices: BLAS would wait for its threads, which a busy machine delays.
            levels = np.vecdot(self._backgrounds.sample.vectors, part.vector)
            if own is not part.vector:
                levels -= self._backgrounds.sample_mean
            if part.by_words:
                levels -= np.float32(bands.LEVEL_SPREADS) * self._backgrounds.sample_spread
            spread = bands.QueryBackground.of(levels).spread
            weight = np.float32(1 if alone or spread <= _SAME_DIRECTION**2 else part.weight / spread)
            direction += weight * own
            sample += weight * levels
            suited += weight * np.float32(part.by_words)
        background = bands.QueryBackground.of(sample)
        is_centred = alone and self._own_direction(first) is not first.vector
        wanted = None if query_vectors.wanted is None else self.target(QueryVectors((query_vectors.wanted,)))
        excluded = (
            tuple(self._word_target(each) for each in query_vectors.excluded) if words is not None else ()
        )
        return Target(
            direction,
            float(suited),
            query_vectors.by_words,
            is_centred,
            background,
            wanted,
            words,
            tuple(each for each in excluded if each is not None),
        )

    def rank(
        self,
        target: Target,
        found: Sequence[tuple[int, float]],
        searched_count: int,
        names: Mapping[int, NameMatch] | None = None,
        wanted: Sequence[tuple[int, float]] | None = None,
        nearest: Sequence[tuple[int, float]] | None = None,
    ) -> Ranked:
        """Rank ``found``, the photos nearest to the direction of a target among ``searched_count`` photos.

        The bands depend on the best match. This is normally the best of ``found``; ``nearest`` gives the
        photos nearest to the target if ``found`` are others, and ``wanted`` those nearest to the wanted part
        of the target, if it has one. Copies of an example picture do not count as its best match.

        ``names`` is the evidence in the photos' names. Photos that have such evidence but no vector are
        ranked by it alone. The score of a hit is its cosine to the query, or to the weights of a
        classifier; equal hits are ordered by id.
        """
        ids, cosines, deviations = self.measured(target, found)
        best = Measured(ids, cosines, deviations) if nearest is None else self.measured(target, nearest)
        if target.words is not None:
            cuts = bands.Cuts.for_log_odds(best.deviations)
        elif target.by_words:
            asked = None
            if target.wanted is not None and wanted is not None:
                asked = bands.peak(self.measured(target.wanted, wanted).deviations)
            cuts = bands.Cuts.for_words(bands.peak(best.deviations), searched_count, asked)
        else:
            cuts = bands.Cuts.for_picture(
                bands.peak(best.deviations[best.cosines < bands.SAME_PICTURE_COSINE]), searched_count
            )
        names = names or {}
        unseen = sorted(names.keys() - set(ids.tolist()))
        if unseen:
            ids = np.concatenate([ids, np.array(unseen, np.int64)])
            cosines, deviations = (np.pad(each, (0, len(unseen))) for each in (cosines, deviations))
        return rank_by_band(Measured(ids, cosines, deviations), cuts, names, len(self._backgrounds.sample))

    def measured(self, target: Target, found: Sequence[tuple[int, float]]) -> Measured:
        """How well the photos found nearest to the direction of a target match it, in the given order."""
        ids, cosines = _columns(found)
        mean, spread = self._backgrounds.of(ids)
        reached = cosines * np.float32(np.linalg.norm(target.direction))
        products = reached
        if target.is_centred:
            products = cosines = reached + mean
        if target.words is None or self._photo_references is None:
            return Measured(ids, cosines, target.deviations(reached, spread))
        self._compare(ids, spread)
        nearest = self._photo_references.get(ids)
        if target.wanted is None:
            return Measured(ids, cosines, target.words.log_odds(products, mean, spread, nearest))
        return Measured(ids, cosines, target.log_odds(self._vectors(ids), mean, spread, nearest))

    @property
    def sample_ids(self) -> Ids:
        """The photos that represent the library (n,)."""
        return self._backgrounds.sample.ids

    def log_odds_of(self, ids: Ids, texts: Sequence[tuple[str, Vectors]]) -> bands.Numbers:
        """Log odds that photos of the library match each of several texts with their unit vectors, as
        (texts, n). Needs the reference descriptions."""
        mean, spread = self._backgrounds.of(ids)
        self._compare(ids, spread)
        assert self._photo_references is not None, "there are no reference descriptions"
        nearest, rows = self._photo_references.get(ids), self._vectors(ids)
        found = np.empty((len(texts), len(ids)), np.float32)
        for row, (text, vector) in enumerate(texts):
            words = self._word_target(QueryVector(vector, by_words=True, text=text))
            assert words is not None
            found[row] = words.log_odds(np.vecdot(rows, words.direction), mean, spread, nearest)
        return found

    def matching_share(self, target: Target) -> float:
        """The share of the library that is expected to match words, from the sample; 0 for anything else."""
        if target.words is None or not len(self._backgrounds.sample):
            return 0.0
        return float(relevance.probability(self._of_sample(target)).mean())

    def estimate(
        self, target: Target, found: Sequence[tuple[int, float]], searched_count: int, allowed: Ids | None
    ) -> Estimate | None:
        """How many photos match words, from the nearest ones and a sample of the others; None if photos are
        not judged by words alone. ``searched_count`` is the number of ``allowed`` photos that are searched.
        """
        if target.words is None:
            return None
        judged = self.measured(target, found)
        is_other = ~np.isin(self._backgrounds.sample.ids, judged.ids)
        if allowed is not None:
            is_other &= np.isin(self._backgrounds.sample.ids, allowed)
        return estimate_matches(
            judged.deviations, self._of_sample(target)[is_other], max(0, searched_count - len(judged.ids))
        )

    def _of_sample(self, target: Target) -> bands.Numbers:
        """The log odds of the sample."""
        if self._photo_references is None or target.words is None:
            return np.zeros(0, np.float32)
        self._compare(self._backgrounds.sample.ids, self._backgrounds.sample_spread)
        nearest = self._photo_references.get(self._backgrounds.sample.ids)
        background = self._backgrounds.sample_mean, self._backgrounds.sample_spread
        return target.log_odds(self._backgrounds.sample.vectors, *background, nearest)

    def deviations(self, rows: Vectors, target: Target) -> bands.Numbers:
        """How well vectors (n, dim), which need not belong to the library, would match, as in
        :class:`Measured`. Thread-safe.
        """
        mean, spread = bands.photo_background(rows, self._prompts)
        if target.words is None or self._photo_references is None:
            return target.deviations(rows @ target.direction, spread)
        nearest = relevance.nearest_descriptions(rows, self._photo_references.references.vectors, spread)
        return target.log_odds(rows, mean, spread, nearest)

    def background_deviations(self, target: Target, found: Sequence[tuple[int, float]]) -> bands.Numbers:
        """The deviations of photos from the library's background, even if they are judged by log odds."""
        ids, cosines = _columns(found)
        _, spread = self._backgrounds.of(ids)
        return target.deviations(cosines * np.float32(np.linalg.norm(target.direction)), spread)

    def nearest_prompts(self, row: Vectors, count: int) -> list[int]:
        """The numbers of the ``count`` neutral texts whose similarity to a photo of this vector is most above
        that of the library's photos, best first.
        """
        if not len(self._backgrounds.sample):
            return []
        mean, spread = bands.photo_background(self._prompts, self._backgrounds.sample.vectors)
        apart = (self._prompts @ row - mean) / np.maximum(spread, np.float32(_SAME_DIRECTION))
        return [int(number) for number in np.argsort(-apart, kind="stable")[:count]]

    def nearest_descriptions(self, row: Vectors, count: int) -> tuple[str, ...]:
        """The reference descriptions nearest to a photo of this vector (dim,), best first; empty without
        reference descriptions."""
        if self._photo_references is None:
            return ()
        references = self._photo_references.references
        order = np.argsort(-np.vecdot(references.vectors, row), kind="stable")[:count]
        return tuple(references.descriptions.texts[number] for number in order)

    def _word_target(self, part: QueryVector) -> WordTarget | None:
        """Words, prepared for judging photos; None where the reference descriptions are not known."""
        if self._photo_references is None or not part.text:
            return None
        evidence = self._photo_references.references.evidence_for(part.text, part.vector)
        if not evidence.is_sentence or not len(self._backgrounds.sample):
            return WordTarget(part.vector, evidence)
        typical = float(self._backgrounds.sample_mean.mean()), float(self._backgrounds.sample_spread.mean())
        return WordTarget(part.vector, evidence, typical)

    def _classifier_target(self, words: WordTarget) -> Target:
        """The target of a word that the model has a classifier of."""
        sample = np.vecdot(self._backgrounds.sample.vectors, words.direction)
        background = bands.QueryBackground.of(np.asarray(sample, np.float32))
        return Target(words.direction, 0.0, True, False, background, words=words)

    def _compare(self, ids: Ids, spread: bands.Numbers) -> None:
        """Compare photos with the reference descriptions, if that has not been done before."""
        if self._photo_references is None:
            return
        rows = np.flatnonzero(self._photo_references.missing(ids))[:MAX_COMPARED_PER_SEARCH]
        if not len(rows):
            return
        with self._store.read() as db:
            found, photos = vectors.of_visible(db, self._model_id, ids[rows].tolist())
        place = np.argsort(ids[rows])
        row_of = rows[place[np.searchsorted(ids[rows], found, sorter=place)]]
        self._photo_references.measure(found, photos, spread[row_of])

    def _vectors(self, ids: Ids) -> Vectors:
        """(n, dim), zeros for photos that were just removed from the library."""
        made = np.zeros((len(ids), self._prompts.shape[1]), np.float32)
        with self._store.read() as db:
            found, rows = vectors.of_visible(db, self._model_id, ids.tolist())
        order = np.argsort(ids)
        made[order[np.searchsorted(ids, found, sorter=order)]] = rows
        return made

    def _own_direction(self, part: QueryVector) -> Vectors:
        """The direction of a part: a text less what all texts have in common, or the vector itself."""
        if not part.by_words or self._is_sentence(part):
            return part.vector
        own = part.vector - self._centre
        return part.vector if float(np.linalg.norm(own)) < _SAME_DIRECTION else own

    def _is_sentence(self, part: QueryVector) -> bool:
        if self._photo_references is None or not part.text:
            return False
        return (
            self._photo_references.references.descriptions.count_descriptive_words(part.text)
            >= relevance.SENTENCE_MIN_WORDS
        )


def _columns(found: Sequence[tuple[int, float]]) -> tuple[Ids, bands.Numbers]:
    ids = np.fromiter((photo for photo, _ in found), np.int64, len(found))
    return ids, np.fromiter((score for _, score in found), np.float32, len(found))
