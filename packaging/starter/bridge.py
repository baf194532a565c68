"""Fits the bridge from the new model's space to its predecessor's: two matrices by ridge regression."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import open_clip
import torch
from safetensors.torch import save_file
from torch.nn import functional

from safelight.core.encoder import Vectors
from safelight.embedding.bridge import BRIDGE_NAME
from safelight.embedding.catalogue import STARTER
from safelight.embedding.config import WEIGHTS_NAME

log = logging.getLogger(__name__)

SAMPLE = 6_000
"""Texts that it is fitted on."""
_RIDGE = 1e-3
"""Against the mean square of an input."""


class Former:
    """The earlier version, as far as a bridge needs it: its text tower, and its head on the same features."""

    def __init__(self, folder: Path) -> None:
        source = f"local-dir:{folder.resolve()}"
        digest = hashlib.sha256((folder / WEIGHTS_NAME).read_bytes()).hexdigest()
        self.key = f"{STARTER}@{digest[:8]}"
        self._model = open_clip.create_model_from_pretrained(source, return_transform=False).eval()
        self._tokenizer = open_clip.get_tokenizer(source)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n, d)."""
        parts = []
        with torch.inference_mode():
            for start in range(0, len(texts), 256):
                tokens = self._tokenizer(list(texts[start : start + 256]))
                parts.append(self._model.encode_text(tokens, normalize=True))
        found: Vectors = torch.cat(parts).numpy()
        return found

    def encode_features(self, features: torch.Tensor) -> Vectors:
        """Unit vectors (n, d) of pictures from EfficientNet's features (n, 1280)."""
        with torch.inference_mode():
            found: Vectors = functional.normalize(self._model.visual.head(features), dim=-1).numpy()
        return found


def fit(new: Vectors, old: Vectors) -> Vectors:
    """(old dim, new dim): the matrix that maps rows of ``new`` to rows of ``old`` with least squares."""
    gram = new.T @ new
    gram += _RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram), dtype=np.float32)
    found: Vectors = np.ascontiguousarray(np.linalg.solve(gram, new.T @ old).T, np.float32)
    return found


def write(
    folder: Path,
    former: Former,
    texts: Sequence[str],
    encode_texts: Callable[[Sequence[str]], Vectors],
    features: torch.Tensor,
    pictures: Vectors,
) -> None:
    """Fit and write the bridge; ``pictures`` are the new model's vectors of ``features``.

    A tenth of the texts is kept out of the fit and gives the figure that is logged.
    """
    new, old = encode_texts(texts), former.encode_texts(texts)
    kept = np.arange(len(texts)) % 10 == 0
    by_texts = fit(new[~kept], old[~kept])
    mapped = new[kept] @ by_texts.T
    nearness = (mapped * old[kept]).sum(1) / np.linalg.norm(mapped, axis=1)
    log.info("bridge: cosine of unseen texts to the former version's %.3f", float(nearness.mean()))
    by_pictures = fit(pictures, former.encode_features(features))
    save_file(
        {"texts": torch.from_numpy(by_texts).half(), "pictures": torch.from_numpy(by_pictures).half()},
        folder / BRIDGE_NAME,
        metadata={"key": former.key},
    )
    (folder / BRIDGE_NAME).chmod(0o644)
