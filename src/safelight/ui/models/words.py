"""Texts about models. No widgets here."""

from __future__ import annotations

from typing import Final

from safelight.core.models import ModelRow
from safelight.ui import wording
from safelight.ui.translation import constant_text, translate

STARTER = "starter"
_LICENCE_NAMES: Final = {"apache-2.0": translate("Words", "Apache-2.0"), "mit": "MIT"}
"""Licences that hubs write in lower case."""
STARS: Final = 5
_STAR_LIMITS: Final = (30.0, 36.0, 45.0, 53.0)
"""COCO recall from which a model has 2, 3, 4 and 5 stars. The built-in model has one: it is far smaller."""
_METHODS: Final = {
    "float32": translate("Words", "full precision (float32)"),
    "float16": translate("Words", "half precision (float16)"),
    "bfloat16": translate("Words", "half precision (bfloat16)"),
    "int8": translate("Words", "8-bit integers (int8)"),
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
    """The facts that matter for a choice: ``Many languages``, ``about 12 photos/s here``, ``1.5 GB``."""
    parts = []
    if row.languages:
        languages = constant_text(row.languages)
        parts.append(languages[0].upper() + languages[1:])
    if row.images_per_second:
        speed = wording.rate(row.images_per_second).replace("/s", " photos/s")
        parts.append(
            translate("Words", "about {speed} here").format(speed=speed)
            if row.estimated
            else translate("Words", "{speed} here").format(speed=speed)
        )
    if row.size_bytes:
        parts.append(wording.file_size(row.size_bytes))
    if row.research_only:
        parts.append(translate("Words", "research only"))
    return parts


def reason(row: ModelRow) -> str:
    """Why a model is recommended; empty for any other."""
    if not row.recommended:
        return ""
    if not row.images_per_second:
        return translate("Words", "The best choice for most computers: much better results at a good speed.")
    text = translate("Words", "The best results at a good speed on this computer")
    missing = row.photos - row.covered
    if missing <= 0:
        return f"{text}."
    about = wording.duration(missing / row.images_per_second)
    return translate("Words", "{text}: it reads {count} in {about}.").format(
        text=text, count=wording.count_of(missing, "photo"), about=about
    )


def details(row: ModelRow) -> str:
    """Licence, published figures and technical data, one on each line."""
    lines = [translate("Words", "Licence: {licence}").format(licence=licence(row))]
    if row.imagenet is not None:
        lines.append(
            translate(
                "Words", "ImageNet {imagenet:g} %: names the subject of a picture correctly, out of 1,000"
            ).format(imagenet=row.imagenet)
        )
    if row.coco is not None:
        lines.append(
            translate(
                "Words", "COCO text to image {coco:g} %: the picture described comes first, out of 5,000"
            ).format(coco=row.coco)
        )
    if row.imagenet is not None or row.coco is not None:
        lines.append(translate("Words", "These figures are the publisher's own."))
    if row.dim:
        lines.append(translate("Words", "Vectors of {dim} dimensions").format(dim=row.dim))
    if row.method:
        lines.append(
            translate("Words", "Reads photos in {get} on this computer").format(
                get=_METHODS.get(row.method, row.method)
            )
        )
    return "\n".join(lines)


def licence(row: ModelRow) -> str:
    if row.research_only:
        return translate("Words", "{licence}, research only").format(licence=row.licence)
    return _LICENCE_NAMES.get(row.licence, row.licence) or translate("Words", "see the model's page")


def share(row: ModelRow) -> int:
    """Percentage of the library's photos that the model has read, rounded down."""
    return 100 * row.covered // row.photos if row.photos else 0


def state(row: ModelRow) -> str:
    """``In use · has read 97 % of 12,480 photos``."""
    if not row.installed:
        if row.partial and row.size_bytes:
            return translate("Words", "{value} % downloaded").format(
                value=100 * row.partial // max(row.partial, row.size_bytes)
            )
        return ""
    parts = [translate("Words", "In use") if row.active else translate("Words", "Installed")]
    if row.photos and row.covered:
        parts.append(
            translate("Words", "has read {share} % of {count}").format(
                share=share(row), count=wording.count_of(row.photos, "photo")
            )
        )
    elif row.photos and row.active:
        parts.append(translate("Words", "has read no photos yet"))
    return " · ".join(parts)


def transfer(done: int, total: int) -> str:
    """``210 of 605 MB``. Checking the finished download takes seconds, too, so it is shown."""
    if not total:
        return translate("Words", "Waiting …")
    if done >= total:
        return translate("Words", "Checking the download …")
    return translate("Words", "{file_size} of {file_size2}").format(
        file_size=wording.file_size(done), file_size2=wording.file_size(total)
    )


def about_download(row: ModelRow) -> str:
    """What a download fetches, and its licence."""
    amount = (
        translate("Words", "{file_size} are").format(file_size=wording.file_size(row.size_bytes))
        if row.size_bytes
        else translate("Words", "The model is")
    )
    lines = [
        translate(
            "Words",
            "{amount} downloaded from the model hub and verified. Nothing else is sent or downloaded.",
        ).format(amount=amount)
    ]
    if row.research_only:
        lines.append(
            translate("Words", "Its licence ({licence}) allows research only.").format(licence=row.licence)
        )
    elif row.licence:
        lines.append(translate("Words", "Its licence is {licence}.").format(licence=licence(row)))
    else:
        lines.append(translate("Words", "Its page states the licence."))
    return "\n".join(lines)


def about_use(row: ModelRow, former: ModelRow | None) -> str:
    """What choosing a model means."""
    missing = row.photos - row.covered
    text = translate("Words", "{title} is now in use.").format(title=row.title)
    if missing <= 0:
        return text
    reading = translate("Words", "It reads {count}").format(count=wording.count_of(missing, "photo"))
    if row.images_per_second:
        reading += f" ({wording.duration(missing / row.images_per_second)})"
    if former is not None and former.covered > row.covered:
        return translate("Words", "{text} {reading}; until then {title} answers.").format(
            text=text, reading=reading, title=former.title
        )
    return f"{text} {reading}."


def about_delete(row: ModelRow) -> str:
    """What deleting a model frees, and what is lost."""
    amount = wording.count_of(row.covered, "photo")
    lost = (
        translate("Words", " {amount} would have to be read again if you install it later.").format(
            amount=amount
        )
        if row.covered
        else ""
    )
    return translate("Words", "This frees {file_size}.{lost} Your photos are not changed.").format(
        file_size=wording.file_size(row.size_bytes), lost=lost
    )
