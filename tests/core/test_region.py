"""Rectangles of pictures, as text and as pixels."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safelight.core.region import Region

anything = st.floats(-2, 3)


@given(anything, anything, anything, anything)
@example(0.0, -0.0, 0.0, 0.0)
def test_what_is_written_reads_as_the_same(left: float, top: float, width: float, height: float) -> None:
    region = Region.of(left, top, width, height)
    assert Region.split(f"/a b/c.jpg{region}") == ("/a b/c.jpg", region)
    assert 0 <= region.left < 1
    assert 0 <= region.top < 1
    assert region.left + region.width <= 1 + 1e-9
    assert region.top + region.height <= 1 + 1e-9


@given(anything, anything, anything, anything, st.integers(1, 5000), st.integers(1, 5000))
def test_a_box_holds_a_pixel_of_the_picture(
    left: float, top: float, width: float, height: float, wide: int, high: int
) -> None:
    first, upper, last, lower = Region.of(left, top, width, height).box(wide, high)
    assert 0 <= first < last <= wide
    assert 0 <= upper < lower <= high


def test_fractions_and_pixels() -> None:
    path, region = Region.split("a.jpg#xywh=percent:25,10.5,50,40")
    assert path == "a.jpg"
    assert region == Region(0.25, 0.105, 0.5, 0.4)
    assert str(region) == "#xywh=percent:25,10.5,50,40"
    assert region.box(200, 1000) == (50, 105, 150, 505)


@pytest.mark.parametrize(
    "text",
    [
        "a.jpg",
        "a#b.jpg",
        "a.jpg#xywh=25,10,50,40",
        "a.jpg#xywh=percent:25,10,50",
        "a.jpg#xywh=percent:25,10,50,40,1",
        "a.jpg#xywh=percent:100,10,50,40",
        "a.jpg#xywh=percent:25,10,50,0",
        "a.jpg#xywh=percent:-1,10,50,10",
        "#xywh=percent:25,10,50,40",
    ],
)
def test_what_is_no_rectangle_belongs_to_the_path(text: str) -> None:
    assert Region.split(text) == (text, None)
