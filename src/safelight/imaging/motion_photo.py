"""Finds the short film inside a motion photo: a JPEG, HEIC or AVIF file that contains an MP4.

Google documents its form (https://developer.android.com/media/platform/motion-photo-format). ExifTool
describes the trailer of Samsung's files (``lib/Image/ExifTool/Samsung.pm``).

What a file states about the place of its film is only a hint. A film counts if it begins behind the picture
and consists of complete boxes, among them the description of a video track. So no offset, however wrong,
makes anything else be played.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from safelight.core.errors import FailureKind, ImageError, SidecarError
from safelight.core.multi_frame import AnimationPart
from safelight.imaging import formats
from safelight.imaging.formats import PhotoFormat, extension_of
from safelight.imaging.iso_boxes import box_places, boxes
from safelight.imaging.jpeg_markers import END, START_OF_SCAN, XMP_HEADER, markers
from safelight.imaging.metadata.xml_tree import Element, elements, parse, text_of
from safelight.imaging.sniffing import sniff
from safelight.imaging.source import read_file
from safelight.imaging.video import frames_at

MOST_BYTES = 128 * 2**20
"""The size from which a film is not offered, since it is held in memory while it plays."""
_LONGEST = 3600.0
"""Seconds."""
_MOST_PLACES = 32
"""Places of one file that are looked at."""

_CAMERA = "http://ns.google.com/photos/1.0/camera/"
_CONTAINER = "http://ns.google.com/photos/1.0/container/"
_ITEM = "http://ns.google.com/photos/1.0/container/item/"
_SAMSUNG_FILM = 0x0A30
_SAMSUNG_ENTRY = 12
_MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class EmbeddedFilm:
    """The bytes of a picture file that are an MP4 file."""

    begin: int
    end: int
    duration: float
    """Seconds."""


def embedded_film(data: bytes, photo_format: PhotoFormat) -> EmbeddedFilm | None:
    """The film in a picture file, or None. Never raises."""
    if photo_format not in (formats.JPEG, formats.HEIC, formats.AVIF) or data.find(b"ftyp", 16) < 0:
        return None
    places = _places_in_jpeg(data) if photo_format is formats.JPEG else _places_in_boxes(data)
    for _, begin in zip(range(_MOST_PLACES), places, strict=False):
        film = _film_at(data, begin)
        if film is not None:
            return film
    return None


def read_embedded_film(path: str) -> bytes:
    """The film of a motion photo, as an MP4 file. Raises ImageError if there is none."""
    data = read_file(path)
    film = embedded_film(data, sniff(data, extension_of(path)))
    if film is None:
        raise ImageError(FailureKind.BROKEN, "This photo contains no film that can be played.")
    return data[film.begin : film.end]


def read_film_frames(path: str, count: int, max_side: int, max_pixels: int) -> AnimationPart:
    """At most ``count`` frames of the film of a motion photo, at equal distances, the long side at most
    ``max_side``, as an animation that lasts as long as the film. Raises ImageError.
    """

    def times(duration: float) -> Sequence[float]:
        return [(number + 0.5) / count * duration for number in range(count)]

    duration, found = frames_at(BytesIO(read_embedded_film(path)), times, max_pixels, max_side)
    frames = {each.seconds: np.asarray(each.image, np.uint8) for each in found}  # each of a short film once
    if not frames:
        raise ImageError(FailureKind.BROKEN, "This photo contains no film that can be played.")
    shown = round(1000 * duration / len(frames))
    return AnimationPart(0, len(frames), (shown,) * len(frames), np.stack(list(frames.values())))


# --- where a film may begin --------------------------------------------------------------------------------


def _places_in_jpeg(data: bytes) -> Iterator[int]:
    """First what the file states, then all that looks like a beginning behind the picture."""
    behind, packets = 0, []
    for marker, at in markers(data):
        if marker == 0xE1 and data[at + 4 : at + 4 + len(XMP_HEADER)] == XMP_HEADER:
            packets.append(data[at + 4 + len(XMP_HEADER) : at + 2 + int.from_bytes(data[at + 2 : at + 4])])
        elif marker == START_OF_SCAN:
            behind = at
        elif marker == END:
            behind = at + 2
            break
    else:
        return  # the picture has no end
    stated = _Stated()
    for packet in packets:
        stated.add(packet)
    if stated.is_still:
        return
    for place in (*(len(data) - each for each in stated.from_end), *_samsung_places(data)):
        if behind <= place:
            yield place
    yield from _beginnings(data, behind)


def _places_in_boxes(data: bytes) -> Iterator[int]:
    """The box ``mpvd``, an MP4 that follows the picture, or Samsung's trailer."""
    for box in box_places(data):
        if box.kind == b"mpvd":
            yield box.begin
        elif box.kind == b"ftyp" and box.start:
            yield box.start
    yield from _samsung_places(data)


def _beginnings(data: bytes, behind: int) -> Iterator[int]:
    at = data.find(b"ftyp", behind + 4)
    while at >= 0:
        yield at - 4
        at = data.find(b"ftyp", at + 4)


def _samsung_places(data: bytes) -> Iterator[int]:
    """Samsung's trailer is a directory (SEFH), its length, and SEFT. Positions count back from the
    directory.
    """
    if data[-4:] != b"SEFT" or len(data) < 24:
        return
    directory = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    if directory < 0 or data[directory : directory + 4] != b"SEFH":
        return
    count = int.from_bytes(data[directory + 8 : directory + 12], "little")
    for number in range(min(count, _MOST_ENTRIES)):
        entry = data[directory + 12 + number * _SAMSUNG_ENTRY :][:_SAMSUNG_ENTRY]
        if len(entry) < _SAMSUNG_ENTRY or int.from_bytes(entry[2:4], "little") != _SAMSUNG_FILM:
            continue
        block = directory - int.from_bytes(entry[4:8], "little")
        if block >= 0:  # a type, the length of a name, the name, then the film
            yield block + 8 + int.from_bytes(data[block + 4 : block + 8], "little")


class _Stated:
    """What XMP packets state about a film."""

    def __init__(self) -> None:
        self.from_end: list[int] = []
        """Places, in bytes before the end of the file."""
        self.is_still = False
        """Whether the file says that it is to be shown as a still picture."""

    def add(self, packet: bytes) -> None:
        try:
            root = parse(packet).documentElement
        except SidecarError:
            return
        if root is None:
            return
        every = [root, *root.getElementsByTagNameNS("*", "*")]
        for element in every:
            if _value(element, _CAMERA, "MotionPhoto") == "0":
                self.is_still = True
            offset = _count(_value(element, _CAMERA, "MicroVideoOffset"))
            if offset:
                self.from_end.append(offset)
        self._add_container([each for each in every if _value(each, _ITEM, "Semantic")])

    def _add_container(self, items: list[Element]) -> None:
        """The items follow each other up to the end of the file."""
        behind = 0
        for item in reversed(items):
            if _value(item, _ITEM, "Semantic") == "Primary":
                return
            length = _count(_value(item, _ITEM, "Length"))
            if length is None:
                return
            behind += length + (_count(_value(item, _ITEM, "Padding")) or 0)
            if _value(item, _ITEM, "Semantic") == "MotionPhoto":
                self.from_end.append(behind)


def _value(element: Element, namespace: str, name: str) -> str:
    """A property as an attribute or as an element below this one."""
    if element.hasAttributeNS(namespace, name):
        return element.getAttributeNS(namespace, name).strip()
    for child in elements(element):
        if (child.namespaceURI, child.localName) == (namespace, name):
            return text_of(child).strip()
    return ""


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


# --- whether there is a film at a place --------------------------------------------------------------------


def _film_at(data: bytes, begin: int) -> EmbeddedFilm | None:
    """The MP4 file that begins here and ends before what is no box."""
    if not 0 < begin <= len(data) - 16 or data[begin + 4 : begin + 8] != b"ftyp":
        return None
    end, duration, has_frames = begin, None, False
    for box in box_places(data, begin):
        is_next_file = box.kind == b"ftyp" and box.start > begin
        if not box.begin <= box.end <= len(data) or not box.kind.isalnum() or is_next_file:
            break
        if box.kind == b"moov" and duration is None:
            duration = _duration(memoryview(data)[box.begin : box.end])
        has_frames = has_frames or box.kind in (b"mdat", b"moof")
        end = box.end
    if duration is None or not has_frames or end - begin > MOST_BYTES:
        return None
    return EmbeddedFilm(begin, end, duration)


def _duration(movie: memoryview) -> float | None:
    """The seconds that the content of a ``moov`` box states; None without a video track."""
    seconds, has_video = None, False
    for kind, content in boxes(movie):
        if kind == b"mvhd":
            wide = bytes(content[:1]) == b"\x01"
            unit = int.from_bytes(content[20:24] if wide else content[12:16])
            length = int.from_bytes(content[24:32] if wide else content[16:20])
            seconds = length / unit if unit else None
        elif kind == b"trak":
            has_video = has_video or _is_video(content)
    if not has_video or seconds is None or not math.isfinite(seconds) or not 0 < seconds <= _LONGEST:
        return None
    return seconds


def _is_video(track: memoryview) -> bool:
    media = (content for kind, content in boxes(track) if kind == b"mdia")
    handlers = (content for each in media for kind, content in boxes(each) if kind == b"hdlr")
    return any(bytes(handler[8:12]) == b"vide" for handler in handlers)
