"""Measure installed models on captioned and labelled pictures.

``python packaging/evaluate_model.py MODEL_DIR… --photos DIR… [--part dev] [--classes FILE | --words]``

DIR holds ``captions.json``, which maps a picture's path in DIR to ``{"captions": [...]}`` or
``{"label": "..."}``. With ``--classes`` a folder without it will do, if its pictures are named by their
synset or sorted into folders named by class. ``--words`` asks for two hundred common words instead.
Prints a Markdown table with a column for each model.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from safelight.core.errors import SafelightError, UsageError
from starter import installed
from starter.classes import IMAGENET, NamedClass, read_classes, zero_shot
from starter.evaluate import measure
from starter.everyday import common_words
from starter.metrics import table
from starter.pictures import Part, Picture, read_pictures

_LISTING = "captions.json"
_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp"))


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Measure installed models on captioned and labelled pictures."
    )
    parser.add_argument("models", nargs="+", type=Path, help="folders with open_clip_config.json and weights")
    parser.add_argument(
        "--photos",
        type=Path,
        required=True,
        nargs="+",
        help=f"folders of pictures, with {_LISTING} unless --classes",
    )
    parser.add_argument(
        "--part",
        choices=[str(part) for part in Part],
        help="only this part, by the SHA-256 of the file names; the starter was trained on train",
    )
    parser.add_argument(
        "--classes",
        metavar="FILE",
        help="measure zero-shot classification and name → picture over a list of names, one class a line "
        f"(“name, other name” or “n01443537 name”), or {IMAGENET}",
    )
    parser.add_argument("--words", action="store_true", help="precision at 20 of each common word")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    try:
        classes = read_classes(options.classes) if options.classes else []
        pictures = [
            picture for folder in options.photos for picture in _pictures(folder, with_listing=not classes)
        ]
        if options.part:
            pictures = [picture for picture in pictures if picture.part is Part(options.part)]
        if not pictures:
            raise UsageError("There are no pictures of this kind.")
        for folder in options.models:
            found = evaluate(folder, pictures, classes, options.threads, words=options.words)
            for row, value in found.items():
                rows.setdefault(row, {})[str(folder)] = value
    except SafelightError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(pictures)} pictures\n\n{table(rows)}")
    return 0


def evaluate(
    folder: Path, pictures: list[Picture], classes: list[NamedClass], threads: int, *, words: bool = False
) -> dict[str, float]:
    """The rows of one model, through the program's own decoding and encoding.

    Zero-shot rows over ``classes`` where there are any, a row for each common word if ``words``, else the
    rows for captions and labels. Raises ModelError for a model that cannot be loaded.
    """
    encoder = installed.load(folder, threads)
    readable, vectors = installed.encoded(encoder, pictures)
    if classes:
        return zero_shot(readable, vectors, classes, encoder.encode_texts)
    if words:
        shares = common_words(readable, vectors, encoder.encode_texts)
        return {f"mean of {len(shares)} words": float(np.mean(list(shares.values())))} | shares
    return measure(readable, vectors, encoder.encode_texts)


def _pictures(folder: Path, *, with_listing: bool) -> list[Picture]:
    if (folder / _LISTING).is_file():
        return read_pictures(folder)
    if with_listing:
        raise UsageError(f"{folder} holds no {_LISTING}; without captions only --classes can be measured.")
    return [
        Picture(path, path.parent.name)
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _SUFFIXES and path.is_file()
    ]


if __name__ == "__main__":
    raise SystemExit(main())
