"""Texts as the library stores them."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from safelight.core.plain_text import one_line, several_lines


@pytest.mark.parametrize(
    "text",
    ["\U0001fa77", "\U0001fae9", "\uf8ff", "a\u200db", "e\u0301", "\U0001f3f4\U000e0067\U000e0062\U000e007f"],
    ids=["emoji of 2022", "emoji of 2024", "private use", "joiner", "combining", "flag"],
)
def test_text_that_is_newer_than_python_stays(text: str) -> None:
    assert one_line(text) == text
    assert several_lines(text) == text


@pytest.mark.parametrize("code", [0, 0xB, 0x1B, 0xD83D, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF])
def test_what_xml_cannot_hold_goes(code: int) -> None:
    cleaned = one_line(f"a{chr(code)}b")
    assert chr(code) not in cleaned
    assert ET.fromstring(f"<x>{cleaned}</x>").text == cleaned
