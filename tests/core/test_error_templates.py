"""Every error and message is made of a literal template and the values of its fields."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import safelight
from safelight.core.errors import ImageError, SafelightError
from safelight.core.message import Message

SOURCES = Path(safelight.__file__).parent

DEFINE = {SOURCES / "core" / "errors.py", SOURCES / "core" / "message.py"}
"""Where templates are passed on."""


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def classes() -> set[str]:
    """The names of all errors and of messages."""
    found = {SafelightError.__name__}
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py")]
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found | {Message.__name__}


CLASSES = classes()


def fields(template: str) -> set[str]:
    """The names of the fields of a template. Raises ValueError if :meth:`str.format` cannot read it."""
    found = set()
    for _, name, spec, _ in string.Formatter().parse(template):
        if name is not None:
            found |= {name} | fields(spec or "")
    return found


def faults(source: str) -> Iterator[tuple[int, str]]:
    """The line and the fault of each error or message that cannot be translated."""
    tree = ast.parse(source)
    raised = {node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        arguments = node.args[1:] if called(node) == ImageError.__name__ else node.args
        if called(node) not in CLASSES:
            # The class may be in a variable: raise kind(…).
            kinds = ast.Constant if node.keywords else ast.JoinedStr | ast.BinOp
            variable = node in raised and called(node).lstrip("_").islower()
            if not variable or not any(isinstance(each, kinds) for each in arguments):
                continue
        match arguments:
            case [ast.Constant(value=str() as template)]:
                pass
            case _:
                yield node.lineno, "the template is not a literal"
                continue
        values = {keyword.arg for keyword in node.keywords}
        try:
            if fields(template) != values:
                yield node.lineno, f"the fields are {fields(template)}, the values {values}"
        except ValueError as error:
            yield node.lineno, f"the template is wrong: {error}"


def test_all_errors_are_found() -> None:
    assert {"SafelightError", "OutOfMemoryError", "UnfitError", "OutputError", "Message"} <= CLASSES


@pytest.mark.parametrize(
    "package", sorted(path for path in SOURCES.iterdir() if path.is_dir()), ids=lambda path: path.name
)
def test_errors_have_literal_templates_with_values(package: Path) -> None:
    found = [
        (path.relative_to(SOURCES).as_posix(), *fault)
        for path in sorted(package.rglob("*.py"))
        if path not in DEFINE
        for fault in faults(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_errors_of_the_start_have_them_too() -> None:
    found = [
        (path.name, *fault)
        for path in sorted(SOURCES.glob("*.py"))
        for fault in faults(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ('raise UsageError("{path} is missing.", path=path)', False),
        ('raise UsageError("{name} has {bytes:,} bytes, {{number}}.", name=a, bytes=b)', False),
        ('raise ImageError(kind, "{width:>{room}}", width=1, room=2)', False),
        ('raise errors.UsageError("Name "\n"the file.")', False),
        ("raise _not_compared()", False),
        ('raise ValueError(f"{path} is missing.")', False),
        ('raise UsageError(f"{path} is missing.")', True),
        ('raise UsageError("%s is missing." % path)', True),
        ('raise UsageError("Missing: " + path)', True),
        ('raise UsageError("{path} is missing.".format(path=path))', True),
        ("raise UsageError(TEXT)", True),
        ("raise UsageError()", True),
        ("raise UsageError(*texts)", True),
        ('raise UsageError("{path} is missing.")', True),
        ('raise UsageError("{path} is missing.", path=path, name=name)', True),
        ('raise UsageError("{path} is missing.", **values)', True),
        ('raise UsageError("{path.name} is missing.", path=path)', True),
        ('raise UsageError("{} is missing.", path)', True),
        ('raise UsageError("Write {number.")', True),
        ('raise ImageError(kind, f"{path} is empty.")', True),
        ('raise kind(f"{path} is empty.")', True),
        ('raise kind("{path} is empty.", path=path)', False),
        ('raise kind("{path} is empty.", name=name)', True),
        ('raise _extra_missing("desktop", error)', False),
        ('send(RequestFailed(Message(f"{path} is empty.")))', True),
    ],
)
def test_finds_those_that_have_not(source: str, wrong: bool) -> None:
    assert bool(list(faults(source))) == wrong
