"""Linear classifiers of words that come with a model, in one file beside its weights. No torch here.

A vector of a text says how its words are used in general. A classifier was trained on captioned pictures
instead and tells how likely a caption of a photo would imply the word, so it ranks photos better. The
built-in model has one for each word of the vocabulary that enough of its training pictures show.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from safelight.core.encoder import ModelInfo, Vectors
from safelight.embedding.companion_files import read_companion

CLASSIFIERS_NAME = "word_classifiers.safetensors"
_WEIGHTS, _BIASES, _WORDS, _MODEL = "weights", "biases", "words", "model"


@dataclass(frozen=True, slots=True)
class WordClassifier:
    """The log odds that a photo shows what a word says: the product of its vector with ``weights``, plus
    ``bias``."""

    weights: Vectors
    """(dim,), of any length."""
    bias: float


def load_word_classifiers(info: ModelInfo) -> Mapping[str, WordClassifier]:
    """The classifiers of a model, by the names of concepts in the vocabulary.

    Empty where the model has none, they belong to other weights, or the file is damaged.
    """
    if info.folder is None:
        return {}
    found = read_companion(info.folder / CLASSIFIERS_NAME, (_WEIGHTS, _BIASES))
    if found is None or found.metadata.get(_MODEL) != info.key:
        return {}
    weights, biases = found.tensors
    try:
        words = json.loads(found.metadata.get(_WORDS, "[]"))
    except ValueError:
        return {}
    if not isinstance(words, list):
        return {}
    if weights.shape != (len(words), info.dim) or biases.shape != (len(words),):
        return {}
    if not (np.isfinite(weights).all() and np.isfinite(biases).all()):
        return {}
    return {
        str(word): WordClassifier(row, float(bias))
        for word, row, bias in zip(words, weights, biases, strict=True)
    }


def save_word_classifiers(
    folder: Path, key: str, words: Sequence[str], weights: Vectors, biases: npt.NDArray[np.float32]
) -> Path:
    """Write the classifiers of the model with this key into its folder: ``weights`` (n, dim) in half
    precision and ``biases`` (n,). Returns the path of the file.
    """
    path = folder / CLASSIFIERS_NAME
    tensors: dict[str, npt.NDArray[Any]] = {
        _WEIGHTS: weights.astype(np.float16),
        _BIASES: biases.astype(np.float32),
    }
    save_file(tensors, path, metadata={_MODEL: key, _WORDS: json.dumps(list(words))})
    path.chmod(0o644)  # safetensors makes it readable to its owner only
    return path
