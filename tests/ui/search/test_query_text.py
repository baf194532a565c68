"""Editing a query as text: what is taken away or added, and that the rest stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.query import Words, parse
from safelight.ui.search.query_editing import with_part
from safelight.ui.search.query_text import without

_PIECES = st.sampled_from(
    [
        *(
            "dog",
            "on a beach",
            "-grass",
            '-"tall grass"',
            '+"golden hour"',
            "2:sunset",
            "-0.5:x",
            '"golden gate"',
        ),
        *(
            "date:2019",
            "in:Italy",
            'in:"My Photos"',
            "-camera:canon",
            "rating:>=3",
            "near:1,2,3",
            "is:favourite",
        ),
        *(
            "like:/a/b.jpg",
            '-like:"/my photos/a.jpg"',
            '"',
            '""',
            "-",
            "in:",
            "date:foo",
            '-"a',
            "16:9",
            "é\u2003ü",
        ),
    ]
)
TEXTS = st.one_of(
    st.lists(_PIECES, max_size=8).map(" ".join),
    st.lists(_PIECES, max_size=6).map("".join),
    st.text(max_size=40),
)


def _said(text: str) -> list[object]:
    """What a text says apart from where its free words stand."""
    parts = parse(text).parts
    return [parse(text).description.split(), *(part for part in parts if not isinstance(part, Words))]


@given(TEXTS, st.data())
def test_a_part_taken_away_leaves_all_others_as_they_were(text: str, data: st.DataObject) -> None:
    parts = parse(text).parts
    if not parts:
        return
    number = data.draw(st.integers(0, len(parts) - 1))
    rest = [part for at, part in enumerate(parts) if at != number]
    words = [word for part in rest if isinstance(part, Words) for word in part.words.split()]
    expected = [words, *(part for part in rest if not isinstance(part, Words))]
    assert _said(without(text, parts[number].span)) == expected


@given(TEXTS)
def test_all_parts_can_be_taken_away_one_by_one(text: str) -> None:
    while parts := parse(text).parts:
        shorter = without(text, parts[0].span)
        assert len(shorter) < len(text)
        text = shorter


@given(TEXTS, st.sampled_from(["like:/a/b.jpg", "-grass", "date:2019", '"golden gate"', '+"golden hour"']))
def test_a_part_is_added_once(text: str, part: str) -> None:
    longer = with_part(text, part)
    (added,) = parse(part).parts
    assert parse(longer).parts.count(added) >= 1
    assert with_part(longer, part) == longer


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("", "-grass", "-grass"),
        ("dog", "like:/a.jpg", "dog like:/a.jpg"),
        ("dog like:/a.jpg", "like:/a.jpg", "dog like:/a.jpg"),
        ("dog like:/a.jpg x", "-like:/a.jpg", "dog x -like:/a.jpg"),
        ("is:favourite", "-is:favourite", "-is:favourite"),
        ('"golden ga', "-grass", '"golden ga" -grass'),
        ("dog", "-grass -tree", "dog -grass -tree"),
        (" dog ", "", " dog "),
        ("dog OR cat", "is:favourite", "(dog OR cat) is:favourite"),
        ("(dog OR cat) -red", "like:/a.jpg", "(dog OR cat) -red like:/a.jpg"),
        ("tag:a,b", "-like:/a.jpg", "tag:a,b -like:/a.jpg"),
    ],
)
def test_adding(text: str, part: str, expected: str) -> None:
    assert with_part(text, part) == expected
