"""How well taught concepts find photos, beside the best text query and the nearest to the examples.

    python packaging/bench/concepts.py --pictures DIR [--pictures DIR ...] --cache FILE
        [--skip DIR] [--held-out] [--half dev|test] [--nonsense] [--times]

``--pictures``, ``--cache``, ``--skip`` and ``--held-out`` are as in ``relevance_shares.py``. A concept is a
word of the vocabulary that the captions or labels of 40 to 350 pictures imply; half of them, by the hash of
the word, served to choose the method (``dev``). Examples are drawn at random, counter-examples from the
pictures that are nearest to the word and do not show it. ``--nonsense`` gives each concept the words of
another one, as a name that the model does not know. ``--times`` measures learning and applying at 100,000
photos.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.libraries import in_tuning, unit
from bench.relevance_shares import Answers, Pictures, photographs
from safelight.core import relevance
from safelight.core.concept_head import Background
from safelight.core.encoder import Vectors

SAMPLE = 1024
EXAMPLES = (5, 10, 20)
CONCEPTS = 30
DRAWS = 4
FEWEST, MOST = 40, 350
VAGUE = frozenset(
    (
        *("two", "three", "four", "big", "long", "small", "hold", "carry", "wait", "stand", "look"),
        *("hand", "arm", "head", "face", "mouth", "structure", "tool", "container", "event", "item"),
        *("grey", "red", "blue", "yellow", "green", "pink", "brown"),
    )
)
"""Words of which captions say too seldom that a picture shows them."""

Truth = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float32]


def concepts_of(pictures: Pictures, half: str) -> list[tuple[str, Truth]]:
    answers = Answers(pictures.references.descriptions.vocabulary, pictures.captions)
    found = []
    for name in pictures.references.descriptions.vocabulary.names:
        if in_tuning(name) != (half == "dev") or VAGUE & set(name.split()) or name.endswith("item"):
            continue
        right = answers.to(name)
        if FEWEST <= right.sum() <= MOST:
            found.append((name, right))
    found.sort(key=lambda each: hashlib.sha256(f"order {each[0]}".encode()).digest())
    return found[:CONCEPTS]


def measure(scores: Numbers, likely: Numbers | None, right: Truth) -> list[float]:
    """Precision at ten, best possible F1, and with probabilities F1 at .5 and expected calibration error."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    best = float((2 * hits / (np.arange(1, len(order) + 1) + right.sum())).max())
    made = [float(right[order[:10]].mean()), best]
    if likely is None:
        return [*made, float("nan"), float("nan")]
    shown = likely >= 0.5
    made.append(float(2 * (shown & right).sum() / max(1, shown.sum() + right.sum())))
    bins = np.minimum((likely * 10).astype(int), 9)
    error = sum(
        float((bins == each).mean() * abs(likely[bins == each].mean() - right[bins == each].mean()))
        for each in range(10)
        if (bins == each).any()
    )
    return [*made, error]


def run(pictures: Pictures, concepts: Sequence[tuple[str, Truth]], nonsense: bool) -> None:
    photos = pictures.photos
    background = Background(photos[np.random.default_rng(5).permutation(len(photos))[:SAMPLE]])
    names = [name for name, _ in concepts]
    vectors = pictures.encode_queries(names)
    words = unit(vectors - pictures.neutral.mean(0))
    rows: dict[tuple[int, str], list[list[float]]] = {}
    shares: dict[int, list[float]] = {}
    for number, (_, right) in enumerate(concepts):
        evidence = pictures.references.evidence_for(names[number], vectors[number])
        score = pictures.scores(evidence, vectors[number])
        asked = relevance.probability(evidence.log_odds(score, *pictures.near))
        given = words[(number + 7) % len(words)] if nonsense else words[number]
        if evidence.classifier is not None and not nonsense:
            given = unit(evidence.classifier.weights[np.newaxis])[0]
        near = np.setdiff1d(np.argsort(-(photos @ vectors[number]))[:100], np.flatnonzero(right))
        for count in EXAMPLES:
            for draw in range(DRAWS):
                rng = np.random.default_rng(1000 * draw + count)
                shown = rng.permutation(np.flatnonzero(right))[:count]
                against = rng.permutation(near)[: max(2, count // 4)]
                head = background.fit(photos[shown], photos[against], given)
                rest = np.setdiff1d(np.arange(len(photos)), np.concatenate([shown, against]))
                scores = photos[rest] @ head.direction
                shares.setdefault(count, []).append(head.words)
                for name, found, likely in (
                    ("concept", scores, relevance.probability(head.log_odds(scores))),
                    ("text query", asked[rest], asked[rest]),
                    ("nearest example", (photos[rest] @ photos[shown].T).max(1), None),
                    ("mean of examples", photos[rest] @ photos[shown].mean(0), None),
                ):
                    rows.setdefault((count, name), []).append(measure(found, likely, right[rest]))
    print(f"{pictures.name}; {len(concepts)} concepts: {', '.join(names)}\n")
    print("| examples | by | P@10 | best F1 | F1 | calibration error |\n|---|---|---|---|---|---|")
    for (count, name), each in rows.items():
        mean = np.mean(each, 0)
        said = " | ".join("" if np.isnan(value) else f"{value:.3f}" for value in mean)
        print(f"| {count} | {name} | {said} |")
    mean_shares = {count: round(float(np.mean(each)), 2) for count, each in shares.items()}
    print("\nmean share of the words:", mean_shares)


def timed(work: Callable[[], object], repeats: int = 9) -> float:
    """Median milliseconds."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken)


def times() -> None:
    from safelight.core.nearest import VectorMatrix

    rng = np.random.default_rng(0)

    def rows(count: int, dim: int) -> Vectors:
        return unit(rng.standard_normal((count, dim)).astype(np.float32))

    for dim in (384, 512, 1024):
        sample, shown, against, words = rows(SAMPLE, dim), rows(20, dim), rows(5, dim), rows(1, dim)[0]
        background = Background(sample)
        matrix = VectorMatrix(dim, coded=True)
        for start in range(0, 100_000, 10_000):
            matrix.put(np.arange(start + 1, start + 10_001), rows(10_000, dim))
        head = background.fit(shown, against, words)
        print(
            f"{dim} dimensions: sample {timed(lambda: Background(sample), 5):.1f} ms, "  # noqa: B023
            f"learning {timed(lambda: background.fit(shown, against, words)):.1f} ms, "  # noqa: B023
            f"applying to 100,000 {timed(lambda: matrix.scores(head.direction[np.newaxis])):.1f} ms"  # noqa: B023
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=Path, action="append", default=[])
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--skip", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    parser.add_argument("--nonsense", action="store_true")
    parser.add_argument("--times", action="store_true")
    given = parser.parse_args()
    if given.times:
        times()
    if given.pictures:
        pictures = photographs(given.pictures, given.skip, given.held_out, given.model, given.cache)
        run(pictures, concepts_of(pictures, given.half), given.nonsense)


if __name__ == "__main__":
    main()
