"""What a person types, as a vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Encoder

PROMPT_TEMPLATES: tuple[str, ...] = ("{}",)
"""Queries as they stand. Ensembles of prompts (Radford et al. 2021, "a photo of a {}" and the like) were
measured with the starter on 574 captioned pictures and found worse: mean average precision .356 for the
word alone against .346 for four templates over 424 words, .403 against .386 over 140 pairs of words, and
no difference for class names (recall at 1 .855 against .860 over 428)."""


def encode_query(
    encoder: Encoder, text: str, templates: Sequence[str] = PROMPT_TEMPLATES
) -> npt.NDArray[np.float32]:
    """Unit vector (dim,): the mean direction of ``text`` put into each template.

    Runs of white space count as one space. Raises ValueError for a blank text.
    """
    query = " ".join(text.split())
    if not query:
        raise ValueError("an empty text describes nothing")
    # Not str.format: a query may hold braces, and a template nothing else to fill in.
    vectors = encoder.encode_texts([template.replace("{}", query) for template in templates])
    mean = vectors.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)
