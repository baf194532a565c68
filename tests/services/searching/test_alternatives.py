"""Alternatives: by filter the union, by meaning the better of the two."""

from __future__ import annotations

from safelight.core.search import Band, SearchHit
from safelight.services.searching.combined_search import merge_ranked
from safelight.services.searching.targets import Ranked


def ranked(*hits: tuple[int, Band, float], nothing_strong: bool = False) -> Ranked:
    return Ranked(
        tuple(SearchHit(photo, 0.1, band) for photo, band, _ in hits),
        nothing_strong,
        tuple(evidence for _, _, evidence in hits),
    )


def test_each_photo_has_the_best_of_its_evidence() -> None:
    beach = ranked((1, Band.STRONG, 5.0), (2, Band.MAYBE, 3.0), (3, Band.REST, 1.0))
    lake = ranked((3, Band.STRONG, 4.0), (2, Band.MAYBE, 3.5), (1, Band.REST, 9.0), (4, Band.REST, 0.5))
    both = merge_ranked([beach, lake])
    assert [(hit.photo_id, hit.band) for hit in both.hits] == [
        (1, Band.STRONG),
        (3, Band.STRONG),
        (2, Band.MAYBE),
        (4, Band.REST),
    ]
    assert both.evidence == (5.0, 4.0, 3.5, 0.5)
    assert merge_ranked([beach]).hits == beach.hits
    assert merge_ranked([lake, beach]).hits == both.hits


def test_nothing_is_strong_only_if_no_alternative_has_anything_strong() -> None:
    weak = ranked((1, Band.MAYBE, 2.0), nothing_strong=True)
    assert merge_ranked([weak, weak]).nothing_strong
    assert not merge_ranked([weak, ranked((2, Band.STRONG, 5.0))]).nothing_strong
    assert not merge_ranked([]).hits
