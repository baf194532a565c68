"""How well the bands tell right photos from wrong ones, and each part of them on its own.

    python packaging/bench/relevance.py --photos DIR [--cache FILE] [--vectors DIR] [--model DIR]

``--photos`` is a folder with ``captions.json`` (a picture's path to its captions or label), measured with
the starter or the model in ``--model``; ``--cache`` keeps its vectors between runs. ``--vectors`` is a folder
with ``clip_vitb32.npz`` (image, image_name, text, text_word) and ``captions.json``. Queries and what answers
them are in ``relevance_queries.json`` beside this file and in ``tests/data/everyday_queries.json``; a query
is *present* with at least three right photos and *absent* where no caption or label speaks of it.

Queries are split in two by the hash of their text: cuts are found on one half and reported on the other.
Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.libraries import Bench, Truth, photos_bench, unit, vectors_bench
from bench.relevance_parts import fusion_table, refining_table, templates_table
from safelight.core import bands
from safelight.core.encoder import Vectors
from safelight.services.searching.query_plan import EXCLUSION

Scores = npt.NDArray[np.float32]
"""Queries by photos."""


# --- measures ----------------------------------------------------------------------------------------


def precision_at(scores: Scores, right: Truth, at: int = 10) -> float:
    """Share of right photos in the first ``at``, against what could be reached."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :at]
    found = np.take_along_axis(right, best, axis=1).sum(1)
    return float((found / np.minimum(at, right.sum(1))).mean())


def fold(shown: Truth, right: Truth) -> tuple[float, float, float]:
    """(precision above the fold, recall at it, F1), each the mean over queries."""
    hits = (shown & right).sum(1)
    precision = hits / np.maximum(shown.sum(1), 1)
    recall = hits / right.sum(1)
    both = 2 * hits / (shown.sum(1) + right.sum(1))
    return float(precision.mean()), float(recall.mean()), float(both.mean())


def auc(present: Scores, absent: Scores) -> float:
    """How often a present query's number is above an absent one's."""
    above = (present[:, None] > absent).mean() + 0.5 * (present[:, None] == absent).mean()
    return float(above)


def rejected(present: Scores, absent: Scores, keep: float) -> float:
    """The share of absent queries below the bar that ``keep`` of the present ones pass."""
    return float((absent < np.quantile(present, 1 - keep)).mean())


# --- the parts ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A way from cosines to numbers: against the photo, then against the query."""

    name: str
    photo: str = "none"
    query: str = "none"
    relative: bool = False
    """Cut at a share of the query's peak and not at one number for all queries."""


WAYS = (
    Way("cosine"),
    Way("cosine; query: median, MAD (as it was)", "none", "mad"),
    Way("photo: − mean; query: median, MAD", "mean", "mad"),
    Way("photo: (− mean) / spread; query: median, MAD", "standard", "mad"),
    Way("photo: softmax, scale 10; query: median, MAD", "softmax 10", "mad"),
    Way("photo: softmax, scale 30; query: median, MAD", "softmax 30", "mad"),
    Way("photo: − mean − 1½ spreads; query: median, MAD", "level", "mad"),
    Way("photo: − mean − 1½ spreads; query: mean, deviation", "level", "moments"),
    Way("photo: − mean − 1½ spreads; query: median, lower spread", "level", "lower"),
    Way("the same, cut at a share of the peak (built in)", "level", "lower", True),
    Way("cosine; query: lower spread, cut at a share of the peak", "none", "lower", True),
    Way("photo: (− mean) / spread; query: lower spread, share of the peak", "standard", "lower", True),
)


def numbers(bench: Bench, way: Way, queries: Vectors) -> Scores:
    cosines = queries @ bench.photos.T
    background = bench.photos @ bench.prompts.T
    mean, spread = bands.photo_background(bench.photos, bench.prompts)
    match way.photo.split():
        case ["mean"]:
            cosines = cosines - mean
        case ["standard"]:
            cosines = (cosines - mean) / spread
        case ["level"]:
            cosines = bands.levels(cosines, mean, spread)
        case ["softmax", scale]:
            cosines = cosines - np.log(np.exp(float(scale) * background).mean(1)) / float(scale)
    match way.query:
        case "moments":
            values = (cosines - cosines.mean(1, keepdims=True)) / cosines.std(1, keepdims=True)
        case "mad":
            middle = np.median(cosines, 1, keepdims=True)
            values = (cosines - middle) / (1.4826 * np.median(abs(cosines - middle), 1, keepdims=True))
        case "lower":
            values = np.stack([bands.QueryBackground.of(row).deviations(row) for row in cosines])
        case _:
            values = cosines
    return np.asarray(values, np.float32)


def peaks(values: Scores) -> Scores:
    return np.array([bands.peak(row) for row in values])


def best_cut(values: Scores, right: Truth, relative: bool) -> float:
    """The cut, or the share of the peak, with the best mean F1."""
    if relative:
        choices = np.arange(0.4, 0.96, 0.025)
        return float(max(choices, key=lambda share: fold(values >= share * peaks(values)[:, None], right)[2]))
    choices = np.quantile(values, np.linspace(0.8, 0.999, 100))
    return float(max(choices, key=lambda cut: fold(values >= cut, right)[2]))


def parts_table(bench: Bench) -> str:
    heading = (
        f"**{bench.name}**: {len(bench.present)} present and {len(bench.absent)} absent queries, "
        f"{len(bench.prompts)} prompts; P@10 and AUC over all, the rest on the half not tuned on.\n"
    )
    lines = [
        heading,
        "| way | P@10 | precision | recall | F1 | AUC best | AUC peak | absent told at 90 % kept |",
        "|---|---|---|---|---|---|---|---|",
    ]
    tune, _ = bench.half(tuning=True)
    test, _ = bench.half(tuning=False)
    for way in WAYS:
        present, absent = numbers(bench, way, bench.present), numbers(bench, way, bench.absent)
        cut = best_cut(present[tune], bench.right[tune], way.relative)
        bar = cut * peaks(present[test])[:, None] if way.relative else cut
        precision, recall, both = fold(present[test] >= bar, bench.right[test])
        top, top_absent = peaks(present), peaks(absent)
        lines.append(
            f"| {way.name} | {precision_at(present, bench.right):.3f} | {precision:.3f} | {recall:.3f} "
            f"| {both:.3f} | {auc(present.max(1), absent.max(1)):.3f} | {auc(top, top_absent):.3f} "
            f"| {rejected(top, top_absent, 0.9):.2f} |"
        )
    return "\n".join(lines)


# --- what is built in --------------------------------------------------------------------------------

BUILT_IN = WAYS[9]


def built_in_table(benches: Sequence[Bench]) -> str:
    """The rules of the program with its own constants. *Kept* is the share of present queries with a strong
    hit, *told* that of absent ones of which is said that nothing is strong."""
    lines = [
        "| library | half | strong: precision | recall | fold: precision | recall | F1 | kept | told |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for bench in benches:
        for tuning in (True, False):
            present, absent = bench.half(tuning)
            values = numbers(bench, BUILT_IN, bench.present[present])
            right = bench.right[present]
            cuts = [bands.Cuts.for_words(bands.peak(row), len(row)) for row in values]
            strong = values >= np.array([[cut.strong] for cut in cuts])
            shown = values >= np.array([[cut.maybe] for cut in cuts])
            answered = strong.any(1)
            none = [
                bands.Cuts.for_words(bands.peak(row), len(row)).nothing_strong
                for row in numbers(bench, BUILT_IN, bench.absent[absent])
            ]
            sure, most, _ = fold(strong[answered], right[answered])
            precision, recall, both = fold(shown, right)
            lines.append(
                f"| {bench.name} | {'tuning' if tuning else 'test'} | {sure:.3f} | {most:.3f} "
                f"| {precision:.3f} | {recall:.3f} | {both:.3f} | {answered.mean():.2f} "
                f"| {np.mean(none):.2f} |"
            )
    return "\n".join(lines)


def curve_table(benches: Sequence[Bench]) -> str:
    keeps = (0.98, 0.95, 0.9, 0.85, 0.8, 0.7)
    lines = [
        "| absent ones told, of present ones kept | " + " | ".join(f"{keep:.0%}" for keep in keeps) + " |"
    ]
    lines.append("|---|" + "---|" * len(keeps))
    for bench in benches:
        present = peaks(numbers(bench, BUILT_IN, bench.present))
        absent = peaks(numbers(bench, BUILT_IN, bench.absent))
        cells = " | ".join(f"{rejected(present, absent, keep):.2f}" for keep in keeps)
        lines.append(f"| {bench.name} | {cells} |")
    return "\n".join(lines)


def exclusion_table(benches: Sequence[Bench]) -> str:
    """ "word -word" over pairs of present queries of which some photos show both. Right is what shows the
    first alone."""
    lines = ["| exclusions | library | pairs | P@10 | of the first ten, excluded |", "|---|---|---|---|---|"]
    for bench in benches:
        words = numbers(bench, BUILT_IN, bench.present)
        cells: dict[str, list[tuple[float, float]]] = {}
        for i, first in enumerate(bench.present):
            for j, second in enumerate(bench.present):
                both = bench.right[i] & bench.right[j]
                only = bench.right[i] & ~bench.right[j]
                if i == j or both.sum() < 3 or only.sum() < 5:
                    continue
                away = second - float(second @ first) * first
                turned = unit((first - EXCLUSION * away / np.linalg.norm(away))[None])
                ways = {
                    "the word alone": words[i],
                    "turned away, cosine": numbers(bench, WAYS[0], turned)[0],
                    "turned away (built in)": numbers(bench, BUILT_IN, turned)[0],
                    "less the other's deviation": words[i] - EXCLUSION * words[j],
                    "those that show the other more go last": words[i] - 99 * (words[j] > words[i]),
                }
                for name, values in ways.items():
                    ten = np.argsort(-values, kind="stable")[:10]
                    found = precision_at(values[None], only[None]), float(both[ten].mean())
                    cells.setdefault(name, []).append(found)
        for name, found_all in cells.items():
            right, wrong = np.mean(found_all, axis=0)
            lines.append(f"| {name} | {bench.name} | {len(found_all)} | {right:.3f} | {wrong:.3f} |")
    return "\n".join(lines)


def captions_table(benches: Sequence[Bench]) -> str:
    """Whole captions, each the query for its own photo."""
    lines = ["| captions | queries | own photo first, cosine | built in | in ten, cosine | built in |"]
    lines.append("|---|---|---|---|---|---|")
    for bench in benches:
        if bench.captions is None:
            continue
        firsts, tens = [], []
        for way in (WAYS[0], BUILT_IN):
            values = numbers(bench, way, bench.captions)
            own = values[np.arange(len(values)), bench.captioned]
            rank = (values > own[:, None]).sum(1)
            firsts.append(f"{(rank < 1).mean():.3f}")
            tens.append(f"{(rank < 10).mean():.3f}")
        lines.append(f"| {bench.name} | {len(bench.captions)} | {' | '.join(firsts + tens)} |")
    return "\n".join(lines)


def pictures_table(benches: Sequence[Bench]) -> str:
    """Photos as queries. Photos are related where they answer the same rare queries (at least as rare
    together as three in ten of the queries are alone); a photo itself is left out."""
    lines = ["| photos like a photo | queries | order | P@10 | F1, one cut | F1, share of the peak |"]
    lines.append("|---|---|---|---|---|---|")
    for bench in benches:
        kept = bench.right[bench.right.sum(1) <= 40].astype(np.float32)
        rarity = np.log(kept.shape[1] / kept.sum(1))
        shared = (kept * rarity[:, None]).T @ kept
        np.fill_diagonal(shared, 0)
        related = shared >= np.quantile(rarity, 0.3)
        asked = np.flatnonzero(related.sum(1) >= 3)
        others = ~np.eye(len(related), dtype=bool)[asked]
        right = related[asked][others].reshape(len(asked), -1)
        cosines = bench.photos[asked] @ bench.photos.T
        centred = cosines - bench.photos @ bench.photos.mean(0)
        for name, scores in (("cosine (built in)", cosines), ("− the photo's mean", centred)):
            rows = scores[others].reshape(len(asked), -1)
            values = np.stack([bands.QueryBackground.of(row).deviations(row) for row in rows])
            single = fold(values >= best_cut(values, right, False), right)[2]
            share = fold(values >= bands.MAYBE_SHARE * peaks(values)[:, None], right)[2]
            lines.append(
                f"| {bench.name} | {len(asked)} | {name} | {precision_at(values, right):.3f} "
                f"| {single:.3f} | {share:.3f} |"
            )
    return "\n".join(lines)


def size_table(benches: Sequence[Bench]) -> str:
    """How the peak of absent queries grows with the library."""
    sizes = (100, 200, 400, 800, 1100)
    lines = ["| peak that 80 % of the absent stay below | " + " | ".join(map(str, sizes)) + " |"]
    lines.append("|---|" + "---|" * len(sizes))
    lines.append("| `least_peak` | " + " | ".join(f"{bands.min_peak(size):.2f}" for size in sizes) + " |")
    rng = np.random.default_rng(0)
    for bench in benches:
        cells = []
        mean, spread = bands.photo_background(bench.photos, bench.prompts)
        reached = bands.levels(bench.absent @ bench.photos.T, mean, spread)
        for size in sizes:
            found = []
            for _ in range(20):
                rows = reached[:, rng.permutation(len(bench.photos))[:size]]
                found.append(
                    np.quantile(
                        [bands.peak(bands.QueryBackground.of(row).deviations(row)) for row in rows], 0.8
                    )
                )
            cells.append(f"{np.mean(found):.2f}")
        lines.append(f"| {bench.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def shares_table(benches: Sequence[Bench]) -> str:
    """F1 of the fold and precision over shares of the peak, on the tuning halves."""
    shares = np.arange(0.5, 0.91, 0.05)
    lines = [
        "| tuning half: precision, recall, F1 at share | " + " | ".join(f"{s:.2f}" for s in shares) + " |"
    ]
    lines.append("|---|" + "---|" * len(shares))
    for bench in benches:
        tune, _ = bench.half(tuning=True)
        values = numbers(bench, BUILT_IN, bench.present[tune])
        cells = []
        for share in shares:
            bar = share * np.maximum(peaks(values), bands.min_peak(values.shape[1]))[:, None]
            cells.append(", ".join(f"{x:.2f}" for x in fold(values >= bar, bench.right[tune])))
        lines.append(f"| {bench.name} | {' | '.join(cells)} |")
    return "\n".join(lines)


TABLES = (
    built_in_table,
    curve_table,
    exclusion_table,
    templates_table,
    fusion_table,
    refining_table,
    captions_table,
    pictures_table,
    size_table,
    shares_table,
)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--cache", type=Path, help="keeps the vectors of --photos (.npy)")
    parser.add_argument("--model", type=Path, help="an installed model's folder (the starter)")
    parser.add_argument("--vectors", type=Path)
    options = parser.parse_args()
    benches = []
    if options.vectors is not None:
        benches.append(vectors_bench(options.vectors))
    if options.photos is not None:
        benches.append(photos_bench(options.photos, options.model, options.cache))
    if not benches:
        parser.error("name --photos, --vectors or both")
    for bench in benches:
        print(parts_table(bench), end="\n\n")
    for table in TABLES:
        print(table(benches), end="\n\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
