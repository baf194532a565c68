"""Sentences that are translated where they are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from safelight.core.plain_text import without_surrogates


def translatable(text: str) -> str:
    """The text itself, marked for translators: for a constant that is shown in the window, and in English
    elsewhere. ``constant_text`` of ``ui/translation.py`` translates it."""
    return text


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """An English template with :meth:`str.format` fields, and their values.

    ``str(message)`` is the English sentence. The template is the key of its translation, so it is always
    written as a literal: values never become a part of it.
    """

    template: str
    params: Mapping[str, Param] = field(hash=False)

    def __init__(self, template: str, /, **params: object) -> None:
        """Values that are no plain values become text. A SafelightError becomes its message, which is
        translated too."""
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "params", {name: _plain(value) for name, value in params.items()})

    def __str__(self) -> str:
        return self.text(str)

    def text(self, translated: Callable[[str], str]) -> str:
        """The sentence in another language; ``translated`` returns the translation of a template. Never
        fails: a field without a value, for example in a wrong translation, stays as it is."""
        values = {
            name: value.text(translated) if isinstance(value, Message) else value
            for name, value in self.params.items()
        }
        template = translated(self.template)
        try:
            return template.format_map(values)
        except (LookupError, ValueError, AttributeError, TypeError, OverflowError):
            return _FIELD.sub(lambda found: str(values.get(found[1], found[0])), template)

    def to_json(self) -> str:
        """What :meth:`from_json` reads: ``["{name} is empty.", {"name": "a.jpg"}]``."""
        return json.dumps(_as_list(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Message:
        """A stored message. Never fails: a text that is no message is shown as it is.

        The text may come from another person's library. So a template whose fields could read attributes, or
        make a text much longer than the stored one, is no message.
        """
        try:
            return _from_list(json.loads(text))
        except (ValueError, RecursionError):
            return cls("{text}", text=text)


Param = str | int | float | None | Message
"""What goes unchanged to other processes."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template of a declaration, whose values are known later."""

    text: str
    """A literal with :meth:`str.format` fields, as in :class:`Message`."""

    def filled(self, **params: object) -> Message:
        """The message with the values of all fields."""
        return Message(self.text, **params)


def listed(parts: Iterable[Message]) -> Message:
    """``a, b, c``. ``parts`` must not be empty."""
    return reduce(lambda before, part: Message("{before}, {part}", before=before, part=part), parts)


_FIELD = re.compile(r"\{(\w*)[^{}]*\}")
_SAFE_TEMPLATE = re.compile(r"(?:[^{}]|\{[a-z_]+(?::,?(?:\.\df)?)?\})*")
_MOST_LEVELS = 5
"""Messages within messages that are read."""


def _as_list(message: Message) -> list[object]:
    values = {
        name: _as_list(value)
        if isinstance(value, Message)
        else without_surrogates(value)
        if isinstance(value, str)
        else value
        for name, value in message.params.items()
    }
    return [message.template, values]


def _from_list(value: object, levels: int = _MOST_LEVELS) -> Message:
    """Raises ValueError for what is no message."""
    match value:
        case [str(template), dict(params)] if levels and _SAFE_TEMPLATE.fullmatch(template):
            fields = _FIELD.findall(template)
            values = {
                name: _from_list(each, levels - 1) if isinstance(each, list) else each
                for name, each in params.items()
            }
            if len(set(fields)) == len(fields) and not any(
                isinstance(each, dict) for each in values.values()
            ):
                return Message(template, **values)
    raise ValueError("not a message")


def _plain(value: object) -> Param:
    if value is None or isinstance(value, str | int | float | Message):
        return value
    message = getattr(value, "message", None)
    return message if isinstance(value, Exception) and isinstance(message, Message) else str(value)
