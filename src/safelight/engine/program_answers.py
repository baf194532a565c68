"""What searches find, as JSON for :mod:`safelight.engine.local_socket` and back.

Each ``read_…`` function raises ValueError, TypeError or KeyError for what its counterpart did not write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from safelight.core.concepts import Proposal
from safelight.core.estimate import Estimate
from safelight.core.explanation import Explanation, PartScore, Standing
from safelight.core.message import Message
from safelight.core.photo_units import PhotoUnit, UnitKind
from safelight.core.search import Band, SearchHit
from safelight.core.tag_words import Suggestion
from safelight.services.searching.results import FoundPhotos

Json = Any

SuggestionsByPhoto = Mapping[int, Sequence[Suggestion]]
"""The tags that suit photos, by their ids."""


def found_json(found: FoundPhotos) -> Json:
    """The first hits of a search with its notice."""
    return {
        "hits": [{**asdict(hit), "reason": str(hit.reason or "")} for hit in found.hits],
        "notice": found.notice,
        "unknown_words": found.unknown_words,
    }


def listing_json(found: FoundPhotos, paths: Mapping[int, str]) -> Json:
    """The hits of a search for programs that only show them: those with a path, a file of each photo."""
    return {
        "photos": [
            {
                "path": paths[hit.photo_id],
                "score": hit.score,
                "band": hit.band,
                "unit": None if hit.unit is None else unit_json(hit.unit),
            }
            for hit in found.hits
            if hit.photo_id in paths
        ],
        "notice": found.notice,
        "unknown_words": found.unknown_words,
    }


def unit_json(unit: PhotoUnit) -> dict[str, Json]:
    """A unit for people who read JSON: its place is not nested."""
    return {"kind": unit.kind, "number": unit.number, **unit.place}


def read_found(data: Json) -> FoundPhotos:
    hits = (
        SearchHit(
            **{
                **hit,
                "band": Band(hit["band"]),
                "reason": _read_text(hit["reason"]),
                "unit": _read_unit(hit["unit"]),
            }
        )
        for hit in data["hits"]
    )
    notice = _read_text(data["notice"])
    return FoundPhotos(
        tuple(hits), () if notice is None else (notice,), unknown_words=tuple(data["unknown_words"])
    )


def _read_text(data: str) -> Message | None:
    """Programs get English sentences, and no message where there is none."""
    return Message("{text}", text=data) if data else None


def explanation_json(why: Explanation) -> Json:
    """An explanation without its heat map."""
    return {
        "photo_id": why.photo_id,
        "parts": [asdict(part) for part in why.parts],
        "looks_like": why.looks_like,
        "descriptions": why.descriptions,
        "names": str(why.names or ""),
        "unit": None if why.unit is None else asdict(why.unit),
    }


def read_explanation(data: Json) -> Explanation:
    return Explanation(
        data["photo_id"],
        tuple(PartScore(**{**part, "standing": Standing(part["standing"])}) for part in data["parts"]),
        tuple(data["looks_like"]),
        tuple(data["descriptions"]),
        _read_text(data["names"]),
        unit=_read_unit(data["unit"]),
    )


def estimate_json(found: Estimate) -> Json:
    return asdict(found)


def read_estimate(data: Json) -> Estimate:
    return Estimate(**data)


def suggestions_json(found: SuggestionsByPhoto | None) -> Json:
    """None while the words are being encoded."""
    if found is None:
        return None
    return [[photo_id, [asdict(each) for each in suggestions]] for photo_id, suggestions in found.items()]


def read_suggestions(data: Json) -> SuggestionsByPhoto | None:
    if data is None:
        return None
    return {photo_id: tuple(Suggestion(**each) for each in suggestions) for photo_id, suggestions in data}


def proposals_json(found: Sequence[Proposal]) -> Json:
    return [asdict(each) for each in found]


def read_proposals(data: Json) -> list[Proposal]:
    return [Proposal(**each) for each in data]


def _read_unit(data: Json) -> PhotoUnit | None:
    return None if data is None else PhotoUnit(UnitKind(data["kind"]), data["number"], data["place"])
