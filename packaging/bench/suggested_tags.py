"""How often suggested tags are right, and how many there are for each photo.

    python packaging/bench/suggested_tags.py --pictures DIR [--pictures DIR ...] --cache FILE
        [--skip DIR] [--held-out]

The options are as in ``relevance_shares.py``. A suggestion is right if the photo's captions or label imply
the word, by the vocabulary. Half of the photos, by the hash of their name, served to choose the two numbers
of ``services/searching/tag_word_matching.py``; the other half tests them. Thresholds come from a sample of
all photos, as in the program. Words that captions never say, such as "close-up", count as wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.relevance_shares import Answers, held_out, photographs
from safelight import paths
from safelight.core import relevance
from safelight.core.tag_words import TagWord, parse_tag_words
from safelight.services.searching.tag_word_matching import MAX_SUGGESTIONS, threshold

SAMPLE = 1024

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


def chosen(likely: Floats, words: Sequence[TagWord], sample: npt.NDArray[np.int64]) -> tuple[Flags, Flags]:
    """Which words (w, n) fit, and which of them are suggested, as the program chooses them.

    ``likely`` are probabilities (w, n); ``sample`` the photos by which thresholds are set.
    """
    fits = np.array([row >= threshold(row[sample]) for row in likely])
    row_of = {word.tag: row for row, word in enumerate(words)}
    shown = fits.copy()
    for row, word in enumerate(words):
        for tag in word.above:
            if tag in row_of:
                shown[row_of[tag]] &= ~fits[row]
    ranks = np.argsort(np.argsort(-np.where(shown, likely, -1), axis=0), axis=0)
    return fits, shown & (ranks < MAX_SUGGESTIONS)


def figures(made: Flags, right: Flags, photos: Flags) -> tuple[str, npt.NDArray[np.int64]]:
    """Cells of a table with the number of ``photos`` (n,), the precision, how many words each has on average
    and the share with at least one; and how many each has."""
    amount = made[:, photos].sum(0)
    precision = (made & right)[:, photos].sum() / max(1, amount.sum())
    cells = f"{photos.sum():,} | {precision:.3f} | {amount.mean():.2f} | {(amount > 0).mean():.2f}"
    return cells, amount


def is_dev(name: str) -> bool:
    """Whether the photo of this name is of the half for choosing."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=Path, action="append", required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--skip", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--held-out", action="store_true")
    given = parser.parse_args()
    pictures = photographs(given.pictures, given.skip, given.held_out, given.model, given.cache)
    names = [
        name
        for folder in given.pictures
        for name in sorted(json.loads((folder / "captions.json").read_text(encoding="utf-8")))
        if not given.held_out or held_out(name)
    ]
    if len(names) != len(pictures.photos):
        raise SystemExit("photos are missing: --skip is not supported here")
    words = parse_tag_words((paths.resources_dir() / "tags" / "words.txt").read_text(encoding="utf-8"))
    answers = Answers(pictures.references.descriptions.vocabulary, pictures.captions)
    vectors = pictures.encode_queries([word.name for word in words])
    sample = np.random.default_rng(0).permutation(len(names))[:SAMPLE]
    likely = np.zeros((len(words), len(names)), np.float32)
    right = np.zeros(likely.shape, np.bool_)
    for row, (word, vector) in enumerate(zip(words, vectors, strict=True)):
        evidence = pictures.references.evidence_for(word.name, vector)
        score = pictures.scores(evidence, vector)
        likely[row] = relevance.probability(evidence.log_odds(score, *pictures.near))
        right[row] = answers.to(word.name)
    fits, shown = chosen(likely, words, sample)
    captioned = np.array([bool(texts) for texts in pictures.captions])
    tuning = np.array([is_dev(name) for name in names])
    print(f"{pictures.name}, {len(words)} words\n")
    print("| half | counted | photos | precision | a photo | with at least one | with at least two |")
    print("|---|---|---|---|---|---|---|")
    for half, rows in (("dev", captioned & tuning), ("test", captioned & ~tuning)):
        for what, made in (("suggestions", shown), ("with the words above", fits)):
            cells, amount = figures(made, right, rows)
            print(f"| {half} | {what} | {cells} | {(amount > 1).mean():.2f} |")


if __name__ == "__main__":
    main()
