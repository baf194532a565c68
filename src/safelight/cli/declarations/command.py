"""What a command is: its options, the dataclass they become, and the function that runs it."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

_Kind = TypeVar("_Kind", bound="Invocation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """The options of every command line."""

    library: Path
    """The library's folder, absolute."""
    verbose: int = 0
    command: str = field(default="", compare=False)
    """The name of the command; empty for the window."""

    @property
    def log_level(self) -> int:
        return (logging.WARNING, logging.INFO, logging.DEBUG)[min(self.verbose, 2)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Invocation):
    """A command that prints something, for people or, with ``--json``, for programs."""

    json: bool = False


class Parser(argparse.ArgumentParser):
    """Takes options by their full names only: the value of an abbreviated option would be taken for the
    command, and a script with abbreviations breaks when an option is added."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "allow_abbrev": False})


def no_arguments(parser: Parser) -> None:
    """Add nothing: for a command that has only the options of all commands."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of the command line."""

    name: str
    kind: type[Invocation]
    """What its command line becomes. Options are matched with fields by their name (``dest``)."""
    run: str = ""
    """The function that runs it, as ``module:function``. Its argument is an object of ``kind``, its result
    the exit status. Empty for commands that :mod:`safelight.app` runs itself."""
    arguments: Callable[[Parser], None] = no_arguments
    """Adds its own arguments. Those of :class:`Invocation` and :class:`Report` are added for it."""
    description: str | None = None
    epilog: str | None = None


def make_invocation(kind: type[_Kind], values: dict[str, Any]) -> _Kind:
    """An invocation of a class from argparse's result; options that were not given keep their defaults."""
    known = {each.name for each in fields(kind)}
    given = {name: value for name, value in values.items() if name in known and value is not None}
    arguments: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in given.items()
    }
    return kind(**arguments)


def add_model(parser: Parser) -> None:
    parser.add_argument("--model", help="the model to use (see: safelight models)")


def add_limit(parser: Parser, default: int, what: str = "how many photos") -> None:
    parser.add_argument(
        "-n", dest="limit", type=positive, default=default, metavar="N", help=f"{what} (default: {default})"
    )


def positive(text: str) -> int:
    """The type of a number that is 1 or more."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of results, which is 1 or more")
    return number
