"""Every package that the program or its tests import is declared in pyproject.toml."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OWN = {"", "safelight", *(path.name for place in ("tests", "packaging") for path in (ROOT / place).iterdir())}
"""Modules of this project; "" stands for the other form of an import."""
IMPORT = re.compile(r"^[ \t]*(?:import (\w+)(?:\.\w+)*(?: as \w+)?$|from (\w+)[\w.]* import )", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")
PROGRAM = ("video", "mcp", "serve", "desktop")
"""The extras that parts of the program need."""


def imported(folder: Path) -> set[str]:
    """The top-level modules that the files below a folder import from other distributions."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for names in IMPORT.findall(path.read_text(encoding="utf-8")):
            found.update(names)
    return found - sys.stdlib_module_names - OWN


def declared(*extras: str) -> set[str]:
    """The distributions of the base installation and of these extras, in a comparable form."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return {comparable(match[0]) for line in lines if (match := NAME.match(line))}


def comparable(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("folder", "extras"),
    [("src/safelight", PROGRAM), ("tests", (*PROGRAM, "test"))],
    ids=["program", "tests"],
)
def test_imports_are_declared(folder: str, extras: tuple[str, ...]) -> None:
    known = declared(*extras)
    distributions = metadata.packages_distributions()
    missing = {
        module
        for module in imported(ROOT / folder)
        if not known & {comparable(name) for name in distributions.get(module, [module])}
    }
    assert missing == set()


@pytest.mark.parametrize(
    "package", ["core", "store", "imaging", "embedding", "services", "engine", "api", "ui"]
)
def test_packages_below_the_servers_need_the_extra_for_videos_at_most(package: str) -> None:
    known = declared("video")
    distributions = metadata.packages_distributions()
    for module in imported(ROOT / "src" / "safelight" / package):
        assert known & {comparable(name) for name in distributions.get(module, [module])}, module
