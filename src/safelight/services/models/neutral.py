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
from safelight.services.models import stored_text_vectors

PROMPTS = "prompts"
"""The kind of these vectors in :mod:`safelight.services.models.stored_text_vectors`."""
_PROBE_COUNT = 8
_MIN_COSINE = 0.9999
"""Adding float32 numbers in another order changes cosines by about 1e-6."""


def neutral_prompts() -> tuple[str, ...]:
    """A few hundred short descriptions of everyday pictures. No single library shows all of them."""
    text = (paths.resources_dir() / "prompts" / "neutral.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)


def encoded_prompts(encoder: Encoder, directory: Path) -> Vectors:
    """The vectors of the neutral texts (n, dim), stored or computed. ``directory`` is the folder of the
    library. Raises ModelError.
    """
    return stored_text_vectors.load_or_encode(encoder, directory, PROMPTS, neutral_prompts())


def agrees(encode: Callable[[Sequence[str]], Vectors], info: ModelInfo, directory: Path) -> bool:
    """Whether another way to encode texts gives the same vectors as the complete model.

    The model's vectors come with it, or an earlier run has stored them; False if there are none. The complete
    model checks itself each time it is loaded. ``directory`` is the folder of the library.
    """
    prompts = neutral_prompts()
    kept = stored_text_vectors.load(info, directory, PROMPTS, prompts)
    if kept is None:
        return False
    asked = range(0, len(prompts), max(1, len(prompts) // _PROBE_COUNT))
    found = encode([prompts[number] for number in asked])
    nearness = np.sum(found * kept[asked], axis=1)
    return bool((nearness >= _MIN_COSINE).all())
