"""How well words are suggested as tags from ready vectors of photos and of single words.

    python packaging/bench/tags_with_vectors.py FOLDER

FOLDER holds ``clip_vitb32.npz`` (image, image_name, text, text_word) and ``captions.json``. For models of
which only such vectors are at hand: the program's own probabilities need vectors of sentences too. They are
replaced by a logistic regression, fitted on half of the photos, of the level of a word and of how many
captions of the nearest photos of that half imply it. Thresholds are the program's.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.suggested_tags import SAMPLE, Flags, chosen, figures, is_dev
from safelight.core.tag_words import parse_tag_words
from safelight.services.models.references import Descriptions
from safelight.store.tag_words import built_in

_BACKGROUND = 392
"""Words that are no tags, in place of the neutral texts."""
_NEAREST, _SHARPNESS = 32, 0.3
"""Photos whose captions count, and the share of the spread of similarities by which weights fall. Both were
chosen on the first half."""

Floats = npt.NDArray[np.float64]


def fitted(features: Floats, right: Flags) -> Floats:
    """Weights of a logistic regression (f + 1,), from features (n, f)."""
    rows = np.concatenate([features, np.ones((len(features), 1))], 1)
    weights = np.zeros(rows.shape[1])
    for _ in range(60):
        likely = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (right - likely) - 1e-3 * weights
        curvature = (rows * (likely * (1 - likely))[:, None]).T @ rows + 1e-3 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, gradient)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    stored = np.load(folder / "clip_vitb32.npz")
    captions = json.loads((folder / "captions.json").read_text(encoding="utf-8"))
    names = [str(name) for name in stored["image_name"]]
    photos, texts = (stored[key].astype(np.float32) for key in ("image", "text"))
    photos /= np.linalg.norm(photos, axis=1, keepdims=True)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    row_of: dict[str, int] = {}
    for row, text in enumerate(stored["text_word"]):
        row_of.setdefault(str(text).lower(), row)
    asked = [
        (word, next(row_of[name] for name in (word.name.lower(), *word.names) if name in row_of))
        for word in parse_tag_words(built_in())
        if any(name in row_of for name in (word.name.lower(), *word.names))
    ]
    words = [word for word, _ in asked]
    vocabulary = Descriptions.load().vocabulary
    implied = [
        vocabulary.implied_by([m for text in captions[name] for m in vocabulary.read(text).mentions])
        for name in names
    ]
    right = np.array(
        [
            [all(any(c in each for c in m) for m in vocabulary.read(word.name).mentions) for each in implied]
            for word in words
        ]
    )
    used = {row for _, row in asked}
    rest = [row for row in range(len(texts)) if row not in used]
    background = photos @ texts[np.random.default_rng(0).permutation(rest)[:_BACKGROUND]].T
    near = photos @ texts[[row for _, row in asked]].T
    level = np.asarray(((near - background.mean(1)[:, None]) / background.std(1)[:, None]).T, np.float64)
    tuning = np.array([is_dev(name) for name in names])
    likeness = photos @ photos[tuning].T
    likeness[np.flatnonzero(tuning), np.arange(np.count_nonzero(tuning))] = -9  # not by its own captions
    nearest = np.argsort(-likeness, 1)[:, :_NEAREST]
    values = np.take_along_axis(likeness, nearest, 1)
    weights = np.exp((values - values[:, :1]) / (_SHARPNESS * likeness[likeness > -5].std()))
    weights /= weights.sum(1, keepdims=True)
    agreement = np.einsum("pk,wpk->wp", weights, right[:, tuning][:, nearest].astype(np.float64))
    odds = np.log((agreement + 0.02) / (1.02 - agreement))
    sample = np.random.default_rng(0).permutation(len(names))[:SAMPLE]
    print(f"{len(words)} words, {right.sum(0).mean():.2f} implied for each photo\n")
    print("| probabilities from | half | photos | precision | a photo | with at least one |")
    print("|---|---|---|---|---|---|")
    for what, parts in (("level", [level]), ("level, captions nearby", [level, odds, level * odds])):
        features = np.stack(parts, -1)
        found = fitted(features[:, tuning].reshape(-1, len(parts)), right[:, tuning].reshape(-1))
        likely = 1 / (1 + np.exp(-(features @ found[:-1] + found[-1])))
        _, shown = chosen(likely.astype(np.float32), words, sample)
        for half, rows in (("chosen on", tuning), ("tested on", ~tuning)):
            cells, _ = figures(shown, right, rows)
            print(f"| {what} | {half} | {cells} |")


if __name__ == "__main__":
    main()
