"""Names of copies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.errors import UsageError
from safelight.core.name_template import FIELDS, NamedPhoto, NameTemplate

PHOTO = NamedPhoto("IMG_12", 7, 120, "2019-05-12T10:15:00", "A title", 4, "Acme 5", "Holiday")


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{name}", ("IMG_12",)),
        ("{date} {time} {name}", ("2019-05-12 101500 IMG_12",)),
        ("{year}/{month}-{day}/{number}", ("2019", "05-12", "007")),
        ("{number:5}", ("00007",)),
        ("{folder}, {title} ({camera}, {rating})", ("Holiday, A title (Acme 5, 4)",)),
        ("../../{name}", ("IMG_12",)),
        ("/etc/{name}", ("etc", "IMG_12")),
        ("{year}/", ("2019", "IMG_12")),
        ("a:b?c", ("a-b-c",)),
        ("CON", ("_CON",)),
        ("{{x}}", ("{x}",)),
    ],
)
def test_fields_are_filled_in(template: str, name: tuple[str, ...]) -> None:
    assert NameTemplate(template).render(PHOTO) == name


@pytest.mark.parametrize(
    "template",
    ["{nam}", "{name!r}", "{name.x}", "{name[0]}", "{", "{}", "{date:5}", "{number:99}", "", " / "],
)
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(UsageError):
        NameTemplate(template)


@given(st.text(), st.text(), st.sampled_from(list(FIELDS)))
def test_any_name_is_usable(name: str, title: str, field: str) -> None:
    photo = NamedPhoto(name, 1, 1, "2019-05-12T10:15:00", title, -1, title, name)
    levels = NameTemplate(f"{{title}}/{{{field}}}").render(photo)
    assert levels
    for level in levels:
        assert level not in ("", ".", "..")
        assert not set(level) & set('/\\:*?"<>|\0\n')
        assert len(level.encode("utf-8", "surrogateescape")) <= 180 if level.isascii() else True


def test_bytes_of_a_name_that_are_no_utf8_are_kept() -> None:
    photo = NamedPhoto("caf\udce9", 1, 1, "2019-05-12T10:15:00")
    assert NameTemplate("{name}").render(photo) == ("caf\udce9",)
