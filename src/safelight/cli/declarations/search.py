"""The commands that find photos."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.cli.declarations.command import Command, Parser, Report, add_limit, add_model


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Report):
    query: str = ""
    like: str | None = None
    model: str | None = None
    limit: int = 20
    why: bool = False
    count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar(Report):
    image: str
    model: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFor(Report):
    """Propose photos for each paragraph of a document."""

    file: str
    model: str | None = None
    limit: int = 3


def _search(parser: Parser) -> None:
    add_model(parser)
    add_limit(parser, 20)
    parser.add_argument("query", nargs="*", metavar="QUERY", help="a description, filters, or both")
    parser.add_argument("--like", metavar="IMAGE", help="find photos that look like this picture too")
    parser.add_argument("--why", action="store_true", help="print why each photo matches")
    parser.add_argument(
        "--count", action="store_true", help="print about how many photos match, with a range"
    )
    parser.add_argument("--open", action="store_true", help="show the result in the window")


def _similar(parser: Parser) -> None:
    add_model(parser)
    add_limit(parser, 20)
    parser.add_argument("image", metavar="IMAGE", help="a picture, in the library or not")


def _find_for(parser: Parser) -> None:
    add_model(parser)
    add_limit(parser, 3, "how many photos for each paragraph")
    parser.add_argument("file", metavar="FILE", help="a text in UTF-8; - for standard input")


COMMANDS = (
    Command(
        "search",
        Search,
        "safelight.cli.searching:run",
        _search,
        description="Find photos that match a description and filters: dog date:2019 is:favourite. "
        "Alternatives: '(beach OR lake) -people'. See docs/search-language.md.",
        epilog="A leading minus excludes; write it after -- or inside one argument: "
        'safelight search dog -- -grass, safelight search "dog -grass"',
    ),
    Command("similar", Similar, "safelight.cli.library_search:similar", _similar),
    Command(
        "find-for",
        FindFor,
        "safelight.cli.library_search:find_for_document",
        _find_for,
        description="For each paragraph of a Markdown or plain text, find the photos that match one of its "
        "sentences strongly, or else those that may match.",
    ),
)
