"""``safelight search`` and ``safelight similar``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safelight.api import Library, Match, Results, Why
from safelight.api.document import find_for
from safelight.cli import console
from safelight.cli.declarations.search import FindFor, Search, Similar
from safelight.core.errors import SafelightError, UsageError
from safelight.core.estimate import Estimate, rounded
from safelight.core.explanation import PartScore, Standing
from safelight.core.photo_units import PhotoUnit
from safelight.core.quantities import clock

Explain = Callable[[Match], Why]

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


def run(arguments: Search | Similar | FindFor) -> int:
    match arguments:
        case Search():
            return search(arguments)
        case Similar():
            return similar(arguments)
        case FindFor():
            return find_for_document(arguments)


def search(arguments: Search) -> int:
    if not arguments.query.strip() and arguments.like is None:
        raise UsageError("The query is empty. Describe what is in the photo, for example: dog on a beach.")
    with Library.open(arguments.library, model=arguments.model, hidden=True, ask_engine=True) as library:
        if arguments.count:
            if arguments.like is not None:
                raise UsageError("Photos like a picture cannot be counted.")
            _show_count(library.count(arguments.query), as_json=arguments.json)
            return console.DONE
        found = library.search(arguments.query, arguments.limit, like=arguments.like)

        def explain(match: Match) -> Why:
            return library.explain(match.key, arguments.query, like=arguments.like)

        _show(found, explain if arguments.why else None, as_json=arguments.json)
    return console.DONE


def similar(arguments: Similar) -> int:
    with Library.open(arguments.library, model=arguments.model, hidden=True, ask_engine=True) as library:
        _show(library.similar(arguments.image, arguments.limit), None, as_json=arguments.json)
    return console.DONE


def find_for_document(arguments: FindFor) -> int:
    text = _read(arguments.file)
    with Library.open(arguments.library, model=arguments.model, hidden=True, ask_engine=True) as library:
        found = find_for(library, text, arguments.limit)
    if arguments.json:
        console.emit_json(
            [
                {
                    "line": paragraph.line,
                    "text": paragraph.text,
                    "photos": [
                        _entry(proposal.match, None)
                        | {
                            "probability": proposal.match.probability,
                            "sentence": proposal.sentence,
                            "names": list(proposal.match.reasons),
                        }
                        for proposal in paragraph.proposals
                    ],
                }
                for paragraph in found
            ]
        )
        return console.DONE
    for paragraph in found:
        console.emit(f"{paragraph.line}: {paragraph.text[:100]}")
        for proposal in paragraph.proposals:
            likely = proposal.match.probability
            certain = "" if likely is None else f", {likely:.0%} likely"
            console.emit(f"    {proposal.match.path}")
            console.emit(f"        {proposal.match.band}{certain}: {proposal.sentence}")
        if not paragraph.proposals:
            console.emit("    no matches")
    return console.DONE


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SafelightError(
            "{path} cannot be read ({reason}). Check the name.", path=name, reason=error.strerror
        ) from error
    except UnicodeDecodeError as error:
        raise SafelightError("{path} is not text in UTF-8; convert it first.", path=name) from error


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


def _show(found: Results, explain: Explain | None, *, as_json: bool) -> None:
    if found.notice:
        console.error(found.notice)
    if as_json:
        unknown = {"unknown_words": list(found.unknown_words)} if found.unknown_words else {}
        console.emit_json([_entry(match, explain) | unknown for match in found])
        return
    for match in found:
        console.emit(f"{match.score:.3f}  {match.band:<6}  {match.path}")
        for line in _in_words(_explained(match, explain)):
            console.emit(f"               {line}")


def _explained(match: Match, explain: Explain | None) -> Why | None:
    """Why a photo matches, if that was asked for. Without a vector, only its names explain it."""
    if explain is None:
        return None
    try:
        return explain(match)
    except SafelightError:
        return Why((), ", ".join(match.reasons), ())


def _entry(match: Match, explain: Explain | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": match.path, "score": round(match.score, 4), "band": str(match.band)}
    if match.unit is not None:
        entry["unit"] = _unit(match.unit)
    explained = _explained(match, explain)
    if explained is not None:
        entry["why"] = {
            "parts": [
                {
                    "text": part.text,
                    "excluded": part.excluded,
                    "standing": str(part.standing),
                    "deviation": _rounded(part.deviation, 2),
                    "probability": _rounded(part.probability, 3),
                    "score": _rounded(part.score, 4),
                }
                for part in explained.parts
            ],
            "names": explained.names,
            "looks_like": list(explained.looks_like),
        }
        if explained.unit is not None:
            entry["why"]["unit"] = _unit(explained.unit)
    return entry


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None else round(number, digits)


def _unit(unit: PhotoUnit) -> dict[str, Any]:
    return {"kind": str(unit.kind), "number": unit.number, **unit.place}


def _in_words(explained: Why | None) -> list[str]:
    if explained is None:
        return []
    lines = [_part_in_words(part) for part in explained.parts]
    if explained.unit is not None and explained.unit.spot is not None:
        lines.append(f"matches best at the {explained.unit.spot}")
    if explained.unit is not None and explained.unit.seconds is not None:
        lines.append(f"matches best at {clock(explained.unit.seconds)}")
    if explained.names:
        lines.append(explained.names)
    if explained.looks_like:
        lines.append(f"looks like: {', '.join(explained.looks_like)}")
    return lines


def _part_in_words(part: PartScore) -> str:
    said = (_ABSENCE if part.excluded else _STANDING)[part.standing]
    if part.probability is not None:
        return f"{part.text}: {said} ({part.probability:.0%} likely)"
    return (
        f"{part.text}: {said}"
        if part.deviation is None
        else f"{part.text}: {said} ({part.deviation:+.1f} spreads)"
    )
