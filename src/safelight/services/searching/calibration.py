"""How well photos match a query in one library: probabilities for words, and deviations from the library's
own background for pictures (:mod:`safelight.core.relevance` and :mod:`safelight.core.bands`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from safelight.core import bands, relevance
from safelight.core.encoder import Vectors
from safelight.core.estimate import Estimate, estimate
from safelight.core.name_evidence import NameMatch
from safelight.services.models.references import References
from safelight.services.searching.banding import banded
from safelight.services.searching.photo_backgrounds import PhotoBackgrounds
from safelight.services.searching.photo_references import PhotoReferences
from safelight.services.searching.query_vectors import QueryVectors, Sense
from safelight.services.searching.targets import Measured, Ranked, Target, WordTarget
from safelight.store import vectors
from safelight.store.library import LibraryStore
from safelight.store.vectors import Ids

RANKED = 400
"""The least number of photos that a search compares, however few it asks for. The nearest are not always
those with the highest deviation, and the highest deviations decide the bands."""

MEASURED_AT_ONCE = 4096
"""Photos that one search compares with the reference descriptions, if they have not been compared before.
Further photos count as less likely until they have been compared."""

COMPARED_IN_ADVANCE = 512
"""Photos that are compared at once while no search runs: a fraction of a second."""

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
        self._near = None if references is None else PhotoReferences(references)

    def refresh(self, photos: int) -> None:
        """Prepare for the present library, with this many photos with a vector. Raises ModelError for a model
        that is not registered.
        """
        self._backgrounds.refresh(photos)

    @property
    def has_references(self) -> bool:
        """Whether words are judged by the reference descriptions."""
        return self._near is not None

    def compare_some(self) -> bool:
        """Compare some more photos with the reference descriptions. Returns whether there are more."""
        if self._near is None:
            return False
        before = len(self._near)
        rows = np.flatnonzero(self._near.missing(self._backgrounds.ids))[:COMPARED_IN_ADVANCE]
        self._compare(self._backgrounds.ids[rows], self._backgrounds.spread[rows])
        # Photos that were just removed cannot be compared. Without progress there is nothing more to do.
        return len(self._near) > before and bool(self._near.missing(self._backgrounds.ids).any())

    def target(self, query_vectors: QueryVectors) -> Target:
        """The target of a query.

        The nearest to a text less the centre of the prompts are the highest by cosine less each photo's
        mean, since the mean of cosines to the prompts is the cosine to their centre. So the search itself
        already includes most of the correction by the photos' backgrounds. Several senses are weighted in
        spreads of their own backgrounds, because cosines to texts and to pictures have different scales.
        """
        alone = len(query_vectors.senses) == 1
        direction = np.zeros(self._prompts.shape[1], np.float32)
        suited = np.float32(0)
        sample = np.zeros(len(self._backgrounds.sample), np.float32)
        for sense in query_vectors.senses:
            own = self._apart(sense)
            # Not a product of matrices: BLAS would wait for its threads, which a busy machine delays.
            levels = np.vecdot(self._backgrounds.sample.vectors, sense.vector)
            if own is not sense.vector:
                levels -= self._backgrounds.sample_mean
            if sense.by_words:
                levels -= np.float32(bands.SUITED) * self._backgrounds.sample_spread
            spread = bands.QueryBackground.of(levels).spread
            weight = np.float32(1 if alone or spread <= _SAME_DIRECTION**2 else sense.weight / spread)
            direction += weight * own
            sample += weight * levels
            suited += weight * np.float32(sense.by_words)
        background = bands.QueryBackground.of(sample)
        first = query_vectors.senses[0]
        is_centred = alone and self._apart(first) is not first.vector
        wanted = None if query_vectors.wanted is None else self.target(QueryVectors((query_vectors.wanted,)))
        words = self._word_target(query_vectors.wanted or first) if alone and first.by_words else None
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
        among: int,
        names: Mapping[int, NameMatch] | None = None,
        wanted: Sequence[tuple[int, float]] | None = None,
        nearest: Sequence[tuple[int, float]] | None = None,
    ) -> Ranked:
        """Rank the photos that were found nearest to the direction of a target, in a search among
        ``among`` photos.

        ``wanted`` is what was found nearest to the wanted part of the target, if there is one. ``nearest``
        is what was found nearest to its direction where other photos are to be ranked. Both set the bar.

        ``names`` is the evidence in the photos' names. Photos without a vector are not found, and are ranked
        by it alone. The score of a hit is its cosine to the query itself; equal hits are ordered by id. A
        copy of the example picture does not raise the bar for similar pictures.
        """
        ids, cosines, deviations = self.measured(target, found)
        best = Measured(ids, cosines, deviations) if nearest is None else self.measured(target, nearest)
        if target.words is not None:
            cuts = bands.Cuts.for_log_odds(best.deviations)
        elif target.by_words:
            asked = None
            if target.wanted is not None and wanted is not None:
                asked = bands.peak(self.measured(target.wanted, wanted).deviations)
            cuts = bands.Cuts.for_words(bands.peak(best.deviations), among, asked)
        else:
            cuts = bands.Cuts.for_picture(bands.peak(best.deviations[best.cosines < bands.COPY]), among)
        names = names or {}
        unseen = sorted(names.keys() - set(ids.tolist()))
        if unseen:
            ids = np.concatenate([ids, np.array(unseen, np.int64)])
            cosines, deviations = (np.pad(each, (0, len(unseen))) for each in (cosines, deviations))
        return banded(Measured(ids, cosines, deviations), cuts, names, len(self._backgrounds.sample))

    def measured(self, target: Target, found: Sequence[tuple[int, float]]) -> Measured:
        """The photos that were found nearest to the direction of a target, in the given order."""
        ids, cosines = _columns(found)
        mean, spread = self._backgrounds.of(ids)
        reached = cosines * np.float32(np.linalg.norm(target.direction))
        if target.is_centred:
            cosines = reached + mean
        if target.words is None or self._near is None:
            return Measured(ids, cosines, target.deviations(reached, spread))
        self._compare(ids, spread)
        nearest = self._near.get(ids)
        if not target.excluded:
            return Measured(ids, cosines, target.words.log_odds(cosines, mean, spread, nearest))
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
        assert self._near is not None, "there are no reference descriptions"
        nearest, rows = self._near.get(ids), self._vectors(ids)
        found = np.empty((len(texts), len(ids)), np.float32)
        for row, (text, vector) in enumerate(texts):
            words = self._word_target(Sense(vector, by_words=True, text=text))
            assert words is not None
            found[row] = words.log_odds(np.vecdot(rows, vector), mean, spread, nearest)
        return found

    def matching_share(self, target: Target) -> float:
        """The share of the library that is expected to match words, from the sample; 0 for anything else."""
        if target.words is None or not len(self._backgrounds.sample):
            return 0.0
        return float(relevance.probability(self._of_sample(target)).mean())

    def estimate(
        self, target: Target, found: Sequence[tuple[int, float]], among: int, allowed: Ids | None
    ) -> Estimate | None:
        """How many photos match words, from the nearest ones and a sample of the others; None where photos
        are not judged by words alone. ``among`` is how many are searched, of ``allowed``.
        """
        if target.words is None:
            return None
        judged = self.measured(target, found)
        is_other = ~np.isin(self._backgrounds.sample.ids, judged.ids)
        if allowed is not None:
            is_other &= np.isin(self._backgrounds.sample.ids, allowed)
        return estimate(judged.deviations, self._of_sample(target)[is_other], max(0, among - len(judged.ids)))

    def _of_sample(self, target: Target) -> bands.Numbers:
        """The log odds of the sample."""
        if self._near is None or target.words is None:
            return np.zeros(0, np.float32)
        self._compare(self._backgrounds.sample.ids, self._backgrounds.sample_spread)
        nearest = self._near.get(self._backgrounds.sample.ids)
        background = self._backgrounds.sample_mean, self._backgrounds.sample_spread
        return target.log_odds(self._backgrounds.sample.vectors, *background, nearest)

    def deviations(self, rows: Vectors, target: Target) -> bands.Numbers:
        """How well vectors (n, dim), which need not belong to the library, would match, as in
        :class:`Measured`. Thread-safe.
        """
        mean, spread = bands.photo_background(rows, self._prompts)
        if target.words is None or self._near is None:
            return target.deviations(rows @ target.direction, spread)
        nearest = relevance.nearest_descriptions(rows, self._near.references.vectors, spread)
        return target.log_odds(rows, mean, spread, nearest)

    def spreads(self, target: Target, found: Sequence[tuple[int, float]]) -> bands.Numbers:
        """The deviation of photos from the library's background, whatever they are judged by."""
        ids, cosines = _columns(found)
        _, spread = self._backgrounds.of(ids)
        return target.deviations(cosines * np.float32(np.linalg.norm(target.direction)), spread)

    def prompts_of(self, row: Vectors, count: int) -> list[int]:
        """The prompts, by number, by which a photo of this vector deviates most from the library, best
        first.
        """
        if not len(self._backgrounds.sample):
            return []
        mean, spread = bands.photo_background(self._prompts, self._backgrounds.sample.vectors)
        apart = (self._prompts @ row - mean) / np.maximum(spread, np.float32(_SAME_DIRECTION))
        return [int(number) for number in np.argsort(-apart, kind="stable")[:count]]

    def descriptions_of(self, row: Vectors, count: int) -> tuple[str, ...]:
        """The reference descriptions nearest to a photo of this vector (dim,), best first; empty without
        reference descriptions."""
        if self._near is None:
            return ()
        references = self._near.references
        order = np.argsort(-np.vecdot(references.vectors, row), kind="stable")[:count]
        return tuple(references.descriptions.texts[number] for number in order)

    def _word_target(self, sense: Sense) -> WordTarget | None:
        """Words, prepared for judging photos; None where the reference descriptions are not known."""
        if self._near is None or not sense.text:
            return None
        evidence = self._near.references.evidence_for(sense.text, sense.vector)
        if not evidence.is_sentence or not len(self._backgrounds.sample):
            return WordTarget(sense.vector, evidence)
        typical = float(self._backgrounds.sample_mean.mean()), float(self._backgrounds.sample_spread.mean())
        return WordTarget(sense.vector, evidence, typical)

    def _compare(self, ids: Ids, spread: bands.Numbers) -> None:
        """Compare photos with the reference descriptions, if that has not been done before."""
        if self._near is None:
            return
        rows = np.flatnonzero(self._near.missing(ids))[:MEASURED_AT_ONCE]
        if not len(rows):
            return
        with self._store.read() as db:
            found, photos = vectors.shown(db, self._model_id, ids[rows].tolist())
        place = np.argsort(ids[rows])
        row_of = rows[place[np.searchsorted(ids[rows], found, sorter=place)]]
        self._near.measure(found, photos, spread[row_of])

    def _vectors(self, ids: Ids) -> Vectors:
        """(n, dim), zeros for photos that were just removed from the library."""
        made = np.zeros((len(ids), self._prompts.shape[1]), np.float32)
        with self._store.read() as db:
            found, rows = vectors.shown(db, self._model_id, ids.tolist())
        order = np.argsort(ids)
        made[order[np.searchsorted(ids, found, sorter=order)]] = rows
        return made

    def _apart(self, sense: Sense) -> Vectors:
        """The part of a sense that is its own: a text less what all texts share, or a sentence as it is."""
        if not sense.by_words or self._is_sentence(sense):
            return sense.vector
        own = sense.vector - self._centre
        return sense.vector if float(np.linalg.norm(own)) < _SAME_DIRECTION else own

    def _is_sentence(self, sense: Sense) -> bool:
        if self._near is None or not sense.text:
            return False
        return self._near.references.descriptions.telling_words(sense.text) >= relevance.LONG


def _columns(found: Sequence[tuple[int, float]]) -> tuple[Ids, bands.Numbers]:
    ids = np.fromiter((photo for photo, _ in found), np.int64, len(found))
    return ids, np.fromiter((score for _, score in found), np.float32, len(found))
