"""Explains why a photo matches a query: by which parts of the query, and where in the picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from safelight.core import bands, relevance
from safelight.core.encoder import Encoder, Vectors
from safelight.core.errors import ImageError
from safelight.core.explanation import Explanation, Heat, PartScore, Standing
from safelight.core.region import Region
from safelight.core.search import Band
from safelight.services.indexing.decoding import DecodePool
from safelight.services.models.neutral import neutral_prompts
from safelight.services.searching.calibration import RANKED, Calibration
from safelight.services.searching.query_vectors import Asked, QueryVectors
from safelight.services.searching.ranked_search import Nearest
from safelight.services.searching.targets import Target

NEAREST_WORDS = 5
NEAREST_DESCRIPTIONS = 3

_WINDOW = 0.4
"""Side of the windows that are compared, as a share of the picture's short side."""
_STEP = 0.5
"""Distance between two windows, as a share of their side."""
_LEAST_OF_LONG = 0.2
"""Side of the windows of an elongated picture, as a share of its long side; at most its short side."""
_MOST_ALONG = 24
"""The most windows along the long side. In longer pictures they are further apart."""

_LUKEWARM = 0.4
"""Share of the hottest value up to which a window is cold, because the surroundings of a thing also match a
little."""

_STANDING = {Band.STRONG: Standing.CLEARLY, Band.MAYBE: Standing.SOMEWHAT, Band.REST: Standing.HARDLY}


@dataclass(frozen=True, slots=True)
class Explained:
    """The values that are known at once, and how to compute the rest. :meth:`heated` may be called on another
    thread.
    """

    explanation: Explanation
    heat: Callable[[], Heat]

    def heated(self) -> Explanation:
        """With the heat map, or the reason why there is none. Takes as long as encoding some dozens of
        pictures. Raises ModelError."""
        if self.explanation.notice:
            return self.explanation
        try:
            return replace(self.explanation, heat=self.heat())
        except ImageError as error:
            return replace(self.explanation, notice=str(error))


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains one query in one library. For one thread, except as :class:`Explained` says."""

    encoder: Encoder
    pool: DecodePool
    calibration: Calibration
    nearest: Nearest
    among: int
    """How many photos the library has with a vector."""

    def score(self, part: Asked, photo_id: int) -> PartScore:
        """How well a photo with a vector matches one part, compared with the photos that match it best."""
        target = self.calibration.target(QueryVectors((part.sense,)))
        best = self.calibration.measured(target, self.nearest(target.direction, RANKED, None))
        near = self.nearest(target.direction, 1, [photo_id])
        own = self.calibration.measured(target, near)
        if target.words is not None:
            cuts = bands.Cuts.for_log_odds(np.array([math.inf], np.float32))
        elif target.by_words:
            cuts = bands.Cuts.for_words(bands.peak(best.deviations), self.among)
        else:
            others = best.deviations[best.cosines < bands.COPY]
            cuts = bands.Cuts.for_picture(bands.peak(others), self.among)
        place = int(cuts.places(own.deviations)[0])
        return PartScore(
            part.text,
            float(own.cosines[0]),
            float(self.calibration.spreads(target, near)[0]),
            _STANDING[bands.ORDER[place]],
            part.excluded,
            None if target.words is None else float(relevance.probability(own.deviations)[0]),
        )

    def stands_out(self, query_vectors: QueryVectors, photo_id: int) -> float:
        """The deviation of a photo with a vector for the query's vectors."""
        target = self.calibration.target(query_vectors)
        found = self.calibration.measured(target, self.nearest(target.direction, 1, [photo_id]))
        deviation = float(found.deviations[0])
        return -deviation if query_vectors.only_excludes else deviation

    def looks_like(self, vector: Vectors) -> tuple[str, ...]:
        """The everyday things by which a photo deviates most."""
        prompts = neutral_prompts()
        return tuple(prompts[number] for number in self.calibration.prompts_of(vector, NEAREST_WORDS))

    def descriptions(self, vector: Vectors) -> tuple[str, ...]:
        """The reference descriptions nearest to a photo of this vector (dim,)."""
        return self.calibration.descriptions_of(vector, NEAREST_DESCRIPTIONS)

    def heat(self, path: str, size: tuple[int, int], target: Target) -> Heat:
        """The heat map of a target in the picture at a path, of this width and height, from overlapping
        windows.

        A window is measured as if it were a photo, so that this works with any model. A cell is the mean of
        the windows that contain it. Raises ImageError, ModelError.
        """
        windows = Windows.over(*size)
        pixels = self.pool.prepare_regions(path, self.encoder.input_spec, windows.regions).result()
        found = self.calibration.deviations(self.encoder.encode_images(pixels), target)
        # Full heat needs at least a strong match, so that a picture that does not match remains pale.
        if target.words is not None:
            found = relevance.probability(found)
            full = max(float(found.max()), relevance.STRONG)
        else:
            full = max(float(found.max()), bands.STRONG_SHARE * bands.least_peak(self.among))
        return windows.spread(np.clip((found / full - _LUKEWARM) / (1 - _LUKEWARM), 0, 1).tolist())


@dataclass(frozen=True, slots=True)
class Windows:
    """Square windows in rows over a picture, each overlapping the next by half, and the cells between
    their edges.
    """

    columns: int
    rows: int
    regions: tuple[Region, ...]

    @classmethod
    def over(cls, width: int, height: int) -> Windows:
        short, long = min(width, height), max(width, height)
        side = max(_WINDOW * short, min(short, _LEAST_OF_LONG * long))
        columns, rows = _amount(width, side), _amount(height, side)
        wide, high = side / width, side / height
        lefts, tops = np.linspace(0, 1 - wide, columns), np.linspace(0, 1 - high, rows)
        regions = tuple(Region.of(float(left), float(top), wide, high) for top in tops for left in lefts)
        return cls(columns, rows, regions)

    def spread(self, values: Sequence[float]) -> Heat:
        """For each cell the mean over the windows that contain it; one more cell than windows along each
        side.
        """
        grid = np.asarray(values).reshape(self.rows, self.columns)
        total, count = np.zeros((2, self.rows + 1, self.columns + 1))
        for down in (0, 1):
            for right in (0, 1):
                place = slice(down, down + self.rows), slice(right, right + self.columns)
                total[place] += grid
                count[place] += 1
        return tuple(tuple(float(cell) for cell in row) for row in total / count)


def _amount(length: int, side: float) -> int:
    return min(_MOST_ALONG, max(1, round((length - side) / (_STEP * side)) + 1))
