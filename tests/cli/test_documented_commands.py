"""The commands and options that README.md and docs/ name exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safelight.cli.declarations import HELP, load_declaration
from safelight.cli.declarations.command import Parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"safelight ([a-z][a-z-]*)((?: [^`\n;|&]*)?)")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
COMMON = {"--help", "--json", "--library", "--verbose"}


def parser_of(name: str) -> Parser:
    parser = Parser(name)
    load_declaration(name).arguments(parser)
    return parser


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_commands_and_options_that_exist(page: Path) -> None:
    for name, rest in COMMAND.findall(page.read_text(encoding="utf-8")):
        assert name in HELP, f"safelight {name}{rest}"
        parser = parser_of(name)
        known = COMMON.union(*(action.option_strings for action in parser._actions))
        assert set(OPTION.findall(rest)) <= known, f"safelight {name}{rest}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_actions_that_exist(page: Path) -> None:
    for name, rest in COMMAND.findall(page.read_text(encoding="utf-8")):
        actions = [
            each.choices for each in parser_of(name)._actions if each.dest == "action" and each.choices
        ]
        word = rest.split()[0] if rest.split() else ""
        if actions and word.isalpha() and word.islower():
            assert word in actions[0], f"safelight {name}{rest}"


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in HELP if f"`{name}" not in readme and f"`safelight {name}" not in readme]
    assert missing == []
