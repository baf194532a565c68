"""Sorts photos into bands and makes the hits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import repeat

import numpy as np

from safelight.core import bands, relevance
from safelight.core.message import Message
from safelight.core.name_evidence import NameMatch
from safelight.core.search import Band, SearchHit
from safelight.services.searching.results import FIRST
from safelight.services.searching.targets import Measured, Ranked

_STRONG, _MAYBE = bands.ORDER.index(Band.STRONG), bands.ORDER.index(Band.MAYBE)


def banded(measured: Measured, cuts: bands.Cuts, names: Mapping[int, NameMatch], sampled: int) -> Ranked:
    """Sort by band, then by deviation plus the evidence of the names.

    Photos whose names contain every word are at least a maybe, and strong if no photo is strong by its
    looks: then the words were a name. With few ``sampled`` photos, relative cuts have no meaning.
    """
    ids, cosines, deviations = measured
    lifted, whole = deviations, np.zeros(len(ids), np.bool_)
    if names:
        matches = [names.get(photo) for photo in ids.tolist()]
        lifted = deviations + np.array([match.lift if match else 0 for match in matches], np.float32)
        whole = np.array([match is not None and match.whole for match in matches], np.bool_)
    few = not cuts.are_absolute and sampled < bands.FEWEST
    place = np.full(len(ids), _MAYBE) if few else cuts.places(lifted)
    named = _STRONG if few or cuts.nothing_strong else _MAYBE
    place[whole] = np.minimum(place[whole], named)
    order = np.lexsort((ids, -cosines, -lifted, place))
    if cuts.are_absolute:  # the order of further photos that do not match has no use
        order = order[(place[order] <= _MAYBE) | (np.arange(len(order)) < FIRST)]
    likely: Iterable[float | None] = repeat(None, len(order))
    if cuts.are_absolute:
        likely = relevance.probability(lifted[order]).tolist()
    reasons: Iterable[Message | None] = repeat(None, len(order))
    if names:
        named_photos = {photo: match.reason for photo, match in names.items()}
        reasons = [named_photos.get(photo) for photo in ids[order].tolist()]
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
