"""Encodes the text of a query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Encoder

PROMPT_TEMPLATES: tuple[str, ...] = ("{}",)
"""Queries are encoded unchanged. Prompt ensembles ("a photo of a {}", Radford et al. 2021) were worse with
the starter on 574 captioned pictures: mean average precision .346 for four templates, .356 for the word
alone (424 words), .386 against .403 (140 pairs of words), and no difference for class names (recall at 1
.860 against .855, 428 names)."""


def encode_query(
    encoder: Encoder, text: str, templates: Sequence[str] = PROMPT_TEMPLATES
) -> npt.NDArray[np.float32]:
    """Unit vector (dim,): the mean direction of ``text`` in each template.

    Runs of white space count as one space. Raises ValueError for a blank text.
    """
    query = " ".join(text.split())
    if not query:
        raise ValueError("an empty text describes nothing")
    # Not str.format, because a query may contain braces.
    vectors = encoder.encode_texts([template.replace("{}", query) for template in templates])
    mean = vectors.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


class EncodedQueries:
    """A cache of the latest queries' vectors: the same words are encoded again with every filter added.

    For one thread at a time.
    """

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._known: OrderedDict[tuple[str, str], npt.NDArray[np.float32]] = OrderedDict()

    def encode(self, encoder: Encoder, text: str) -> npt.NDArray[np.float32]:
        """Like :func:`encode_query`. The vector is read-only."""
        key = (encoder.info.key, " ".join(text.split()))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = encode_query(encoder, text)
            known.flags.writeable = False
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return known
