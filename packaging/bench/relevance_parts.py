"""What templates, names and refining do for relevance, each on its own: tables for relevance.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from bench.libraries import Bench, Truth, unit
from safelight.core import bands
from safelight.core.encoder import Vectors
from safelight.core.name_evidence import NameMatch, weigh_matches
from safelight.services.searching.query_plan import DISLIKED, LIKED

Scores = npt.NDArray[np.float32]

_TEMPLATES = (
    ("the words alone (built in)", ("{}",)),
    ("a photo of", ("a photo of a {}",)),
    ("four templates", ("{}", "a photo of a {}", "a picture of a {}", "a close-up of a {}")),
)
_FOLDER = 12
"""Right photos at most in a folder that is named after them."""
_SEEDS = 5


def deviations(bench: Bench, queries: Vectors) -> Scores:
    """(queries, photos), as the program measures words."""
    mean, spread = bands.photo_background(bench.photos, bench.prompts)
    reached = bands.levels(queries @ bench.photos.T, mean, spread)
    return np.stack([bands.QueryBackground.of(row).deviations(row) for row in reached])


def first_ten(order: Sequence[int] | npt.NDArray[np.int64], right: Truth) -> float:
    """Share of right photos in the first ten, against what could be reached."""
    return float(right[np.asarray(order)[:10]].sum() / min(10, right.sum()))


# --- templates ---------------------------------------------------------------------------------------


def templates_table(benches: Sequence[Bench]) -> str:
    lines = [
        "| templates | library | P@10 | fold: precision | recall | F1 | absent told at 90 % kept |",
        "|---|---|---|---|---|---|---|",
    ]
    for bench in benches:
        if bench.encode is None:
            continue
        for name, templates in _TEMPLATES:
            present, absent = (
                deviations(bench, _ensemble(bench.encode, texts, templates))
                for texts in (bench.present_texts, bench.absent_texts)
            )
            peaks = np.array([bands.peak(row) for row in present])
            others = np.array([bands.peak(row) for row in absent])
            least = bands.min_peak(present.shape[1])
            shown = present >= bands.MAYBE_SHARE * np.maximum(peaks, least)[:, None]
            found = [
                first_ten(np.argsort(-row), right) for row, right in zip(present, bench.right, strict=True)
            ]
            told = (others < np.quantile(peaks, 0.1)).mean()
            cells = (np.mean(found), *_fold(shown, bench.right))
            lines.append(
                f"| {name} | {bench.name} | "
                + " | ".join(f"{cell:.3f}" for cell in cells)
                + f" | {told:.2f} |"
            )
    return "\n".join(lines)


def _ensemble(
    encode: Callable[[Sequence[str]], Vectors], texts: Sequence[str], templates: Sequence[str]
) -> Vectors:
    return unit(np.mean([encode([each.replace("{}", text) for text in texts]) for each in templates], axis=0))


def _fold(shown: Truth, right: Truth) -> tuple[float, float, float]:
    hits = (shown & right).sum(1)
    precision = hits / np.maximum(shown.sum(1), 1)
    return (
        float(precision.mean()),
        float((hits / right.sum(1)).mean()),
        float((2 * hits / (shown.sum(1) + right.sum(1))).mean()),
    )


# --- names -------------------------------------------------------------------------------------------


def fusion_table(benches: Sequence[Bench]) -> str:
    """A folder is named after each present query, with some photos that answer it and, the less true the
    names, others that do not. Right is what answers the query: the names may help or mislead."""
    lines = [
        "| names | of a folder's photos right | library | P@10 | fold: precision | recall | F1 |",
        "|---|---|---|---|---|---|---|",
    ]
    for bench in benches:
        looks = deviations(bench, bench.present)
        for truth in (1.0, 0.5, 0.1):
            found: dict[str, list[tuple[float, ...]]] = {}
            for row, right, match in _folders(bench, looks, truth):
                for name, (order, shown) in _fusions(row, match).items():
                    cells = first_ten(order, right), *_fold(shown[None], right[None])
                    found.setdefault(name, []).append(cells)
            for name, measured in found.items():
                means = np.mean(measured, axis=0)
                lines.append(
                    f"| {name} | {truth:.0%} | {bench.name} | "
                    + " | ".join(f"{mean:.3f}" for mean in means)
                    + " |"
                )
    return "\n".join(lines)


def _folders(
    bench: Bench, looks: Scores, truth: float
) -> Iterator[tuple[Scores, Truth, dict[int, NameMatch]]]:
    for seed in range(_SEEDS):
        rng = np.random.default_rng(seed)
        for row, right in zip(looks, bench.right, strict=True):
            good = rng.permutation(np.flatnonzero(right))[: min(_FOLDER, max(1, int(right.sum()) // 3))]
            wrong = rng.permutation(np.flatnonzero(~right))[: round(len(good) * (1 - truth) / truth)]
            inside = [int(photo) for photo in (*good, *wrong)]
            yield row, right, weigh_matches({"word": {"folders": inside}}, len(right))


def _fusions(row: Scores, match: dict[int, NameMatch]) -> dict[str, tuple[npt.NDArray[np.int64], Truth]]:
    """By each way: the order, and what is above the fold."""
    named = np.zeros(len(row), np.bool_)
    named[list(match)] = True
    cuts = bands.Cuts.for_words(bands.peak(row), len(row))
    by_looks = np.argsort(-row, kind="stable")
    rank = np.empty(len(row))
    rank[by_looks] = np.arange(len(row))
    of_named = np.where(named, np.cumsum(named[by_looks])[rank.astype(int)] - 1, np.inf)
    reciprocal = 1 / (60 + rank) + 1 / (60 + of_named)
    above = row >= cuts.maybe
    ways = {
        "looks alone": (by_looks, above),
        "names first": (np.lexsort((-row, ~named)), above | named),
        "reciprocal rank fusion, k = 60": (np.argsort(-reciprocal, kind="stable"), above | named),
    }
    lifted = row + np.array(
        [match[photo].lift if photo in match else 0 for photo in range(len(row))], np.float32
    )
    place = cuts.places(lifted)
    place[named] = np.minimum(place[named], 0 if cuts.nothing_strong else 1)
    ways["added to the deviation (built in)"] = np.lexsort((-lifted, place)), place < 2
    return ways


# --- more and less like a photo ----------------------------------------------------------------------


def refining_table(benches: Sequence[Bench]) -> str:
    """One searches by a word and points at a photo that also shows a second thing. *More*: right is what
    shows both. *Less*: right is what shows the first alone."""
    lines = [
        "| | way | library | pairs | P@10 | of the first ten: the word | the second thing |",
        "|---|---|---|---|---|---|---|",
    ]
    for bench in benches:
        found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
        looks = deviations(bench, bench.present)
        for i, j, picture in _pairs(bench, looks):
            both, only = bench.right[i] & bench.right[j], bench.right[i] & ~bench.right[j]
            keep = np.arange(len(both)) != picture
            for (task, way), scores in _refined(bench, i, looks[i], picture).items():
                order = np.argsort(-np.where(keep, scores, -np.inf), kind="stable")
                target = (both if task == "more" else only) & keep
                ten = order[:10]
                cells = (
                    first_ten(order, target),
                    float(bench.right[i][ten].mean()),
                    float(bench.right[j][ten].mean()),
                )
                found.setdefault((task, way), []).append(cells)
        for (task, way), measured in sorted(found.items(), key=lambda item: item[0][0], reverse=True):
            means = " | ".join(f"{mean:.3f}" for mean in np.mean(measured, axis=0))
            lines.append(f"| {task} | {way} | {bench.name} | {len(measured)} | {means} |")
    return "\n".join(lines)


def _pairs(bench: Bench, looks: Scores) -> Iterator[tuple[int, int, int]]:
    """(query, second query, the photo of both that the first finds best)."""
    for i in range(len(bench.right)):
        for j in range(len(bench.right)):
            both, only = bench.right[i] & bench.right[j], bench.right[i] & ~bench.right[j]
            if i != j and both.sum() >= 4 and only.sum() >= 5:
                yield i, j, int(np.argmax(np.where(both, looks[i], -np.inf)))


def _refined(bench: Bench, query: int, words: Scores, picture: int) -> dict[tuple[str, str], Scores]:
    text, liked = bench.present[query], bench.photos[picture]
    cosines = bench.photos @ liked
    like = bands.QueryBackground.of(cosines).deviations(cosines)
    own = liked - float(liked @ text) * text
    own /= np.linalg.norm(own)
    return {
        ("more", "the word alone"): words,
        ("more", "the photo alone"): like,
        ("more", "sum of the vectors"): bench.photos @ (text + liked),
        ("more", "deviations, 0.5"): words + 0.5 * like,
        ("more", f"deviations, {LIKED:g} (built in)"): words + LIKED * like,
        ("less", "the word alone"): words,
        ("less", "vector turned as for words"): bench.photos @ (text - 0.75 * own),
        ("less", "deviations, 0.15"): words - 0.15 * like,
        ("less", f"deviations, {DISLIKED:g} (built in)"): words - DISLIKED * like,
        ("less", "deviations, 0.5"): words - 0.5 * like,
    }
