"""Neutral texts: short descriptions of everyday pictures.

Their vectors are the background that searches are compared with. They are also used to verify that another
way to encode texts gives the same vectors as the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from safelight import paths
from safelight.core.encoder import Encoder, ModelInfo, Vectors
from safelight.services.models import kept_vectors

PROMPTS = "prompts"
"""The kind of these vectors where they are kept."""
_PROBES = 8
_LEAST_COSINE = 0.9999
"""Adding float32 numbers in another order changes cosines by about 1e-6."""


def neutral_prompts() -> tuple[str, ...]:
    """A few hundred short descriptions of everyday pictures. No single library shows all of them."""
    text = (paths.resources_dir() / "prompts" / "neutral.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)


def encoded_prompts(encoder: Encoder, directory: Path) -> Vectors:
    """The vectors of the neutral texts (n, dim), from where they are kept. ``directory`` is that of the
    library. Raises ModelError.
    """
    return kept_vectors.encoded(encoder, directory, PROMPTS, neutral_prompts())


def agrees(encode: Callable[[Sequence[str]], Vectors], info: ModelInfo, directory: Path) -> bool:
    """Whether another way to encode texts gives the vectors that the complete model gave.

    Those come with the model, or an earlier run has kept them; without them the answer is False. The complete
    model checks itself each time it is loaded. ``directory`` is that of the library.
    """
    prompts = neutral_prompts()
    kept = kept_vectors.load(info, directory, PROMPTS, prompts)
    if kept is None:
        return False
    asked = range(0, len(prompts), max(1, len(prompts) // _PROBES))
    found = encode([prompts[number] for number in asked])
    nearness = np.sum(found * kept[asked], axis=1)
    return bool((nearness >= _LEAST_COSINE).all())
