"""Requests of commands to a running engine, as JSON; see :mod:`safelight.engine.local_socket`."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

from safelight.core.errors import SafelightError
from safelight.core.operations import BY_CODE, Operation, Outcome, Several, UndoOutcome
from safelight.core.photo_units import PhotoUnit, UnitKind
from safelight.core.search import Band, SearchHit
from safelight.services.searching.results import Found

if TYPE_CHECKING:
    from safelight.services.searching.searcher import Searcher

Json = Any
T = TypeVar("T")

_PATIENCE = 60.0
"""Seconds to wait for the engine's own thread."""


class Commands:
    """Answers requests on the engine's threads for searches and writes."""

    def __init__(
        self,
        search: Callable[[Callable[[Searcher], Found]], Future[Found]],
        write: Callable[[Operation[Outcome]], Future[Outcome]],
    ) -> None:
        self._search = search
        self._write = write

    def __call__(self, request: dict[str, Json]) -> Json:
        """Raises SafelightError, and ValueError, TypeError or KeyError for an invalid request."""
        match request:
            case {"ask": "search", "query": str(query), "limit": int(limit), "like": int() | str() | None}:
                like = request["like"]
                return as_json(_result(self._search(lambda by: by.search(query, limit, like=like))))
            case {"ask": "similar", "photo": int(photo_id), "limit": int(limit)}:
                return as_json(_result(self._search(lambda by: by.similar_to_photo(photo_id, limit))))
            case {"ask": "similar", "picture": str(path), "limit": int(limit)}:
                return as_json(_result(self._search(lambda by: by.similar_to_picture(path, limit))))
            case {"ask": "edit" | "several"}:
                outcome = _result(self._write(_requested(request)))
                undone = outcome.undone if isinstance(outcome, UndoOutcome) else None
                return {"step": outcome.step, "photos": len(outcome.change.updated), "undone": undone}
            case _:
                raise ValueError("no such request")


def edit_request(operation: Operation[Outcome]) -> dict[str, Json]:
    """The request that applies an operation."""
    if isinstance(operation, Several):
        return {"ask": "several", "edits": [edit_request(each) for each in operation.operations]}
    given = {each.name: getattr(operation, each.name) for each in fields(operation)}  # type: ignore[arg-type]
    return {"ask": "edit", "code": operation.code, "fields": given}


def as_json(found: Found) -> Json:
    """A search's first hits with its notice."""
    return {
        "hits": [asdict(hit) for hit in found.hits],
        "notice": found.notice,
        "unknown_words": found.unknown_words,
    }


def found_of(said: Json) -> Found:
    """Raises ValueError, TypeError or KeyError for what :func:`as_json` did not write."""
    hits = []
    for hit in said["hits"]:
        unit = hit["unit"]
        known = None if unit is None else PhotoUnit(UnitKind(unit["kind"]), unit["number"], unit["place"])
        hits.append(SearchHit(**{**hit, "band": Band(hit["band"]), "unit": known}))
    return Found(tuple(hits), said["notice"], unknown_words=tuple(said["unknown_words"]))


def _requested(request: Json) -> Operation[Outcome]:
    match request:
        case {"ask": "several", "edits": list(edits)} if all(edit["ask"] == "edit" for edit in edits):
            return Several(tuple(_requested(edit) for edit in edits))
        case {"ask": "edit", "code": str(code), "fields": dict(given)}:
            return _operation(code, given)
        case _:
            raise ValueError("no such edit")


def _operation(code: str, given: dict[str, Json]) -> Operation[Outcome]:
    values = {}
    for name, value in given.items():
        if isinstance(value, list):
            if not all(type(each) is int for each in value):
                raise ValueError("not a list of ids")
            value = tuple(value)  # noqa: PLW2901
        elif value is not None and not isinstance(value, int | str):
            raise ValueError("not a plain value")
        values[name] = value
    kind = BY_CODE[code]
    if not kind.for_commands:
        raise ValueError("not an edit")
    edit: Operation[Outcome] = kind(**values)
    return edit


def _result(future: Future[T]) -> T:
    try:
        return future.result(_PATIENCE)
    except TimeoutError:
        raise SafelightError("The engine is busy; try again.") from None
