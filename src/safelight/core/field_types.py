"""What a declaration of a field or a flag of the search language consists of.

:mod:`safelight.core.fields` has the declarations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from safelight.core import quantities
from safelight.core.message import Message, Template
from safelight.core.order import Order
from safelight.core.photo import Photo
from safelight.core.quantities import Unit


class FieldKind(StrEnum):
    """What kind of value a field has, which decides how its filter is read and compared."""

    TEXT = "text"
    """A filter matches text that contains its value."""
    CHOICE = "choice"
    """A filter matches one of a few words, such as a file format."""
    SET = "set"
    """A photo can have several values, such as tags; a filter matches a whole value."""
    NUMBER = "number"
    DATE = "date"
    POSITION = "position"


class Relation(StrEnum):
    EQUAL = "="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Sort:
    """An entry of the sort menu."""

    order: Order
    label: Message
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """A part of a row of the details panel."""

    text: Callable[[Photo], str | Message]
    """Empty where the photo has no such value."""
    row: Message
    """The row's label. Fields that share a row are shown one after another."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property with a value: ``key:value``."""

    key: str
    kind: FieldKind
    icon: str
    """The name of a file in ``resources/icons``."""
    chip_text: Template
    """The chip's text, with ``{value}``."""
    help: Message
    """What the search box says about the key: "taken with a camera"."""
    examples: tuple[str, ...]
    meaning: str
    """Which photos the filter matches. With the examples, it is a row of the documentation."""
    column: str = ""
    """The column of the table ``photo``; empty where the store has SQL for this key."""
    unit: Unit = quantities.COUNT
    """For numbers."""
    bare_relation: Relation = Relation.EQUAL
    """The relation of a number that is written without a sign."""
    offered_relation: Relation = Relation.EQUAL
    """The relation of the filters that the search box offers, one for each number in the library."""
    zero: Message | None = None
    """The chip's text for a number that is zero, where that has a name of its own."""
    completes: bool = False
    """Whether the search box offers the values that occur in the library."""
    recognised: bool = False
    """Whether the search box offers the filter when a value is typed as a plain word."""
    is_judged: bool = False
    """Whether the model decides which photos match, so that only a search can tell, and no database query."""
    upper: bool = False
    """Whether chips show the value in capitals."""
    sorts: tuple[Sort, ...] = ()
    detail: Detail | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A property that a photo has or lacks: ``is:favourite``, ``has:gps``."""

    key: str
    value: str
    icon: str
    label: Message
    """The chip's text."""
    meaning: str
    """Which photos the filter matches, for the documentation."""
    columns: tuple[str, ...] = ()
    """Columns of the table ``photo``: a photo has the flag if all of them have a value. Empty where the store
    has SQL for this flag."""
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.key}:{self.value}"
