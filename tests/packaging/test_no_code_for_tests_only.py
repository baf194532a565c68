"""Product code that only tests call is a defect: it looks finished, but no user gets it.

That is how the removal of old photos was written, tested, documented, and never run.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORD = re.compile(r"[A-Za-z_]\w*")

CALLED_BY_OTHERS = re.compile(r"__\w+__|[a-z]+[A-Z]\w*")
"""Names that Python or Qt calls."""

ALLOWED: dict[str, str] = {
    "dispatch": "watchdog calls it",
    "is_partial": "tests read the state of the page",
}
"""Known names, each with its reason. A name leaves the list when it is called or removed."""


REGISTERS = {"tool", "resource", "get", "post", "exception_handler", "middleware", "dbus_method"}
"""Decorators of servers that call what they decorate."""


def words(text: str) -> Counter[str]:
    return Counter(WORD.findall(text))


def is_registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a decorator gives it to a server: ``@server.tool(...)``, ``@dbus_method(...)``."""
    called = (each.func for each in node.decorator_list if isinstance(each, ast.Call))
    names = (each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in called)
    return any(name in REGISTERS for name in names)


def for_tests_only(sources: dict[str, str], tests: str) -> dict[str, str]:
    """Functions, methods and classes that only their definition and tests name, with their places."""
    named = sum((words(text) for text in sources.values()), Counter[str]())
    tested = set(WORD.findall(tests))
    found: dict[str, str] = {}
    for path, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                once = named[node.name] == 1 and node.name in tested
                if is_registered(node):
                    continue
                if once and not CALLED_BY_OTHERS.fullmatch(node.name):
                    found[node.name] = f"{path}:{node.lineno}"
    return found


@pytest.mark.slow
def test_nothing_is_written_for_tests_alone() -> None:
    sources = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for folder in ("src", "packaging")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    tests = " ".join(
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path != Path(__file__)
    )
    assert len(sources) > 100
    found = for_tests_only(sources, tests)
    unexpected = {name: place for name, place in found.items() if name not in ALLOWED}
    assert not unexpected, "call these from the product, or remove them with their tests"


@pytest.mark.parametrize(
    ("source", "tests", "expected"),
    [
        ("def prune(): ...", "prune()", {"prune"}),
        ("def prune(): ...\nprune()", "prune()", set()),
        ("def prune(): ...", "", set()),
        ("class Old: ...", "Old()", {"Old"}),
        ("def paintEvent(self): ...", "paintEvent", set()),
    ],
)
def test_the_search_finds_what_it_should(source: str, tests: str, expected: set[str]) -> None:
    assert set(for_tests_only({"a.py": source}, tests)) == expected
