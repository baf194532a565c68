"""Errors keep their reason on the way between processes."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from safelight.core.errors import FailureKind, FolderError, ImageError, SafelightError
from safelight.core.message import Message


@pytest.mark.parametrize("kind", list(FailureKind))
def test_an_image_error_survives_the_trip_between_processes(kind: FailureKind) -> None:
    sent = ImageError(kind, "It has {size:,} bytes.", size=12_000)
    back = pickle.loads(pickle.dumps(sent))
    assert (back.kind, str(back), back.message) == (kind, "It has 12,000 bytes.", sent.message)


def test_an_error_keeps_its_template_and_values_between_processes() -> None:
    sent = FolderError("{path} is not a folder ({reason}).", path=Path("/a/{b}"), reason=OSError("{no}"))
    assert str(sent) == "/a/{b} is not a folder ({no})."
    back = pickle.loads(pickle.dumps(sent))
    assert type(back) is FolderError
    assert back.message == Message("{path} is not a folder ({reason}).", path="/a/{b}", reason="{no}")
    assert str(back) == str(sent)


@pytest.mark.parametrize(
    ("template", "params", "text"),
    [
        ("{path} is not a folder.", {}, "{path} is not a folder."),
        ("{path} has {count:,} files.", {"count": "many"}, "{path} has many files."),
        ("{count} files {", {"count": 3}, "3 files {"),
        ("{} and {0}", {"count": 3}, "{} and {0}"),
        ("{path.name} is gone.", {"path": "a"}, "a is gone."),
        ("Write {{number}}.", {}, "Write {number}."),
    ],
)
def test_formatting_never_fails(template: str, params: dict[str, object], text: str) -> None:
    assert str(SafelightError(template, **params)) == text


def test_a_translation_reaches_the_errors_inside() -> None:
    inner = FolderError("{path} is not a folder.", path="/a")
    outer = SafelightError("Nothing was copied: {error}", error=inner)
    assert str(outer) == "Nothing was copied: /a is not a folder."
    german = {
        "{path} is not a folder.": "{path} ist kein Ordner.",
        "Nothing was copied: {error}": "Nichts wurde kopiert: {error}",
    }
    assert outer.message.text(lambda text: german[text]) == "Nichts wurde kopiert: /a ist kein Ordner."


def test_only_conditions_of_the_moment_pass() -> None:
    assert {kind for kind in FailureKind if kind.passing} == {
        FailureKind.UNREADABLE,
        FailureKind.OUT_OF_MEMORY,
    }
