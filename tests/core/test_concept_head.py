"""Concepts learned from vectors with a known structure."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from safelight.core import relevance
from safelight.core.concept_head import Background
from safelight.core.encoder import Vectors

DIM = 64


def unit(rows: npt.NDArray[Any]) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


class World:
    """Photos around a common centre; those of the concept lie further along one direction."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        self.centre = self.rng.normal(size=DIM)
        self.own = unit(self.rng.normal(size=DIM))

    def photos(self, count: int, along: float) -> Vectors:
        return unit(self.centre + self.rng.normal(size=(count, DIM)) + along * 8 * self.own)


def test_a_concept_differs_from_other_photos_and_its_probabilities_hold() -> None:
    world = World()
    sample = np.concatenate([world.photos(950, 0), world.photos(50, 1)])
    unrelated = unit(world.rng.normal(size=DIM))
    head = Background(sample).fit(world.photos(8, 1), world.photos(2, 0), unrelated)
    shown = relevance.probability(head.log_odds(world.photos(500, 1) @ head.direction))
    others = relevance.probability(head.log_odds(world.photos(500, 0) @ head.direction))
    assert (shown >= 0.5).mean() > 0.9
    assert (others < 0.5).mean() > 0.95
    assert abs(float(np.linalg.norm(head.direction)) - 1) < 1e-5
    # In a library where a twentieth shows it, the probabilities add up to about that many.
    expected = 0.05 * shown.mean() + 0.95 * others.mean()
    assert 0.025 < expected < 0.1


def test_the_words_help_where_there_are_few_examples() -> None:
    right = 0
    for seed in range(10):
        world = World(seed)
        sample = world.photos(500, 0)
        example = world.photos(1, 0.4)
        tested, against = world.photos(300, 0.4), world.photos(300, 0)

        def separation(words: Vectors) -> float:
            head = Background(sample).fit(example, example[:0], words)  # noqa: B023 - called at once
            return float((tested @ head.direction).mean() - (against @ head.direction).mean())  # noqa: B023

        right += separation(world.own) > separation(unit(world.rng.normal(size=DIM)))
    assert right >= 9


def test_words_against_the_examples_do_not_count() -> None:
    world = World()
    sample = world.photos(500, 0)
    shown, against = world.photos(10, 1), world.photos(3, 0)
    misleading = Background(sample).fit(shown, against, -world.own)
    assert misleading.words == 0
    assert float(misleading.direction @ world.own) > 0.8


def test_one_example_and_a_tiny_library_give_finite_numbers() -> None:
    world = World()
    one = world.photos(1, 1)
    head = Background(one).fit(one, one[:0], world.own)
    assert np.isfinite(head.log_odds(one @ head.direction)).all()
    assert np.isfinite(head.direction).all()
