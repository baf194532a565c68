"""``safelight search``.

The engine of an open window answers most searches. For those, this module needs neither the library nor its
model, so it imports little and the answer comes in a fraction of the time.
``tests/cli/test_light_imports.py`` checks that.
"""

from __future__ import annotations

from safelight.cli import console, search_output
from safelight.cli.declarations.search import Search
from safelight.cli.search_output import PrintedPhoto
from safelight.core.errors import UsageError
from safelight.core.estimate import Estimate
from safelight.engine.local_socket import SEARCH_SECONDS, EngineAbsentError, Json, ask

_ACCESS = {"hidden": True}
"""What the user's own searches may see: everything."""


def run(arguments: Search) -> int:
    if not arguments.query.strip() and arguments.like is None:
        raise UsageError("The query is empty. Describe what is in the photo, for example: dog on a beach.")
    if arguments.count and arguments.like is not None:
        raise UsageError("Photos like a picture cannot be counted.")
    if not _is_for_engine(arguments):
        return _search_here(arguments, ask_engine=True)
    try:
        if arguments.count:
            search_output.print_estimate(Estimate(**_ask_engine(arguments, "count")), as_json=arguments.json)
        else:
            _show(_ask_engine(arguments, "listing", limit=arguments.limit), as_json=arguments.json)
    except EngineAbsentError:
        return _search_here(arguments, ask_engine=False)
    return console.DONE


def _is_for_engine(arguments: Search) -> bool:
    """Whether an engine can answer alone. Pictures are named by paths as they are here, explanations take a
    request for each photo, and another model than that of the engine is loaded here."""
    names_pictures = arguments.like is not None or "like:" in arguments.query.casefold()
    return not names_pictures and not arguments.why and arguments.model is None


def _ask_engine(arguments: Search, request: str, **given: Json) -> Json:
    """The answer of the engine. Raises EngineAbsentError, SafelightError."""
    sent = {"ask": request, "access": _ACCESS, "query": arguments.query, **given}
    return ask(arguments.library, sent, SEARCH_SECONDS)


def _show(answer: Json, *, as_json: bool) -> None:
    photos = [PrintedPhoto(**photo) for photo in answer["photos"]]
    search_output.print_results(photos, answer["notice"], answer["unknown_words"], as_json=as_json)


def _search_here(arguments: Search, *, ask_engine: bool) -> int:
    from safelight.cli import library_search  # NumPy, SQLite and the store

    return library_search.search(arguments, ask_engine=ask_engine)
