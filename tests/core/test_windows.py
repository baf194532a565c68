from __future__ import annotations

from itertools import pairwise

import pytest

from safelight.core.photo_units import PhotoUnit, UnitKind, WindowPosition
from safelight.core.windows import windows_of


@pytest.mark.parametrize("size", [(1800, 1000), (1000, 1800), (1500, 1000), (1, 1)])
def test_ordinary_shapes_have_no_windows(size: tuple[int, int]) -> None:
    assert windows_of(*size) == ()


@pytest.mark.parametrize("size", [(1900, 1000), (8000, 1000), (1080, 9720), (20_000, 1000)])
def test_windows_are_squares_that_cover_the_picture_and_overlap(size: tuple[int, int]) -> None:
    width, height = size
    boxes = [region.box(width, height) for region in windows_of(width, height)]
    along = 0 if width > height else 1
    assert boxes[0][along] == 0
    assert boxes[-1][along + 2] == max(size)
    for left, top, right, bottom in boxes:
        assert abs((right - left) - (bottom - top)) <= 2
        assert min(right - left, bottom - top) >= min(size) - 2
    for first, second in pairwise(boxes):
        assert first[along] < second[along] < first[along + 2]


def test_an_endless_strip_has_a_bounded_number_of_windows() -> None:
    assert len(windows_of(60_000, 1)) == 24


def test_a_window_is_named_by_its_spot() -> None:
    def spots(width: int, height: int) -> list[WindowPosition | None]:
        return [
            PhotoUnit(
                UnitKind.WINDOW, n, {"x": r.left, "y": r.top, "width": r.width, "height": r.height}
            ).spot
            for n, r in enumerate(windows_of(width, height))
        ]

    across, down = spots(8000, 1000), spots(1000, 8000)
    assert (across[0], across[7], across[-1]) == (
        WindowPosition.LEFT_END,
        WindowPosition.MIDDLE,
        WindowPosition.RIGHT_END,
    )
    assert (down[0], down[7], down[-1]) == (
        WindowPosition.TOP_END,
        WindowPosition.MIDDLE,
        WindowPosition.BOTTOM_END,
    )
    assert PhotoUnit(UnitKind.PHOTO, 0).spot is None
