"""Reads XMP (ISO 16684-1): a packet inside a picture, or a sidecar. All input is untrusted."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from safelight.core.organising_rules import MAX_TEXT_LENGTH, REJECTED
from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.imaging.metadata.exif import camera_name, lens_name
from safelight.imaging.metadata.values import (
    MAX_TEXT,
    MAX_TITLE,
    Block,
    Moment,
    clean_caption,
    clean_tags,
    clean_text,
    moment,
    percent_rating,
    rating,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_XMP = 16 * 2**20
"""Bytes. Programs that store their editing history in XMP need a few megabytes at most."""

MAX_DEPTH = 100
"""Levels of elements. Programs write fewer than twenty; far more would exhaust Python's stack."""

_PADDING = "\0 \r\n\t"

_Node = TypeVar("_Node")

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_EXIF_EX = "{http://cipa.jp/exif/1.0/}"
_TIFF = "{http://ns.adobe.com/tiff/1.0/}"
_AUX = "{http://ns.adobe.com/exif/1.0/aux/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
LIGHTROOM = "{http://ns.adobe.com/lightroom/1.0/}"
DIGIKAM = "{http://www.digikam.org/ns/1.0/}"
_DARKTABLE = "{http://darktable.sf.net/}"
_DYNAMIC_MEDIA = "{http://ns.adobe.com/xmp/1.0/DynamicMedia/}"
_MICROSOFT = "{http://ns.microsoft.com/photo/1.0/}"
_MICROSOFT_OLD = "{http://ns.microsoft.com/photo/1.0}"
_MEDIAPRO = "{http://ns.iview-multimedia.com/mediapro/1.0/}"
_REGIONS = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_AREA = "{http://ns.adobe.com/xmp/sType/Area#}"
_STANDARD_AREA = "{http://ns.adobe.com/xap/1.0/sType/Area#}"
_DIMENSIONS = "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}"
_PEOPLE_TAGS = "{http://ns.microsoft.com/photo/1.2/}"
_PEOPLE_REGION = "{http://ns.microsoft.com/photo/1.2/t/Region#}"
_DISPLAY_NAME, _RECTANGLE = f"{_PEOPLE_REGION}PersonDisplayName", f"{_PEOPLE_REGION}Rectangle"
_IPTC_EXTENSION = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"

_MAX_REGIONS = 1000
_COLOURS = ("", "Red", "Orange", "Yellow", "Green", "Blue", "Magenta", "Gray", "Black", "White")
"""The names of digiKam:ColorLabel, by its number."""

_DARKTABLE_COLOURS = ("Red", "Yellow", "Green", "Blue", "Purple")

_OF_DARKTABLE = "darktable/"

_FIRST_DEGREES = re.compile(r"(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])")


def read_xmp(data: bytes) -> Block:
    """Never raises. A packet that is damaged, too large or contains a DTD is dropped with a note."""
    if len(data) > MAX_XMP:
        return _dropped("xmp:too_large")
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        root = ElementTree.fromstring(_packet(without_padding(data)), forbid_dtd=True)
    except DefusedXmlException:
        return _dropped("xmp:refused")
    except (ValueError, SyntaxError, LookupError, RecursionError):  # ParseError is a SyntaxError
        return _dropped("xmp:damaged")
    if deeper_than(MAX_DEPTH, [root], list):
        return _dropped("xmp:refused")
    return _block(Properties(root))


def _packet(data: bytes) -> bytes:
    """A packet up to its end mark. Some programs overwrite a longer packet, and its rest follows."""
    end = data.find(b"<?xpacket end")
    return data if end < 0 else data[:end]


def without_padding(data: bytes) -> bytes:
    """XML without the zeros and white space around it, which a parser refuses. It may be in UTF-16, where
    zeros are halves of characters."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            text = data[len(mark) : len(data) // 2 * 2].decode(encoding, "surrogatepass")
            return mark + text.strip(_PADDING).encode(encoding, "surrogatepass")
    return data.strip(_PADDING.encode())


def deeper_than(limit: int, nodes: list[_Node], children: Callable[[_Node], Iterable[_Node]]) -> bool:
    """Whether a tree with these nodes at its top has more than ``limit`` levels. Does not recurse."""
    for _ in range(limit):
        nodes = [child for node in nodes for child in children(node)]
        if not nodes:
            return False
    return True


def _dropped(note: str) -> Block:
    return Block(ImageMetadata(notes=(note,)))


class Properties:
    """The properties of an XMP packet by qualified name (``{namespace}name``), in any of RDF's notations."""

    def __init__(self, root: Element) -> None:
        self._found: dict[str, str | Element] = {}
        rdf = root if root.tag == f"{_RDF}RDF" else root.find(f".//{_RDF}RDF")
        for description in () if rdf is None else rdf:
            self._take(description)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    def text(self, *names: str) -> str | None:
        """The default language, or the first item, of the first of these properties that has a value."""
        for name in names:
            items = self.items(name)
            if items:
                return items[0]
        return None

    def items(self, *names: str) -> list[str]:
        """The values of a list; those of the default language come first."""
        for name in names:
            found = self._found.get(name)
            if isinstance(found, str):
                if found.strip():
                    return [found]
            elif found is not None:
                items = sorted(_items(found), key=lambda item: item[0] != "x-default")
                if items:
                    return [text for _, text in items]
        return []

    def element(self, name: str) -> Element | None:
        found = self._found.get(name)
        return None if isinstance(found, str) else found

    def number(self, *names: str) -> float | None:
        """A decimal number or a fraction such as ``28/10``."""
        for name in names:
            found = parsed_number(self.text(name))
            if found is not None:
                return found
        return None

    def _take(self, description: Element) -> None:
        for name, value in description.attrib.items():
            if not name.startswith((_RDF, "{http://www.w3.org/XML")):
                self._found.setdefault(name, value)
        for child in description:
            if isinstance(child.tag, str):
                self._found.setdefault(child.tag, child)


def parsed_number(text: str | None) -> float | None:
    match = re.fullmatch(r"\s*([+-]?\d{1,15}(?:\.\d{1,15})?)(?:/(\d{1,15}))?\s*", text or "")
    if match is None:
        return None
    divisor = int(match[2]) if match[2] else 1
    return float(match[1]) / divisor if divisor else None


def _items(element: Element) -> Iterator[tuple[str, str]]:
    """(language, text) of a property: the items of its array, or its own value."""
    container = next((child for child in element if str(child.tag).startswith(_RDF)), None)
    if container is None:
        text = element.get(f"{_RDF}value") or element.get(f"{_RDF}resource") or element.text
        if text and text.strip():
            yield "", text
        return
    if container.tag == f"{_RDF}value":
        if container.text:
            yield "", container.text
        return
    for item in container:
        value = item.find(f"{_RDF}value") if len(item) else None
        text = item.text if value is None else value.text
        if text and text.strip():
            yield item.get(_XML_LANG, "").lower(), text


def _block(xmp: Properties) -> Block:
    notes = []
    original = _moment(xmp, f"{_EXIF}DateTimeOriginal", f"{_PHOTOSHOP}DateCreated")
    if original is None and xmp.text(f"{_EXIF}DateTimeOriginal", f"{_PHOTOSHOP}DateCreated"):
        notes.append("taken_at:invalid")
    latitude = _degrees(xmp.text(f"{_EXIF}GPSLatitude"), "NS", 90)
    longitude = _degrees(xmp.text(f"{_EXIF}GPSLongitude"), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        if xmp.text(f"{_EXIF}GPSLatitude"):
            notes.append("gps:invalid")
        latitude = longitude = None
    stars = xmp.number(f"{XMP}Rating")
    if stars is not None and rating(stars) is None:
        notes.append("rating:invalid")
    marked = tuple(_regions(xmp.element(f"{_REGIONS}Regions")))
    regions = marked or tuple(_regions_of_people(xmp))
    orientation = xmp.number(f"{_TIFF}Orientation")
    people = [*xmp.items(f"{_IPTC_EXTENSION}PersonInImage"), *_people(xmp)][:_MAX_REGIONS]
    iso = xmp.number(f"{_EXIF_EX}PhotographicSensitivity", f"{_EXIF}ISOSpeedRatings")
    return Block(
        ImageMetadata(
            camera=camera_name(clean_text(xmp.text(f"{_TIFF}Make")), clean_text(xmp.text(f"{_TIFF}Model"))),
            lens=lens_name(clean_text(xmp.text(f"{_EXIF_EX}LensModel", f"{_AUX}Lens", f"{_EXIF}LensModel"))),
            iso=round(iso) if iso is not None and 1 <= iso <= 10_000_000 else None,
            aperture=_between(xmp.number(f"{_EXIF}FNumber"), 0.3, 512),
            exposure=_between(xmp.number(f"{_EXIF}ExposureTime"), 1e-7, 10 * 86_400),
            focal_length=_between(xmp.number(f"{_EXIF}FocalLength"), 0.1, 20_000),
            latitude=latitude,
            longitude=longitude,
            rating=_rating(xmp, stars),
            label=_label(xmp),
            title=clean_text(xmp.text(f"{DC}title"), MAX_TEXT_LENGTH, symbols=True),
            caption=clean_caption(xmp.text(f"{DC}description")),
            creator=clean_text("; ".join(xmp.items(f"{DC}creator")), MAX_TITLE),
            copyright=clean_text(xmp.text(f"{DC}rights"), MAX_TITLE),
            tags=tags_of(xmp),
            regions=regions,
            regions_applied_to=_applied_to(xmp.element(f"{_REGIONS}Regions")) if marked else None,
            people=_names(people, regions),
            notes=tuple(notes),
        ),
        original=original,
        digitised=_moment(xmp, f"{XMP}CreateDate", f"{_EXIF}DateTimeDigitized"),
        orientation=int(orientation) if orientation is not None and orientation in range(1, 9) else None,
    )


def _between(value: float | None, low: float, high: float) -> float | None:
    return value if value is not None and low <= value <= high else None


def _moment(xmp: Properties, *names: str) -> Moment | None:
    for name in names:
        found = moment(xmp.text(name), partial=True)
        if found is not None:
            return found
    return None


def _rating(xmp: Properties, stars: float | None) -> int | None:
    """Lightroom and digiKam keep rejections in flags of their own, beside the stars."""
    if xmp.number(f"{_DYNAMIC_MEDIA}pick") == -1 or xmp.number(f"{DIGIKAM}PickLabel") == 1:
        return REJECTED
    found = rating(stars)
    if found is not None:
        return found
    return percent_rating(xmp.number(f"{_MICROSOFT}Rating", f"{_MICROSOFT_OLD}Rating"))


def _label(xmp: Properties) -> str | None:
    found = clean_text(xmp.text(f"{XMP}Label"), MAX_TEXT)
    if found is not None:
        return found
    colour = xmp.number(f"{_DARKTABLE}colorlabels")
    if colour is not None and 0 <= colour < len(_DARKTABLE_COLOURS):
        return _DARKTABLE_COLOURS[int(colour)]
    colour = xmp.number(f"{DIGIKAM}ColorLabel")
    return _COLOURS[int(colour)] or None if colour is not None and 0 <= colour < len(_COLOURS) else None


def tags_of(xmp: Properties) -> tuple[str, ...]:
    """Hierarchical tags, and those keywords that are not one of their levels.

    The tags by which darktable notes the format and what it did, such as ``darktable|format|nef``, are left
    out.
    """
    paths = clean_tags(
        (
            *clean_tags(xmp.items(f"{LIGHTROOM}hierarchicalSubject"), "|"),
            *clean_tags(xmp.items(f"{DIGIKAM}TagsList")),
            *clean_tags(xmp.items(f"{_MICROSOFT}LastKeywordXMP", f"{_MICROSOFT_OLD}LastKeywordXMP")),
            *clean_tags(xmp.items(f"{_MEDIAPRO}CatalogSets"), "|"),
        )
    )
    levels = {level for path in paths for level in path.casefold().split("/")}
    flat = (tag for tag in clean_tags(xmp.items(f"{DC}subject")) if tag.casefold() not in levels)
    return tuple(tag for tag in clean_tags((*paths, *flat)) if not tag.startswith(_OF_DARKTABLE))


def _degrees(text: str | None, sides: str, limit: float) -> float | None:
    """``48,51.5N`` or ``48,51,30N``; some programs write signed degrees."""
    match = _FIRST_DEGREES.fullmatch((text or "").strip())
    if match is None:
        found = parsed_number(text)
        return round(found, 7) if found is not None and abs(found) <= limit else None
    degrees = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    if match[4] not in sides or degrees > limit or not math.isfinite(degrees):
        return None
    return round(degrees if match[4] == sides[0] else -degrees, 7)


def _regions(regions: Element | None) -> Iterator[FaceRegion]:
    """Regions of the Metadata Working Group. Their areas name the centre and the size.

    They refer to the picture as it is stored, as those of Microsoft do (Guidelines for Handling Image
    Metadata 2.0, section 5.9).
    """
    if regions is None:
        return
    for number, item in enumerate(regions.iter(f"{_RDF}li")):
        if number == _MAX_REGIONS:
            return
        fields = _fields(item)
        area = fields.get(f"{_REGIONS}Area")
        if area is None or isinstance(area, str):
            continue
        sizes = _fields(area)
        values = [_share(sizes, name) for name in "xywh"]
        x, y, width, height = (value if value is not None else math.nan for value in values)
        if not (0 <= x <= 1 and 0 <= y <= 1 and 0 < width <= 1 and 0 < height <= 1):
            continue
        name, kind = fields.get(f"{_REGIONS}Name"), fields.get(f"{_REGIONS}Type")
        yield FaceRegion(
            clean_text(_plain(name), MAX_TITLE) or "",
            clean_text(_plain(kind)) or "",
            round(x - width / 2, 6),
            round(y - height / 2, 6),
            round(width, 6),
            round(height, 6),
        )


def _applied_to(regions: Element | None) -> tuple[float, float] | None:
    """Width and height of the picture that was marked, in pixels."""
    stated = None if regions is None else _fields(regions).get(f"{_REGIONS}AppliedToDimensions")
    if stated is None or isinstance(stated, str):
        return None
    fields = _fields(stated)
    if (_plain(fields.get(f"{_DIMENSIONS}unit")) or "pixel").strip().lower() != "pixel":
        return None
    sides = [parsed_number(_plain(fields.get(f"{_DIMENSIONS}{side}"))) for side in "wh"]
    width, height = (side if side is not None and 1 <= side <= 1e7 else None for side in sides)
    return None if width is None or height is None else (width, height)


def _regions_of_people(xmp: Properties) -> Iterator[FaceRegion]:
    """Microsoft's regions of people. Their rectangles are left, top, width and height."""
    for fields in _people_regions(xmp):
        values = [parsed_number(each) for each in (_plain(fields.get(_RECTANGLE)) or "").split(",")]
        if len(values) != 4 or None in values:
            continue
        left, top, width, height = (value or 0.0 for value in values)
        if 0 <= left <= 1 and 0 <= top <= 1 and 0 < width <= 1 and 0 < height <= 1:
            name = clean_text(_plain(fields.get(_DISPLAY_NAME)), MAX_TITLE) or ""
            yield FaceRegion(name, "Face", *(round(each, 6) for each in (left, top, width, height)))


def _people(xmp: Properties) -> Iterator[str]:
    """The names in Microsoft's regions of people, which digiKam and Picasa write too."""
    for fields in _people_regions(xmp):
        yield _plain(fields.get(_DISPLAY_NAME)) or ""


def _people_regions(xmp: Properties) -> Iterator[dict[str, str | Element]]:
    regions = xmp.element(f"{_PEOPLE_TAGS}RegionInfo")
    items = () if regions is None else regions.iter(f"{_RDF}li")
    return (_fields(item) for item in islice(items, _MAX_REGIONS))


def _names(people: Iterable[str], regions: Iterable[FaceRegion]) -> tuple[str, ...]:
    """Names without duplicates and without those that ``regions`` have."""
    found = {each.name.casefold(): "" for each in regions}
    for name in people:
        cleaned = clean_text(name, MAX_TITLE)
        if cleaned is not None:
            found.setdefault(cleaned.casefold(), cleaned)
    return tuple(filter(None, found.values()))


def _fields(element: Element) -> dict[str, str | Element]:
    """The fields of a structure, in any of RDF's notations."""
    found: dict[str, str | Element] = dict(element.attrib)
    for child in element:
        if child.tag == f"{_RDF}Description":
            found |= _fields(child)
        elif isinstance(child.tag, str):
            found.setdefault(child.tag, child)
    return found


def _plain(value: str | Element | None) -> str | None:
    return value if value is None or isinstance(value, str) else value.text


def _share(fields: dict[str, str | Element], name: str) -> float | None:
    return parsed_number(_plain(fields.get(f"{_STANDARD_AREA}{name}", fields.get(f"{_AREA}{name}"))))
