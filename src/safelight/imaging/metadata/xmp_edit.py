"""Changes a few properties of an XMP sidecar and keeps everything else, including what it does not know.

The document is edited as a tree that keeps prefixes, comments and processing instructions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from safelight.core.description import EMPTY_DESCRIPTION, Description, description_of, tags_by_folded_name
from safelight.core.errors import SidecarError
from safelight.core.organising_rules import REJECTED
from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.imaging.metadata.xml_tree import (
    XMLNS,
    Document,
    Element,
    clear,
    elements,
    is_bound,
    parse,
    prefix_of,
    remove,
    serialise,
    text_of,
)

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XML = "http://www.w3.org/XML/1998/namespace"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/"
_DIGIKAM = "http://www.digikam.org/ns/1.0/"
_DARKTABLE = "http://darktable.sf.net/"
_MICROSOFT = ("http://ns.microsoft.com/photo/1.0/", "http://ns.microsoft.com/photo/1.0")
_MEDIAPRO = "http://ns.iview-multimedia.com/mediapro/1.0/"
_DYNAMIC_MEDIA = "http://ns.adobe.com/xmp/1.0/DynamicMedia/"
_REGIONS = "http://www.metadataworkinggroup.com/schemas/regions/"
_AREA = "http://ns.adobe.com/xmp/sType/Area#"

_PREFIXES = {
    _RDF: "rdf",
    _DC: "dc",
    _XMP: "xmp",
    _LIGHTROOM: "lr",
    _DIGIKAM: "digiKam",
    _REGIONS: "mwg-rs",
    _AREA: "stArea",
}

_NEW = f"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Safelight">
 <rdf:RDF xmlns:rdf="{_RDF}">
  <rdf:Description rdf:about=""/>
 </rdf:RDF>
</x:xmpmeta>
"""

_PACKET_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
_PACKET_END = b'<?xpacket end="w"?>'
"""Around a packet inside a picture, where other programs look for it."""

_PERCENT = {1: "1", 2: "25", 3: "50", 4: "75", 5: "99"}
_DIGIKAM_COLOURS = {"red": "1", "yellow": "3", "green": "4", "blue": "5", "purple": "6"}
_DARKTABLE_COLOURS = {"red": "0", "yellow": "1", "green": "2", "blue": "3", "purple": "4"}

_FLAGS = ((_DYNAMIC_MEDIA, "pick", "-1"), (_DIGIKAM, "PickLabel", "1"))
"""Flags of Lightroom and digiKam: namespace, name and the value of rejected photos; zero means none."""

_PATHS = (
    (_LIGHTROOM, "hierarchicalSubject", "|", "Bag"),
    (_DIGIKAM, "TagsList", "/", "Seq"),
    (_MICROSOFT[0], "LastKeywordXMP", "/", "Bag"),
    (_MICROSOFT[1], "LastKeywordXMP", "/", "Bag"),
    (_MEDIAPRO, "CatalogSets", "|", "Bag"),
)
"""Lists of whole paths of tags: namespace, name, separator and RDF container. The first two are always
written, the others only where they exist."""


def edit_sidecar(data: bytes | None, before: Description, after: Description) -> bytes:
    """The sidecar ``data`` (None for a new one) with what differs between ``before`` and ``after``.

    ``before`` is what the picture and its sidecars said. Raises SidecarError for a sidecar that cannot be
    parsed, which is then better left alone.
    """
    document = parse(_NEW.encode() if data is None else data)
    packet = _Packet(document)
    if after.rating != before.rating:
        _set_rating(packet, after.rating)
    if after.label != before.label:
        _set_label(packet, after.label)
    if after.title != before.title:
        packet.set_default_language(_DC, "title", after.title)
    if after.caption != before.caption:
        packet.set_default_language(_DC, "description", after.caption)
    if tags_by_folded_name(after.tags).keys() != tags_by_folded_name(before.tags).keys():
        _set_tags(packet, before.tags, after.tags)
    return serialise(document)


def packet_of(metadata: ImageMetadata) -> bytes:
    """A new packet with what XMP holds of ``metadata``: description, creator, copyright and regions."""
    # People are in the regions already. Whether they are also tags was for the library to decide.
    stated = description_of(replace(metadata, regions=(), people=()))
    document = parse(edit_sidecar(None, EMPTY_DESCRIPTION, stated))
    packet = _Packet(document)
    packet.set_items(_DC, "creator", "Seq", [metadata.creator] if metadata.creator else [])
    packet.set_default_language(_DC, "rights", metadata.copyright or "")
    if metadata.regions:
        packet.add_regions(metadata.regions)
    return _PACKET_BEGIN + serialise(document).partition(b"?>\n")[2] + _PACKET_END


class _Packet:
    """The properties of a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        packets = document.getElementsByTagNameNS(_RDF, "RDF")
        if not packets:
            raise SidecarError("It contains no RDF.")
        self._rdf: Element = packets[0]
        self._rdf_prefix = prefix_of(self._rdf, _RDF, "rdf")
        self._prefixes: dict[tuple[int, str], str] = {}
        """By description and namespace: looking them up takes most of the time otherwise."""
        self._descriptions = [
            child
            for child in elements(self._rdf)
            if (child.namespaceURI, child.localName) == (_RDF, "Description")
        ]
        if not self._descriptions:
            made = document.createElementNS(_RDF, f"{self._rdf_prefix}:Description")
            made.setAttributeNS(_RDF, f"{self._rdf_prefix}:about", "")
            self._rdf.appendChild(made)
            self._descriptions = [made]

    def has(self, namespace: str, name: str) -> bool:
        return any(
            each.hasAttributeNS(namespace, name) or self._element(each, namespace, name) is not None
            for each in self._descriptions
        )

    def text(self, namespace: str, name: str) -> str:
        """A simple value; empty if there is none."""
        for each in self._descriptions:
            if each.hasAttributeNS(namespace, name):
                return str(each.getAttributeNS(namespace, name)).strip()
        element = self._find(namespace, name)
        return "" if element is None else text_of(element).strip()

    def set_text(self, namespace: str, name: str, text: str) -> None:
        """A simple value; empty text removes the property."""
        owner = next((each for each in self._descriptions if each.hasAttributeNS(namespace, name)), None)
        if owner is None and text:
            element = self._find(namespace, name)
            if element is not None:
                clear(element)
                element.appendChild(self._document.createTextNode(text))
                return
            owner = self._descriptions[0]
        if not text:
            self.remove(namespace, name)
        elif owner is not None:
            prefix = self._declared(owner, namespace)
            owner.setAttributeNS(namespace, f"{prefix}:{name}", text)

    def remove(self, namespace: str, name: str) -> None:
        for each in self._descriptions:
            if each.hasAttributeNS(namespace, name):
                each.removeAttributeNS(namespace, name)
            while (element := self._element(each, namespace, name)) is not None:
                remove(element)

    def set_default_language(self, namespace: str, name: str, text: str) -> None:
        """The default of a text in several languages; empty text removes all of them."""
        if not text:
            self.remove(namespace, name)
            return
        container = self._container(namespace, name, "Alt")
        for item in elements(container):
            if item.getAttributeNS(_XML, "lang").lower() == "x-default":
                clear(item)
                item.appendChild(self._document.createTextNode(text))
                return
        item = self._item(text)
        item.setAttributeNS(_XML, "xml:lang", "x-default")
        container.insertBefore(item, container.firstChild)

    def items(self, namespace: str, name: str) -> list[str]:
        element = self._find(namespace, name)
        if element is None:
            return []
        container = next(elements(element), None)
        if container is None:
            return [text] if (text := text_of(element).strip()) else []
        return [text_of(item) for item in elements(container)]

    def set_items(self, namespace: str, name: str, kind: str, items: list[str]) -> None:
        """A list. Items that stay keep their elements; an empty list removes the property."""
        if not items:
            self.remove(namespace, name)
            return
        container = self._container(namespace, name, kind)
        missing = dict.fromkeys(items)
        for element in list(elements(container)):
            text = text_of(element)
            if text in missing:
                del missing[text]
            else:
                remove(element)
        for text in missing:
            container.appendChild(self._item(text))

    def add_regions(self, regions: Iterable[FaceRegion]) -> None:
        """Regions as the Metadata Working Group defines them."""
        owner = self._descriptions[0]
        space, area_space = self._declared(owner, _REGIONS), self._declared(owner, _AREA)

        def child(parent: Element, name: str, *, structure: bool = True) -> Element:
            prefix, namespace = (self._rdf_prefix, _RDF) if name in ("Bag", "li") else (space, _REGIONS)
            made: Element = self._document.createElementNS(namespace, f"{prefix}:{name}")
            if structure:
                made.setAttributeNS(_RDF, f"{self._rdf_prefix}:parseType", "Resource")
            parent.appendChild(made)
            return made

        items = child(child(child(owner, "Regions"), "RegionList", structure=False), "Bag", structure=False)
        for region in regions:
            item = child(items, "li")
            for name, text in (("Name", region.name), ("Type", region.kind)):
                if text:
                    child(item, name, structure=False).appendChild(self._document.createTextNode(text))
            area = child(item, "Area", structure=False)
            centre_x, centre_y = region.left + region.width / 2, region.top + region.height / 2
            for name, value in (("x", centre_x), ("y", centre_y), ("w", region.width), ("h", region.height)):
                area.setAttributeNS(_AREA, f"{area_space}:{name}", f"{value:.6f}")
            area.setAttributeNS(_AREA, f"{area_space}:unit", "normalized")

    def _item(self, text: str) -> Element:
        item: Element = self._document.createElementNS(_RDF, f"{self._rdf_prefix}:li")
        item.appendChild(self._document.createTextNode(text))
        return item

    def _container(self, namespace: str, name: str, kind: str) -> Element:
        """The RDF container of a property, created if it is missing."""
        element = self._find(namespace, name)
        if element is None:
            text = ""
            for owner in self._descriptions:
                if owner.hasAttributeNS(namespace, name):
                    text = owner.getAttributeNS(namespace, name)
                    owner.removeAttributeNS(namespace, name)
            owner = self._descriptions[0]
            element = self._document.createElementNS(namespace, f"{self._declared(owner, namespace)}:{name}")
            owner.appendChild(element)
        else:
            text = text_of(element).strip() if next(elements(element), None) is None else ""
        container = next(elements(element), None)
        if container is None:
            clear(element)
            container = self._document.createElementNS(_RDF, f"{self._rdf_prefix}:{kind}")
            element.appendChild(container)
            if text:
                container.appendChild(self._item(text))
        return container

    def _find(self, namespace: str, name: str) -> Element | None:
        found = (self._element(each, namespace, name) for each in self._descriptions)
        return next((each for each in found if each is not None), None)

    def _element(self, description: Element, namespace: str, name: str) -> Element | None:
        children = elements(description)
        return next((c for c in children if (c.namespaceURI, c.localName) == (namespace, name)), None)

    def _declared(self, element: Element, namespace: str) -> str:
        """The prefix of a namespace, which is declared here if it is not yet."""
        known = self._prefixes.get((id(element), namespace))
        if known is None:
            known = self._prefixes[id(element), namespace] = self._declare(element, namespace)
        return known

    def _declare(self, element: Element, namespace: str) -> str:
        wanted = _PREFIXES.get(namespace, "ns")
        prefix = prefix_of(element, namespace, "")
        if prefix:
            return prefix
        number, prefix = 0, wanted
        while is_bound(element, prefix):
            number += 1
            prefix = f"{wanted}{number}"
        element.setAttributeNS(XMLNS, f"xmlns:{prefix}", namespace)
        return prefix


def _set_rating(packet: _Packet, rating: int) -> None:
    packet.set_text(_XMP, "Rating", str(rating))
    for namespace in _MICROSOFT:
        if packet.has(namespace, "Rating"):
            packet.set_text(namespace, "Rating", _PERCENT.get(rating, ""))
    for namespace, name, rejected in _FLAGS:
        if packet.has(namespace, name):
            if rating == REJECTED:
                packet.set_text(namespace, name, rejected)
            elif packet.text(namespace, name) == rejected:
                packet.set_text(namespace, name, "0")
    if packet.text(_DYNAMIC_MEDIA, "pick") == "0":
        packet.remove(_DYNAMIC_MEDIA, "good")


def _set_label(packet: _Packet, label: str) -> None:
    packet.set_text(_XMP, "Label", label.capitalize())
    if packet.has(_DIGIKAM, "ColorLabel"):
        packet.set_text(_DIGIKAM, "ColorLabel", _DIGIKAM_COLOURS.get(label, "0"))
    if packet.has(_DARKTABLE, "colorlabels"):
        packet.set_items(_DARKTABLE, "colorlabels", "Seq", [_DARKTABLE_COLOURS[label]] if label else [])


def _set_tags(packet: _Packet, before: Iterable[str], after: tuple[str, ...]) -> None:
    existing = [(space, name) for space, name, *_ in _PATHS if packet.has(space, name)]
    if not existing and not packet.has(_DC, "subject"):
        before = ()  # all come from the picture itself, and a sidecar with keywords replaces those
    old, new = tags_by_folded_name(before), tags_by_folded_name(after)
    removed = {key: tag for key, tag in old.items() if key not in new}
    added = [tag for key, tag in new.items() if key not in old]
    kept_levels = {level for key in new for level in key.split("/")}
    gone = {level for key in removed for level in key.split("/")} - kept_levels
    subjects = [item for item in packet.items(_DC, "subject") if item.strip().casefold() not in gone]
    present = {item.strip().casefold() for item in subjects}
    leaves = [tag.rpartition("/")[2] for tag in (after if not existing else added)]
    subjects += dict.fromkeys(leaf for leaf in leaves if leaf.casefold() not in present)
    packet.set_items(_DC, "subject", "Bag", subjects)
    for number, (space, name, separator, kind) in enumerate(_PATHS):
        known = packet.has(space, name)
        if number > 1 and not known:
            continue
        written = [item for item in packet.items(space, name) if _key(item, separator) not in removed]
        have = {_key(item, separator) for item in written}
        more = added if known else after
        written += [tag.replace("/", separator) for tag in more if tag.casefold() not in have]
        packet.set_items(space, name, kind, written)


def _key(item: str, separator: str) -> str:
    return "/".join(level.strip() for level in item.split(separator)).casefold()
