"""Every property of a photo that the search language knows, each declared once.

From a declaration follow its filter, the text of its chip, what the search box completes, the sort menu,
the row of the details panel, the help of the search box and the tables of ``docs/search-language.md``.
To add a property that is a column of the table ``photo``, add one :class:`Field` or :class:`Flag` here
(docs/how-to/add-a-field.md). A property that needs SQL of its own names no column and has an entry in
:mod:`safelight.store.filter_sql`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from safelight.core import quantities
from safelight.core.field_types import Detail, Field, Flag, Kind, Relation, Sort
from safelight.core.message import Message, Template
from safelight.core.order import Order
from safelight.core.photo import Photo
from safelight.core.quantities import Unit

FLAG_KEYS = {
    "is": (Message("favourites, screenshots, landscape …"), "heart"),
    "has": (Message("photos that have a position, a camera …"), "check"),
}
"""What the search box says about the keys of flags, and their icons."""


def _dimensions(photo: Photo) -> str:
    """``4032 × 3024 · 12 MP``, with the user's turns. Pictures below 0.1 megapixels have no megapixels worth
    showing."""
    width, height = photo.shown_size
    megapixels = width * height / 1e6
    size = f"{width} × {height}"
    if megapixels < 0.1:
        return size
    return f"{size} · {megapixels:.0f} MP" if megapixels >= 10 else f"{size} · {megapixels:.1f} MP"


def _position(photo: Photo) -> str | Message:
    """``35.5122° N, 24.0180° E``."""
    latitude, longitude = photo.metadata.latitude, photo.metadata.longitude
    if latitude is None or longitude is None:
        return ""
    if latitude >= 0:
        north = Message("{degrees:.4f}° N", degrees=latitude)
    else:
        north = Message("{degrees:.4f}° S", degrees=-latitude)
    if longitude >= 0:
        east = Message("{degrees:.4f}° E", degrees=longitude)
    else:
        east = Message("{degrees:.4f}° W", degrees=-longitude)
    return Message("{latitude}, {longitude}", latitude=north, longitude=east)


def _shown(unit: Unit, value: quantities.Number | None) -> str | Message:
    return unit.show(value) if value else ""


FIELDS: tuple[Field, ...] = (
    Field(
        *("date", Kind.DATE, "calendar", Template("Taken {value}"), Message("taken in a year, month or day")),
        examples=("date:2019", "date:2019-05", "date:2019-05-03"),
        meaning="taken in that year, month or on that day; where that is unknown, last changed then",
        column="date",
        sorts=(
            Sort(Order.NEWEST, Message("Newest first"), descending=True),
            Sort(Order.OLDEST, Message("Oldest first")),
        ),
    ),
    Field(
        *("before", Kind.DATE, "calendar", Template("Taken before {value}"), Message("taken before a date")),
        examples=("before:2019",),
        meaning="taken before that year, month or day begins",
        column="date",
    ),
    Field(
        *("after", Kind.DATE, "calendar", Template("Taken after {value}"), Message("taken after a date")),
        examples=("after:2019",),
        meaning="taken after that year, month or day has ended",
        column="date",
    ),
    Field(
        *(
            "added",
            Kind.DATE,
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
            Kind.TEXT,
            "calendar",
            Template("Taken on {value} of any year"),
            Message("taken on a day of any year"),
        ),
        examples=("day:today", "day:12-24"),
        meaning="taken on this day (month-day) of any year; photos without a date of their own match no day",
    ),
    Field(
        *("in", Kind.TEXT, "folder", Template("In {value}"), Message("in a folder")),
        examples=("in:Italy", "in:Trips/Italy", "in:/home/me/Trips"),
        meaning="in a folder of that name or below it; `/` separates folders on every system",
        completes=True,
        recognised=True,
    ),
    Field(
        *("name", Kind.TEXT, "image", Template("Named {value}"), Message("with this in the file’s name")),
        examples=("name:IMG_12",),
        meaning="with this in the file's name",
        sorts=(Sort(Order.NAME, Message("By name")),),
    ),
    Field(
        *("tag", Kind.SET, "tag", Template("Tagged {value}"), Message("with a tag")),
        examples=("tag:holiday", "tag:animals/dog"),
        meaning="with this tag or one below it; whole names, with `/` between levels",
        completes=True,
        recognised=True,
    ),
    Field(
        *("album", Kind.SET, "album", Template("Album {value}"), Message("in an album")),
        examples=('album:"Best of 2019"', "album:Trips/Italy"),
        meaning="in this album or one inside it; whole names, with `/` between levels",
        completes=True,
        recognised=True,
    ),
    Field(
        *("theme", Kind.SET, "theme", Template("Theme {value}"), Message("in a theme of the page Explore")),
        examples=("theme:Dog", 'theme:"Beach/Kite and tent"'),
        meaning="in this theme or one inside it, once themes have been found; whole names, with `/` between "
        "levels",
        completes=True,
    ),
    Field(
        *(
            "my",
            Kind.SET,
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
            Kind.SET,
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
        *("rating", Kind.NUMBER, "star", Template("{value}"), Message("rated with stars")),
        examples=("rating:3", "rating:>=3", "rating:2..4"),
        meaning="with this many stars; 0 is not rated, and a rejected photo has fewer",
        unit=quantities.STARS,
        offers=Relation.AT_LEAST,
        zero=Message("Not rated"),
        completes=True,
        sorts=(Sort(Order.BEST_RATED, Message("Best rated first"), descending=True),),
        detail=Detail(
            lambda photo: "★" * photo.rating if photo.rating >= 0 else Message("Rejected"), Message("Rating")
        ),
    ),
    Field(
        *("label", Kind.CHOICE, "label", Template("Label {value}"), Message("with a colour label")),
        examples=("label:red",),
        meaning="with this colour label: red, yellow, green, blue or purple",
        completes=True,
    ),
    Field(
        *("title", Kind.TEXT, "quote", Template("Title {value}"), Message("with this in the title")),
        examples=('title:"summer party"',),
        meaning="with this in its title",
    ),
    Field(
        *("caption", Kind.TEXT, "quote", Template("Caption {value}"), Message("with this in the caption")),
        examples=("caption:birthday",),
        meaning="with this in its caption",
    ),
    Field(
        *(
            "width",
            Kind.NUMBER,
            "fit",
            Template("{value} wide"),
            Message("of a width in pixels, as width:>3000"),
        ),
        examples=("width:>3000",),
        meaning="this many pixels wide, upright",
        column="width",
        unit=quantities.PIXELS,
        detail=Detail(_dimensions, Message("Size")),
    ),
    Field(
        *("height", Kind.NUMBER, "fit", Template("{value} high"), Message("of a height in pixels")),
        examples=("height:1080",),
        meaning="this many pixels high, upright",
        column="height",
        unit=quantities.PIXELS,
    ),
    Field(
        *("type", Kind.CHOICE, "image", Template("Type {value}"), Message("of a file type")),
        examples=("type:raw", "type:png", "type:cr2"),
        meaning="of this format, or with this extension",
        completes=True,
        upper=True,
    ),
    Field(
        *(
            "format",
            Kind.CHOICE,
            "image",
            Template("Format {value}"),
            Message("of a file format, whatever the extension"),
        ),
        examples=("format:jpeg", "format:heic"),
        meaning="of this format, whatever the file's extension",
        column="format",
        completes=True,
        upper=True,
        detail=Detail(lambda photo: photo.format, Message("Kind")),
    ),
    Field(
        *("size", Kind.NUMBER, "drive", Template("{value}"), Message("of a file size, as size:>5mb")),
        examples=("size:>5mb", "size:1mb..2mb"),
        meaning="of this file size, in b, kb, mb or gb (1 mb is 1,000,000 bytes); `size:5mb` is “at least”",
        column="size",
        unit=quantities.BYTES,
        bare=Relation.AT_LEAST,
        sorts=(Sort(Order.LARGEST, Message("Largest first"), descending=True),),
        detail=Detail(lambda photo: quantities.BYTES.show(photo.size), Message("Kind")),
    ),
    Field(
        *(
            "duration",
            Kind.NUMBER,
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
        *("camera", Kind.TEXT, "camera", Template("Taken with {value}"), Message("taken with a camera")),
        examples=("camera:canon",),
        meaning="with this in the name of the camera",
        column="camera",
        completes=True,
        recognised=True,
        detail=Detail(lambda photo: photo.metadata.camera or "", Message("Camera")),
    ),
    Field(
        *("lens", Kind.TEXT, "camera", Template("Lens {value}"), Message("taken with a lens")),
        examples=("lens:50mm",),
        meaning="with this in the name of the lens",
        column="lens",
        completes=True,
        detail=Detail(lambda photo: photo.metadata.lens or "", Message("Lens")),
    ),
    Field(
        *(
            "aperture",
            Kind.NUMBER,
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
            lambda photo: _shown(quantities.F_NUMBER, photo.metadata.aperture), Message("Exposure")
        ),
    ),
    Field(
        *(
            "exposure",
            Kind.NUMBER,
            "clock",
            Template("Exposed {value}"),
            Message("exposed for a time, as exposure:>=1s"),
        ),
        examples=("exposure:1/250", "exposure:<1/500", "exposure:>=2s"),
        meaning="exposed for this many seconds",
        column="exposure",
        unit=quantities.SECONDS,
        completes=True,
        detail=Detail(lambda photo: _shown(quantities.SECONDS, photo.metadata.exposure), Message("Exposure")),
    ),
    Field(
        *(
            "iso",
            Kind.NUMBER,
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
            Kind.NUMBER,
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
            lambda photo: _shown(quantities.MILLIMETRES, photo.metadata.focal_length), Message("Exposure")
        ),
    ),
    Field(
        *(
            "near",
            Kind.POSITION,
            "place",
            Template("Within {value}"),
            Message("near latitude, longitude, kilometres"),
        ),
        examples=("near:48.858,2.294,5",),
        meaning="within 5 km of a latitude and longitude in degrees",
        detail=Detail(_position, Message("Position")),
    ),
    Field(
        *("place", Kind.SET, "place", Template("At {value}"), Message("at a named place")),
        examples=("place:Rome",),
        meaning="no photo yet, since Safelight knows no names of places yet",
    ),
)

FLAGS: tuple[Flag, ...] = (
    Flag("is", "favourite", "heart", Message("Favourites"), "marked as a favourite", aliases=("favorite",)),
    Flag("is", "video", "film", Message("Videos"), "a video", present=("duration",)),
    Flag("is", "landscape", "image", Message("Landscape format"), "wider than high, as it is shown"),
    Flag("is", "portrait", "image", Message("Portrait format"), "higher than wide, as it is shown"),
    Flag("is", "square", "image", Message("Square"), "as wide as high"),
    Flag(
        *("is", "panorama", "image", Message("Panoramas")),
        "a picture of a camera, at least twice as wide as high or twice as high as wide; without a camera in "
        "its metadata, at least 4,000 pixels wide",
    ),
    Flag(
        *("is", "screenshot", "image", Message("Screenshots")),
        "without a camera, and its name or folder says that it is a picture of the screen",
    ),
    Flag(
        *("is", "duplicate", "duplicates", Message("In more than one file")),
        "with the same bytes in more than one file of the library",
    ),
    Flag(
        "is",
        "offline",
        "folder-offline",
        Message("Offline"),
        "with every file on a drive that is not connected",
    ),
    Flag("is", "untagged", "tag", Message("Without tags"), "without any tag"),
    Flag("is", "unseen", "eye", Message("Never looked at"), "never opened in the viewer"),
    Flag(
        *("is", "blurred", "image", Message("Blurred")),
        "out of focus as a whole, as far as its sharpness has been measured; the window does that while idle",
    ),
    Flag("is", "dark", "image", Message("Dark"), "dark as a whole, by its mean colour"),
    Flag("is", "rejected", "close", Message("Rejected"), "rejected"),
    Flag(
        *("is", "half", "duplicates", Message("Second halves")),
        "the JPEG of a RAW, the video of a Live Photo, or a photo in a stack that is not its top; a search "
        "that does not ask for them leaves them out",
    ),
    Flag(
        "is",
        "hidden",
        "eye-off",
        Message("Hidden"),
        "hidden; a search that does not ask for them leaves them out",
    ),
    Flag("has", "tags", "tag", Message("With tags"), "with at least one tag"),
    Flag(
        *("has", "gps", "place", Message("With a position")),
        "with a position in its metadata",
        present=("latitude", "longitude"),
    ),
    Flag(
        "has",
        "camera",
        "camera",
        Message("With a camera"),
        "with a camera in its metadata",
        present=("camera",),
    ),
    Flag("has", "lens", "camera", Message("With a lens"), "with a lens in its metadata", present=("lens",)),
)

BY_KEY = {field.key: field for field in FIELDS}
BY_FLAG = {f"{flag.key}:{word}": flag for flag in FLAGS for word in (flag.value, *flag.aliases)}
LISTS = frozenset({*BY_KEY, *FLAG_KEYS} - {"near"})
"""Keys that take several values with commas between them."""
SORTS: dict[Order, tuple[Field, Sort]] = {
    sort.order: (field, sort) for field in FIELDS for sort in field.sorts
}


def details_of(photo: Photo) -> list[tuple[Message, Message]]:
    """The rows of the details panel that the fields declare: the label and the values of each, in the order
    of the fields."""
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
    return [(label, _beside(values)) for label, values in rows.values()]


def _beside(values: Sequence[str | Message]) -> Message:
    """``f/1.8 · 1/250 s``."""
    first = Message("{value}", value=values[0])
    return reduce(
        lambda before, value: Message("{before} · {value}", before=before, value=value), values[1:], first
    )
