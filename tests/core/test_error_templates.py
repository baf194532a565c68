"""Every error and message is made of a literal template and the values of its fields, and no sentence for
people is made without one."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import safelight
from safelight.core.errors import ImageError, SafelightError
from safelight.core.message import Message, Template

SOURCES = Path(safelight.__file__).parent

DEFINE = {SOURCES / "core" / "errors.py", SOURCES / "core" / "message.py"}
"""Where templates are passed on."""


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


@cache
def classes() -> set[str]:
    """The names of all errors and of messages."""
    found = {SafelightError.__name__}
    sources = (path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    trees = [ast.parse(source) for source in sources if "class " in source]
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found | {Message.__name__, Template.__name__}


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
        if called(node) not in classes():
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
            if called(node) == Template.__name__:  # its values are known later
                fields(template)
            elif fields(template) != values:
                yield node.lineno, f"the fields are {fields(template)}, the values {values}"
        except ValueError as error:
            yield node.lineno, f"the template is wrong: {error}"


def test_all_errors_are_found() -> None:
    assert {"SafelightError", "OutOfMemoryError", "CannotTrashError", "OutputError", "Message"} <= classes()


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


def test_reasons_of_failures_can_be_read_back_from_the_library() -> None:
    templates = [
        node.args[1].value
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and called(node) == "ImageError"
        if isinstance(node.args[1], ast.Constant)
    ]
    assert len(templates) > 30
    for template in map(str, templates):
        assert Message.from_json(Message(template).to_json()).template == template


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
        ('says = Template("Taken with {value}")', False),
        ('says = Template(f"Taken with {value}")', True),
        ('says = Template("Taken with {value")', True),
    ],
)
def test_finds_those_that_have_not(source: str, wrong: bool) -> None:
    assert bool(list(faults(source))) == wrong


# --- sentences that are no templates ----------------------------------------------------------------------

NO_SENTENCES = {
    # words of several languages that are looked for, and searches
    *("description.py", "file_names.py", "suggestions.py", "refused.py"),
    # printed by commands only
    "doctor.py",
}

BELOW_THE_WINDOW = [
    path
    for package in ("core", "engine", "services")
    for path in sorted((SOURCES / package).rglob("*.py"))
    # Benches print English for developers; readers of other programs are full of the names of tables.
    if not {"bench", "sources"} & set(path.parts) and path not in DEFINE and path.name not in NO_SENTENCES
]

NOT_TRANSLATED = {
    # for the model, or in files and answers for programs
    *("a photo", "group of people", "{} and {}", "not found", "not taken over", "original name"),
    "That request makes no sense to this version of Safelight.",
    "The engine could not answer because of a fault in Safelight.",
    # names of files, threads and processes
    *("photo {}", "program searches", "heat map", "the former {}", "it ended before it was ready"),
    *("Callback with id", "Unable to rebuild", "[Trash Info]\nPath={}\nDeletionDate={}\n", "Trash Info"),
    "frozenset[bytes] | None",
    "%(levelname)s engine %(name)s: %(message)s",
    # keys of texts in the window
    *("top end", "top half", "bottom half", "bottom end", "its own name"),
    *("left end", "left half", "right half", "right end", "the {} "),
    *("symbolic link", "pipe or device", "this picture", "English works best"),
    # units
    *("{} TB", "{} px", "{} mm", "{} · {} MP"),
    # stored in the library, where they are keys of texts (services/duplicates/group_reasons.py)
    *("turned by 180°", "turned and mirrored", "turned by 90°", "edited in places"),
    *("pages or screenshots that may differ", "only their first frames were compared"),
    "the {} shows all of the other, and more ({})",
}

NOT_SHOWN_CALLS = {"getLogger", "debug", "info", "warning", "error", "exception", "execute", "executemany"}


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """The line and the text of each literal of several words that is not the template of a message."""
    tree = ast.parse(source)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
            case ast.Constant(value=str() as text):
                pass
            case _:
                continue
        if re.search(r"[A-Za-z]{2}", text) and re.search(r"\S\s+\S", text) and not is_excused(node, above):
            yield node.lineno, text


def is_excused(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """Whether a literal is a part of another, a docstring, SQL, a template, a log record, or compared."""
    if isinstance(above[node], ast.JoinedStr | ast.FormattedValue | ast.Expr):
        return True
    if re.search(r"\b(SELECT|FROM|UPDATE|INSERT|WHERE|PRAGMA)\b", ast.unparse(node)):
        return True
    while node in above:
        node = above[node]
        match node:
            case ast.Call() if called(node) in classes() | NOT_SHOWN_CALLS:
                return True
            case ast.Raise() | ast.Assert() | ast.Compare() | ast.arg() | ast.MatchValue() | ast.AnnAssign():
                return True
            case ast.Assign(targets=[ast.Name(id=name)]) if name.endswith(("_FORM", "_WORDS", "_TRAITS")):
                return True
    return False


@pytest.mark.parametrize("path", BELOW_THE_WINDOW, ids=lambda path: path.relative_to(SOURCES).as_posix())
def test_sentences_for_people_are_messages(path: Path) -> None:
    found = [
        (line, text)
        for line, text in sentences(path.read_text(encoding="utf-8"))
        if text not in NOT_TRANSLATED
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('return "fewer pixels"', ["fewer pixels"]),
        ('return f"fewer pixels ({size})"', ["fewer pixels ({})"]),
        ('return Message("fewer pixels")', []),
        ('title = "Reading photos"', ["Reading photos"]),
        ('Sort(Order.NEWEST, "Newest first")', ["Newest first"]),
        ('log.info("closing the library")', []),
        ('db.execute("DELETE FROM photo")', []),
        ('"""A docstring of a module."""', []),
    ],
)
def test_finds_sentences_that_are_not(source: str, found: list[str]) -> None:
    assert [text for _, text in sentences(source)] == found
