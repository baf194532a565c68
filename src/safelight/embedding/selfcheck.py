"""Checks that a loaded model works. Wrong weights or preprocessing give vectors that look normal."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import numpy.typing as npt

from safelight.core.encoder import Encoder, Pixels
from safelight.core.errors import ModelError

_COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "blue": (0, 0, 255),
    "green": (0, 160, 0),
    "yellow": (255, 230, 0),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
}
_KNOWN = {"starter@16b6afb3": (0.502, 0.462, 0.450, 0.359, 0.374, 0.508)}
"""By a model's key: the cosine of each text with its own square in float32, in the order above. Only models
whose weights were at hand when this was measured. Half precision changes the values by up to 0.011."""
_TOLERANCE = 0.03
_BACKGROUND = 128
_MAX_SHARE = 0.05


def check(encoder: Encoder) -> None:
    """Raise ModelError unless the model matches coloured squares with their names.

    Six squares and six texts give a matrix of cosines. Some pictures are similar to every text and some texts
    to every picture, particularly in small models, so rows and columns are centred. Then "a red square" must
    match the red square rather than the blue one, and the reverse, taken together; and the true assignment of
    texts to squares must beat 95 % of all 720 assignments. Random weights, swapped channels and unscaled
    channels are no better than chance at the second test. If the cosines of these weights are known, they
    must be reproduced, which detects slightly wrong preprocessing.
    """
    size = encoder.input_spec.size
    pictures = np.stack([_square(colour, size) for colour in _COLOURS.values()])
    texts = encoder.encode_texts([f"a {name} square" for name in _COLOURS])
    cosines = texts.astype(np.float64) @ encoder.encode_images(pictures).astype(np.float64).T
    if _contrast(cosines) <= 0 or _share_of_better(cosines) > _MAX_SHARE:
        raise ModelError(
            "The model “{name}” cannot tell a red square from a blue one: its weights or its preprocessing "
            "are wrong; install it again.",
            name=encoder.info.name,
        )
    known = _KNOWN.get(encoder.info.key)
    if known is not None and np.abs(np.diag(cosines) - known).max() > _TOLERANCE:
        raise ModelError(
            "The model “{name}” does not give the known results of its weights: the preprocessing is "
            "wrong, or this processor computes wrongly; install it again.",
            name=encoder.info.name,
        )


def _square(colour: tuple[int, int, int], size: int) -> Pixels:
    picture = np.full((size, size, 3), _BACKGROUND, np.uint8)
    edge = round(size * 3 / 14)
    picture[edge : size - edge, edge : size - edge] = colour
    return picture


def _contrast(cosines: npt.NDArray[np.float64]) -> float:
    """Red with red plus blue with blue, minus the two mismatches."""
    return float(cosines[0, 0] + cosines[1, 1] - cosines[0, 1] - cosines[1, 0])


def _share_of_better(cosines: npt.NDArray[np.float64]) -> float:
    """The share of all assignments of texts to pictures that score at least as high as the true one.

    Each assignment uses every row and column once, so the sums need no centring.
    """
    count = len(cosines)
    order = np.array(list(permutations(range(count))))
    sums = cosines[np.arange(count), order].sum(1)
    return float(np.mean(sums >= np.trace(cosines)))
