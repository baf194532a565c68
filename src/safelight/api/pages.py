"""Pages of search results, and the cursors that continue them."""

from __future__ import annotations

import base64
import hashlib
import json

from safelight.api.values import Match, Results
from safelight.core.errors import UsageError
from safelight.services.searching.results import MOST_RESULTS, FoundPhotos, check_limit
from safelight.store import photos
from safelight.store.library import Connection


def start_of(cursor: str | None, limit: int, asked: str) -> int:
    """Where a page starts. ``asked`` is the search as text. Raises UsageError for a wrong cursor or limit."""
    start = 0 if cursor is None else _read_cursor(cursor, asked)
    check_limit(limit if limit < 1 else start + limit)
    return start


def page(db: Connection, found: FoundPhotos, start: int, limit: int, asked: str) -> Results:
    """The matches from ``start``; ``found`` needs one hit more than those, to know whether more follow."""
    hits = found.hits[start : start + limit]
    known = {photo.id: photo for photo in photos.get_many(db, [hit.photo_id for hit in hits])}
    hashes = photos.content_hashes(db, known)
    matches = tuple(
        Match(
            key=hashes[hit.photo_id].hex(),
            path=known[hit.photo_id].files[0].path,
            score=hit.score,
            band=hit.band,
            probability=hit.probability,
            reasons=(str(hit.reason),) if hit.reason else (),
            unit=hit.unit,
        )
        for hit in hits
        if hit.photo_id in known and known[hit.photo_id].files
    )
    is_more = start + limit < min(len(found.hits), MOST_RESULTS)
    cursor = _cursor(start + limit, asked) if is_more else None
    return Results(matches, cursor, found.notice, found.unknown_words)


def _read_cursor(cursor: str, asked: str) -> int:
    try:
        said = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, RecursionError):
        said = None
    match said:
        case [int(start), str(digest)] if start >= 0 and digest == _digest(asked):
            return start
        case _:
            raise UsageError("That cursor does not belong to this search; search again without one.")


def _cursor(start: int, asked: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, _digest(asked)]).encode()).decode()


def _digest(asked: str) -> str:
    return hashlib.blake2b(asked.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
