"""The tests and modules that the page of failures names exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PAGE = (ROOT / "docs" / "failures-found.md").read_text("utf-8")

TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)))

MODULES = sorted(set(re.findall(r"`((?:cli|core|engine|imaging|services|store)/[\w/]*(?:\.py)?)`", PAGE)))


def test_each_failure_has_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(rows) >= 24
    assert [int(row.split("|")[1]) for row in rows] == list(range(1, len(rows) + 1))
    assert all(re.search(r"`tests/[\w/]+\.py::test_\w+`", row) for row in rows)


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_the_test_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("module", MODULES)
def test_the_module_exists(module: str) -> None:
    assert (ROOT / "src" / "safelight" / module).exists()
