"""Reads EXIF (CIPA DC-008), with the text tags that Windows adds. All input is untrusted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image

from safelight.core.photo import ImageMetadata
from safelight.imaging.metadata.values import (
    MAX_TEXT,
    MAX_TITLE,
    Block,
    Moment,
    clean_caption,
    clean_lines,
    clean_tags,
    clean_text,
    moment,
    number,
    percent_rating,
    rating,
    subsecond,
    utc_offset,
)

_BASE = ExifTags.Base
_GPS = ExifTags.GPS

_ISO_IN_OTHER_TAG = 65535
_RECOMMENDED_EXPOSURE_INDEX = 0x8832
_ISO_SPEED = 0x8833
_OFFSET_TIME, _OFFSET_TIME_ORIGINAL, _OFFSET_TIME_DIGITIZED = 0x9010, 0x9011, 0x9012
_SUBSEC_TIME, _SUBSEC_TIME_ORIGINAL, _SUBSEC_TIME_DIGITIZED = 0x9290, 0x9291, 0x9292
_RATING, _RATING_PERCENT = 0x4746, 0x4749
_XP_TITLE, _XP_COMMENT, _XP_AUTHOR, _XP_KEYWORDS = 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E

_FILLERS = re.compile(r"(default|untitled|dji_.*|\d*)", re.IGNORECASE)
"""Further descriptions of cameras. In XMP and IPTC, a person may have written them."""

Tags = Mapping[int, Any]


def read_exif(exif: Image.Exif) -> Block:
    """Never raises. Missing, damaged or absurd values are left out, with a note where they were present."""
    base = _directory(exif)
    photo = _directory(exif, ExifTags.IFD.Exif)
    gps = _directory(exif, ExifTags.IFD.GPSInfo)
    latitude, longitude = _position(gps)
    notes = []
    if latitude is None and (gps.get(_GPS.GPSLatitude) or gps.get(_GPS.GPSLongitude)):
        notes.append("gps:invalid")
    original = _moment(photo, _BASE.DateTimeOriginal, _SUBSEC_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL)
    if original is None and clean_text(photo.get(_BASE.DateTimeOriginal)):
        notes.append("taken_at:invalid")
    return Block(
        ImageMetadata(
            camera=camera_name(clean_text(base.get(_BASE.Make)), clean_text(base.get(_BASE.Model))),
            lens=lens_name(clean_text(photo.get(_BASE.LensModel))),
            iso=_iso(photo),
            aperture=_aperture(photo),
            exposure=_exposure(photo),
            focal_length=number(photo.get(_BASE.FocalLength), 0.1, 20_000),
            latitude=latitude,
            longitude=longitude,
            rating=_rating(base),
            title=clean_text(_utf16(base.get(_XP_TITLE)), MAX_TITLE),
            caption=_caption(base),
            creator=clean_text(base.get(_BASE.Artist), MAX_TITLE)
            or clean_text(_utf16(base.get(_XP_AUTHOR)), MAX_TITLE),
            copyright=_copyright(base.get(_BASE.Copyright)),
            tags=clean_tags((_utf16(base.get(_XP_KEYWORDS)) or "").split(";")),
            orientation=_orientation(base),
            notes=tuple(notes),
        ),
        original=original,
        digitised=_moment(photo, _BASE.DateTimeDigitized, _SUBSEC_TIME_DIGITIZED, _OFFSET_TIME_DIGITIZED),
        changed=_moment(
            {**photo, _BASE.DateTime: base.get(_BASE.DateTime)}, _BASE.DateTime, _SUBSEC_TIME, _OFFSET_TIME
        ),
    )


def _orientation(base: Tags) -> int | None:
    stated = base.get(_BASE.Orientation)
    return stated if isinstance(stated, int) and 2 <= stated <= 8 else None


def _directory(exif: Image.Exif, ifd: int | None = None) -> Tags:
    try:
        tags = dict(exif) if ifd is None else exif.get_ifd(ifd)
    except Exception:  # noqa: BLE001 - damaged metadata must not hide the picture
        return {}
    return {number: _utf8(value) if isinstance(value, str) else value for number, value in tags.items()}


def _utf8(text: str) -> str:
    """Pillow decodes text as Latin-1, but most programs write UTF-8 (and the MWG asks for it)."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _moment(tags: Tags, date: int, fraction: int, zone: int) -> Moment | None:
    found = moment(clean_text(tags.get(date)))
    if found is None:
        return None
    return Moment(
        found.wall_clock,
        subsecond(clean_text(tags.get(fraction))) or found.subsecond,
        _first_not_none(utc_offset(clean_text(tags.get(zone))), found.utc_offset),
    )


def _first_not_none(first: int | None, second: int | None) -> int | None:
    return second if first is None else first


def camera_name(make: str | None, model: str | None) -> str | None:
    """Make and model without repeating the make ("Canon", "Canon EOS" → "Canon EOS")."""
    if make is None or model is None:
        return model or make
    brand = make.split()[0].casefold()
    if model.casefold().startswith(brand):
        return model
    return f"{make} {model}"[:MAX_TEXT]


def lens_name(text: str | None) -> str | None:
    """Cameras write zeros for an unknown lens ("0.0 mm f/0.0")."""
    return text if text is not None and re.search(r"[1-9]|[A-Za-z]{3}", text) else None


def _rating(base: Tags) -> int | None:
    found = rating(number(base.get(_RATING), 0, 5))
    return found if found is not None else percent_rating(number(base.get(_RATING_PERCENT), 0, 100))


def _caption(base: Tags) -> str | None:
    text = clean_caption(base.get(_BASE.ImageDescription))
    if text is not None and _FILLERS.fullmatch(text):
        text = None
    return text or clean_lines(_utf16(base.get(_XP_COMMENT)))


def _creator(base: Tags) -> str | None:
    artist = clean_text(base.get(_BASE.Artist), MAX_TITLE)
    return artist or clean_text(_utf16(base.get(_XP_AUTHOR)), MAX_TITLE)


def _copyright(value: object) -> str | None:
    """The photographer's part and the editor's, which a NUL separates; a space is a missing part."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return clean_text(value, MAX_TITLE)
    parts = (clean_text(part, MAX_TITLE) for part in value.split("\0"))
    return "; ".join(part for part in parts if part) or None


def _utf16(value: object) -> str | None:
    """The text tags of Windows are bytes of UTF-16."""
    if isinstance(value, tuple) and all(isinstance(each, int) and 0 <= each < 256 for each in value):
        value = bytes(value)
    if not isinstance(value, bytes):
        return None
    return value[:100_000].decode("utf-16-le", "replace").split("\0", 1)[0]


def _iso(photo: Tags) -> int | None:
    value = photo.get(_BASE.ISOSpeedRatings)
    iso = number(value, 1, 10_000_000)
    if iso is None or iso == _ISO_IN_OTHER_TAG:
        fuller = number(photo.get(_RECOMMENDED_EXPOSURE_INDEX), 1, 10_000_000)
        iso = fuller or number(photo.get(_ISO_SPEED), 1, 10_000_000) or iso
    return None if iso is None else round(iso)


def _aperture(photo: Tags) -> float | None:
    value = number(photo.get(_BASE.FNumber), 0.3, 512)
    if value is not None:
        return value
    apex = number(photo.get(_BASE.ApertureValue), 0, 18)
    return None if not apex else round(math.pow(2, apex / 2), 1)


def _exposure(photo: Tags) -> float | None:
    value = number(photo.get(_BASE.ExposureTime), 1e-7, 10 * 86_400)
    if value is not None:
        return value
    apex = number(photo.get(_BASE.ShutterSpeedValue), -20, 24)
    return None if not apex else math.pow(2, -apex)


def _position(gps: Tags) -> tuple[float | None, float | None]:
    latitude = _degrees(gps.get(_GPS.GPSLatitude), gps.get(_GPS.GPSLatitudeRef), "N", "S", 90)
    longitude = _degrees(gps.get(_GPS.GPSLongitude), gps.get(_GPS.GPSLongitudeRef), "E", "W", 180)
    if latitude is None or longitude is None:
        return None, None
    if latitude == 0 and longitude == 0:  # written by receivers without a position
        return None, None
    return latitude, longitude


def _degrees(value: object, reference: object, positive: str, negative: str, limit: float) -> float | None:
    """Degrees, minutes and seconds with a hemisphere, as signed degrees. None without a hemisphere."""
    side = (clean_text(reference) or "").upper()[:1]
    if side not in (positive, negative) or not isinstance(value, tuple) or not 1 <= len(value) <= 3:
        return None
    parts = [number(part, 0, 1e6) for part in value]
    if any(part is None for part in parts):
        return None
    degrees = sum(part / math.pow(60, power) for power, part in enumerate(parts) if part is not None)
    if degrees > limit:
        return None
    return round(degrees if side == positive else -degrees, 7)
