"""Requests of other programs to a running engine, as JSON; see :mod:`safelight.engine.local_socket`.

A search request contains what the program may see (its :class:`Access`), and the engine enforces it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from safelight.core.errors import SafelightError
from safelight.core.message import Message
from safelight.core.operations import (
    OPERATIONS_BY_CODE,
    CompositeOperation,
    ImportFromProgram,
    Operation,
    Outcome,
    Undo,
    UndoOutcome,
)
from safelight.core.settings import Settings
from safelight.engine import program_answers as answers
from safelight.engine.import_request import import_json, read_import
from safelight.services.program_access import Access

if TYPE_CHECKING:
    from safelight.engine.index_requests import IndexRequests
    from safelight.services.searching.program_view import ProgramView
    from safelight.services.searching.query_encoding import Example

Json = Any
T = TypeVar("T")

_TIMEOUT, _LONG_TIMEOUT = 60.0, 600.0
"""Seconds to wait for the engine's thread. Imports, undo and changes of folders get the longer time, because
they may change or move many files, or wait for the end of an index run."""


class Search(Protocol):
    """Calls ``work`` on a search thread, with a view of what the access admits."""

    def __call__(self, access: Access, work: Callable[[ProgramView], T], /) -> Future[T]: ...


class Commands:
    """Answers requests on the engine's threads for searches and writes."""

    def __init__(
        self,
        search: Search,
        write: Callable[[Operation[Outcome]], Future[Outcome]],
        change_setting: Callable[[str, str], Future[Settings]],
        indexing: IndexRequests,
    ) -> None:
        """``change_setting`` takes the name of a setting and its value as text."""
        self._indexing = indexing
        self._search = search
        self._write = write
        self._change_setting = change_setting

    def __call__(self, request: dict[str, Json]) -> Json:
        """Answer a request. Raises SafelightError; ValueError, TypeError or KeyError for an invalid one."""
        match request:
            case {"ask": "edit", "code": Undo.code}:
                return _undo_json(_result(self._write(_read_operation(request)), _LONG_TIMEOUT))
            case {"ask": "edit" | "several"}:
                operation = _read_operation(request)
                seconds = _LONG_TIMEOUT if operation.pauses_indexing else _TIMEOUT
                return _outcome_json(_result(self._write(operation), seconds))
            case {"ask": "import", "import": data}:
                return _outcome_json(_result(self._write(read_import(data)), _LONG_TIMEOUT))
            case {"ask": "setting", "name": str(name), "text": str(text)}:
                return _result(self._change_setting(name, text)).texts()
            case {"ask": "index", "paths": list(paths), "confirmed": bool(confirmed)} if all(
                isinstance(path, str) for path in paths
            ):
                return self._indexing.begin(paths, confirmed=confirmed)
            case {"ask": "indexing", "number": int(number)}:
                return self._indexing.look(number)
        return self._answer_search(Access(**request["access"]), request)

    def _answer_search(self, access: Access, request: Json) -> Json:
        def search(work: Callable[[ProgramView], T]) -> T:
            return _result(self._search(access, work))

        match request:
            case {"ask": "search", "query": str(query), "limit": int(limit), "like": like}:
                example = None if like is None else _example(like)
                return answers.found_json(search(lambda view: view.search(query, limit, example)))
            case {"ask": "listing", "query": str(query), "limit": int(limit)}:
                return answers.listing_json(*search(lambda view: view.listing(query, limit)))
            case {"ask": "similar", "like": like, "limit": int(limit)}:
                picture = _example(like)
                return answers.found_json(search(lambda view: view.similar(picture, limit)))
            case {"ask": "count", "query": str(query)}:
                return answers.estimate_json(search(lambda view: view.count(query)))
            case {"ask": "explain", "photo": int(photo_id), "query": str(query), "like": like}:
                example = None if like is None else _example(like)
                return answers.explanation_json(search(lambda view: view.explain(photo_id, query, example)))
            case {"ask": "suggest", "photos": list(ids)} if all(type(each) is int for each in ids):
                # One batch only: encoding all words takes longer than a program should wait for one answer.
                return answers.suggestions_json(search(lambda view: view.suggest(ids)))
            case {"ask": "doubtful", "concept": str(name), "limit": int(limit)}:
                return answers.proposals_json(search(lambda view: view.doubtful(name, limit)))
            case {"ask": "prepare"}:
                return search(_prepare)
            case _:
                raise ValueError("no such request")


def search_request(access: Access, ask: str, **values: Json) -> dict[str, Json]:
    """The request to search within an access. An example is a photo's id, the path of a file, or an encoded
    picture."""
    sent = {
        name: {"picture": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for name, value in values.items()
    }
    return {"ask": ask, "access": asdict(access), **sent}


def setting_request(name: str, text: str) -> dict[str, Json]:
    """The request that changes a setting. The answer is the text of each setting, by its name."""
    return {"ask": "setting", "name": name, "text": text}


def edit_request(operation: Operation[Outcome]) -> dict[str, Json]:
    """The request that applies an operation."""
    if isinstance(operation, ImportFromProgram):
        return {"ask": "import", "import": import_json(operation)}
    if isinstance(operation, CompositeOperation):
        return {"ask": "several", "edits": [edit_request(each) for each in operation.operations]}
    values = {each.name: getattr(operation, each.name) for each in fields(operation)}  # type: ignore[arg-type]
    return {"ask": "edit", "code": operation.code, "fields": values}


def _example(data: Json) -> Example:
    match data:
        case int() | str():
            return data
        case {"picture": str(encoded)}:
            return base64.b64decode(encoded)
        case _:
            raise ValueError("no example")


def _prepare(view: ProgramView) -> bool:
    view.prepare()
    return True


def _read_operation(request: Json) -> Operation[Outcome]:
    match request:
        case {"ask": "several", "edits": list(edits)} if all(edit["ask"] == "edit" for edit in edits):
            return CompositeOperation(tuple(_read_operation(edit) for edit in edits))
        case {"ask": "edit", "code": str(code), "fields": dict(data)}:
            return _read_single_operation(code, data)
        case _:
            raise ValueError("no such edit")


def _read_single_operation(code: str, data: dict[str, Json]) -> Operation[Outcome]:
    values = {}
    for name, value in data.items():
        if isinstance(value, list):
            if not all(type(each) is int for each in value):
                raise ValueError("not a list of ids")
            value = tuple(value)  # noqa: PLW2901
        elif value is not None and not isinstance(value, int | str):
            raise ValueError("not a plain value")
        values[name] = value
    kind = OPERATIONS_BY_CODE[code]
    if not kind.for_commands:
        raise ValueError("not an edit")
    edit: Operation[Outcome] = kind(**values)
    return edit


def _outcome_json(outcome: Outcome) -> Json:
    return {
        "step": outcome.step,
        "photos": len(outcome.change.updated),
        "notes": [[note.code, dict(note.params)] for note in outcome.notes],
    }


def _undo_json(outcome: Outcome) -> Json:
    if not isinstance(outcome, UndoOutcome):
        raise TypeError("not an undo")
    return {
        "undone": outcome.undone,
        "code": outcome.code,
        "params": dict(outcome.params),
        "reverted": outcome.reverted,
        "restored": outcome.restored,
        "failed": [[path, str(reason)] for path, reason in outcome.failed],
    }


def read_undo_outcome(data: Json) -> UndoOutcome:
    """The outcome of an undo from the answer to its request. Programs get English sentences."""
    failed = tuple((str(path), Message("{text}", text=str(reason))) for path, reason in data["failed"])
    return UndoOutcome(
        undone=data["undone"],
        code=data["code"],
        params=data["params"],
        reverted=data["reverted"],
        restored=data["restored"],
        failed=failed,
    )


def _result(future: Future[T], seconds: float = _TIMEOUT) -> T:
    try:
        return future.result(seconds)
    except TimeoutError:
        raise SafelightError("The engine is busy; try again.") from None
