"""The fields of the search language: every property of a photo that has a value, declared once.

A declaration produces the field's filter, the text of its chip, the completions of the search box, the sort
menu, the row of the details panel, the help of the search box and the tables of ``docs/search-language.md``.
To add a property that is a column of the table ``photo``, add one :class:`Field` here
(docs/how-to/add-a-field.md). A property that needs SQL of its own names no column and has an entry in
:mod:`safelight.store.filter_sql`. :mod:`safelight.core.flags` declares properties that a photo has or lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from safelight.core import quantities
from safelight.core.field_texts import dimensions_text, kind_text, position_text, quantity_text
from safelight.core.field_types import Detail, Field, FieldKind, Relation, Sort
from safelight.core.flags import FLAG_KEYS
from safelight.core.message import Message, Template
from safelight.core.order import Order
from safelight.core.photo import Photo

FIELDS: tuple[Field, ...] = (
    Field(
        *(
            "date",
            FieldKind.DATE,
            "calendar",
            Template("Taken {value}"),
            Message("taken in a year, month or day"),
        ),
        examples=("date:2019", "date:2019-05", "date:2019-05-03"),
        meaning="taken in that year, month or on that day; where that is unknown, last changed then",
        column="date",
        sorts=(
            Sort(Order.NEWEST, Message("Newest first"), descending=True),
            Sort(Order.OLDEST, Message("Oldest first")),
        ),
    ),
    Field(
        *(
            "before",
            FieldKind.DATE,
            "calendar",
            Template("Taken before {value}"),
            Message("taken before a date"),
        ),
        examples=("before:2019",),
        meaning="taken before that year, month or day begins",
        column="date",
    ),
    Field(
        *(
            "after",
            FieldKind.DATE,
            "calendar",
            Template("Taken after {value}"),
            Message("taken after a date"),
        ),
        examples=("after:2019",),
        meaning="taken after that year, month or day has ended",
        column="date",
    ),
    Field(
        *(
            "added",
            FieldKind.DATE,
            "calendar",
            Template("Added {value}"),
            Message("added to the library in a year, month or day"),
        ),
        examples=("added:2026", "added:2026-11", "added:>=2026-11-03"),
        meaning="added to the library in that year, month or on that day, by the clock of this computer",
        column="added_at",
        sorts=(Sort(Order.ADDED, Message("Recently added first"), descending=True),),
    ),
    Field(
        *(
            "day",
            FieldKind.TEXT,
            "calendar",
            Template("Taken on {value} of any year"),
            Message("taken on a day of any year"),
        ),
        examples=("day:today", "day:12-24"),
        meaning="taken on this day (month-day) of any year; photos without a date of their own match no day",
    ),
    Field(
        *("in", FieldKind.TEXT, "folder", Template("In {value}"), Message("in a folder")),
        examples=("in:Italy", "in:Trips/Italy", "in:/home/me/Trips"),
        meaning="in a folder of that name or below it; `/` separates folders on every system",
        completes=True,
        recognised=True,
    ),
    Field(
        *(
            "name",
            FieldKind.TEXT,
            "image",
            Template("Named {value}"),
            Message("with this in the file’s name"),
        ),
        examples=("name:IMG_12",),
        meaning="with this in the file's name",
        sorts=(Sort(Order.NAME, Message("By name")),),
    ),
    Field(
        *("tag", FieldKind.SET, "tag", Template("Tagged {value}"), Message("with a tag")),
        examples=("tag:holiday", "tag:animals/dog"),
        meaning="with this tag or one below it; whole names, with `/` between levels",
        completes=True,
        recognised=True,
    ),
    Field(
        *("album", FieldKind.SET, "album", Template("Album {value}"), Message("in an album")),
        examples=('album:"Best of 2019"', "album:Trips/Italy"),
        meaning="in this album or one inside it; whole names, with `/` between levels",
        completes=True,
        recognised=True,
    ),
    Field(
        *(
            "theme",
            FieldKind.SET,
            "theme",
            Template("Theme {value}"),
            Message("in a theme of the page Explore"),
        ),
        examples=("theme:Dog", 'theme:"Beach/Kite and tent"'),
        meaning="in this theme or one inside it, once themes have been found; whole names, with `/` between "
        "levels",
        completes=True,
    ),
    Field(
        *(
            "my",
            FieldKind.SET,
            "concept",
            Template("Shows {value}"),
            Message("that show what you taught, as my:bruno"),
        ),
        examples=("my:bruno", 'my:"our hut"'),
        meaning="that show a [taught concept](concepts.md), as far as the model can tell",
        is_judged=True,
        completes=True,
        recognised=True,
    ),
    Field(
        *(
            "looks",
            FieldKind.SET,
            "tag",
            Template("Looks like {value}"),
            Message("for which a tag is suggested, as looks:dog"),
        ),
        examples=("looks:dog", 'looks:"birthday cake"'),
        meaning="for which this [tag is suggested](concepts.md#suggested-tags), accepted or not",
        is_judged=True,
        completes=True,
    ),
    Field(
        *("rating", FieldKind.NUMBER, "star", Template("{value}"), Message("rated with stars")),
        examples=("rating:3", "rating:>=3", "rating:2..4"),
        meaning="with this many stars; 0 is not rated, and a rejected photo has fewer",
        unit=quantities.STARS,
        offered_relation=Relation.AT_LEAST,
        zero=Message("Not rated"),
        completes=True,
        sorts=(Sort(Order.BEST_RATED, Message("Best rated first"), descending=True),),
        detail=Detail(
            lambda photo: "★" * photo.rating if photo.rating >= 0 else Message("Rejected"), Message("Rating")
        ),
    ),
    Field(
        *("label", FieldKind.CHOICE, "label", Template("Label {value}"), Message("with a colour label")),
        examples=("label:red",),
        meaning="with this colour label: red, yellow, green, blue or purple",
        completes=True,
    ),
    Field(
        *("title", FieldKind.TEXT, "quote", Template("Title {value}"), Message("with this in the title")),
        examples=('title:"summer party"',),
        meaning="with this in its title",
    ),
    Field(
        *(
            "caption",
            FieldKind.TEXT,
            "quote",
            Template("Caption {value}"),
            Message("with this in the caption"),
        ),
        examples=("caption:birthday",),
        meaning="with this in its caption",
    ),
    Field(
        *(
            "width",
            FieldKind.NUMBER,
            "fit",
            Template("{value} wide"),
            Message("of a width in pixels, as width:>3000"),
        ),
        examples=("width:>3000",),
        meaning="this many pixels wide, upright",
        column="width",
        unit=quantities.PIXELS,
        detail=Detail(dimensions_text, Message("Size")),
    ),
    Field(
        *("height", FieldKind.NUMBER, "fit", Template("{value} high"), Message("of a height in pixels")),
        examples=("height:1080",),
        meaning="this many pixels high, upright",
        column="height",
        unit=quantities.PIXELS,
    ),
    Field(
        *("type", FieldKind.CHOICE, "image", Template("Type {value}"), Message("of a file type")),
        examples=("type:raw", "type:png", "type:cr2"),
        meaning="of this format, or with this extension",
        completes=True,
        upper=True,
    ),
    Field(
        *(
            "format",
            FieldKind.CHOICE,
            "image",
            Template("Format {value}"),
            Message("of a file format, whatever the extension"),
        ),
        examples=("format:jpeg", "format:heic"),
        meaning="of this format, whatever the file's extension",
        column="format",
        completes=True,
        upper=True,
        detail=Detail(kind_text, Message("Kind")),
    ),
    Field(
        *("size", FieldKind.NUMBER, "drive", Template("{value}"), Message("of a file size, as size:>5mb")),
        examples=("size:>5mb", "size:1mb..2mb"),
        meaning="of this file size, in b, kb, mb or gb (1 mb is 1,000,000 bytes); `size:5mb` is “at least”",
        column="size",
        unit=quantities.BYTES,
        bare_relation=Relation.AT_LEAST,
        sorts=(Sort(Order.LARGEST, Message("Largest first"), descending=True),),
        detail=Detail(lambda photo: quantities.BYTES.show(photo.size), Message("Kind")),
    ),
    Field(
        *(
            "duration",
            FieldKind.NUMBER,
            "film",
            Template("{value} long"),
            Message("of a length, as duration:>30s, for videos"),
        ),
        examples=("duration:>30s", "duration:<2m", "duration:1:30..5:00"),
        meaning="a video of this length, in seconds, as 30s, 2m or 1h, or as 1:30",
        column="duration",
        unit=quantities.DURATION,
        detail=Detail(
            lambda photo: quantities.clock(photo.duration) if photo.duration else "", Message("Length")
        ),
    ),
    Field(
        *("camera", FieldKind.TEXT, "camera", Template("Taken with {value}"), Message("taken with a camera")),
        examples=("camera:canon",),
        meaning="with this in the name of the camera",
        column="camera",
        completes=True,
        recognised=True,
        detail=Detail(lambda photo: photo.metadata.camera or "", Message("Camera")),
    ),
    Field(
        *("lens", FieldKind.TEXT, "camera", Template("Lens {value}"), Message("taken with a lens")),
        examples=("lens:50mm",),
        meaning="with this in the name of the lens",
        column="lens",
        completes=True,
        detail=Detail(lambda photo: photo.metadata.lens or "", Message("Lens")),
    ),
    Field(
        *(
            "aperture",
            FieldKind.NUMBER,
            "camera",
            Template("Aperture {value}"),
            Message("at an aperture, as aperture:<=2.8"),
        ),
        examples=("aperture:2.8", "aperture:f/8", "aperture:1.4..2.8"),
        meaning="taken at this f-number; smaller numbers are wider apertures",
        column="aperture",
        unit=quantities.F_NUMBER,
        completes=True,
        detail=Detail(
            lambda photo: quantity_text(quantities.F_NUMBER, photo.metadata.aperture), Message("Exposure")
        ),
    ),
    Field(
        *(
            "exposure",
            FieldKind.NUMBER,
            "clock",
            Template("Exposed {value}"),
            Message("exposed for a time, as exposure:>=1s"),
        ),
        examples=("exposure:1/250", "exposure:<1/500", "exposure:>=2s"),
        meaning="exposed for this many seconds",
        column="exposure",
        unit=quantities.SECONDS,
        completes=True,
        detail=Detail(
            lambda photo: quantity_text(quantities.SECONDS, photo.metadata.exposure), Message("Exposure")
        ),
    ),
    Field(
        *(
            "iso",
            FieldKind.NUMBER,
            "camera",
            Template("ISO {value}"),
            Message("at an ISO sensitivity, as iso:>=1600"),
        ),
        examples=("iso:100", "iso:>=1600", "iso:200..800"),
        meaning="taken at this ISO sensitivity",
        column="iso",
        completes=True,
        detail=Detail(
            lambda photo: f"ISO {photo.metadata.iso}" if photo.metadata.iso else "", Message("Exposure")
        ),
    ),
    Field(
        *(
            "focal",
            FieldKind.NUMBER,
            "camera",
            Template("Focal length {value}"),
            Message("at a focal length, as focal:24..70"),
        ),
        examples=("focal:50", "focal:24mm..70mm"),
        meaning="taken at this focal length in millimetres, as the camera recorded it",
        column="focal_length",
        unit=quantities.MILLIMETRES,
        completes=True,
        detail=Detail(
            lambda photo: quantity_text(quantities.MILLIMETRES, photo.metadata.focal_length),
            Message("Exposure"),
        ),
    ),
    Field(
        *(
            "near",
            FieldKind.POSITION,
            "place",
            Template("Within {value}"),
            Message("near latitude, longitude, kilometres"),
        ),
        examples=("near:48.858,2.294,5",),
        meaning="within 5 km of a latitude and longitude in degrees",
        detail=Detail(position_text, Message("Position")),
    ),
    Field(
        *("place", FieldKind.SET, "place", Template("At {value}"), Message("at a named place")),
        examples=("place:Rome",),
        meaning="no photo yet, since Safelight knows no names of places yet",
    ),
)

FIELDS_BY_KEY = {field.key: field for field in FIELDS}
LIST_KEYS = frozenset({*FIELDS_BY_KEY, *FLAG_KEYS} - {"near"})
"""Keys that take several values with commas between them."""
SORTS_BY_ORDER: dict[Order, tuple[Field, Sort]] = {
    sort.order: (field, sort) for field in FIELDS for sort in field.sorts
}


def details_of(photo: Photo) -> list[tuple[Message, Message]]:
    """The rows of the details panel as (label, values), in the order of the fields that declare them."""
    rows: dict[str, tuple[Message, list[str | Message]]] = {}
    for field in FIELDS:
        value = field.detail.text(photo) if field.detail is not None else ""
        if field.detail is not None and value:
            rows.setdefault(field.detail.row.template, (field.detail.row, []))[1].append(value)
    for label, written in (
        (Message("Creator"), photo.metadata.creator),
        (Message("Copyright"), photo.metadata.copyright),
    ):
        if written:
            rows[label.template] = label, [written]
    return [(label, _joined(values)) for label, values in rows.values()]


def _joined(values: Sequence[str | Message]) -> Message:
    """The values of one row with dots between them: ``f/1.8 · 1/250 s``."""
    first = Message("{value}", value=values[0])
    return reduce(
        lambda before, value: Message("{before} · {value}", before=before, value=value), values[1:], first
    )
