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
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.relevance_shares import Answers, held_out, photographs
from safelight import paths
from safelight.core import relevance
from safelight.core.tag_words import parse
from safelight.services.searching.tag_word_matching import MOST, threshold

SAMPLE = 1024


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
    words = parse((paths.resources_dir() / "tags" / "words.txt").read_text(encoding="utf-8"))
    answers = Answers(pictures.references.descriptions.vocabulary, pictures.captions)
    vectors = pictures.encode_queries([word.name for word in words])
    sample = np.random.default_rng(0).permutation(len(names))[:SAMPLE]
    fits = np.zeros((len(words), len(names)), np.bool_)
    likely = np.zeros(fits.shape, np.float32)
    right = np.zeros_like(fits)
    for row, (word, vector) in enumerate(zip(words, vectors, strict=True)):
        level = (pictures.photos @ vector - pictures.mean) / pictures.spread
        evidence = pictures.references.evidence_for(word.name, vector)
        likely[row] = relevance.probability(evidence.log_odds(level, *pictures.near))
        fits[row] = likely[row] >= threshold(likely[row, sample])
        right[row] = answers.to(word.name)
    row_of = {word.tag: row for row, word in enumerate(words)}
    shown = fits.copy()
    for row, word in enumerate(words):
        for tag in word.above:
            shown[row_of[tag]] &= ~fits[row]
    ranked = np.argsort(np.argsort(-np.where(shown, likely, -1), axis=0), axis=0)
    shown &= ranked < MOST
    captioned = np.array([bool(texts) for texts in pictures.captions])
    tuning = np.array([hashlib.sha256(name.encode()).digest()[0] % 2 == 0 for name in names])
    print(f"{pictures.name}, {len(words)} words\n")
    print("| half | counted | photos | precision | a photo | with at least one | with at least two |")
    print("|---|---|---|---|---|---|---|")
    for half, rows in (("dev", captioned & tuning), ("test", captioned & ~tuning)):
        for what, made in (("suggestions", shown), ("with the words above", fits)):
            amount = made[:, rows].sum(0)
            precision = (made & right)[:, rows].sum() / max(1, amount.sum())
            print(
                f"| {half} | {what} | {rows.sum():,} | {precision:.3f} | {amount.mean():.2f} | "
                f"{(amount > 0).mean():.2f} | {(amount > 1).mean():.2f} |"
            )


if __name__ == "__main__":
    main()
