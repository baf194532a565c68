"""The search language on a command line, where a minus usually begins an option."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest

from safelight.cli.arguments import parse
from safelight.cli.declarations import HELP, load_declaration
from safelight.cli.declarations.command import Command, Parser
from safelight.cli.declarations.duplicates import Protect
from safelight.cli.declarations.organising import Tags
from safelight.cli.declarations.programs import DesktopSearch, Server
from safelight.cli.declarations.search import Search
from safelight.cli.declarations.window import OpenWindow

COMMANDS = {name: load_declaration(name) for name in HELP}


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (["search", "dog"], "dog"),
        (["search", "dog", "beach"], "dog beach"),
        (["search", "dog -grass"], "dog -grass"),
        (["search", "-grass dog"], "-grass dog"),
        (["search", "dog", "--", "-grass"], "dog -grass"),
        (["search", "--", "-grass"], "-grass"),
        (["search", "--", "-nature", "-vehicles"], "-nature -vehicles"),
        (["search", "--", "-nature dog"], "-nature dog"),
        (["search", "dog", "--json", "--", "-grass", "-n"], "dog -grass -n"),
        (["search", "--json", "-n", "5", "--", "--", "x"], "-- x"),
        (["--library", "/x", "search", "a", "--", "-in:Work", "is:favourite"], "a -in:Work is:favourite"),
        (["search", '"golden gate" date:2019-05..2020'], '"golden gate" date:2019-05..2020'),
    ],
)
def test_the_query_of_a_command_line(words: list[str], query: str) -> None:
    read = parse(words)
    assert isinstance(read, Search)
    assert read.query == query


def test_options_before_the_dashes_are_options() -> None:
    read = parse(["search", "dog", "-n", "5", "--json", "--", "-grass"])
    assert isinstance(read, Search)
    assert (read.limit, read.json, read.query) == (5, True, "dog -grass")


def test_an_exclusion_that_looks_like_an_option_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse(["search", "dog", "-grass"])
    assert end.value.code == 2
    assert "-grass" in capsys.readouterr().err


def test_every_command_is_read_into_a_class_of_its_own() -> None:
    needs = {"similar": ["x"], "unprotect": ["x"], "backup": ["x"], "export": ["x"], "import": ["x"]}
    needs |= {"find-for": ["x"], "copy": ["--to", "x"], "suggest": ["list", "x"]}
    for name, command in COMMANDS.items():
        assert type(parse([name, *needs.get(name, [])])) is command.kind
    assert len({command.kind for command in COMMANDS.values()}) == len(COMMANDS)
    window = parse(["--model", "ViT", "Pictures", "search"])
    assert isinstance(window, OpenWindow)
    assert (window.paths, window.model) == (("Pictures", "search"), "ViT")


@pytest.mark.parametrize("at", range(5))
def test_options_can_be_between_the_words(at: int) -> None:
    words = ["tag", "add", "animals/dog", "a.jpg", "b.jpg"]
    read = parse([*words[:at], "--library", "/x", "-v", *words[at:]])
    assert isinstance(read, Tags)
    assert (str(read.library), read.verbose) == (str(Path("/x").absolute()), 1)
    assert (read.action, read.name, read.rest) == ("add", "animals/dog", ("a.jpg", "b.jpg"))


@pytest.mark.parametrize("before", [[], ["-v"], ["a.jpg"], ["a.jpg", "-v", "b.jpg"]])
def test_words_after_two_dashes_are_never_options(before: list[str]) -> None:
    read = parse(["protect", *before, "--", "-x.jpg", "--y.jpg"])
    assert isinstance(read, Protect)
    assert read.paths == (*(word for word in before if word != "-v"), "-x.jpg", "--y.jpg")


def test_a_search_is_opened_in_the_window() -> None:
    window = parse(["search", "--open", "dog", "--model", "ViT", "--", "-grass"])
    assert isinstance(window, OpenWindow)
    assert (window.query, window.model, window.paths) == ("dog -grass", "ViT", ())
    assert isinstance(parse(["search", "dog"]), Search)


@pytest.mark.parametrize("option", [["--count"], ["--why"], ["--json"], ["--like", "x.jpg"]])
def test_options_of_the_printed_result_do_not_go_with_open(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        parse(["search", "--open", "dog", *option])
    assert end.value.code == 2
    assert f"--open does not go with {option[0]}" in capsys.readouterr().err


def test_the_function_of_every_command_exists() -> None:
    for command in COMMANDS.values():
        if not issubclass(command.kind, Server | DesktopSearch):  # the program itself runs these
            module, _, function = command.run.partition(":")
            hints = get_type_hints(getattr(import_module(module), function))
            assert issubclass(command.kind, hints["arguments"])
            assert hints["return"] is int


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_every_argument_of_a_command_has_help(command: Command) -> None:
    parser = Parser(command.name)
    command.arguments(parser)
    assert [action.dest for action in parser._actions if not action.help] == []


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    text = capsys.readouterr().out
    for name, line in HELP.items():
        assert f"  {name} " in text
        assert line in text


@pytest.mark.parametrize(
    ("words", "only"),
    [
        (["mcp", "--only", "-tag:private"], "-tag:private"),
        (["serve", "--only", "-tag:private", "--port", "4711"], "-tag:private"),
        (["serve", "--only", "-(tag:a OR tag:b) type:png"], "-(tag:a OR tag:b) type:png"),
        (["serve", "--only=-tag:private", "--allow-edits"], "-tag:private"),
        (["serve", "--only", "/photos/a:b"], "/photos/a:b"),
    ],
)
def test_a_limit_may_begin_with_an_exclusion(words: list[str], only: str) -> None:
    read = parse(words)
    assert isinstance(read, Server)
    assert read.only == only


def test_photos_may_be_chosen_by_an_exclusion() -> None:
    read = parse(["tag", "add", "x", "--query", "-tag:y", "-v"])
    assert isinstance(read, Tags)
    assert (read.query, read.verbose) == ("-tag:y", 1)
    for words in (["serve", "--only", "--allow-edits"], ["serve", "--only", "-v"], ["serve", "--only"]):
        with pytest.raises(SystemExit):
            parse(words)
