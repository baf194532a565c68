"""How well photos match a query in one library: probabilities for words, and deviations from the library's
own background for pictures (:mod:`safelight.core.relevance` and :mod:`safelight.core.bands`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from safelight.core import bands, relevance
from safelight.core.encoder import Vectors
from safelight.core.estimate import Estimate, estimate
from safelight.core.name_evidence import NameMatch
from safelight.core.search import Band, SearchHit
from safelight.services.models.references import References, WordEvidence
from safelight.services.searching.photo_references import PhotoReferences
from safelight.services.searching.query_vectors import QueryVectors, Sense
from safelight.services.searching.results import FIRST
from safelight.store import revisions, sampling, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.revisions import Revision
from safelight.store.sampling import Sample

SAMPLE = 1024
"""Photos in the sample of the library from which a query's background is estimated."""

RANKED = 400
"""The least number of photos that a search compares, however few it asks for. The nearest are not always
those with the highest deviation, and the highest deviations decide the bands."""

MEASURED_AT_ONCE = 4096
"""Photos that one search compares with the reference descriptions, if they have not been compared before.
Further photos count as less likely until they have been compared."""

COMPARED_IN_ADVANCE = 512
"""Photos that are compared at once while no search runs: a fraction of a second."""

_SAME_DIRECTION = 1e-3

_STRONG, _MAYBE = bands.ORDER.index(Band.STRONG), bands.ORDER.index(Band.MAYBE)

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hits by descending deviation."""

    hits: tuple[SearchHit, ...]
    nothing_strong: bool = False
    evidence: tuple[float, ...] = ()
    """How well each hit matches, comparable between queries: log odds, or spreads of the background."""


class Measured(NamedTuple):
    """How well photos match one query, a row for each."""

    ids: Ids
    cosines: bands.Numbers
    deviations: bands.Numbers
    """Log odds where the target has :attr:`Target.words`, else spreads above the query's background."""


@dataclass(frozen=True, slots=True)
class WordTarget:
    """Words, and what is needed to judge photos by them."""

    vector: Vectors
    """Unit vector (dim,)."""
    evidence: WordEvidence
    typical: tuple[float, float] = (0.0, 1.0)
    """Mean and spread that photos of this library typically have with neutral texts, for sentences."""

    def log_odds(
        self,
        cosines: bands.Numbers,
        mean: bands.Numbers,
        spread: bands.Numbers,
        nearest: tuple[relevance.DescriptionIds, npt.NDArray[np.float16]],
    ) -> bands.Numbers:
        """Log odds of a match, for photos (n,) with these similarities to the words and their own
        backgrounds.
        """
        if self.evidence.is_sentence:
            return relevance.sentence_log_odds((cosines - self.typical[0]) / max(self.typical[1], 1e-6))
        level = np.asarray((cosines - mean) / np.maximum(spread, np.float32(1e-6)), np.float32)
        return self.evidence.log_odds(level, *nearest)


@dataclass(frozen=True, slots=True)
class Target:
    """What a query ranks by in one library: the product of a photo's vector with the ``direction``, less
    ``suited`` times the correction of :func:`safelight.core.bands.levels`.
    """

    direction: Vectors
    """(dim,), of any length: the direction in which the nearest photos are searched."""
    suited: float
    by_words: bool
    is_centred: bool
    """The direction is that of one text less the centre of the prompts, so that the cosine to the text is
    higher than the product by the photo's mean."""
    background: bands.QueryBackground
    wanted: Target | None = None
    """As :attr:`QueryVectors.wanted`."""
    words: WordTarget | None = None
    """Where photos are judged by words alone and the reference descriptions are known."""
    excluded: tuple[WordTarget, ...] = ()
    """Words that must not match."""

    def deviations(self, reached: bands.Numbers, spread: bands.Numbers) -> bands.Numbers:
        """From products with the direction and the photos' own spreads."""
        return self.background.deviations(reached - np.float32(self.suited * bands.SUITED) * spread)


class Calibration:
    """Backgrounds of a library's photos by one model. For one thread at a time.

    Keeps the id, mean and spread of each photo (16 bytes; 16 MB for a million photos), and the vectors of a
    sample of 1,024. The sample depends only on the present library, so that equal libraries give equal
    answers. A photo's background depends only on its vector, so it never becomes stale: a new photo is
    measured when it is first a hit, and all are measured in one pass when the library has grown or shrunk by
    a tenth. One pass over 100,000 vectors of 512 with 392 prompts took 0.3 s, about as long as one search
    through them.
    """

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
        self._measured = -1
        self._ids: Ids = np.zeros(0, np.int64)
        self._mean: bands.Numbers = np.zeros(0, np.float32)
        self._spread: bands.Numbers = np.zeros(0, np.float32)
        self._drawn_at: Revision | None = None
        self._sample = Sample(
            SAMPLE, SAMPLE, self._ids, np.zeros((0, prompts.shape[1]), np.float32), is_all=True
        )
        self._sample_mean = self._sample_spread = self._mean
        self._near = None if references is None else PhotoReferences(references)

    def refresh(self, photos: int) -> None:
        """Prepare for the present library, with this many photos with a vector. Raises ModelError for a model
        that is not registered.
        """
        with self._store.read() as db:
            if self._measured < 0 or abs(photos - self._measured) > max(16, self._measured // 10):
                self._keep(
                    [
                        (ids, *bands.photo_background(rows, self._prompts))
                        for ids, rows in vectors.all_vectors(db, self._model_id)
                    ]
                )
                self._measured = photos
            self._draw(db)

    @property
    def has_references(self) -> bool:
        """Whether words are judged by the reference descriptions."""
        return self._near is not None

    def compare_some(self) -> bool:
        """Compare some more photos with the reference descriptions. Returns whether there are more."""
        if self._near is None:
            return False
        before = len(self._near)
        rows = np.flatnonzero(self._near.missing(self._ids))[:COMPARED_IN_ADVANCE]
        self._compare(self._ids[rows], self._spread[rows])
        # Photos that were just removed cannot be compared. Without progress there is nothing more to do.
        return len(self._near) > before and bool(self._near.missing(self._ids).any())

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
        sample = np.zeros(len(self._sample), np.float32)
        for sense in query_vectors.senses:
            own = self._apart(sense)
            # Not a product of matrices: BLAS would wait for its threads, which a busy machine delays.
            levels = np.vecdot(self._sample.vectors, sense.vector)
            if own is not sense.vector:
                levels -= self._sample_mean
            if sense.by_words:
                levels -= np.float32(bands.SUITED) * self._sample_spread
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
        return self._banded(ids, cosines, deviations, cuts, names)

    def measured(self, target: Target, found: Sequence[tuple[int, float]]) -> Measured:
        """The photos that were found nearest to the direction of a target, in the given order."""
        ids, cosines = _columns(found)
        mean, spread = self._of(ids)
        reached = cosines * np.float32(np.linalg.norm(target.direction))
        if target.is_centred:
            cosines = reached + mean
        if target.words is None or self._near is None:
            return Measured(ids, cosines, target.deviations(reached, spread))
        self._compare(ids, spread)
        nearest = self._near.get(ids)
        if not target.excluded:
            return Measured(ids, cosines, target.words.log_odds(cosines, mean, spread, nearest))
        rows = self._vectors(ids)
        wanted = target.words.log_odds(np.vecdot(rows, target.words.vector), mean, spread, nearest)
        unwanted = [
            each.log_odds(np.vecdot(rows, each.vector), mean, spread, nearest) for each in target.excluded
        ]
        return Measured(ids, cosines, relevance.all_but(wanted, unwanted))

    def matching_share(self, target: Target) -> float:
        """The share of the library that is expected to match words, from the sample; 0 for anything else."""
        if target.words is None or not len(self._sample):
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
        is_other = ~np.isin(self._sample.ids, judged.ids)
        if allowed is not None:
            is_other &= np.isin(self._sample.ids, allowed)
        return estimate(judged.deviations, self._of_sample(target)[is_other], max(0, among - len(judged.ids)))

    def _of_sample(self, target: Target) -> bands.Numbers:
        """The log odds of the sample."""
        if self._near is None or target.words is None:
            return np.zeros(0, np.float32)
        self._compare(self._sample.ids, self._sample_spread)
        nearest = self._near.get(self._sample.ids)
        background = self._sample_mean, self._sample_spread
        rows = self._sample.vectors
        wanted = target.words.log_odds(np.vecdot(rows, target.words.vector), *background, nearest)
        unwanted = [
            each.log_odds(np.vecdot(rows, each.vector), *background, nearest) for each in target.excluded
        ]
        return relevance.all_but(wanted, unwanted)

    def deviations(self, rows: Vectors, target: Target) -> bands.Numbers:
        """How well vectors (n, dim), which need not belong to the library, would match, as in
        :class:`Measured`. Thread-safe.
        """
        mean, spread = bands.photo_background(rows, self._prompts)
        if target.words is None or self._near is None:
            return target.deviations(rows @ target.direction, spread)
        nearest = relevance.nearest_descriptions(rows, self._near.references.vectors, spread)
        wanted = target.words.log_odds(rows @ target.words.vector, mean, spread, nearest)
        unwanted = [each.log_odds(rows @ each.vector, mean, spread, nearest) for each in target.excluded]
        return relevance.all_but(wanted, unwanted)

    def spreads(self, target: Target, found: Sequence[tuple[int, float]]) -> bands.Numbers:
        """The deviation of photos from the library's background, whatever they are judged by."""
        ids, cosines = _columns(found)
        _, spread = self._of(ids)
        return target.deviations(cosines * np.float32(np.linalg.norm(target.direction)), spread)

    def prompts_of(self, row: Vectors, count: int) -> list[int]:
        """The prompts, by number, by which a photo of this vector deviates most from the library, best
        first.
        """
        if not len(self._sample):
            return []
        mean, spread = bands.photo_background(self._prompts, self._sample.vectors)
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
        if not evidence.is_sentence or not len(self._sample):
            return WordTarget(sense.vector, evidence)
        typical = float(self._sample_mean.mean()), float(self._sample_spread.mean())
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

    def _draw(self, db: Connection) -> None:
        """Bring the sample up to date."""
        now = revisions.current(db, self._model_id)
        if now == self._drawn_at:
            return
        changed = None if self._drawn_at is None else revisions.changed_photos(db, self._drawn_at, now)
        sample = None if changed is None else self._sample.after(db, self._model_id, changed)
        if sample is None:
            sample = sampling.draw(db, self._model_id, SAMPLE, spare=SAMPLE)
        self._sample = sample
        self._drawn_at = now
        new = ~self._places(self._sample.ids)[1]
        if new.any():
            self._add(self._sample.ids[new], self._sample.vectors[new])
        self._sample_mean, self._sample_spread = self._of(self._sample.ids)

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

    def _banded(
        self,
        ids: Ids,
        cosines: bands.Numbers,
        deviations: bands.Numbers,
        cuts: bands.Cuts,
        names: Mapping[int, NameMatch],
    ) -> Ranked:
        """Sort by band, then by deviation plus the evidence of the names.

        Photos whose names contain every word are at least a maybe, and strong if no photo is strong by its
        looks: then the words were a name.
        """
        lifted, whole = deviations, np.zeros(len(ids), np.bool_)
        if names:
            matches = [names.get(photo) for photo in ids.tolist()]
            lifted = deviations + np.array([match.lift if match else 0 for match in matches], np.float32)
            whole = np.array([match is not None and match.whole for match in matches], np.bool_)
        few = not cuts.are_absolute and len(self._sample) < bands.FEWEST
        place = np.full(len(ids), _MAYBE) if few else cuts.places(lifted)
        named = _STRONG if few or cuts.nothing_strong else _MAYBE
        place[whole] = np.minimum(place[whole], named)
        order = np.lexsort((ids, -cosines, -lifted, place))
        if cuts.are_absolute:  # the order of further photos that do not match has no use
            order = order[(place[order] <= _MAYBE) | (np.arange(len(order)) < FIRST)]
        likely: Iterable[float | None] = repeat(None, len(order))
        if cuts.are_absolute:
            likely = relevance.probability(lifted[order]).tolist()
        reasons: Iterable[str] = repeat("", len(order))
        if names:
            named_photos = {photo: match.reason for photo, match in names.items()}
            reasons = [named_photos.get(photo, "") for photo in ids[order].tolist()]
        # Most of the time is spent on making the hits, of which there may be as many as photos.
        hits = tuple(
            map(
                SearchHit,
                ids[order].tolist(),
                cosines[order].tolist(),
                map(bands.ORDER.__getitem__, place[order].tolist()),
                reasons,
                repeat(None),
                likely,
            )
        )
        nothing_strong = cuts.nothing_strong and bool(len(ids)) and not few and not whole.any()
        return Ranked(hits, nothing_strong, tuple(lifted[order].tolist()))

    def _of(self, ids: Ids) -> tuple[bands.Numbers, bands.Numbers]:
        """Mean and spread of photos; measures those that were added since the last pass."""
        place, known = self._places(ids)
        if not known.all():
            self._measure(ids[~known])
            place, known = self._places(ids)
        mean, spread = np.zeros((2, len(ids)), np.float32)
        mean[known], spread[known] = self._mean[place[known]], self._spread[place[known]]
        return mean, spread

    def _places(self, ids: Ids) -> tuple[Ids, npt.NDArray[np.bool_]]:
        """The row of each photo, and whether it has one."""
        if not len(self._ids):
            return np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
        place = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        return place, self._ids[place] == ids

    def _measure(self, ids: Ids) -> None:
        """Add photos to the table, except those that were just removed from the library."""
        with self._store.read() as db:
            rows = [(photo, vectors.get(db, self._model_id, photo)) for photo in ids.tolist()]
        late = [(photo, row) for photo, row in rows if row is not None]
        if late:
            self._add(np.array([photo for photo, _ in late], np.int64), np.stack([row for _, row in late]))

    def _add(self, ids: Ids, rows: Vectors) -> None:
        """Photos that are not in the table yet."""
        measured = bands.photo_background(rows, self._prompts)
        self._keep([(self._ids, self._mean, self._spread), (ids, *measured)])

    def _keep(self, parts: Sequence[tuple[Ids, bands.Numbers, bands.Numbers]]) -> None:
        if not parts:
            return
        ids = np.concatenate([part[0] for part in parts])
        order = np.argsort(ids)
        self._ids = ids[order]
        self._mean = np.concatenate([part[1] for part in parts])[order]
        self._spread = np.concatenate([part[2] for part in parts])[order]


def _columns(found: Sequence[tuple[int, float]]) -> tuple[Ids, bands.Numbers]:
    ids = np.fromiter((photo for photo, _ in found), np.int64, len(found))
    return ids, np.fromiter((score for _, score in found), np.float32, len(found))
