"""How fast models read pictures on this machine.

    python packaging/bench/model_speed.py [--seconds 6] [--threads N] [MODEL …]

Times the encoder that the program uses, pictures already decoded: the starter as it is, the models that are
offered with random weights, which take as long as real ones. Prints a table: pictures a second, the batch
that was found fastest, processor time for one picture (which other programs disturb least), and that against
the starter's: the ratios in ``safelight.embedding.offers``, from which the window estimates the speed of a
model that was not used yet.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from safelight.core.encoder import Encoder, ModelInfo
from safelight.embedding import catalogue
from safelight.embedding.config import preprocessing_of
from safelight.embedding.load import encoder_of, load_encoder
from safelight.embedding.offers import OFFERS, Offer
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.torchvision_fix import import_torchvision


def with_random_weights(offer: Offer) -> Encoder:
    assert offer.architecture is not None
    name, tag = offer.architecture
    with quiet_open_clip():
        import_torchvision()
        import open_clip
        import torch

        published: dict[str, Any] = open_clip.pretrained.get_pretrained_cfg(name, tag)
        said = {
            f"image_{key}": published[key]
            for key in ("mean", "std", "interpolation", "resize_mode")
            if published.get(key)
        }
        model, _, _ = open_clip.create_model_and_transforms(name, pretrained=None, **said)
    model.eval()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device, memory_format=torch.channels_last)
    info = ModelInfo(f"{offer.name}@random", offer.name, offer.dim or 0, device)
    preprocessing = preprocessing_of(model.visual.preprocess_cfg, offer.name)
    return encoder_of(model, lambda texts: torch.zeros((len(texts), 1)), info, preprocessing)


def rate(encoder: Encoder, seconds: float) -> tuple[float, int, float]:
    """(pictures a second, pictures at a time, milliseconds of processor time for a picture); the best of the
    runs, which is the one least disturbed."""
    batch = encoder.batch_size
    size = encoder.input_spec.size
    pictures = np.random.default_rng(0).integers(0, 256, (batch, size, size, 3), np.uint8)
    encoder.encode_images(pictures)
    best, cost = 0.0, float("inf")
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        began, worked = time.perf_counter(), time.process_time()
        encoder.encode_images(pictures)
        best = max(best, batch / (time.perf_counter() - began))
        cost = min(cost, 1000 * (time.process_time() - worked) / batch)
    return best, batch, cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="names of offers; without one, all")
    parser.add_argument("--seconds", type=float, default=6.0, help="for each model")
    parser.add_argument("--threads", type=int, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as empty:
        starter = load_encoder(catalogue.default(Path(empty)), threads=options.threads)
    print(f"{'model':20} {'device':6} {'pictures/s':>10} {'at a time':>9} {'CPU ms each':>11} {'work':>6}")
    found, batch, base = rate(starter, options.seconds)
    print(f"{'starter':20} {starter.info.device:6} {found:10.1f} {batch:9} {base:11.1f} {1:6.1f}")
    for offer in OFFERS:
        if offer.architecture is None or (options.models and offer.name not in options.models):
            continue
        encoder = with_random_weights(offer)
        found, batch, cost = rate(encoder, options.seconds)
        line = (
            f"{offer.name:20} {encoder.info.device:6} {found:10.1f} {batch:9} {cost:11.1f} {cost / base:6.1f}"
        )
        print(line, flush=True)
        del encoder
        gc.collect()


if __name__ == "__main__":
    main()
