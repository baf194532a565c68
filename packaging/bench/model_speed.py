"""Measures how fast models encode pictures and texts on this machine, by each method.

    python packaging/bench/model_speed.py [--seconds 6] [--threads N] [--int8] [--pictures FOLDER] [MODEL …]

The starter has its real weights, the offered models have random ones, which take as long. Pictures are
decoded already. All methods of a model take turns, so that other programs disturb them alike; the best time
counts. Columns: the method, pictures per second, processor time for one picture (disturbed least by other
programs), its ratio to float32, its ratio to the starter's fastest method (``work`` in
``safelight.embedding.offers``, from which the window estimates speeds), the least cosine to float32, the
overlap of the ten most similar pictures with float32's, and the memory of the image tower's weights.

``--int8`` adds torch's dynamic 8-bit quantisation, which Safelight does not use: see ``docs/models.md``.
``--pictures`` measures agreement on the pictures of a folder; without it, patches of colour are used.
A second table has the time of one text by the whole model and by the text tower in NumPy.
"""

from __future__ import annotations

import argparse
import copy
import gc
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# As in the program: threads that wait must not spin. OpenMP reads this when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, UnidentifiedImageError

from safelight.core.encoder import InputSpec, Pixels
from safelight.embedding import catalogue
from safelight.embedding.config import preprocessing_of
from safelight.embedding.encoder import _trial_pictures
from safelight.embedding.fuse import fuse_batch_norms
from safelight.embedding.half import half_tower
from safelight.embedding.load import _half_precision
from safelight.embedding.offers import OFFERS, Offer
from safelight.embedding.quiet import quiet_open_clip
from safelight.embedding.text_tower import Architecture, TextTower, _gelu, _gelu_tanh, open_text_tower
from safelight.embedding.torchvision_fix import import_torchvision
from safelight.embedding.weights import open_model
from safelight.imaging.prepare import prepare_input

Encode = Callable[[torch.Tensor], torch.Tensor]
BATCH = 8
Texts = tuple[str, float, float | None]
"""A model's name, and seconds for one text by the whole model and by the text tower in NumPy."""
TEXT = "a red boat on a quiet lake at sunset"


@dataclass
class Method:
    name: str
    encode: Encode
    memory: int
    """Bytes of the image tower's weights."""
    seconds: float = float("inf")
    cpu: float = float("inf")


def with_random_weights(offer: Offer) -> Any:
    """The model as open_clip builds it, with the preprocessing of its weights."""
    assert offer.architecture is not None
    name, tag = offer.architecture
    with quiet_open_clip():
        import_torchvision()
        import open_clip

        published: dict[str, Any] = open_clip.pretrained.get_pretrained_cfg(name, tag)
        stated = {
            f"image_{key}": published[key]
            for key in ("mean", "std", "interpolation", "resize_mode")
            if published.get(key)
        }
        model, _, _ = open_clip.create_model_and_transforms(name, pretrained=None, **stated)
    return model.eval()


def methods_of(model: Any, *, int8: bool) -> list[Method]:
    """Float32, the half precision that this processor computes natively, and 8-bit integers if asked for."""
    model.to(memory_format=torch.channels_last)
    size = sum(weights.numel() for weights in model.visual.parameters())
    methods = [Method("float32", model.encode_image, 4 * size)]
    dtype = _half_precision("cpu")
    if dtype is not None:
        half = half_tower(model, "cpu", dtype)
        methods.append(Method(half.method, half, (2 if size > 20_000_000 else 4) * size))
    if int8:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch moves this to a package of its own
            quantised = torch.ao.quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
                copy.deepcopy(model.visual),
                {torch.nn.Linear: torch.ao.quantization.per_channel_dynamic_qconfig},
            )
        linear = sum(
            layer.weight.numel() for layer in model.visual.modules() if type(layer) is torch.nn.Linear
        )
        methods.append(Method("int8", quantised, 4 * size - 3 * linear))
    return methods


def pictures_for(spec: InputSpec, folder: Path | None, count: int) -> Pixels:
    if folder is None:
        return _trial_pictures(count, spec.size)
    found: list[Pixels] = []
    for path in sorted(folder.rglob("*")):
        if len(found) == count:
            break
        try:
            with Image.open(path) as picture:
                found.append(prepare_input(picture.convert("RGB"), spec))
        except (OSError, UnidentifiedImageError):
            continue
    return np.stack(found)


def measure(methods: list[Method], inputs: torch.Tensor, seconds: float) -> None:
    """Let the methods take turns with one batch until the time is up."""
    with torch.inference_mode():
        for method in methods:
            method.encode(inputs)  # allocates memory
        end = time.perf_counter() + seconds
        while True:
            for method in methods:
                began, worked = time.perf_counter(), time.process_time()
                method.encode(inputs)
                method.seconds = min(method.seconds, time.perf_counter() - began)
                method.cpu = min(method.cpu, time.process_time() - worked)
            if time.perf_counter() >= end:
                return


def agreement(methods: list[Method], inputs: torch.Tensor) -> dict[str, tuple[float, float]]:
    """By method: the least cosine to float32, and the share of the ten nearest pictures in common."""
    vectors: dict[str, npt.NDArray[np.float32]] = {}
    with torch.inference_mode():
        for method in methods:
            rows = torch.cat([method.encode(part).float() for part in torch.split(inputs, BATCH)])
            vectors[method.name] = torch.nn.functional.normalize(rows, dim=1).numpy()
    full = vectors["float32"]

    def nearest(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        scores = full @ rows.T
        np.fill_diagonal(scores, -2)
        return np.argsort(-scores, axis=1)[:, :10]

    wanted = nearest(full)
    return {
        name: (
            float((rows * full).sum(1).min()),
            float(np.mean([len({*a} & {*b}) / 10 for a, b in zip(wanted, nearest(rows), strict=True)])),
        )
        for name, rows in vectors.items()
    }


def text_seconds(encode: Callable[[], object], seconds: float) -> float:
    """The best time of one text."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        encode()
        best = min(best, time.perf_counter() - began)
    return best


def random_text_tower(model: Any, offer: Offer, folder: Path) -> TextTower | None:
    """The text tower of a model with random weights, through a file as the program reads it."""
    import open_clip
    from safetensors.torch import save_file

    assert offer.architecture is not None
    text = open_clip.get_model_config(offer.architecture[0])["text_cfg"]
    siglip = bool(text.get("no_causal_mask"))
    path = folder / f"{offer.name}.safetensors"
    state = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith("visual.")}
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, path)
    length = text["context_length"] if siglip else 11
    try:
        return TextTower(
            path,
            Architecture(
                ids=lambda _: list(range(100, 100 + length)),
                layers=text["layers"],
                heads=text["heads"],
                context_length=text["context_length"],
                vocabulary_size=text["vocab_size"],
                width=text["width"],
                causal=not siglip,
                epsilon=1e-6 if siglip else 1e-5,
                activation=_gelu_tanh if siglip else _gelu,
            ),
        )
    except (KeyError, ValueError):
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="names of offers; without one, all")
    parser.add_argument("--seconds", type=float, default=6.0, help="for each model")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--count", type=int, default=64, help="pictures for the agreement")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    print(
        f"{'model':20} {'method':9} {'pictures/s':>10} {'CPU ms':>8} {'speed':>6} {'work':>6} {'cosine':>7} "
        f"{'overlap':>7} {'MB':>6}"
    )
    texts: list[Texts] = []
    base: float | None = None
    with tempfile.TemporaryDirectory() as scratch:
        offers = [offer for offer in OFFERS if offer.architecture]
        chosen = [offer for offer in offers if not options.models or offer.name in options.models]
        for offer in (None, *chosen):
            base, measured = report(offer, Path(scratch), options, base)
            texts.append(measured)
            gc.collect()
    print(f"\n{'model':20} {'text, whole model':>18} {'text, NumPy tower':>18}")
    for name, whole, quick in texts:
        print(f"{name:20} {1000 * whole:15.1f} ms {'–' if quick is None else f'{1000 * quick:.1f} ms':>18}")


def report(
    offer: Offer | None, scratch: Path, options: argparse.Namespace, base: float | None
) -> tuple[float, Texts]:
    """Print the rows of one model (None: the starter); its cost, or ``base``, and the time of its texts."""
    if offer is None:
        spec = catalogue.default(scratch)
        model, tokenizer = open_model(spec)
        tower = open_text_tower(spec)
        tokens = tokenizer([TEXT])
    else:
        model = with_random_weights(offer)
        tower = random_text_tower(model, offer, scratch)
        tokens = torch.arange(100, 100 + model_context(model))[None]
    name = "starter" if offer is None else offer.name
    preprocessing = preprocessing_of(model.visual.preprocess_cfg, name)
    fuse_batch_norms(model.visual, preprocessing.input_spec.size)
    raw = pictures_for(preprocessing.input_spec, options.pictures, options.count)
    mean = torch.tensor(preprocessing.mean).view(1, 3, 1, 1) * 255
    std = torch.tensor(preprocessing.std).view(1, 3, 1, 1) * 255
    inputs = (torch.from_numpy(raw).permute(0, 3, 1, 2).float() - mean) / std
    methods = methods_of(model, int8=options.int8)
    measure(methods, inputs[:BATCH], options.seconds)
    agreed = agreement(methods, inputs)
    base = base or min(method.cpu for method in methods)
    for method in methods:
        cosine, overlap = agreed[method.name]
        print(
            f"{name:20} {method.name:9} {BATCH / method.seconds:10.1f} {1000 * method.cpu / BATCH:8.1f} "
            f"{methods[0].cpu / method.cpu:5.2f}x {method.cpu / base:6.1f} {cosine:7.4f} {overlap:7.3f} "
            f"{method.memory / 1e6:6.0f}",
            flush=True,
        )
    with torch.inference_mode():
        whole = text_seconds(lambda: model.encode_text(tokens), options.seconds / 3)
    quick = None if tower is None else text_seconds(lambda: tower.encode_texts([TEXT]), options.seconds / 3)
    return base, (name, whole, quick)


def model_context(model: Any) -> int:
    """The length of the texts that a model takes."""
    return int(getattr(model, "context_length", None) or model.text.context_length)


if __name__ == "__main__":
    main()
