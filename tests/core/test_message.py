"""Messages that are stored in the library."""

from __future__ import annotations

import json

import pytest

from safelight.core.errors import FailureKind, ImageError
from safelight.core.message import Message


def test_a_stored_message_is_read_back() -> None:
    inner = ImageError(FailureKind.BROKEN, "{name} is empty.", name="a.jpg")
    message = Message("{count:,.0f} of {megabytes:.1f} MB: {error}", count=1234, megabytes=2.5, error=inner)
    read = Message.from_json(message.to_json())
    assert read == message
    assert str(read) == "1,234 of 2.5 MB: a.jpg is empty."
    assert read.text(lambda template: template.replace("empty", "leer")).endswith("a.jpg is leer.")


def test_names_that_are_not_utf_8_can_be_stored() -> None:
    stored = Message("{name} is cut short.", name="caf\udce9.jpg").to_json()
    assert str(Message.from_json(stored.encode().decode())) == "caf?.jpg is cut short."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The file {name} is empty.",
        "[",
        "3",
        '["{name} is empty."]',
        '["{name} is empty.", ["a.jpg"]]',
        '["{name} is empty.", {"name": {"first": "a"}}]',
        '[["{name}"], {"name": "a"}]',
        # Templates that would read attributes or make very long texts.
        '["{name.__class__}", {"name": "a"}]',
        '["{name[0]}", {"name": "a"}]',
        '["{number:999999999}", {"number": 1}]',
        '["{number:.999999999f}", {"number": 1}]',
        '["{number:{width}}", {"number": 1, "width": 999999999}]',
        '["{name}{name}{name}", {"name": "a"}]',
        '["{unclosed", {}]',
        "[" * 100_000,
    ],
)
def test_what_is_no_message_is_shown_as_it_is(text: str) -> None:
    message = Message.from_json(text)
    assert str(message) == text
    assert message.template == "{text}"


def test_messages_are_not_nested_without_end() -> None:
    stored: object = ["end", {}]
    for _ in range(50):
        stored = ["{a}{b}", {"a": stored, "b": stored if len(json.dumps(stored)) < 5000 else "x"}]
    text = json.dumps(stored)
    assert str(Message.from_json(text)) == text


@pytest.mark.parametrize(
    "values", ["{}", '{"number": "x"}', '{"number": null}', '{"number": 1' + "0" * 999 + "}"]
)
def test_values_that_do_not_fit_are_no_error(values: str) -> None:
    assert str(Message.from_json(f'["{{number:.0f}} seconds", {values}]')).endswith(" seconds")
