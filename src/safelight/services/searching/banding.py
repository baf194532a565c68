"""Sorts photos into bands and creates the hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat

import numpy as np

from safelight.core import bands, relevance
from safelight.core.message import Message
from safelight.core.name_evidence import NameMatch
from safelight.core.search import Band, SearchHit
from safelight.services.searching.results import MAX_SCORED_HITS
from safelight.services.searching.targets import Measured, Ranked

_STRONG, _MAYBE = bands.BAND_ORDER.index(Band.STRONG), bands.BAND_ORDER.index(Band.MAYBE)


def rank_by_band(
    measured: Measured, cuts: bands.Cuts, names: Mapping[int, NameMatch], sampled: int
) -> Ranked:
    """Sort by band, then by deviation plus the evidence of the names.

    Photos whose names contain every word of the query are at least in the band *maybe*. If no photo looks
    like a strong match, they are *strong*, because the words were probably a name. ``sampled`` is the size
    of the sample from which relative cuts were computed; with a small one they have no meaning.
    """
    ids, cosines, deviations = measured
    evidence, has_every_word = deviations, np.zeros(len(ids), np.bool_)
    if names:
        matches = [names.get(photo) for photo in ids.tolist()]
        evidence = deviations + np.array([match.lift if match else 0 for match in matches], np.float32)
        has_every_word = np.array([match is not None and match.whole for match in matches], np.bool_)
    too_few = not cuts.are_absolute and sampled < bands.MIN_BACKGROUND_PHOTOS
    band = np.full(len(ids), _MAYBE) if too_few else cuts.places(evidence)
    band_by_name = _STRONG if too_few or cuts.nothing_strong else _MAYBE
    band[has_every_word] = np.minimum(band[has_every_word], band_by_name)
    order = np.lexsort((ids, -cosines, -evidence, band))
    if cuts.are_absolute:  # nobody needs the order of further photos that do not match
        order = order[(band[order] <= _MAYBE) | (np.arange(len(order)) < MAX_SCORED_HITS)]
    probabilities: Iterable[float | None] = repeat(None, len(order))
    if cuts.are_absolute:
        probabilities = relevance.probability(evidence[order]).tolist()
    reasons: Iterable[Message | None] = repeat(None, len(order))
    if names:
        reason_of = {photo: match.reason for photo, match in names.items()}
        reasons = [reason_of.get(photo) for photo in ids[order].tolist()]
    # Built with map, because there may be as many hits as photos and this loop takes most of the time.
    hits = tuple(
        map(
            SearchHit,
            ids[order].tolist(),
            cosines[order].tolist(),
            map(bands.BAND_ORDER.__getitem__, band[order].tolist()),
            reasons,
            repeat(None),
            probabilities,
        )
    )
    nothing_strong = cuts.nothing_strong and bool(len(ids)) and not too_few and not has_every_word.any()
    return Ranked(hits, nothing_strong, tuple(evidence[order].tolist()))
