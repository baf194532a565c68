"""The grammar of the search language, case by case and against nonsense."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.errors import UsageError
from safelight.core.query import (
    Condition,
    Filter,
    Group,
    Like,
    NearCondition,
    Part,
    Phrase,
    Query,
    Relation,
    Term,
    Words,
    alternatives,
    condition_text,
    parse,
)
from safelight.core.query.values import KEYS


def shown(part: Part) -> str:
    """The kind of a part and its plainest spelling."""
    kind = type(part).__name__.lower()
    return f"{kind} {part.text()}"


CASES: list[tuple[str, list[str]]] = [
    # --- free text
    ("", []),
    ("  \t\n ", []),
    ("beach", ["words beach"]),
    ("dog  on   a\tbeach ", ["words dog on a beach"]),
    ("犬 と 海", ["words 犬 と 海"]),
    ("beach 2019", ["words beach 2019"]),
    ("well-known rock", ["words well-known rock"]),
    ('5" disk', ['words 5" disk']),
    ("rock'n'roll", ["words rock'n'roll"]),
    ("a+b", ["words a+b"]),
    ("smile :( or :)", ["words smile : or :"]),
    ("foo(bar) baz)", ["words foo(bar) baz"]),
    ("%_*?", ["words %_*?"]),
    # --- exclusions
    ("-grass", ["term -grass"]),
    ("dog -grass", ["words dog", "term -grass"]),
    ("-grass dog -people", ["term -grass", "words dog", "term -people"]),
    ('-"a red car"', ['term -"a red car"']),
    ('dog -"tall  grass" beach', ["words dog", 'term -"tall grass"', "words beach"]),
    ("-2:grass", ["term -2:grass"]),
    ("-0.5:grass", ["term -0.5:grass"]),
    ("-", ["words -"]),
    ("- grass", ["words - grass"]),
    ("--grass", ["words --grass"]),
    ("-+grass", ["words -+grass"]),
    ("-!", ["term -!"]),
    ("-犬", ["term -犬"]),
    ('-""', []),
    ('-"', []),
    ('-"a red', ['term -"a red"']),
    # --- additions and weights
    ("+sunset", ["term +sunset"]),
    ('+"golden hour"', ['term +"golden hour"']),
    ("2:sunset", ["term 2:sunset"]),
    ("2:sunset beach", ["term 2:sunset", "words beach"]),
    ('2:"golden hour"', ['term 2:"golden hour"']),
    ("+2:sunset", ["term 2:sunset"]),
    ("1:sunset", ["term +sunset"]),
    ("0.5:sunset", ["term 0.5:sunset"]),
    ("1.50:sunset", ["term 1.5:sunset"]),
    ("02:sunset", ["term 2:sunset"]),
    ("10:sunset", ["term 10:sunset"]),
    ("0:sunset", ["words 0:sunset"]),
    ("0.00:sunset", ["words 0.00:sunset"]),
    ("100:sunset", ["words 100:sunset"]),
    ("16:9", ["words 16:9"]),
    ("12:30 train", ["words 12:30 train"]),
    ("2:", ["words 2:"]),
    ("2: sunset", ["words 2: sunset"]),
    ("2:-sunset", ["words 2:-sunset"]),
    ('2:""', []),
    ("+", ["words +"]),
    ('2:"7 dwarfs"', ['term 2:"7 dwarfs"']),
    ('2:"0"', ['term 2:"0"']),
    ("-5", ['term -"5"']),
    ("2:is:favourite", ['term 2:"is:favourite"']),
    # --- exact phrases
    ('"golden gate"', ['phrase "golden gate"']),
    ('"IMG_1234"', ['phrase "IMG_1234"']),
    ('bridge "golden gate" fog', ["words bridge", 'phrase "golden gate"', "words fog"]),
    ('"golden   gate"', ['phrase "golden gate"']),
    ('"golden ga', ['phrase "golden ga"']),
    ('"', []),
    ('""', []),
    ('" "', []),
    ('"a ""b"" c"', ['phrase "a ""b"" c"']),
    ('"a"b', ['phrase "a"', "words b"]),
    ('"a" "b"', ['phrase "a"', 'phrase "b"']),
    ('"is:favourite"', ['phrase "is:favourite"']),
    # --- dates
    ("date:2019", ["filter date:2019"]),
    ("date:2019-05", ["filter date:2019-05"]),
    ("date:2019-5", ["filter date:2019-05"]),
    ("date:2019/5/3", ["filter date:2019-05-03"]),
    ("date:2019.05.03", ["filter date:2019-05-03"]),
    ("date:2019-05..2020", ["filter date:2019-05..2020"]),
    ("date:2019..2019", ["filter date:2019"]),
    ("date:2020..2019-05", ["filter date:2019-05..2020"]),
    ("date:2019..", ["filter date:2019.."]),
    ("date:..2019", ["filter date:..2019"]),
    ("date:>=2019", ["filter date:2019.."]),
    ("date:<=2019", ["filter date:..2019"]),
    ("date:>2019", ["filter after:2019"]),
    ("date:<2019-05", ["filter before:2019-05"]),
    ("before:2019-05-03", ["filter before:2019-05-03"]),
    ("after:2019", ["filter after:2019"]),
    ("-date:2019", ["filter -date:2019"]),
    ("Date:2019", ["filter date:2019"]),
    ("date:2020-02-29", ["filter date:2020-02-29"]),
    ("date:2019-02-29", ["words date:2019-02-29"]),
    ("date:2019-13", ["words date:2019-13"]),
    ("date:2019-00", ["words date:2019-00"]),
    ("date:0000", ["words date:0000"]),
    ("date:foo", ["words date:foo"]),
    ("date:", ["words date:"]),
    ("date: 2019", ["words date: 2019"]),
    ("date:..", ["words date:.."]),
    ("date:19", ["words date:19"]),
    ("date:٢٠١٩", ["words date:٢٠١٩"]),
    ("date:2019..foo", ["words date:2019..foo"]),
    ("before:then", ["words before:then"]),
    ("beach date:foo dog", ["words beach date:foo dog"]),
    ("-date:foo", ['term -"date:foo"']),
    ('date:"foo bar"', ['words date:"foo bar"']),
    # --- names
    ("in:Italy", ["filter in:Italy"]),
    ("in:Trips/Italy", ["filter in:Trips/Italy"]),
    ('in:"My Photos"', ['filter in:"My Photos"']),
    ('in:"Italy"', ["filter in:Italy"]),
    ('in:"My Pho', ['filter in:"My Pho"']),
    ("-in:Italy", ["filter -in:Italy"]),
    ("+in:Italy", ["filter in:Italy"]),
    ("in:/", ["words in:/"]),
    ("in:", ["words in:"]),
    ('in:""', ['words in:""']),
    (r"in:C:\Photos", [r"filter in:C:\Photos"]),
    ("IN:Italy", ["filter in:Italy"]),
    ("camera:canon", ["filter camera:canon"]),
    ('camera:"EOS R5"', ['filter camera:"EOS R5"']),
    ("lens:50mm", ["filter lens:50mm"]),
    ("tag:holiday", ["filter tag:holiday"]),
    ('-tag:"to do"', ['filter -tag:"to do"']),
    ("album:Best", ["filter album:Best"]),
    ("place:Rome", ["filter place:Rome"]),
    ("name:IMG_12", ["filter name:IMG_12"]),
    ('name:a"b', ['filter name:a"b']),
    ('name:"""a"', ['filter name:"""a"']),
    ("type:raw", ["filter type:raw"]),
    ("type:RAW", ["filter type:raw"]),
    ("type:.CR2", ["filter type:cr2"]),
    ("type:a%b", ["words type:a%b"]),
    ("unknown:thing", ["words unknown:thing"]),
    ("https://example.org/a:b", ["words https://example.org/a:b"]),
    ("-unknown:thing", ['term -"unknown:thing"']),
    # --- quantities
    ("rating:3", ["filter rating:3"]),
    ("rating:>=3", ["filter rating:>=3"]),
    ("rating:≥3", ["filter rating:>=3"]),
    ("rating:=3", ["filter rating:3"]),
    ("rating:2..4", ["filter rating:2..4"]),
    ("rating:4..2", ["filter rating:2..4"]),
    ("rating:3..", ["filter rating:>=3"]),
    ("rating:..3", ["filter rating:<=3"]),
    ("rating:6", ["words rating:6"]),
    ("rating:good", ["words rating:good"]),
    ("rating:>", ["words rating:>"]),
    ("rating:..", ["words rating:.."]),
    ("size:>5mb", ["filter size:>5mb"]),
    ("size:>5MB", ["filter size:>5mb"]),
    ("size:5mb", ["filter size:>=5mb"]),
    ("size:<1.5gb", ["filter size:<1.5gb"]),
    ("size:<=1234567", ["filter size:<=1234567"]),
    ("size:=1500b", ["filter size:=1.5kb"]),
    ("size:1mb..2mb", ["filter size:1mb..2mb"]),
    ("size:>5tons", ["words size:>5tons"]),
    ("size:>-5mb", ["words size:>-5mb"]),
    ("size:>999999999999gb", ["words size:>999999999999gb"]),
    ("width:>3000", ["filter width:>3000"]),
    ("height:1080", ["filter height:1080"]),
    ("width:1000..2000", ["filter width:1000..2000"]),
    ("-width:>3000", ["filter -width:>3000"]),
    ("width:>3e3", ["words width:>3e3"]),
    ("width:9999999999", ["words width:9999999999"]),
    # --- places
    ("near:48.8584,2.2945,5", ["filter near:48.8584,2.2945,5"]),
    ("near:-33.9,151.2,2.5km", ["filter near:-33.9,151.2,2.5"]),
    ('near:"48.8, 2.3, 5 km"', ["filter near:48.8,2.3,5"]),
    ("near:-0.0,0,1", ["filter near:0,0,1"]),
    ("near:91,0,1", ["words near:91,0,1"]),
    ("near:0,181,1", ["words near:0,181,1"]),
    ("near:0,0,0", ["words near:0,0,0"]),
    ("near:0,0", ["words near:0,0"]),
    ("near:nan,0,1", ["words near:nan,0,1"]),
    ("near:Rome", ["words near:Rome"]),
    # --- states
    *((f"is:{state}", [f"filter is:{state}"]) for state in ("favourite", "landscape", "portrait", "square")),
    *(
        (f"is:{state}", [f"filter is:{state}"])
        for state in ("screenshot", "duplicate", "offline", "untagged")
    ),
    ("is:favorite", ["filter is:favourite"]),
    ("IS:Portrait", ["filter is:portrait"]),
    ("-is:portrait", ["filter -is:portrait"]),
    ("is:nice", ["words is:nice"]),
    # --- pictures
    ("like:/photos/a.jpg", ["like like:/photos/a.jpg"]),
    ('like:"/my photos/a  b.jpg"', ['like like:"/my photos/a  b.jpg"']),
    ("-like:a.jpg", ["like -like:a.jpg"]),
    ("like:", ["words like:"]),
    ("like:a.jpg#xywh=percent:25,10,50,40.5", ["like like:a.jpg#xywh=percent:25,10,50,40.5"]),
    ('-like:"my a.jpg#xywh=percent:0,0,100,100"', ['like -like:"my a.jpg#xywh=percent:0,0,100,100"']),
    ("like:a.jpg#xywh=percent:90,0,50,50", ["like like:a.jpg#xywh=percent:90,0,10,50"]),
    ("like:a.jpg#xywh=percent:25,10,0,40", ["like like:a.jpg#xywh=percent:25,10,0,40"]),
    ("like:#xywh=percent:25,10,50,40", ["like like:#xywh=percent:25,10,50,40"]),
    ("like:a#1.jpg", ["like like:a#1.jpg"]),
    ("iso:800", ["filter iso:800"]),
    ("iso:>=800", ["filter iso:>=800"]),
    ("iso:high", ["words iso:high"]),
    ("aperture:f/2.8", ["filter aperture:2.8"]),
    ("aperture:1.4..2.80", ["filter aperture:1.4..2.8"]),
    ("aperture:0", ["words aperture:0"]),
    ("exposure:1/250", ["filter exposure:1/250"]),
    ("exposure:0.5s", ["filter exposure:1/2"]),
    ("exposure:>=2.5s", ["filter exposure:>=2.5"]),
    ("exposure:1/0", ["words exposure:1/0"]),
    ("focal:24mm..70mm", ["filter focal:24..70"]),
    ("format:JPEG", ["filter format:jpeg"]),
    ("has:gps", ["filter has:gps"]),
    ("-has:GPS", ["filter -has:gps"]),
    ("has:nothing", ["words has:nothing"]),
    # --- alternatives
    ("beach OR lake", ["group (beach OR lake)"]),
    ("(beach OR lake) -people", ["group (beach OR lake)", "term -people"]),
    ("beach OR lake -people", ["group (beach OR lake -people)"]),
    ("big (dog OR cat) run", ["words big", "group (dog OR cat)", "words run"]),
    ("-(people OR cars)", ["group -(people OR cars)"]),
    ("+(a OR b)", ["group (a OR b)"]),
    ("(a OR (b OR c))", ["group (a OR b OR c)"]),
    ("(a OR (b OR c) d)", ["group (a OR (b OR c) d)"]),
    ("a OR a", ["words a"]),
    ("OR", []),
    ("a OR", ["words a"]),
    ("OR a OR OR b", ["group (a OR b)"]),
    ("a or b", ["words a or b"]),
    ("ORLANDO", ["words ORLANDO"]),
    ("photo (1)", ["words photo 1"]),
    ("(dog is:favourite)", ["words dog", "filter is:favourite"]),
    ("-(tall grass)", ['term -"tall grass"']),
    ("-(-dog)", ["term +dog"]),
    ("-(is:favourite)", ["filter -is:favourite"]),
    ("-(dog is:favourite)", ["group -(dog is:favourite)"]),
    ('-("golden gate")', ['group -("golden gate")']),
    ("-(-(a OR b))", ["group (a OR b)"]),
    ("(beach OR la", ["group (beach OR la)"]),
    ("()", []),
    ("(a OR :))", ["group (a OR :)"]),
    (") OR 0", ["words 0"]),
    ("a) OR (b", ["group (a OR b)"]),
    ("(foo(1) OR b)", ["group (foo(1) OR b)"]),
    ("tag:a,b", ["group tag:a,b"]),
    ("-tag:a,b", ["group -tag:a,b"]),
    ("(tag:a OR tag:b)", ["group tag:a,b"]),
    ("(tag:a,b OR dog)", ["group (tag:a OR tag:b OR dog)"]),
    ('tag:"a,b"', ['filter tag:"a,b"']),
    ('camera:canon,"Pixel 7"', ['group camera:canon,"Pixel 7"']),
    ("tag:a,a", ["filter tag:a"]),
    ("tag:a,", ["filter tag:a"]),
    ("tag:,", ["words tag:,"]),
    ("rating:4,5", ["group rating:4,5"]),
    ("rating:4,9", ["words rating:4,9"]),
    ("date:2019,2021", ["group date:2019,2021"]),
    ("is:favourite,portrait", ["group is:favourite,portrait"]),
    ('(tag:"x)" OR b)', ['group (tag:"x)" OR b)']),
    ("(like:a.jpg OR -like:b.jpg)", ["group (like:a.jpg OR -like:b.jpg)"]),
    ("(date:2019 beach OR date:2020 lake)", ["group (date:2019 beach OR date:2020 lake)"]),
    # --- together
    (
        'beach 2:sunset -people "golden gate" date:2019-05..2020 -in:Work rating:>=3 is:favourite',
        [
            *("words beach", "term 2:sunset", "term -people", 'phrase "golden gate"'),
            *("filter date:2019-05..2020", "filter -in:Work", "filter rating:>=3", "filter is:favourite"),
        ],
    ),
]


@pytest.mark.parametrize(("text", "parts"), CASES, ids=[repr(text) for text, _ in CASES])
def test_a_query_is_read_as_the_specification_says(text: str, parts: list[str]) -> None:
    query = parse(text)
    assert [shown(part) for part in query.parts] == parts
    assert parse(query.text()) == query


@pytest.mark.parametrize("text", [text for text, _ in CASES], ids=repr)
def test_the_span_of_a_part_reads_as_that_part(text: str) -> None:
    for part in parse(text).parts:
        assert parse(text[slice(*part.span)]).parts == (part,)


def test_the_values_behind_the_text() -> None:
    query = parse('dog -in:Work beach 2:sun -grass "a b" near:1.5,2,3 size:>1.5kb like:x -like:y')
    assert query.description == "dog beach"
    assert query.terms == (Term("sun", 2), Term("grass", -1))
    assert query.likes == (Like("x"), Like("y", -1))
    assert query.phrases == (Phrase("a b"),)
    assert [each.negated for each in query.filters] == [True, False, False]
    conditions: list[Condition] = [each.condition for each in query.filters]
    assert conditions[1] == NearCondition(1.5, 2, 3)
    assert getattr(conditions[2], "number", None) == 1500
    assert getattr(conditions[2], "relation", None) is Relation.MORE


def test_what_ranks_and_what_only_filters() -> None:
    for text in ("dog", "-dog", "2:dog", "like:a", "date:foo"):
        assert parse(text).ranks, text
    for text in ("", "is:favourite", '"dog"', "-in:Work date:2019"):
        assert not parse(text).ranks, text
    assert not parse('""')


def test_a_part_can_be_taken_out() -> None:
    query = parse("dog -grass beach is:favourite")
    rest = Query(tuple(part for part in query.parts if not isinstance(part, Term)))
    assert parse(rest.text()) == parse("dog beach is:favourite")


_MARKS = [
    '"',
    '""',
    '"""',
    "-",
    "+",
    " ",
    "  ",
    "\n",
    "\xa0",
    "\x1c",
    "(",
    ")",
    "-(",
    " OR ",
    "OR",
    "..",
    ">=",
    "<",
    "2:",
    "0.5:",
    ":",
    ",",
]
_VALUES = ["2019", "2019-05", "5mb", "1.5gb", "3", "48.8,2.3,5", "favourite", "raw", "a b", "犬", "\0", "/"]
_PIECES = st.one_of(
    st.sampled_from([f"{key}:" for key in sorted(KEYS)]),
    st.sampled_from(_MARKS),
    st.sampled_from(_VALUES),
    st.text(max_size=4),
    st.characters(categories=["Cs"]),
)
_HOSTILE = st.lists(_PIECES, max_size=14).map("".join)


@pytest.mark.slow
@given(st.one_of(st.text(), _HOSTILE))
def test_any_text_is_read_and_its_plain_spelling_reads_the_same(text: str) -> None:
    query = parse(text)
    plain = query.text()
    assert parse(plain) == query
    assert parse(plain).text() == plain
    ends = [0, *(end for part in query.parts for end in part.span), len(text)]
    assert ends == sorted(ends)
    # Nothing is dropped but empty quotation marks and parentheses, and OR between nothing.
    assert query or not text.strip() or any(mark in text for mark in ('"', "(", ")", "OR"))


@given(_HOSTILE)
def test_neighbouring_words_are_one_part_and_nothing_is_empty(text: str) -> None:
    parts = parse(text).parts
    for one, other in pairwise(parts):
        assert not (isinstance(one, Words) and isinstance(other, Words))
    for part in parts:
        assert part.text().strip()
        assert not isinstance(part, Filter) or condition_text(part.condition)


def test_a_very_long_text_is_read_at_once() -> None:
    for text in (
        '"' * 100_001,
        "-" * 100_000,
        'a"' * 50_000,
        "1:" * 50_000,
        "in:" * 30_000,
        '"a" -b ' * 15_000,
        "(" * 100_000,
        "(a OR b) " * 10_000,
        "-(a OR " * 10_000,
        "a OR " * 20_000,
        "tag:" + "a,b" * 20_000,
    ):
        assert parse(parse(text).text()) == parse(text)


def test_the_alternatives_of_a_query_are_plain_queries() -> None:
    def plain(text: str) -> list[str]:
        return [each.text() for each in alternatives(parse(text))]

    assert plain("dog is:favourite") == ["dog is:favourite"]
    assert plain("(beach OR lake) -people") == ["beach -people", "lake -people"]
    assert plain("big (dog OR cat)") == ["big dog", "big cat"]
    assert plain("tag:a,b beach") == ["tag:a,b beach"]
    assert plain("-(people OR cars)") == ["-people -cars"]
    assert plain("-(dog is:favourite)") == ["-dog", "-is:favourite"]
    assert plain("-((a is:square) OR b)") == ["-a -b", "-is:square -b"]
    assert plain("(a OR b) (c OR d)") == ["a c", "a d", "b c", "b d"]
    assert plain("date:2019 (beach date:2019-05 OR is:portrait)") == [
        "date:2019 beach date:2019-05",
        "date:2019 is:portrait",
    ]
    assert plain("") == [""]
    with pytest.raises(UsageError, match="32 combinations"):
        alternatives(parse("(a OR b) " * 6))


@given(_HOSTILE)
def test_alternatives_hold_no_group_that_ranks(text: str) -> None:
    try:
        found = alternatives(parse(text))
    except UsageError:
        return
    assert found
    for each in found:
        assert each.groups == tuple(part for part in each.restrictions if isinstance(part, Group))
