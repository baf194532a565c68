"""Searches that need the library itself: ``safelight similar`` and ``find-for``, and ``safelight search``
where the engine of an open window cannot answer alone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from safelight.api import Library, Match, Results, Why
from safelight.api.document import find_for
from safelight.cli import console, search_output
from safelight.cli.declarations.search import FindFor, Search, Similar
from safelight.cli.search_output import PrintedPhoto
from safelight.core.errors import SafelightError
from safelight.core.explanation import PartScore, Standing
from safelight.core.photo_units import PhotoUnit
from safelight.core.quantities import clock
from safelight.engine.program_answers import unit_json

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


def search(arguments: Search, *, ask_engine: bool) -> int:
    with Library.open(
        arguments.library, model=arguments.model, hidden=True, ask_engine=ask_engine
    ) as library:
        if arguments.count:
            search_output.print_estimate(library.count(arguments.query), as_json=arguments.json)
            return console.DONE
        found = library.search(arguments.query, arguments.limit, like=arguments.like)
        photos = _explained(library, found, arguments) if arguments.why else map(_shown, found)
        search_output.print_results(photos, found.notice, found.unknown_words, as_json=arguments.json)
    return console.DONE


def similar(arguments: Similar) -> int:
    with Library.open(arguments.library, model=arguments.model, hidden=True, ask_engine=True) as library:
        found = library.similar(arguments.image, arguments.limit)
        photos = map(_shown, found)
        search_output.print_results(photos, found.notice, found.unknown_words, as_json=arguments.json)
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
                        _shown(proposal.match).json()
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


def _shown(match: Match) -> PrintedPhoto:
    return PrintedPhoto(match.path, match.score, str(match.band), _unit(match.unit))


def _explained(library: Library, found: Results, arguments: Search) -> Iterator[PrintedPhoto]:
    for match in found:
        try:
            why = library.explain(match.key, arguments.query, like=arguments.like)
        except SafelightError:  # without a vector, only its names explain it
            why = Why((), ", ".join(match.reasons), ())
        yield PrintedPhoto(
            match.path, match.score, str(match.band), _unit(match.unit), _why_json(why), _in_words(why)
        )


def _why_json(why: Why) -> dict[str, Any]:
    said: dict[str, Any] = {
        "parts": [
            {
                "text": part.text,
                "excluded": part.excluded,
                "standing": str(part.standing),
                "deviation": _rounded(part.deviation, 2),
                "probability": _rounded(part.probability, 3),
                "score": _rounded(part.score, 4),
            }
            for part in why.parts
        ],
        "names": why.names,
        "looks_like": list(why.looks_like),
    }
    if why.unit is not None:
        said["unit"] = unit_json(why.unit)
    return said


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None else round(number, digits)


def _unit(unit: PhotoUnit | None) -> dict[str, Any] | None:
    return None if unit is None else unit_json(unit)


def _in_words(why: Why) -> tuple[str, ...]:
    lines = [_part_in_words(part) for part in why.parts]
    if why.unit is not None and why.unit.spot is not None:
        lines.append(f"matches best at the {why.unit.spot}")
    if why.unit is not None and why.unit.seconds is not None:
        lines.append(f"matches best at {clock(why.unit.seconds)}")
    if why.names:
        lines.append(why.names)
    if why.looks_like:
        lines.append(f"looks like: {', '.join(why.looks_like)}")
    return tuple(lines)


def _part_in_words(part: PartScore) -> str:
    said = (_ABSENCE if part.excluded else _STANDING)[part.standing]
    if part.probability is not None:
        return f"{part.text}: {said} ({part.probability:.0%} likely)"
    return (
        f"{part.text}: {said}"
        if part.deviation is None
        else f"{part.text}: {said} ({part.deviation:+.1f} spreads)"
    )
