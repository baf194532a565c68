"""What is said of a model, in words. No widgets here."""

from __future__ import annotations

from safelight.core.models import ModelRow
from safelight.ui import wording

STARTER = "starter"
_SPELT = {"apache-2.0": "Apache-2.0", "mit": "MIT"}
"""Licences that hubs write in small letters."""


def note(row: ModelRow) -> str:
    """Whom it is for, and what stands in the way of having it."""
    if row.missing_extra:
        needs = f"Needs an extra: pip install 'safelight[{row.missing_extra}]'"
        return f"{row.note} {needs}".strip()
    return row.note


def facts(row: ModelRow) -> str:
    """``MIT · 605 MB · English works best · about 11 photos/s here``."""
    parts = [licence(row)]
    if row.size_bytes:
        parts.append(wording.file_size(row.size_bytes))
    if row.languages:
        parts.append(row.languages[0].upper() + row.languages[1:])
    if row.images_per_second:
        speed = wording.rate(row.images_per_second).replace("/s", " photos/s")
        parts.append(f"about {speed} here" if row.estimated else f"{speed} here")
    return " · ".join(part for part in parts if part)


def quality(row: ModelRow) -> str:
    """The publisher's figures and the length of its vectors; empty where nothing is known."""
    parts = []
    if row.imagenet is not None:
        parts.append(f"ImageNet {row.imagenet:g} %")
    if row.coco is not None:
        parts.append(f"COCO text to image {row.coco:g} %")
    if row.dim:
        parts.append(f"{row.dim} dimensions")
    return " · ".join(parts)


def licence(row: ModelRow) -> str:
    if row.research_only:
        return f"{row.licence}: research only"
    return _SPELT.get(row.licence, row.licence) or "Licence: see its page"


def share(row: ModelRow) -> int:
    """Per cent of the library's photos that it has read, rounded down."""
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
        parts.append("has read no photo yet")
    return " · ".join(parts)


def transfer(done: int, total: int) -> str:
    """``210 of 605 MB``; what follows the last byte is said, as it takes seconds too."""
    if not total:
        return "Waiting …"
    if done >= total:
        return "Checking that it is whole and works …"
    return f"{wording.file_size(done)} of {wording.file_size(total)}"


def about_download(row: ModelRow) -> str:
    """What a person accepts with a download."""
    amount = f"{wording.file_size(row.size_bytes)} are" if row.size_bytes else "It is"
    lines = [f"{amount} fetched from the model hub and checked; nothing else is sent or fetched."]
    if row.research_only:
        lines.append(f"Its licence ({row.licence}) allows research only.")
    elif row.licence:
        lines.append(f"Its licence is {row.licence}.")
    else:
        lines.append("Its page says under which licence it may be used.")
    return "\n".join(lines)


def about_use(row: ModelRow, former: ModelRow | None) -> str:
    """What choosing a model means."""
    missing = row.photos - row.covered
    said = f"{row.title} is used from now on."
    if missing <= 0:
        return said
    reading = f"It reads {wording.count_of(missing, 'photo')}"
    if row.images_per_second:
        reading += f" ({wording.duration(missing / row.images_per_second)})"
    if former is not None and former.covered > row.covered:
        return f"{said} {reading}; until then {former.title} answers."
    return f"{said} {reading}."


def about_delete(row: ModelRow) -> str:
    """What deleting a model gives back and loses."""
    amount = wording.count_of(row.covered, "photo")
    lost = f" What it read of {amount} is lost and would have to be read again." if row.covered else ""
    return f"{wording.file_size(row.size_bytes)} are free again.{lost} Your photos are not touched."
