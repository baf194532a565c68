"""Collects the texts of the window, and the templates of errors and messages, for translators.

``python packaging/translations/extract.py safelight_de.ts`` makes or updates a file for Qt Linguist.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import PySide6

SOURCES = Path(__file__).resolve().parents[2] / "src" / "safelight"
CONTEXT = "Errors"
"""The context in which ``error_text`` of ``ui/translation.py`` looks for templates."""
_SAFE = {"SafelightError", "Message", "Template", "translatable"}
_FIRST_ARGUMENT = {"ImageError": 1}
"""Classes whose template is not the first argument."""


def templates(trees: Iterable[ast.AST]) -> Iterator[str]:
    """The literal templates of all errors and messages that the sources make."""
    known = list(trees)
    classes = _classes(known)
    for tree in known:
        raised = {node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = _name(node.func)
                # The class may be in a variable: raise kind("…").
                variable = node in raised and name.lstrip("_").islower() and bool(node.keywords)
                if name in classes or variable:
                    match node.args[_FIRST_ARGUMENT.get(name, 0) :]:
                        case [ast.Constant(value=str() as template), *_]:
                            yield template


def plurals(trees: Iterable[ast.AST]) -> Iterator[tuple[str, str]]:
    """The contexts and texts of ``translate_count``."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) == "translate_count":
                match node.args:
                    case [ast.Constant(value=str() as context), _, ast.Constant(value=str() as many), _]:
                        yield context, many


def _classes(trees: Iterable[ast.AST]) -> set[str]:
    """The names of messages and of all classes of errors."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = set(_SAFE)
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return found


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def extract(target: Path, sources: Path = SOURCES) -> None:
    """Make or update a .ts file. Raises CalledProcessError if lupdate fails."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(sources.rglob("*.py"))]
    with tempfile.TemporaryDirectory() as scratch:
        # lupdate reads only calls, so the templates become calls.
        errors = Path(scratch, "errors.py")
        calls = (
            f"translate({_quoted(CONTEXT)}, {_quoted(template)})\n"
            for template in dict.fromkeys(templates(trees))
            if template
        )
        # lupdate recognises a plural in Python only by a number.
        counts = (
            f'translate({_quoted(context)}, {_quoted(many)}, "", 2)\n'
            for context, many in dict.fromkeys(plurals(trees))
        )
        errors.write_text("".join((*calls, *counts)), encoding="utf-8")
        listed = Path(scratch, "files")
        window = sorted((sources / "ui").rglob("*.py"))
        listed.write_text("\n".join(map(str, [*window, errors])), encoding="utf-8")
        command = [_lupdate(), f"@{listed}", "-locations", "none", "-silent", "-ts", str(target)]
        subprocess.run(command, check=True)


def _quoted(text: str) -> str:
    """A literal that lupdate reads, which knows no escapes beyond those of C."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _lupdate() -> str:
    """The program that PySide6 ships."""
    place = Path(PySide6.__file__).parent
    return next((str(path) for path in place.glob("lupdate*") if path.is_file()), "pyside6-lupdate")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path, help="the file, named safelight_LANGUAGE.ts")
    extract(parser.parse_args().target)


if __name__ == "__main__":
    main()
