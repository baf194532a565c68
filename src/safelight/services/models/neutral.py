"""Neutral texts: short descriptions of everyday pictures.

Their vectors are the background that searches are compared with. They are also used to verify that another
way to encode texts gives the same vectors as the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from safelight import paths
from safelight.core.encoder import Encoder, Vectors
from safelight.services.models import kept_vectors

_KIND = "prompts"
_PROBES = 8
_LEAST_COSINE = 0.9999
"""Adding float32 numbers in another order changes cosines by about 1e-6."""


def neutral_prompts() -> tuple[str, ...]:
    """A few hundred short descriptions of everyday pictures. No single library shows all of them."""
    text = (paths.resources_dir() / "prompts" / "neutral.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)


def encoded_prompts(encoder: Encoder, folder: Path) -> Vectors:
    """The vectors of the neutral texts (n, dim), from ``folder`` if they are kept there.

    Raises ModelError.
    """
    return kept_vectors.encoded(encoder, folder, _KIND, neutral_prompts())


def agrees(encode: Callable[[Sequence[str]], Vectors], key: str, dim: int, folder: Path) -> bool:
    """Whether another way to encode texts gives the vectors that the complete model of this key gave.

    Those must have been kept in ``folder``; without them the answer is False. The complete model checks
    itself each time it is loaded.
    """
    prompts = neutral_prompts()
    kept = kept_vectors.load(folder, _KIND, key, prompts, dim)
    if kept is None:
        return False
    asked = range(0, len(prompts), max(1, len(prompts) // _PROBES))
    found = encode([prompts[number] for number in asked])
    nearness = np.sum(found * kept[asked], axis=1)
    return bool((nearness >= _LEAST_COSINE).all())
