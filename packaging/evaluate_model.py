"""Measure an installed model: ``python packaging/evaluate_model.py MODEL_DIR… --photos DIR``.

DIR holds ``captions.json``, which maps a picture's path in DIR to ``{"captions": [...]}`` or
``{"label": "..."}``. Prints a Markdown table with a column for each model. ``--fold K`` takes only the
pictures of one fifth, split by the SHA-256 of the file name, so that a model trained on the other four
fifths is measured on pictures it never saw.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

from safelight.core.encoder import Vectors
from safelight.core.errors import SafelightError
from safelight.embedding.catalogue import ModelSpec
from safelight.embedding.config import WEIGHTS_NAME, declared_input_spec, read_dim
from safelight.embedding.load import load_encoder
from safelight.imaging.read import decode_photo
from starter.evaluate import measure
from starter.metrics import table
from starter.pictures import FOLDS, Picture, read_pictures


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Measure installed models on captioned and labelled pictures."
    )
    parser.add_argument("models", nargs="+", type=Path, help="folders with open_clip_config.json and weights")
    parser.add_argument("--photos", type=Path, required=True, help="folder with captions.json")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), help="only the pictures of this fifth")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    pictures = read_pictures(options.photos)
    if options.fold is not None:
        pictures = [picture for picture in pictures if picture.fold == options.fold]
    rows: dict[str, dict[str, float]] = {}
    try:
        for folder in options.models:
            for row, value in evaluate(folder, pictures, options.threads).items():
                rows.setdefault(row, {})[str(folder)] = value
    except SafelightError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(pictures)} pictures\n\n{table(rows)}")
    return 0


def evaluate(folder: Path, pictures: list[Picture], threads: int) -> dict[str, float]:
    """The rows of one model, through the program's own decoding and encoding."""
    folder = folder.resolve()
    size = (folder / WEIGHTS_NAME).stat().st_size
    spec = ModelSpec(
        name=folder.name,
        title=folder.name,
        source=folder,
        licence="",
        dim=read_dim(folder),
        size_bytes=size,
        input_spec=declared_input_spec(folder),
    )
    encoder = load_encoder(spec, threads=threads)
    parts: list[Vectors] = []
    for start in range(0, len(pictures), 64):
        inputs = [
            decode_photo(str(p.path), encoder.input_spec).model_input for p in pictures[start : start + 64]
        ]
        parts.append(encoder.encode_images(np.stack([pixels for pixels in inputs if pixels is not None])))
    return measure(pictures, np.concatenate(parts), encoder.encode_texts)


if __name__ == "__main__":
    raise SystemExit(main())
