"""Metadata in the container of a video: time, camera and position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from safelight.core.photo import ImageMetadata

_TIMES = ("com.apple.quicktime.creationdate", "creation_time", "date")
_MAKERS = ("com.apple.quicktime.make", "com.android.manufacturer", "make")
_MODELS = ("com.apple.quicktime.model", "com.android.model", "model")
_PLACES = ("com.apple.quicktime.location.ISO6709", "location", "location-eng")
_POSITION = re.compile(r"([+-][0-9]{1,2}(?:\.[0-9]{1,12})?)([+-][0-9]{1,3}(?:\.[0-9]{1,12})?)")
"""ISO 6709, Annex H: ``+48.8577+002.2950+035.0/``."""

_FIRST_YEAR = 1970
"""Cameras whose clock was never set write 1904, where the time of QuickTime begins."""
_LONGEST = 100


def read_video_metadata(tags: Mapping[str, str]) -> ImageMetadata:
    """The metadata from the tags of a container, which are untrusted. Invalid values are left out."""
    latitude, longitude = _position(_first(tags, _PLACES))
    return ImageMetadata(
        taken_at=_time(tags),
        camera=_camera(_first(tags, _MAKERS), _first(tags, _MODELS)),
        latitude=latitude,
        longitude=longitude,
    )


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str:
    found = next((tags[name] for name in names if tags.get(name)), "")
    return " ".join("".join(each for each in found if each.isprintable()).split())[:_LONGEST]


def _time(tags: Mapping[str, str]) -> str | None:
    """Wall clock. Containers store universal time, which is shown in this machine's zone, unless a camera
    also wrote its own zone.
    """
    for name in _TIMES:
        try:
            moment = datetime.fromisoformat(tags.get(name, ""))
        except ValueError:
            continue
        if moment.year <= _FIRST_YEAR:
            continue
        if name == "creation_time" and moment.tzinfo is not None:
            moment = moment.astimezone()
        return moment.strftime("%Y-%m-%dT%H:%M:%S")
    return None


def _camera(maker: str, model: str) -> str | None:
    if model.lower().startswith(maker.lower()):
        maker = ""
    return f"{maker} {model}".strip() or None


def _position(text: str) -> tuple[float | None, float | None]:
    form = _POSITION.match(text)
    if form is None:
        return None, None
    latitude, longitude = float(form[1]), float(form[2])
    if abs(latitude) > 90 or abs(longitude) > 180 or latitude == longitude == 0:
        return None, None
    return latitude, longitude
