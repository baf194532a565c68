"""``safelight search`` and ``safelight similar``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safelight import paths
from safelight.cli import console
from safelight.cli.invocations import Search, Similar
from safelight.core.errors import FolderError, ImageError, SafelightError, UsageError
from safelight.core.estimate import Estimate, rounded
from safelight.core.explanation import Explanation, PartScore, Standing
from safelight.core.photo_units import PhotoUnit
from safelight.core.search import SearchHit
from safelight.services.library import Library
from safelight.services.searching.searcher import Found
from safelight.store import photos

Why = Callable[[int], Explanation]

_STANDING = {
    Standing.CLEARLY: "stands out clearly",
    Standing.SOMEWHAT: "stands out somewhat",
    Standing.HARDLY: "hardly stands out",
}
_ABSENCE = {
    Standing.CLEARLY: "shows clearly",
    Standing.SOMEWHAT: "shows somewhat",
    Standing.HARDLY: "hardly shows",
}


def search(arguments: Search) -> int:
    if not arguments.query.strip() and arguments.like is None:
        raise UsageError("The query is empty. Describe what is in the photo, for example: dog on a beach.")
    with Library.open(
        arguments.library, paths.models_dir(), model=arguments.model, read_only=True
    ) as library:
        like = _picture(arguments.like) if arguments.like is not None else None
        searcher = library.searcher()
        if arguments.count:
            if like is not None:
                raise UsageError("Photos like a picture cannot be counted.")
            _show_count(searcher.count(arguments.query), as_json=arguments.json)
            return console.DONE
        found = _naming(arguments.like, lambda: searcher.search(arguments.query, arguments.limit, like=like))

        def why(photo_id: int) -> Explanation:
            return searcher.explain(photo_id, arguments.query, like=like).explanation

        _show(library, found, why if arguments.why else None, as_json=arguments.json)
    return console.DONE


def similar(arguments: Similar) -> int:
    with Library.open(
        arguments.library, paths.models_dir(), model=arguments.model, read_only=True
    ) as library:
        with library.store.read() as db:
            photo_id = photos.by_path(db, os.path.realpath(os.fsencode(arguments.image)))
        searcher = library.searcher()
        if photo_id is not None:
            found = searcher.similar_to_photo(photo_id, arguments.limit)
        else:
            picture = _picture(arguments.image)
            found = _naming(arguments.image, lambda: searcher.similar_to_picture(picture, arguments.limit))
        _show(library, found, None, as_json=arguments.json)
    return console.DONE


def _show_count(found: Estimate, *, as_json: bool) -> None:
    if as_json:
        console.emit_json(
            {
                "estimate": round(found.count),
                "low": round(found.low),
                "high": round(found.high),
                "photos": found.photos,
            }
        )
    elif found.low == found.high:
        console.emit(f"{round(found.count):,}")
    else:
        console.emit(
            f"about {rounded(found.count):,} of {found.photos:,} photos "
            f"({rounded(found.low):,} to {rounded(found.high):,})"
        )


def _picture(name: str) -> str:
    path = Path(name).expanduser()
    if not path.exists():
        raise FolderError(f"There is no picture {name}. Check the name.")
    return str(path.absolute())


def _naming(name: str | None, search: Callable[[], Found]) -> Found:
    """The error for an unreadable picture does not name it, so this adds the name."""
    try:
        return search()
    except ImageError as error:
        raise SafelightError(f"{name}: {error}") from error


def _show(library: Library, found: Found, why: Why | None, *, as_json: bool) -> None:
    with library.store.read() as db:
        known = {photo.id: photo for photo in photos.get_many(db, [hit.photo_id for hit in found.hits])}
    rows: list[tuple[str, SearchHit]] = [
        (known[hit.photo_id].files[0].path, hit)
        for hit in found.hits
        if hit.photo_id in known and known[hit.photo_id].files
    ]
    if found.notice:
        console.error(found.notice)
    if as_json:
        unknown = {"unknown_words": list(found.unknown_words)} if found.unknown_words else {}
        console.emit_json([_entry(path, hit, why) | unknown for path, hit in rows])
        return
    for path, hit in rows:
        console.emit(f"{hit.score:.3f}  {hit.band:<6}  {path}")
        for line in _in_words(_explained(hit, why)):
            console.emit(f"               {line}")


def _explained(hit: SearchHit, why: Why | None) -> Explanation | None:
    """None if it was not asked for, or if the photo has not been read yet."""
    if why is None:
        return None
    try:
        return why(hit.photo_id)
    except SafelightError:
        return Explanation(hit.photo_id, names=hit.reason)


def _entry(path: str, hit: SearchHit, why: Why | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": path, "score": round(hit.score, 4), "band": str(hit.band)}
    if hit.unit is not None:
        entry["unit"] = _unit(hit.unit)
    explained = _explained(hit, why)
    if explained is not None:
        entry["why"] = {
            "parts": [
                {
                    "text": part.text,
                    "excluded": part.excluded,
                    "standing": str(part.standing),
                    "deviation": round(part.deviation, 2),
                    "probability": None if part.probability is None else round(part.probability, 3),
                    "score": round(part.score, 4),
                }
                for part in explained.parts
            ],
            "names": explained.names,
            "looks_like": list(explained.looks_like),
            "unit": _unit(explained.unit),
        }
    return entry


def _unit(unit: PhotoUnit | None) -> dict[str, Any] | None:
    return None if unit is None else {"kind": str(unit.kind), "number": unit.number, **unit.place}


def _in_words(explained: Explanation | None) -> list[str]:
    if explained is None:
        return []
    lines = [_part_in_words(part) for part in explained.parts]
    if explained.unit is not None and explained.unit.spot is not None:
        lines.append(f"matches best at the {explained.unit.spot}")
    if explained.names:
        lines.append(explained.names)
    if explained.looks_like:
        lines.append(f"looks like: {', '.join(explained.looks_like)}")
    return lines


def _part_in_words(part: PartScore) -> str:
    said = (_ABSENCE if part.excluded else _STANDING)[part.standing]
    if part.probability is not None:
        return f"{part.text}: {said} ({part.probability:.0%} likely)"
    return f"{part.text}: {said} ({part.deviation:+.1f} spreads)"
