"""The parts of a query as chips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from safelight.core.field_types import Relation
from safelight.core.fields import FIELDS_BY_KEY
from safelight.core.flags import FLAGS_BY_NAME
from safelight.core.quantities import Number
from safelight.core.query import (
    AfterCondition,
    BeforeCondition,
    Condition,
    DateRangeCondition,
    DateSuggestion,
    Filter,
    FlagCondition,
    Group,
    Like,
    NearCondition,
    NumberCondition,
    Part,
    PartialDate,
    Phrase,
    Term,
    ValueCondition,
    Words,
    parse,
    suggest_dates,
)
from safelight.ui import calendar_texts, wording
from safelight.ui.translation import message_text, translate

_PLACE = "\0"
"""Stands for a value in the text of a chip."""

_AMOUNTS = {
    Relation.EQUAL: "{}",
    Relation.LESS: translate("QueryChips", "less than {}"),
    Relation.AT_MOST: translate("QueryChips", "{} or less"),
    Relation.MORE: translate("QueryChips", "more than {}"),
    Relation.AT_LEAST: translate("QueryChips", "{} or more"),
}


@dataclass(frozen=True, slots=True)
class QueryChip:
    """A chip's label and the range of the query text that it represents."""

    label: str
    mark: str
    """Name of an icon."""
    span: tuple[int, int]
    negative: bool = False
    """The label describes something excluded."""
    suggestion: DateSuggestion | None = None
    """Set if the chip is a suggestion that is not part of the query yet."""
    picture: str = ""
    """Path of the picture the chip refers to, if any, with the region if it is a part."""

    @property
    def said(self) -> str:
        """The chip as one line of text."""
        return (
            translate("QueryChip", "Not: {label}").format(label=self.label) if self.negative else self.label
        )


def chips_of(text: str, today: date) -> list[QueryChip]:
    """A chip for each part that is not plain description, in order, followed by suggested dates."""
    offers = [
        QueryChip(
            translate("QueryChips", "Only {names}?").format(names=" ".join(offer.said.split())),
            "calendar",
            offer.span,
            suggestion=offer,
        )
        for offer in suggest_dates(text, today)
    ]
    return part_chips(text) + offers


def part_chips(text: str) -> list[QueryChip]:
    """The chips of the query without suggestions."""
    return [_chip(part) for part in parse(text).parts if not isinstance(part, Words)]


def _chip(part: Part) -> QueryChip:
    match part:
        case Term(meaning, weight):
            size = abs(weight)
            label = meaning if size == 1 else f"{size:g} × {meaning}"
            return QueryChip(label, "minus" if weight < 0 else "plus", part.span, weight < 0)
        case Like(path, weight, region=region):
            like = translate("QueryChips", "like") if weight < 0 else translate("QueryChips", "Like")
            of = "" if region is None else translate("QueryChips", "part of ")
            label = f"{like} {of}{wording.display_name(path)}"
            picture = path if region is None else f"{path}{region}"
            return QueryChip(label, "similar", part.span, weight < 0, picture=picture)
        case Phrase(phrase):
            return QueryChip(f"“{phrase}”", "quote", part.span)
        case Filter(condition, negated):
            label, mark = described(condition)
            return QueryChip(_lower_first(label) if negated else label, mark, part.span, negated)
        case Group(_, negated):
            label, mark = _alternatives(part)
            return QueryChip(_lower_first(label) if negated else label, mark, part.span, negated)
        case Words(words):
            return QueryChip(words, "search", part.span)


def _alternatives(group: Group) -> tuple[str, str]:
    """``Tagged beach or lake`` for values of one field, otherwise each alternative in words."""
    either = translate("QueryChips", " or ")
    labels = [" & ".join(_chip(part).said for part in each) for each in group.alternatives]
    if not group.list_text():
        return either.join(labels), "alternatives"
    conditions = [each[0].condition for each in group.alternatives if isinstance(each[0], Filter)]
    _, mark = described(conditions[0])
    if all(isinstance(each, ValueCondition | NumberCondition) for each in conditions):
        template = FIELDS_BY_KEY[conditions[0].key].chip_text
        before, _, after = message_text(template.filled(value=_PLACE)).partition(_PLACE)
        labels[1:] = [label.removeprefix(before).removesuffix(after) for label in labels[1:]]
        return either.join(labels), mark
    return either.join([labels[0], *map(_lower_first, labels[1:])]), mark


def described(condition: Condition) -> tuple[str, str]:
    """A filter in words, and the name of an icon for it."""
    match condition:
        case ValueCondition(key, value):
            field = FIELDS_BY_KEY[key]
            shown = value.upper() if field.upper else " ".join(value.split())
            return message_text(field.chip_text.filled(value=shown)), field.icon
        case NumberCondition(key):
            return _measured(condition), FIELDS_BY_KEY[key].icon
        case DateRangeCondition(since, until, key):
            field = FIELDS_BY_KEY[key]
            return message_text(field.chip_text.filled(value=_during(since, until))), field.icon
        case BeforeCondition(day) | AfterCondition(day):
            field = FIELDS_BY_KEY[condition.key]
            return message_text(field.chip_text.filled(value=date_in_words(day))), field.icon
        case NearCondition(latitude, longitude, kilometres):
            field = FIELDS_BY_KEY["near"]
            where = translate("QueryChips", "{kilometres:g} km of {latitude:g}, {longitude:g}").format(
                kilometres=kilometres, latitude=latitude, longitude=longitude
            )
            return message_text(field.chip_text.filled(value=where)), field.icon
        case FlagCondition(key, value):
            flag = FLAGS_BY_NAME[f"{key}:{value}"]
            return message_text(flag.label), flag.icon


def _measured(asked: NumberCondition) -> str:
    field = FIELDS_BY_KEY[asked.key]
    if (
        field.zero is not None
        and asked.number == 0
        and asked.upper is None
        and asked.relation in (Relation.EQUAL, Relation.AT_MOST)
    ):
        return message_text(field.zero)
    text = message_text(field.chip_text.filled(value=_amount(asked)))
    return text[:1].upper() + text[1:]


def _amount(asked: NumberCondition) -> str:
    unit = FIELDS_BY_KEY[asked.key].unit

    def show(number: Number) -> str:
        return message_text(unit.show(number))

    if asked.upper is None:
        return _AMOUNTS[asked.relation].format(show(asked.number))
    low, high = show(asked.number), show(asked.upper)
    number, _, written = low.partition(" ")
    return translate("QueryChips", "{text} to {high}").format(
        text=number if written and high.endswith(f" {written}") else low, high=high
    )


def _during(since: PartialDate | None, until: PartialDate | None) -> str:
    if since is not None and until is not None and since != until:
        return translate("QueryChips", "{date} to {date2}").format(
            date=date_in_words(since), date2=date_in_words(until)
        )
    day = since or until
    assert day is not None  # the parser accepts no range that is open on both sides
    if since == until:
        text = translate("QueryChips", "on {date}") if day.day else translate("QueryChips", "in {date}")
    elif since is not None:
        text = (
            translate("QueryChips", "on {date} or later")
            if day.day
            else translate("QueryChips", "in {date} or later")
        )
    else:
        text = (
            translate("QueryChips", "on {date} or earlier")
            if day.day
            else translate("QueryChips", "in {date} or earlier")
        )
    return text.format(date=date_in_words(day))


def date_in_words(day: PartialDate) -> str:
    """``2019``, ``May 2019``, ``3 May 2019``."""
    if not day.month:
        return str(day.year)
    if not day.day:
        return calendar_texts.month_and_year(day.month, day.year)
    return calendar_texts.date_in_words(day.day, day.month, day.year)


def _lower_first(label: str) -> str:
    return label[:1].lower() + label[1:]
