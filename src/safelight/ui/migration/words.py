"""What the page says about sources, kinds and counts."""

from __future__ import annotations

from safelight.core.migration import (
    MAX_LISTED,
    ImportConflict,
    ImportKind,
    ImportPreview,
    LeftOut,
    MatchMethod,
    Value,
)
from safelight.core.organising_rules import REJECTED
from safelight.ui import wording
from safelight.ui.translation import translate

CHOOSE = {
    "lightroom": translate("Migration", "The catalogue, a file that ends in .lrcat"),
    "digikam": translate("Migration", "digikam4.db, or the folder that contains it"),
    "darktable": translate("Migration", "The folder of library.db, usually ~/.config/darktable"),
    "shotwell": translate("Migration", "The folder of photo.db, usually ~/.local/share/shotwell"),
    "google-takeout": translate("Migration", "The folder into which you unpacked Google Takeout"),
    "apple-photos": translate("Migration", "The library, a folder that ends in .photoslibrary"),
    "immich": translate("Migration", "Saved answers of its API, or a folder of them"),
    "photoprism": translate("Migration", "Its storage folder"),
    "picasa": translate("Migration", "The folder of pictures with the files .picasa.ini"),
    "xmp": translate("Migration", "A folder of .xmp files that are not beside the pictures"),
    "csv": translate("Migration", "A table with a column “path”"),
}
"""What to choose, by the name of the source."""

KINDS = {
    ImportKind.RATING: translate("Migration", "Ratings"),
    ImportKind.LABEL: translate("Migration", "Colour labels"),
    ImportKind.TITLE: translate("Migration", "Titles"),
    ImportKind.CAPTION: translate("Migration", "Captions"),
    ImportKind.FAVOURITE: translate("Migration", "Favourites"),
    ImportKind.HIDDEN: translate("Migration", "Hidden photos"),
    ImportKind.TAGS: translate("Migration", "Tags"),
    ImportKind.ALBUMS: translate("Migration", "Album entries"),
    ImportKind.DATE: translate("Migration", "Dates"),
    ImportKind.PLACE: translate("Migration", "Places"),
    ImportKind.STACKS: translate("Migration", "Photos in stacks"),
    ImportKind.FACES: translate("Migration", "Faces"),
}
FIELDS = {
    "rating": translate("Migration", "Rating"),
    "label": translate("Migration", "Colour label"),
    "title": translate("Migration", "Title"),
    "caption": translate("Migration", "Caption"),
    "favourite": translate("Migration", "Favourite"),
    "hidden": translate("Migration", "Hidden"),
    "date": translate("Migration", "Date"),
    "place": translate("Migration", "Place"),
}
_MATCH_TEXTS = {
    MatchMethod.PATH: translate("Migration", "{count} by their path"),
    MatchMethod.CONTENT: translate("Migration", "{count} by their content"),
    MatchMethod.FACTS: translate("Migration", "{count} by name, time and size"),
}
_LEFT_OUT = {
    LeftOut.FACE_REGION: translate("Migration", "places of faces: {count}"),
    LeftOut.LABEL: translate("Migration", "colours without a counterpart: {count}"),
    LeftOut.VIRTUAL_COPY: translate("Migration", "virtual copies: {count}"),
    LeftOut.UNREADABLE: translate("Migration", "unreadable entries: {count}"),
    LeftOut.VALUE: translate("Migration", "invalid values: {count}"),
    LeftOut.EDIT: translate("Migration", "edits of pictures: {count}"),
    LeftOut.TRASHED: translate("Migration", "photos in the trash: {count}"),
    LeftOut.SHARED: translate("Migration", "photos that others share: {count}"),
}


def headline(preview: ImportPreview) -> str:
    return translate("Migration", "{photos} in {program}").format(
        program=preview.program, photos=wording.count_of(preview.records, "photo")
    )


def recognised(preview: ImportPreview) -> str:
    """How many photos were recognised, and how."""
    if not preview.recognised:
        return translate("Migration", "None of them was recognised. Add their folders to the library first.")
    ways = ", ".join(
        text.format(count=f"{preview.matched[way]:,}")
        for way, text in _MATCH_TEXTS.items()
        if way in preview.matched
    )
    said = translate("Migration", "{count} are in the library: {ways}.").format(
        count=f"{preview.recognised:,}", ways=ways
    )
    new = translate("Migration", "{photos} would get something new.").format(
        photos=wording.count_of(preview.photos, "photo")
    )
    return f"{said} {new}"


def path_over_folder(path: str) -> str:
    """Two lines: the name of a file of any system, and its folder."""
    place = max(path.rfind("/"), path.rfind("\\"))
    name, folder = path[place + 1 :], path[: max(place, 0)]
    return f"{wording.display_path(name)}\n{wording.display_path(folder)}" if folder else name


def notes(preview: ImportPreview) -> str:
    """Lines about folders that moved and about what is not taken over."""
    lines = [
        translate("Migration", "{source} is now {target}").format(
            source=each.source, target=wording.display_path(each.target)
        )
        for each in preview.mappings[:3]
    ]
    if preview.left_out:
        left = ", ".join(
            _LEFT_OUT[kind].format(count=f"{number:,}") for kind, number in preview.left_out.items()
        )
        lines.append(translate("Migration", "Not taken over: {left}").format(left=left))
    if max(preview.conflict_count, preview.missing + preview.ambiguous) > MAX_LISTED:
        lines.append(
            translate("Migration", "The lists show the first {count}; “Save list …” writes all.").format(
                count=f"{MAX_LISTED:,}"
            )
        )
    return "\n".join(lines)


def value(conflict: ImportConflict, which: Value) -> str:
    """A value of one side as people read it."""
    match conflict.field:
        case "rating":
            if which == REJECTED:
                return translate("Migration", "Rejected")
            return "★" * int(which)
        case "label":
            return str(which).capitalize()
        case "date":
            return wording.date(str(which))
        case "favourite" | "hidden":
            return translate("Migration", "Yes") if which else translate("Migration", "No")
        case _:
            return " ".join(str(which).split())


def done(photos: int) -> str:
    if not photos:
        return translate("Migration", "There was nothing new.")
    return translate("Migration", "{photos} changed.").format(photos=wording.count_of(photos, "photo"))
