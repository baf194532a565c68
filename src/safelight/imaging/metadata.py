"""Reads EXIF (CIPA DC-008) into :class:`ImageMetadata`. All input is untrusted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, SupportsFloat

from PIL import ExifTags, Image

from safelight.core.photo import ImageMetadata

_BASE = ExifTags.Base
_GPS = ExifTags.GPS

_TAKEN = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)(?:[ T](\d\d):(\d\d):(\d\d))?")
_OLDEST_YEAR = 1826  # the year of the first photograph
_NEWEST_YEAR = 2100
_MAX_TEXT = 100
_ISO_IN_OTHER_TAG = 65535
_RECOMMENDED_EXPOSURE_INDEX = 0x8832
_ISO_SPEED = 0x8833

Tags = Mapping[int, Any]


def read_metadata(exif: Image.Exif) -> ImageMetadata:
    """Never raises. Missing, damaged or absurd values are left out."""
    base = _directory(exif)
    photo = _directory(exif, ExifTags.IFD.Exif)
    latitude, longitude = _position(_directory(exif, ExifTags.IFD.GPSInfo))
    return ImageMetadata(
        taken_at=_taken_at(base, photo),
        camera=_camera(clean_text(base.get(_BASE.Make)), clean_text(base.get(_BASE.Model))),
        lens=_lens(photo),
        iso=_iso(photo),
        aperture=_aperture(photo),
        exposure=_exposure(photo),
        focal_length=_number(photo.get(_BASE.FocalLength), 0.1, 20_000),
        latitude=latitude,
        longitude=longitude,
    )


def clean_text(value: object) -> str | None:
    """One printable line of at most 100 characters, or None if there is no text."""
    if isinstance(value, tuple) and value:  # a string stored as several values
        value = value[0]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return None
    text = value.split("\0", 1)[0][: 4 * _MAX_TEXT]
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())[:_MAX_TEXT].strip()
    return text if any(character.isalnum() for character in text) else None


def _directory(exif: Image.Exif, ifd: int | None = None) -> Tags:
    try:
        return dict(exif) if ifd is None else exif.get_ifd(ifd)
    except Exception:  # noqa: BLE001 - damaged metadata must not hide the picture
        return {}


def _taken_at(base: Tags, photo: Tags) -> str | None:
    """When the picture was taken, otherwise digitised, otherwise the date tag."""
    for value in (
        photo.get(_BASE.DateTimeOriginal),
        photo.get(_BASE.DateTimeDigitized),
        base.get(_BASE.DateTime),
    ):
        taken = _timestamp(clean_text(value))
        if taken is not None:
            return taken
    return None


def _timestamp(text: str | None) -> str | None:
    match = _TAKEN.match(text or "")
    if match is None:
        return None
    try:
        moment = datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - wall clock
    except ValueError:
        return None
    return moment.isoformat() if _OLDEST_YEAR <= moment.year <= _NEWEST_YEAR else None


def _camera(make: str | None, model: str | None) -> str | None:
    """Make and model without repeating the make ("Canon", "Canon EOS" → "Canon EOS")."""
    if make is None or model is None:
        return model or make
    brand = make.split()[0].casefold()
    if model.casefold().startswith(brand):
        return model
    return f"{make} {model}"[:_MAX_TEXT]


def _lens(photo: Tags) -> str | None:
    text = clean_text(photo.get(_BASE.LensModel))
    # Cameras write zeros for an unknown lens ("0.0 mm f/0.0").
    return text if text is not None and re.search(r"[1-9]|[A-Za-z]{3}", text) else None


def _iso(photo: Tags) -> int | None:
    value = photo.get(_BASE.ISOSpeedRatings)
    iso = _number(value, 1, 10_000_000)
    if iso is None or iso == _ISO_IN_OTHER_TAG:
        fuller = _number(photo.get(_RECOMMENDED_EXPOSURE_INDEX), 1, 10_000_000)
        iso = fuller or _number(photo.get(_ISO_SPEED), 1, 10_000_000) or iso
    return None if iso is None else round(iso)


def _aperture(photo: Tags) -> float | None:
    value = _number(photo.get(_BASE.FNumber), 0.3, 512)
    if value is not None:
        return value
    apex = _number(photo.get(_BASE.ApertureValue), 0, 18)
    return None if not apex else round(math.pow(2, apex / 2), 1)


def _exposure(photo: Tags) -> float | None:
    value = _number(photo.get(_BASE.ExposureTime), 1e-7, 10 * 86_400)
    if value is not None:
        return value
    apex = _number(photo.get(_BASE.ShutterSpeedValue), -20, 24)
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
    parts = [_number(part, 0, 1e6) for part in value]
    if any(part is None for part in parts):
        return None
    degrees = sum(part / math.pow(60, power) for power, part in enumerate(parts) if part is not None)
    if degrees > limit:
        return None
    return round(degrees if side == positive else -degrees, 7)


def _number(value: object, low: float, high: float) -> float | None:
    """A finite number within bounds, or None. EXIF rationals may have a zero denominator or a wrong count."""
    if isinstance(value, tuple) and value:
        value = value[0]
    if not isinstance(value, SupportsFloat) or isinstance(value, str | bytes):
        return None
    try:
        number = float(value)
    except (ValueError, ArithmeticError, TypeError):
        return None
    return number if math.isfinite(number) and low <= number <= high else None
