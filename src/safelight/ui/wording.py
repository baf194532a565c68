"""Formats values as text: counts, durations, sizes, exposure. No widgets."""

from __future__ import annotations

import html
import os
from datetime import datetime
from pathlib import Path

from safelight.core.jobs import Phase, Progress
from safelight.core.photo import Photo

_MINUTE = 60
_HOUR = 60 * _MINUTE


def display_path(path: str) -> str:
    """A path for display. Bytes that are not UTF-8 become replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def display_name(path: str) -> str:
    """The last component of a path for display, or the path itself if it is a root."""
    return display_path(Path(path).name or path)


def tip(text: str) -> str:
    """A text for a tooltip, escaped. Qt interprets text that looks like markup, so a crafted file name could
    make it load resources.
    """
    return f'<span style="white-space: pre-wrap">{html.escape(text)}</span>' if "<" in text else text


def count_of(number: int, singular: str, plural: str | None = None) -> str:
    """``1 photo``, ``12,480 photos``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def duration(seconds: float) -> str:
    """An approximate duration: ``a few seconds``, ``about 17 min``, ``about 2 h 10 min``."""
    if seconds < 10:
        return "a few seconds"
    if seconds < 55:
        return f"about {round(seconds / 5) * 5} s"
    minutes = max(1, round(seconds / _MINUTE))
    if minutes < 60:
        return f"about {minutes} min"
    hours, minutes = divmod(round(seconds / _MINUTE / 5) * 5, 60)
    return f"about {hours} h {minutes} min" if minutes and hours < 10 else f"about {hours} h"


def rate(per_second: float) -> str:
    """``35/s``, ``0.4/s``."""
    return f"{per_second:.0f}/s" if per_second >= 3 else f"{per_second:.1f}/s"


def progress_text(progress: Progress) -> str:
    """The status line of the current run; empty when nothing runs."""
    if progress.phase is Phase.IDLE:
        return ""
    amount = f"{progress.done:,} of {progress.total:,}"
    if progress.phase is Phase.SCANNING:
        return f"Looking for photos · {progress.total:,} found" if progress.total else "Looking for photos …"
    if progress.phase is Phase.PAUSED:
        paused = f"Paused {progress.reason}".rstrip()
        return f"{paused} · {amount}" if progress.total else paused
    parts = [amount]
    if progress.rate > 0:
        parts.append(rate(progress.rate))
    if (left := progress.seconds_left) is not None:
        parts.append(duration(left))
    return " · ".join(parts)


def file_size(size: int) -> str:
    """Bytes in decimal units, as in file managers: ``2.4 MB``."""
    if size < 1000:
        return count_of(size, "byte")
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5:
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"
    return f"{amount / 1000:.1f} TB"


def date(text: str) -> str:
    """``2019-05-12T10:30:00`` as ``12 May 2019, 10:30``; unchanged if it is not a date."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def month(text: str) -> str:
    """``2019-05-12T10:30:00`` as ``May 2019``; ``Undated`` if it is not a date."""
    try:
        return f"{datetime.fromisoformat(text):%B %Y}"
    except ValueError:
        return "Undated"


def exposure(seconds: float) -> str:
    """Shutter time as on a camera: ``1/250 s``, ``2.5 s``."""
    if 0 < seconds < 0.4:
        return f"1/{round(1 / seconds)} s"
    return f"{seconds:g} s"


def dimensions(photo: Photo) -> str:
    """``4032 × 3024 · 12 MP``."""
    megapixels = photo.width * photo.height / 1e6
    amount = f"{megapixels:.0f} MP" if megapixels >= 10 else f"{megapixels:.1f} MP"
    return f"{photo.width} × {photo.height} · {amount}"


def kind(photo: Photo) -> str:
    """``JPEG · 2.4 MB``."""
    return f"{photo.format} · {file_size(photo.size)}"


def camera(photo: Photo) -> str:
    """``iPhone 8 · f/1.8 · 1/250 s · ISO 100 · 4 mm``; empty if unknown."""
    data = photo.metadata
    parts = [data.camera or ""]
    if data.aperture:
        parts.append(f"f/{data.aperture:g}")
    if data.exposure:
        parts.append(exposure(data.exposure))
    if data.iso:
        parts.append(f"ISO {data.iso}")
    if data.focal_length:
        parts.append(f"{data.focal_length:g} mm")
    return " · ".join(part for part in parts if part)


def position(photo: Photo) -> str:
    """``35.5122° N, 24.0180° E``; empty if unknown."""
    latitude, longitude = photo.metadata.latitude, photo.metadata.longitude
    if latitude is None or longitude is None:
        return ""
    return (
        f"{abs(latitude):.4f}° {'N' if latitude >= 0 else 'S'}, "
        f"{abs(longitude):.4f}° {'E' if longitude >= 0 else 'W'}"
    )


def name_of(photo: Photo) -> str:
    """The file name shown for a photo; its number if no file is left."""
    return display_name(photo.files[0].path) if photo.files else f"Photo {photo.id}"


def path_of(photo: Photo) -> str | None:
    """The path to open a photo from: a file in an available folder, otherwise any file, otherwise None."""
    for file in photo.files:
        if file.online:
            return file.path
    return photo.files[0].path if photo.files else None
