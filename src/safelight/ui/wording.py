"""Formats values as text: counts, durations, sizes, exposure. No widgets."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from datetime import date as date_type
from datetime import datetime
from pathlib import Path

from safelight.core.jobs import Phase, Progress
from safelight.core.message import Message
from safelight.core.operations import (
    JudgeDuplicates,
    Note,
    TrashDuplicates,
    TrashPhotos,
    UndoOutcome,
    describe,
)
from safelight.core.photo import DateSource, Photo
from safelight.core.quantities import Number, shown_size
from safelight.ui import calendar_texts, direction
from safelight.ui.translation import error_text, message_text, translate, translate_count

_CONTROL_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {
    0x7F: 0x2421,
    0x2028: 0x2424,
    0x2029: 0x2424,
}
_MINUTE = 60
_HOUR = 60 * _MINUTE


def path_text(path: str) -> str:
    """A path as text, for other programs. Bytes that are not UTF-8 become replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def display_path(path: str) -> str:
    """A path for display, in one line. Where text runs from right to left, it contains invisible characters
    that keep its order."""
    return direction.isolated(_in_one_line(path_text(path)), is_path=True)


def display_name(path: str) -> str:
    """The last component of a path for display, or the path itself if it is a root."""
    name = Path(path).name
    return direction.isolated(_in_one_line(path_text(name))) if name else display_path(path)


def _in_one_line(text: str) -> str:
    """A text whose line breaks and other control characters are replaced by their symbols (U+2400 …)."""
    return text.translate(_CONTROL_PICTURES)


def tip(text: str) -> str:
    """A text for a tooltip, escaped. Qt interprets text that looks like markup, so a crafted file name could
    make it load resources.
    """
    return f'<span style="white-space: pre-wrap">{html.escape(text)}</span>' if "<" in text else text


def file_size(size: Number) -> str:
    """Bytes in decimal units, as file managers show them: ``2.4 MB``."""
    return message_text(shown_size(size))


def count_of(number: int, noun: str) -> str:
    """``1 photo``, ``12,480 photos``. ``noun`` is one of the English nouns that have texts here."""
    match noun:
        case "photo":
            return translate_count("Count", "{count} photo", "{count} photos", number)
        case "file":
            return translate_count("Count", "{count} file", "{count} files", number)
        case "folder":
            return translate_count("Count", "{count} folder", "{count} folders", number)
        case "album":
            return translate_count("Count", "{count} album", "{count} albums", number)
        case "group":
            return translate_count("Count", "{count} group", "{count} groups", number)
        case "theme":
            return translate_count("Count", "{count} theme", "{count} themes", number)
        case "sidecar":
            return translate_count("Count", "{count} sidecar", "{count} sidecars", number)
        case "star":
            return translate_count("Count", "{count} star", "{count} stars", number)
        case "item":
            return translate_count("Count", "{count} item", "{count} items", number)
        case "other":
            return translate_count("Count", "{count} other", "{count} others", number)
    raise ValueError(noun)


def folder_note(note: Note) -> str:
    """What adding, excluding or including a folder did, in one line."""
    path, inner = note.params["path"], note.params.get("folders", [])
    match note.code:
        case "folder_known":
            return translate("Wording", "“{name}” is already in the library.").format(name=display_name(path))
        case "folder_included":
            parent = display_name(note.params["parent"])
            return translate("Wording", "“{name}” is already in the library as part of “{parent}”.").format(
                name=display_name(path), parent=parent
            )
        case "folder_excluded" if not note.params["photos"]:
            return translate(
                "Wording", "Excluded “{name}”. No photos left the library: none was only in this folder."
            ).format(name=display_name(path))
        case "folder_excluded":
            return translate(
                "Wording", "Excluded “{name}”: {photos} left the library. The files stay on the disk."
            ).format(name=display_name(path), photos=count_of(note.params["photos"], "photo"))
        case "folder_excluded_already":
            return translate("Wording", "“{name}” is already excluded.").format(name=display_name(path))
        case "folder_included_again":
            return translate("Wording", "“{name}” is in the library again.").format(name=display_name(path))
        case "folder_not_excluded":
            return translate("Wording", "“{name}” is not excluded.").format(name=display_name(path))
        case "folders_absorbed" if len(inner) == 1:
            return translate("Wording", "“{name}” is now part of “{name2}”. Its photos stay.").format(
                name=display_name(inner[0]), name2=display_name(path)
            )
        case "folders_absorbed":
            return translate(
                "Wording", "{count:,} folders are now part of “{name}”. Their photos stay."
            ).format(count=len(inner), name=display_name(path))
    return note.code


def restored(files: int) -> str:
    return translate("Wording", "{count} restored").format(count=count_of(files, "file"))


def not_restored(files: Sequence[tuple[str, Message]]) -> str:
    """The first of the files that are not in their place again, why, and how many more there are."""
    return with_first_reason(files, translate("Wording", "could not be restored to its place"))


def with_first_reason(files: Sequence[tuple[str, Message]], what: str) -> str:
    """``“b.jpg” was left alone: protected by you``, and how many more there are. ``what`` is the verb."""
    path, reason = files[0]
    text = f"“{display_name(path)}” {what}: {error_text(reason)}"
    if len(files) == 1:
        return text
    if all(other.template == reason.template for _, other in files):
        more = translate("Wording", "{text} · {value:,} more for the same reason")
    else:
        more = translate("Wording", "{text} · {value:,} more, also for other reasons")
    return more.format(text=text, value=len(files) - 1)


def undone(outcome: UndoOutcome) -> str:
    """What an undo restored, in one line."""
    if outcome.undone is None and not outcome.failed:
        return translate("Wording", "There is nothing to undo.")
    said = message_text(describe(outcome.code, outcome.params))
    if "path" in outcome.params:
        path = f"“{display_name(outcome.params['path'])}”"
        said = message_text(describe(outcome.code, {**outcome.params, "path": path}))
    parts = []
    if outcome.restored:
        parts.append(restored(outcome.restored))
    if outcome.failed:
        parts.append(
            translate("Wording", "{count} could not be restored").format(
                count=count_of(len(outcome.failed), "file")
            )
        )
    if outcome.code == JudgeDuplicates.code and outcome.reverted:
        parts.append(translate("Wording", "Decision undone"))
    elif outcome.reverted:
        parts.append(translate("Wording", "Undone: {describe}").format(describe=said))
    elif not parts and outcome.code not in (TrashDuplicates.code, TrashPhotos.code):
        parts.append(
            translate("Wording", "Changed again since, so not undone: {describe}").format(describe=said)
        )
    return " · ".join(parts) or translate("Wording", "Undone")


def duration(seconds: float) -> str:
    """An approximate duration: ``a few seconds``, ``about 17 min``, ``about 2 h 10 min``."""
    if seconds < 10:
        return translate("Wording", "a few seconds")
    if seconds < 55:
        return translate("Wording", "about {value} s").format(value=round(seconds / 5) * 5)
    minutes = max(1, round(seconds / _MINUTE))
    if minutes < 60:
        return translate("Wording", "about {minutes} min").format(minutes=minutes)
    hours, minutes = divmod(round(seconds / _MINUTE / 5) * 5, 60)
    return (
        translate("Wording", "about {hours} h {minutes} min").format(hours=hours, minutes=minutes)
        if minutes and hours < 10
        else translate("Wording", "about {hours} h").format(hours=hours)
    )


def rate(per_second: float) -> str:
    """``35/s``, ``0.4/s``."""
    return f"{per_second:.0f}/s" if per_second >= 3 else f"{per_second:.1f}/s"


def progress_text(progress: Progress) -> str:
    """The status line of the current run; empty when nothing runs."""
    if progress.phase is Phase.IDLE:
        return ""
    amount = translate("Wording", "{done:,} of {total:,}").format(done=progress.done, total=progress.total)
    if progress.phase is Phase.SCANNING:
        return (
            translate("Wording", "Scanning for photos · {total:,} found").format(total=progress.total)
            if progress.total
            else translate("Wording", "Scanning for photos …")
        )
    if progress.phase is Phase.PAUSED:
        paused = translate("Wording", "Paused {reason}").format(reason=message_text(progress.reason)).rstrip()
        return f"{paused} · {amount}" if progress.total else paused
    parts = [message_text(progress.activity), amount] if progress.activity is not None else [amount]
    if progress.rate > 0:
        parts.append(rate(progress.rate))
    if (left := progress.seconds_left) is not None:
        parts.append(duration(left))
    return " · ".join(parts)


def date_of(photo: Photo) -> str:
    """The date of a photo, and where it comes from if that is not the picture itself."""
    match photo.date_source:
        case DateSource.SIDECAR:
            source = translate("Date", "from its sidecar")
        case DateSource.NAME:
            source = translate("Date", "from the file’s name")
        case DateSource.GIVEN:
            source = translate("Date", "imported")
        case DateSource.FILE:
            source = translate("Date", "file date")
        case _:
            return date(photo.date)
    return f"{date(photo.date)} ({source})"


def metadata_note(code: str) -> str:
    """Why a part of a photo's metadata is not used."""
    match code:
        case "taken_at:invalid":
            return translate("MetadataNote", "The date in the file does not exist.")
        case "gps:invalid":
            return translate("MetadataNote", "The position in the file does not exist.")
        case "rating:invalid":
            return translate("MetadataNote", "The rating in the file is not between −1 and 5.")
        case "xmp:too_large":
            return translate("MetadataNote", "The XMP in the file or its sidecar is too large.")
        case "xmp:refused":
            return translate("MetadataNote", "The XMP in the file or its sidecar contains a DTD.")
        case "xmp:damaged":
            return translate("MetadataNote", "The XMP in the file or its sidecar is damaged.")
        case _ if code.startswith("sidecar:"):
            return translate("MetadataNote", "A sidecar could not be read.")
        case _:
            return code


def date(text: str) -> str:
    """``2019-05-12T10:30:00`` as ``12 May 2019, 10:30``; unchanged if it is not a date."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return _with_time(moment)


def short_moment(when: float) -> str:
    """A time in seconds since 1970 as ``12 May 2019, 10:30``, with a short month, by the user's clock."""
    moment = datetime.fromtimestamp(when)  # noqa: DTZ006 - the user's own clock
    return _with_time(moment, short=True)


def _with_time(moment: datetime, *, short: bool = False) -> str:
    in_words = calendar_texts.date_in_words(moment.day, moment.month, moment.year, short=short)
    return calendar_texts.with_time(in_words, moment.hour, moment.minute)


def name_over_folder(path: str) -> str:
    """Two lines: the name of a file, and its folder."""
    return f"{display_name(path)}\n{display_path(str(Path(path).parent))}"


def day(text: str) -> str:
    """``2019-05-12`` as ``Sunday, 12 May 2019``; ``Undated`` if it is not a date."""
    try:
        found = date_type.fromisoformat(text)
    except ValueError:
        return translate("Wording", "Undated")
    in_words = calendar_texts.date_in_words(found.day, found.month, found.year)
    return calendar_texts.with_weekday(found.weekday(), in_words)


def month(text: str) -> str:
    """``2019-05-12T10:30:00`` as ``May 2019``; ``Undated`` if it is not a date."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return translate("Wording", "Undated")
    return calendar_texts.month_and_year(moment.month, moment.year)


def name_of(photo: Photo) -> str:
    """The file name shown for a photo; its number if no file is left."""
    return (
        display_name(photo.files[0].path)
        if photo.files
        else translate("Wording", "Photo {id}").format(id=photo.id)
    )


def path_of(photo: Photo) -> str | None:
    """The path to open a photo from: a file in an available folder, otherwise any file, otherwise None."""
    for file in photo.files:
        if file.online:
            return file.path
    return photo.files[0].path if photo.files else None
