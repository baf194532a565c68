"""Every text of the window can be translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

import safelight.ui
from safelight.core.errors import FolderError, SafelightError
from safelight.ui.translation import error_text

UI = Path(safelight.ui.__file__).parent

NOT_SHOWN = {
    "Safelight",  # a name
    "Fusion",  # a Qt style
    "None",  # a type in a cast
    "RAW+",  # a format
    "Metal",  # a name
    "ShowItems",  # a D-Bus method
    "is:screenshot OR document OR receipt",  # a query
    "Ctrl+=",
    "Ctrl+-",
    '<span style="white-space: pre-wrap">{}</span>',
}

TAKES_NO_TEXT = {
    *("translate", "translate_count", "getLogger", "debug", "info", "warning", "error", "exception"),
    *("startswith", "endswith", "partition", "split", "removeprefix", "removesuffix", "replace", "strftime"),
    *(
        "Message",
        "setObjectName",
        "setProperty",
        "icon",
        "cast",
        "TypeVar",
        "QColor",
        "encode",
        "flag",
        "keep",
    ),
}
"""Functions whose arguments are not shown, or are translated already."""


KEY = r"Ctrl|Shift|Alt|Return|Enter|Space|Backspace|Esc|Del|Home|End|Left|Right|Up|Down|PgUp|PgDown|F\d+|.?"


def looks_shown(text: str) -> bool:
    """Whether a literal looks like a text for people, and not like an identifier, a key or a style sheet."""
    text = text.strip()
    if not re.search(r"[A-Za-z]{2}", text) or text in NOT_SHOWN:
        return False
    if re.search(
        r"<svg|<path|px;|rgba?\(|Q(Widget|Frame|Label)|background[:-]|border-|font-weight"
        r"|\b(SELECT|FROM)\b",
        text,
    ):
        return False
    if re.fullmatch(r"[a-z0-9_\-./:%\[\]{}*?+\\,]+|[A-Z0-9_]+|[a-z]+[A-Z]\w*", text):
        return False
    if all(re.fullmatch(KEY, part) for part in text.split("+")):
        return False
    return bool(re.search(r"\s", text) or re.match(r"[A-Z“]|\([a-z]+\)$", text))


def literals(source: str) -> Iterator[tuple[int, str]]:
    """The line and the text of each literal that looks shown and is not passed to ``translate``."""
    tree = ast.parse(source)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if isinstance(above[node], ast.JoinedStr | ast.FormattedValue | ast.Expr) or not looks_shown(text):
            continue  # a part of another literal, a docstring
        if not any(excuses(child, node_above) for child, node_above in chain(node, above)):
            yield node.lineno, text


def chain(node: ast.AST, above: dict[ast.AST, ast.AST]) -> Iterator[tuple[ast.AST, ast.AST]]:
    while node in above:
        yield node, above[node]
        node = above[node]


def excuses(child: ast.AST, node: ast.AST) -> bool:
    """Whether what is above a literal says that it is not shown."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return name in TAKES_NO_TEXT and child is not node.func
        case ast.Raise() | ast.Assert() | ast.Compare() | ast.arg() | ast.MatchValue():
            return True
        case ast.Subscript():
            return child is node.slice
        case ast.AnnAssign():
            return child is node.annotation
        case ast.FunctionDef():
            return child is node.returns
    return False


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(UI.rglob("*.py")) if path.parent != UI / "bench"],
    ids=lambda path: path.relative_to(UI).as_posix(),
)
def test_texts_go_through_translate(path: Path) -> None:
    assert list(literals(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('label.setText("Find similar")', ["Find similar"]),
        ('label.setText(f"Saves {size}")', ["Saves {}"]),
        ("label.setText(f\"{name}{' (file date)' if dated else ''}\")", [" (file date)"]),
        ('TITLE = "No photos yet"', ["No photos yet"]),
        ('label.setText(translate("Label", "Find similar"))', []),
        ('label.setText(translate("Label", "Saves {size}").format(size=size))', []),
        ('label.setText(translate("Label", "Saves {size}").format(size=size or "No size"))', ["No size"]),
        ('label.setObjectName("Find")', []),
        ('action.setShortcut("Ctrl+Shift+L")', []),
        ('"""A docstring."""', []),
        ('key = "last_view"', []),
    ],
)
def test_finds_texts_that_do_not(source: str, found: list[str]) -> None:
    assert [text for _, text in literals(source)] == found


def test_contexts_and_texts_are_literals() -> None:
    """Otherwise lupdate does not find them."""
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                texts = {"translate": 2, "translate_count": 3}.get(node.func.id, 0)
                assert all(isinstance(each, ast.Constant) for each in node.args[:texts]), (path, node.lineno)


class German(QTranslator):
    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        del disambiguation, n
        return {
            ("Errors", "{path} is not a folder."): "{path} ist kein Ordner.",
            ("Errors", "Nothing was copied: {error}"): "Nichts wurde kopiert: {error}",
        }.get((context, text))


def test_errors_are_shown_in_the_language_of_the_window(qapp: QApplication) -> None:
    inner = FolderError("{path} is not a folder.", path="/a/{b}")
    outer = SafelightError("Nothing was copied: {error}", error=inner)
    assert error_text(outer.message) == "Nothing was copied: /a/{b} is not a folder."
    german = German()
    assert qapp.installTranslator(german)
    try:
        assert error_text(outer) == "Nichts wurde kopiert: /a/{b} ist kein Ordner."
        assert error_text(SafelightError("The disk is full.")) == "The disk is full."
    finally:
        qapp.removeTranslator(german)
