"""Declared fields: their units, their rows of details, and that every part of the program knows them all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core import fields, quantities
from safelight.core.field_types import FieldKind
from safelight.core.fields import FIELDS, FIELDS_BY_KEY, details_of
from safelight.core.flags import FLAG_KEYS, FLAGS, FLAGS_BY_NAME
from safelight.core.photo import ImageMetadata, Photo
from safelight.core.quantities import Unit
from safelight.core.query import Filter, Group, parse
from safelight.paths import resources_dir

UNITS = {name: value for name, value in vars(quantities).items() if isinstance(value, Unit)}


def photo(**metadata: object) -> Photo:
    return Photo(
        *(7, 2_400_000, "JPEG", 4032, 3024, 0, "2019-05-12T10:30:00", True),
        metadata=ImageMetadata(**metadata),  # type: ignore[arg-type]
        favourite=False,
        rating=0,
        files=(),
    )


@given(
    st.sampled_from(sorted(UNITS)),
    st.from_regex(r"(f/|1/)?[0-9]{1,6}(\.[0-9]{1,3})?(mm|s|kb|mb)?", fullmatch=True),
)
def test_a_number_that_was_read_is_written_so_that_it_reads_the_same(name: str, text: str) -> None:
    unit = UNITS[name]
    number = unit.read(text)
    if number is not None:
        assert unit.read(unit.write(number)) == number
        assert unit.show(number)


@given(st.floats(1 / 64_000, 600))
def test_an_exposure_of_a_camera_is_written_within_the_tolerance(seconds: float) -> None:
    read = quantities.SECONDS.read(quantities.SECONDS.write(seconds))
    assert read is not None
    assert abs(read - seconds) <= quantities.SECONDS.tolerance * seconds


@pytest.mark.parametrize(
    ("unit", "number", "text"),
    [
        (quantities.F_NUMBER, 2.8, "f/2.8"),
        (quantities.SECONDS, 1 / 250, "1/250 s"),
        (quantities.SECONDS, 2.5, "2.5 s"),
        (quantities.MILLIMETRES, 50.0, "50 mm"),
        (quantities.PIXELS, 4032, "4,032 px"),
        (quantities.BYTES, 2_400_000, "2.4 MB"),
        (quantities.STARS, 0, "no stars"),
    ],
)
def test_numbers_are_shown_with_their_unit(unit: Unit, number: float, text: str) -> None:
    assert str(unit.show(number)) == text


def details(shown: Photo) -> dict[str, str]:
    return {str(label): str(text) for label, text in details_of(shown)}


def test_details_leave_out_what_is_unknown() -> None:
    full = photo(
        camera="iPhone 8",
        aperture=1.8,
        exposure=1 / 250,
        iso=100,
        focal_length=4.0,
        latitude=-35.5122,
        longitude=-24.018,
    )
    assert details(full) == {
        "Size": "4032 × 3024 · 12 MP",
        "Kind": "JPEG · 2.4 MB",
        "Camera": "iPhone 8",
        "Exposure": "f/1.8 · 1/250 s · ISO 100 · 4 mm",
        "Position": "35.5122° S, 24.0180° W",
    }
    assert set(details(photo())) == {"Size", "Kind"}
    assert details(photo(latitude=0.0, longitude=0.0))["Position"] == "0.0000° N, 0.0000° E"


def test_the_details_say_where_only_the_first_frame_is_shown() -> None:
    played = details(replace(photo(), format="GIF", frames=5))["Kind"]
    still = details(replace(photo(), format="JXL", frames=2))["Kind"]
    assert played == "GIF · 2.4 MB"
    assert still == "JXL animation, of which only the first frame is shown · 2.4 MB"
    assert details(replace(photo(), format="JXL"))["Kind"] == "JXL · 2.4 MB"


@pytest.mark.parametrize(("turns", "size"), [(1, "3024 × 4032"), (2, "4032 × 3024"), (3, "3024 × 4032")])
def test_the_size_is_that_of_the_turned_photo(turns: int, size: str) -> None:
    assert details(replace(photo(), turns=turns))["Size"] == f"{size} · 12 MP"


def test_every_example_of_a_field_is_a_filter_on_it() -> None:
    for field in FIELDS:
        assert field.examples
        for example in field.examples:
            (part,) = parse(example).parts
            assert isinstance(part, Filter), example
            assert part.condition.key in (field.key, "date"), example
    for flag in FLAGS:
        (part,) = parse(f"-{flag.name}").parts
        assert isinstance(part, Filter)


def test_every_key_but_positions_takes_a_list() -> None:
    for key in (*FIELDS_BY_KEY, *FLAG_KEYS):
        examples = (
            FIELDS_BY_KEY[key].examples if key in FIELDS_BY_KEY else [f.name for f in FLAGS if f.key == key]
        )
        value, other = examples[0].partition(":")[2], examples[-1].partition(":")[2]
        if key == "near" or value == other:
            continue
        (part,) = parse(f"{key}:{value},{other}").parts
        assert isinstance(part, Group), key


def test_declarations_are_consistent() -> None:
    assert len(FIELDS_BY_KEY) == len(FIELDS)
    assert {flag.key for flag in FLAGS} == set(FLAG_KEYS)
    assert len({sort.order for field in FIELDS for sort in field.sorts}) == len(fields.SORTS_BY_ORDER)
    icons = {field.icon for field in FIELDS} | {flag.icon for flag in FLAGS}
    for name in icons | {icon for _, icon in FLAG_KEYS.values()}:
        assert (Path(resources_dir()) / "icons" / f"{name}.svg").exists(), name
    for field in FIELDS:
        assert field.chip_text.text.count("{value}") == 1
        assert field.kind is not FieldKind.NUMBER or field.unit in UNITS.values()
    assert FLAGS_BY_NAME["is:favorite"] is FLAGS_BY_NAME["is:favourite"]
