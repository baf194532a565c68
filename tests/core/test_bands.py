"""The arithmetic of bands."""

from __future__ import annotations

import math

import numpy as np
import pytest

from safelight.core import bands
from safelight.core.search import Band


def numbers(*values: float) -> bands.Numbers:
    return np.array(values, np.float32)


def placed(cuts: bands.Cuts, *deviations: float) -> list[Band]:
    return [bands.BAND_ORDER[place] for place in cuts.places(numbers(*deviations)).tolist()]


def test_a_photo_is_measured_against_its_own_scores() -> None:
    prompts = np.eye(3, dtype=np.float32)
    photos = np.array([[0.6, 0.8, 0], [1, 0, 0]], np.float32)
    mean, spread = bands.photo_background(photos, prompts)
    assert mean == pytest.approx([1.4 / 3, 1 / 3])
    assert spread == pytest.approx([np.std([0.6, 0.8, 0]), np.std([1, 0, 0])])
    assert bands.levels(numbers(0.5, 0.5), mean, spread) == pytest.approx(0.5 - mean - 1.5 * spread)


def test_right_photos_do_not_raise_the_bar_for_themselves() -> None:
    noise = np.random.default_rng(1).normal(0.2, 0.05, 2000).astype(np.float32)
    alone = bands.QueryBackground.of(noise)
    assert alone.middle == pytest.approx(0.2, abs=0.005)
    assert alone.spread == pytest.approx(0.05, rel=0.08)
    beside = bands.QueryBackground.of(np.concatenate([noise, np.full(200, 0.9, np.float32)]))
    assert beside.spread == pytest.approx(alone.spread, rel=0.15)
    assert beside.middle == pytest.approx(alone.middle, abs=0.01)


@pytest.mark.parametrize("sample", [numbers(), numbers(0.3), numbers(*[0.3] * 50)])
def test_without_spread_nothing_deviates(sample: bands.Numbers) -> None:
    background = bands.QueryBackground.of(sample)
    assert background.deviations(numbers(0.1, 0.9)).tolist() == [0, 0]


def test_the_peak_is_the_mean_of_the_three_highest() -> None:
    assert bands.peak(numbers()) == 0
    assert bands.peak(numbers(4)) == 4
    assert bands.peak(numbers(1, 3)) == 2
    assert bands.peak(numbers(9, -1, 3, 6, 0)) == 6


def test_the_bar_rises_with_the_library_between_bounds() -> None:
    sizes = [1, 10, 50, 100, 1000, 10_000, 20_000, 100_000, 1_000_000]
    bars = [bands.min_peak(size) for size in sizes]
    assert bars == sorted(bars)
    assert bars[0] == bars[1] == bars[2] < bars[3]
    assert bars[-1] == bars[-2] == bars[-3] > bars[-4]


def test_bands_are_shares_of_the_peak() -> None:
    cuts = bands.Cuts.for_words(10, 1000)
    assert not cuts.nothing_strong
    assert placed(cuts, 8, 7.9, 6.5, 6.4) == [Band.STRONG, Band.MAYBE, Band.MAYBE, Band.REST]


def test_below_the_bar_nothing_is_strong_for_words() -> None:
    bar = bands.min_peak(1000)
    cuts = bands.Cuts.for_words(bar - 0.01, 1000)
    assert cuts.nothing_strong
    assert math.isinf(cuts.strong)
    assert placed(cuts, 99, 0.6 * bar) == [Band.MAYBE, Band.REST]
    assert not bands.Cuts.for_words(bar, 1000).nothing_strong


def test_what_is_wanted_without_what_is_excluded_decides_whether_anything_answers() -> None:
    bar = bands.min_peak(1000)
    assert bands.Cuts.for_words(bar - 1, 1000, bar) == bands.Cuts(
        bands.STRONG_SHARE * (bar - 1), bands.MAYBE_SHARE * (bar - 1)
    )
    assert bands.Cuts.for_words(bar + 1, 1000, bar - 0.01).nothing_strong


def test_a_picture_alone_in_its_kind_is_still_strong() -> None:
    cuts = bands.Cuts.for_picture(0.0, 1000)
    assert not cuts.nothing_strong
    assert placed(cuts, bands.min_peak(1000)) == [Band.STRONG]
    assert bands.Cuts.for_picture(10, 1000) == bands.Cuts.for_words(10, 1000)
