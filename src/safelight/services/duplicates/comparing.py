"""Comparing photos that have not been compared yet, and keeping what was found.

Each photo is proposed to others by its hash and by its vector, each pair that is proposed is looked at, and
what comes of it stays in the library. So a start costs nothing, a new photo costs its own comparisons, and
another model only those that vectors proposed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from safelight.core.duplicates import DuplicateKind
from safelight.core.grouping import (
    Link,
    complete_groups,
    missing_links,
    missing_rays,
    represented,
    touching,
)
from safelight.core.hamming import codes_of, hashes_for, orientations
from safelight.core.jobs import JobControl
from safelight.services.duplicates.candidates import CandidateFinder, HeldVectors, Neighbour
from safelight.services.duplicates.centring import Centring
from safelight.services.duplicates.connected import kin
from safelight.services.duplicates.hashes import KeptHashes
from safelight.services.duplicates.pair_comparison import PairComparison, best_orientation
from safelight.services.stages.fingerprint import FingerprintStage, fingerprint_of
from safelight.store import likeness, photos, vectors
from safelight.store.library import Connection, LibraryStore
from safelight.store.likeness import HashSum, Pair

RULES = FingerprintStage.declaration.version
"""Version of the fingerprints. Photos with another one get a new fingerprint and are compared again."""

BURST = 0.70
"""Cosine, of vectors about their mean, from which two photos that one camera took within seconds are of one
burst."""

LOOKALIKE = 0.87
"""… from which photos look alike although their pixels do not say so."""

_HASH_NEIGHBOURS = 48
"""Nearest by hash that are looked at."""

_PART_TRIES = 8
"""How many of a photo's neighbours by hash are looked at as a part of it: of a thousand pages that differ in
their words only, each has many, and none is."""

_FLAT = 5.0
"""Texture below which a hash is noise."""

_CHUNK = 128


def model_for_comparing(db: Connection) -> int | None:
    """The model whose vectors propose duplicates; None where there are no vectors."""
    return vectors.most_used(db)


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far the comparing has come, in photos; each counts once for every way it is compared in."""

    done: int
    total: int


class Comparer:
    """Brings the stored likenesses up to date. For one thread."""

    def __init__(self, store: LibraryStore, held: HeldVectors | None = None) -> None:
        """Where vectors are held in memory, new photos are compared without reading all from the disk."""
        self._store = store
        self._held = held
        self._centring = Centring()
        self._hashes = KeptHashes(RULES)

    def run(self, model_id: int | None, control: JobControl) -> Iterator[Comparison]:
        """Compare what has not been compared, with the vectors of a model if one is named.

        Each part of the work is committed, then reported; nothing comes where there is nothing to do. Raises
        CancelledError; what was committed stays, and the next run goes on from there.
        """
        with self._store.read() as db:
            unsketched = likeness.unsketched(db, RULES)
            waiting = likeness.waiting(db, RULES, model_id)
            by_hash = {*waiting.by_hash, *unsketched}
            by_vector = {*waiting.by_vector, *unsketched}
            total = len(unsketched) + len(by_hash)
            total += 0 if model_id is None else len(likeness.with_vector(db, model_id, by_vector))
        done = 0
        changed: set[int] = set()
        pair_comparison = PairComparison(self._store)
        steps = [self._sketch(unsketched), self._by_hash(pair_comparison, by_hash, waiting.compared, changed)]
        if model_id is not None:
            steps.append(self._by_vector(pair_comparison, by_vector, model_id, changed))
        steps.append(self._complete(pair_comparison, changed))
        for step in steps:
            for count in step:
                done += count
                yield Comparison(done, max(done, total))
                control.checkpoint()

    # --- fingerprints -----------------------------------------------------------------------------------

    def _sketch(self, photo_ids: Sequence[int]) -> Iterator[int]:
        for start in range(0, len(photo_ids), _CHUNK):
            part = photo_ids[start : start + _CHUNK]
            with self._store.read() as db:
                thumbnails = photos.thumbnails(db, part)
            found = []
            for photo_id, jpeg in thumbnails.items():
                made = fingerprint_of(jpeg)
                found.append((photo_id, made.hash, made.texture))
            with self._store.write() as db:
                likeness.put_fingerprints(db, RULES, found)
            yield len(part)

    # --- proposed by hash -----------------------------------------------------------------------------

    def _by_hash(
        self, pair_comparison: PairComparison, photo_ids: Collection[int], before: HashSum, changed: set[int]
    ) -> Iterator[int]:
        if not photo_ids:
            return
        with self._store.read() as db:
            known, new_ids = self._hashes.read(db, photo_ids, before)
        compared = ~np.isin(known.ids, new_ids)
        new = np.flatnonzero(~compared)
        codes = codes_of(known.hashes)
        telling = np.flatnonzero(known.texture >= _FLAT)
        index = hashes_for(codes[telling], 8 * len(new))
        for start in range(0, len(new), _CHUNK):
            part = new[start : start + _CHUNK]
            asking = part[known.texture[part] >= _FLAT]
            queries, places, _ = index.near(orientations(codes[asking]).ravel(), _HASH_NEIGHBOURS)
            rows, others = asking[queries // 8], telling[places]
            # Of two new ones the later proposes the pair.
            kept = (rows != others) & (compared[others] | (others < rows))
            proposed: dict[Link, int] = {}
            for other, row, orientation in zip(
                known.ids[others[kept]].tolist(),
                known.ids[rows[kept]].tolist(),
                (queries[kept] % 8).tolist(),
                strict=True,
            ):
                proposed.setdefault((other, row), orientation)
            pairs = self._look_at_hashed(pair_comparison, proposed)
            self._keep(pairs, changed, hashed=known.ids[part].tolist())
            yield len(part)

    def _look_at_hashed(self, pair_comparison: PairComparison, proposed: dict[Link, int]) -> list[Pair]:
        self._learn(pair_comparison, proposed)
        found = []
        tries: Counter[int] = Counter()
        for (first, second), orientation in proposed.items():
            if pair_comparison.equal(first, second):
                continue
            pair = pair_comparison.whole(first, second, orientation)
            if pair is None and orientation == 0 and tries[second] < _PART_TRIES:
                tries[second] += 1
                pair = pair_comparison.part(first, second)
            if pair is not None:
                found.append(pair)
        return found

    # --- proposed by vector ---------------------------------------------------------------------------

    def _by_vector(
        self, pair_comparison: PairComparison, photo_ids: Collection[int], model_id: int, changed: set[int]
    ) -> Iterator[int]:
        with self._store.read() as db:
            new = likeness.without_neighbours(db, model_id, photo_ids)
            if not new:
                return
            candidate_finder = CandidateFinder(db, self._centring.centre(db, model_id), new, self._held)
        with self._store.write() as db:
            likeness.forget_other_models(db, model_id)
        for photo_ids, near in candidate_finder.parts():
            for start in range(0, len(near), _CHUNK):
                pairs = self._look_at_near(pair_comparison, model_id, near[start : start + _CHUNK])
                self._keep(pairs, changed)
                if start + _CHUNK < len(near):
                    yield 0
            with self._store.write() as db:
                likeness.set_neighboured(db, model_id, photo_ids)
            yield len(photo_ids)

    def _look_at_near(
        self, pair_comparison: PairComparison, model_id: int, near: Sequence[Neighbour]
    ) -> list[Pair]:
        everyone = self._learn(pair_comparison, [each.photos for each in near])
        with self._store.read() as db:
            known = likeness.known_kinds(db, everyone)
        found = []
        for each in near:
            first, second = each.photos
            kind = known.get(each.photos)
            if pair_comparison.equal(first, second) or kind in (DuplicateKind.RESAVED, DuplicateKind.CROP):
                continue
            pair = pair_comparison.part(first, second)
            if pair is None and each.cosine >= BURST and pair_comparison.one_burst(first, second):
                pair = Pair(first, second, DuplicateKind.BURST, each.cosine, "", model_id)
            elif pair is None and each.cosine >= LOOKALIKE:
                pair = Pair(first, second, DuplicateKind.LOOKALIKE, each.cosine, "", model_id)
            if pair is not None:
                found.append(pair)
        return found

    # --- completing groups ------------------------------------------------------------------------------

    def _complete(self, pair_comparison: PairComparison, changed: set[int]) -> Iterator[int]:
        """Look at pairs that nothing proposed but that a third photo speaks for."""
        if not changed:
            return
        with self._store.read() as db:
            pairs, equals = kin(db, changed)
        stands_for = {photo_id: group[0] for group in equals for photo_id in group}

        def links_of(kind: DuplicateKind) -> dict[Link, float]:
            found = {(pair.first, pair.second): pair.likeness for pair in pairs if pair.kind is kind}
            links = represented(found, lambda photo: stands_for.get(photo, photo))
            return touching(links, {stands_for.get(photo, photo) for photo in changed})

        resaved = links_of(DuplicateKind.RESAVED)
        for part in _chunks(missing_links(resaved)):
            found = self._wholes(pair_comparison, part)
            self._keep(found, set())
            resaved |= {(pair.first, pair.second): pair.likeness for pair in found}
            yield 0
        equal = dict(stands_for)
        for group in complete_groups(resaved):
            stands_for |= dict.fromkeys(group, group[0])
        stands_for |= {photo: stands_for.get(other, other) for photo, other in equal.items()}
        for part in _chunks(missing_rays(links_of(DuplicateKind.CROP))):
            self._learn(pair_comparison, part)
            found = [pair for one, two in part if (pair := pair_comparison.part(one, two)) is not None]
            self._keep(found, set())
            yield 0

    def _wholes(self, pair_comparison: PairComparison, part: Sequence[Link]) -> list[Pair]:
        everyone = self._learn(pair_comparison, part)
        with self._store.read() as db:
            codes = {photo: codes_of([code]) for photo, code in likeness.hashes_of(db, everyone).items()}
        found = []
        for first, second in part:
            if first in codes and second in codes:
                orientation = best_orientation(codes[first], codes[second])
                pair = pair_comparison.whole(first, second, orientation)
                if pair is not None and pair.kind is DuplicateKind.RESAVED:
                    found.append(pair)
        return found

    # --- the library ------------------------------------------------------------------------------------

    @staticmethod
    def _learn(pair_comparison: PairComparison, pairs: Collection[Link]) -> set[int]:
        everyone = {photo for pair in pairs for photo in pair}
        pair_comparison.learn(everyone)
        return everyone

    def _keep(self, pairs: Sequence[Pair], changed: set[int], hashed: Sequence[int] = ()) -> None:
        if pairs or hashed:
            with self._store.write() as db:
                likeness.put_pairs(db, pairs)
                likeness.set_hashed(db, hashed)
        changed.update(photo for pair in pairs for photo in (pair.first, pair.second))


def _chunks(pairs: Sequence[Link]) -> Iterator[Sequence[Link]]:
    for start in range(0, len(pairs), _CHUNK):
        yield pairs[start : start + _CHUNK]
