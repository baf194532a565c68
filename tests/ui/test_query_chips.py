"""The parts of a query in a person's words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.query import Part, Words, parse
from safelight.ui.query_chips import chips_of, part_chips
from safelight.ui.search.query_text import index_of, units, without

TODAY = date(2026, 11, 21)

_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
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
            "date:2019-05..",
            "before:2020",
            'in:"My Photos"',
            "-camera:canon",
            "rating:>=3",
            "😀",
        ),
        *(
            "size:1mb..2mb",
            "width:>3000",
            "near:1,2,3",
            "is:favourite",
            "-is:offline",
            "(beach OR lake)",
            "-(people OR is:square)",
            "tag:a,b",
            "OR",
            "(",
            ")",
            "like:/a/b.jpg",
            "-like:b.jpg#xywh=percent:25,10,50,40",
            '"',
            "-",
        ),
    ]
)
TEXTS = st.one_of(
    st.lists(_PIECES, max_size=8).map(" ".join), st.lists(_PIECES, max_size=5).map("".join), _TEXT
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date:2019", "Taken in 2019"),
        ("date:2019-05", "Taken in May 2019"),
        ("date:2019-05-03", "Taken on 3 May 2019"),
        ("added:2019-05", "Added in May 2019"),
        ("added:>=2019-05-03", "Added on 3 May 2019 or later"),
        ("date:2019-05..2020", "Taken May 2019 to 2020"),
        ("date:2019..", "Taken in 2019 or later"),
        ("date:..2019-05-03", "Taken on 3 May 2019 or earlier"),
        ("before:2019", "Taken before 2019"),
        ("after:2019", "Taken after 2019"),
        ("-date:2019", "Not: taken in 2019"),
        ("in:Summer/2019", "In Summer/2019"),
        ('-in:"My Photos"', "Not: in My Photos"),
        ("camera:canon", "Taken with canon"),
        ("lens:50mm", "Lens 50mm"),
        ("type:cr2", "Type CR2"),
        ("tag:holiday", "Tagged holiday"),
        ("album:Best", "Album Best"),
        ("place:Rome", "At Rome"),
        ("name:IMG_12", "Named IMG_12"),
        ("rating:>=3", "★★★ or more"),
        ("rating:3", "★★★"),
        ("rating:2..4", "★★ to ★★★★"),
        ("rating:0", "Not rated"),
        ("rating:<=0", "Not rated"),
        ("rating:>0", "More than no stars"),
        ("size:>5mb", "More than 5.0 MB"),
        ("size:5mb", "5.0 MB or more"),
        ("width:>3000", "More than 3,000 px wide"),
        ("height:1000..2000", "1,000 to 2,000 px high"),
        ("near:48.858,2.294,5", "Within 5 km of 48.858, 2.294"),
        ("is:favourite", "Favourites"),
        ("-is:landscape", "Not: landscape format"),
        ("-people", "Not: people"),
        ('-2:"tall grass"', "Not: 2 × tall grass"),
        ('+"golden hour"', "golden hour"),
        ("0.5:sunset", "0.5 × sunset"),
        ('"golden gate"', "“golden gate”"),
        ("like:/a/cat.jpg", "Like cat.jpg"),
        ('-like:"/a/my cat.jpg"', "Not: like my cat.jpg"),
        ("like:/a/cat.jpg#xywh=percent:25,10,50,40", "Like part of cat.jpg"),
        ("iso:>=800", "ISO 800 or more"),
        ("aperture:1.4..2.8", "Aperture f/1.4 to f/2.8"),
        ("exposure:1/250,1/500", "Exposed 1/250 s or 1/500 s"),
        ("focal:24..70", "Focal length 24 to 70 mm"),
        ("format:heic", "Format HEIC"),
        ("-has:gps", "Not: with a position"),
        ("beach OR lake", "beach or lake"),
        ("-(people OR is:square)", "Not: people or Square"),
        ("(beach date:2019 OR -red)", "beach & Taken in 2019 or Not: red"),
        ("tag:holiday,work", "Tagged holiday or work"),
        ("-type:png,gif", "Not: type PNG or GIF"),
        ("rating:4,5", "★★★★ or ★★★★★"),
        ("date:2019,2021", "Taken in 2019 or taken in 2021"),
    ],
)
def test_each_form_in_words(text: str, said: str) -> None:
    (chip,) = part_chips(text)
    assert chip.said == said
    assert text[slice(*chip.span)] == text


def test_plain_words_have_no_chip_and_dates_among_them_are_offered() -> None:
    chips = chips_of("dog in summer 2019 -people last  december date:2020", TODAY)
    assert [chip.said for chip in chips] == [
        "Not: people",
        "Taken in 2020",
        "Only in summer 2019?",
        "Only last december?",
    ]
    offer = chips[2].suggestion
    assert offer is not None
    assert offer.applied("dog in summer 2019 x") == "dog date:2019-06..2019-08 x"
    assert chips_of("dog on a beach", TODAY) == []


@given(TEXTS)
def test_chips_and_words_are_the_whole_query_and_write_it_again(text: str) -> None:
    """parse → chips → text → parse is the identity: nothing is understood that is not shown."""
    query = parse(text)
    chips = part_chips(text)
    shown = iter(chips)
    parts: list[Part] = []
    for part in query.parts:
        if isinstance(part, Words):
            parts.append(part)
        else:
            chip = next(shown)
            (own,) = parse(text[slice(*chip.span)]).parts
            assert own == part
            parts.append(own)
    assert next(shown, None) is None
    assert parse(" ".join(part.text() for part in parts)) == query


@given(TEXTS)
def test_chips_can_be_removed_until_only_words_are_left(text: str) -> None:
    words = parse(text).description.split()
    while chips := part_chips(text):
        text = without(text, chips[-1].span)
    assert parse(text).description.split() == words


@given(_TEXT, st.integers(0, 40))
def test_places_as_qt_counts_them(text: str, index: int) -> None:
    index = min(index, len(text))
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if joined == text:  # no surrogates that were typed one by one
        assert index_of(text, units(text, index)) == index
    assert units("a😀b", 2) == 3
