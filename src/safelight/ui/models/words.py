"""Texts about models. No widgets here."""

from __future__ import annotations

from typing import Final

from safelight.core.models import ModelRow
from safelight.ui import wording

STARTER = "starter"
_SPELT: Final = {"apache-2.0": "Apache-2.0", "mit": "MIT"}
"""Licences that hubs write in lower case."""
STARS: Final = 5
_STAR_LIMITS: Final = (30.0, 36.0, 45.0, 53.0)
"""COCO recall from which a model has 2, 3, 4 and 5 stars. The built-in model has one: it is far smaller."""
_METHODS: Final = {
    "float32": "full precision (float32)",
    "float16": "half precision (float16)",
    "bfloat16": "half precision (bfloat16)",
    "int8": "8-bit integers (int8)",
}


def stars(row: ModelRow) -> int | None:
    """Search quality from 1 to :data:`STARS`; None if nothing is published."""
    if row.name == STARTER:
        return 1
    if row.coco is None:
        return None
    return 1 + sum(row.coco >= limit for limit in _STAR_LIMITS)


def star_text(row: ModelRow) -> str:
    """``★★★☆☆``; empty if the quality is unknown."""
    count = stars(row)
    return "" if count is None else "★" * count + "☆" * (STARS - count)


def facts(row: ModelRow) -> list[str]:
    """What matters when choosing: ``Many languages``, ``about 12 photos/s here``, ``1.5 GB``."""
    parts = []
    if row.languages:
        parts.append(row.languages[0].upper() + row.languages[1:])
    if row.images_per_second:
        speed = wording.rate(row.images_per_second).replace("/s", " photos/s")
        parts.append(f"about {speed} here" if row.estimated else f"{speed} here")
    if row.size_bytes:
        parts.append(wording.file_size(row.size_bytes))
    if row.research_only:
        parts.append("research only")
    return parts


def reason(row: ModelRow) -> str:
    """Why a model is recommended; empty for any other."""
    if not row.recommended:
        return ""
    if not row.images_per_second:
        return "The best choice for most computers: much better results at a good speed."
    text = "The best results at a good speed on this computer"
    missing = row.photos - row.covered
    if missing <= 0:
        return f"{text}."
    about = wording.duration(missing / row.images_per_second)
    return f"{text}: it reads {wording.count_of(missing, 'photo')} in {about}."


def details(row: ModelRow) -> str:
    """Licence, published figures and technical data, one on each line."""
    lines = [f"Licence: {licence(row)}"]
    if row.imagenet is not None:
        lines.append(f"ImageNet {row.imagenet:g} %: names the subject of a picture correctly, out of 1,000")
    if row.coco is not None:
        lines.append(f"COCO text to image {row.coco:g} %: the picture described comes first, out of 5,000")
    if row.imagenet is not None or row.coco is not None:
        lines.append("These figures are the publisher's own.")
    if row.dim:
        lines.append(f"Vectors of {row.dim} dimensions")
    if row.method:
        lines.append(f"Reads photos in {_METHODS.get(row.method, row.method)} on this computer")
    return "\n".join(lines)


def licence(row: ModelRow) -> str:
    if row.research_only:
        return f"{row.licence}, research only"
    return _SPELT.get(row.licence, row.licence) or "see the model's page"


def share(row: ModelRow) -> int:
    """Percentage of the library's photos that the model has read, rounded down."""
    return 100 * row.covered // row.photos if row.photos else 0


def state(row: ModelRow) -> str:
    """``In use · has read 97 % of 12,480 photos``."""
    if not row.installed:
        if row.partial and row.size_bytes:
            return f"{100 * row.partial // max(row.partial, row.size_bytes)} % downloaded"
        return ""
    parts = ["In use" if row.active else "Installed"]
    if row.photos and row.covered:
        parts.append(f"has read {share(row)} % of {wording.count_of(row.photos, 'photo')}")
    elif row.photos and row.active:
        parts.append("has read no photos yet")
    return " · ".join(parts)


def transfer(done: int, total: int) -> str:
    """``210 of 605 MB``. Checking the finished download takes seconds, too, so it is shown."""
    if not total:
        return "Waiting …"
    if done >= total:
        return "Checking the download …"
    return f"{wording.file_size(done)} of {wording.file_size(total)}"


def about_download(row: ModelRow) -> str:
    """What a download fetches, and its licence."""
    amount = f"{wording.file_size(row.size_bytes)} are" if row.size_bytes else "The model is"
    lines = [f"{amount} downloaded from the model hub and verified. Nothing else is sent or downloaded."]
    if row.research_only:
        lines.append(f"Its licence ({row.licence}) allows research only.")
    elif row.licence:
        lines.append(f"Its licence is {licence(row)}.")
    else:
        lines.append("Its page states the licence.")
    return "\n".join(lines)


def about_use(row: ModelRow, former: ModelRow | None) -> str:
    """What choosing a model means."""
    missing = row.photos - row.covered
    text = f"{row.title} is now in use."
    if missing <= 0:
        return text
    reading = f"It reads {wording.count_of(missing, 'photo')}"
    if row.images_per_second:
        reading += f" ({wording.duration(missing / row.images_per_second)})"
    if former is not None and former.covered > row.covered:
        return f"{text} {reading}; until then {former.title} answers."
    return f"{text} {reading}."


def about_delete(row: ModelRow) -> str:
    """What deleting a model frees, and what is lost."""
    amount = wording.count_of(row.covered, "photo")
    lost = f" {amount} would have to be read again if you install it later." if row.covered else ""
    return f"This frees {wording.file_size(row.size_bytes)}.{lost} Your photos are not changed."
