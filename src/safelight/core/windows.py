"""The square windows through which a model sees an elongated picture: a panorama or a long screenshot.

Models take square inputs. They see only the middle of a picture that is much longer than wide, or the whole
picture too small to recognise anything.
"""

from __future__ import annotations

import math

from safelight.core.region import Region

ELONGATED = 1.8
"""Aspect ratio from which a picture has windows."""

_STEP = 0.5
"""Distance between two windows, as a share of their side: a subject is whole in at least one of them."""

_MOST = 24
"""Windows of one picture at most. They overlap less, and from an aspect ratio of 24 not at all."""


def windows_of(width: int, height: int) -> tuple[Region, ...]:
    """Overlapping squares along a picture of this size, from its left or its top; none unless elongated."""
    long, short = max(width, height), min(width, height)
    if long <= ELONGATED * short:
        return ()
    share = short / long
    count = min(_MOST, math.ceil((1 - share) / (_STEP * share)) + 1)
    starts = [number * (1 - share) / (count - 1) for number in range(count)]
    if width > height:
        return tuple(Region.of(start, 0, share, 1) for start in starts)
    return tuple(Region.of(0, start, 1, share) for start in starts)
