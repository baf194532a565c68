"""Turns a HEIF file (HEIC or AVIF) by its ``irot`` properties (ISO/IEC 23008-12), not by its pixels.

Where every picture of the file has such a property, one byte of each changes. Otherwise the ``meta`` box
grows, and the positions in it are adjusted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.iso_boxes import Box, box_places, end_of_first_file

_MOST_ITEMS = 100_000


def turned_heif(data: bytes, turns: int) -> bytes | None:
    """The file turned clockwise by this many quarters: all its pictures, thumbnails, and planes of opacity or
    depth. None for a file whose form does not allow it, such as an image sequence.

    Raises ImageError for a damaged file.
    """
    top = list(_boxes(data, 0, end_of_first_file(data)))
    if any(box.kind == b"moov" for box in top):
        return None
    meta = _Meta.read(data, _only(top, b"meta"))
    wanted = meta.wanted_angles(turns)
    if not wanted:
        return None
    changed = meta.changed_in_place(wanted)
    return meta.rebuilt(wanted) if changed is None else changed


@dataclass(frozen=True, slots=True)
class _Angle:
    """What is to be stored for one picture."""

    angle: int
    """Quarters, anticlockwise, 0 to 3."""
    known: int | None
    """The number of the property that states it now; None where a new one is needed."""
    place: int
    """Where the new property belongs in the list of the picture."""


@dataclass(slots=True)
class _Associations:
    """One ``ipma`` box: the properties of each item, as (is essential, number from 1)."""

    box: Box
    version: int
    wide: bool
    items: list[tuple[int, list[tuple[bool, int]]]] = field(default_factory=list)

    def packed(self) -> bytes:
        wide = self.wide or any(number > 127 for _, entries in self.items for _, number in entries)
        parts = [bytes((self.version, 0, 0, int(wide))), len(self.items).to_bytes(4)]
        for item, entries in self.items:
            if len(entries) > 255:
                raise _no_room()
            parts.append(item.to_bytes(4 if self.version else 2) + bytes((len(entries),)))
            for essential, number in entries:
                if number > 0x7FFF:
                    raise _no_room()
                parts.append(
                    (number | essential << 15).to_bytes(2) if wide else (number | essential << 7).to_bytes(1)
                )
        return _box(b"ipma", b"".join(parts))


@dataclass(slots=True)
class _Meta:
    data: bytes
    box: Box
    children: list[Box]
    iprp: Box
    properties: list[Box]
    container: Box
    associations: list[_Associations]
    sources: set[int]
    """Items from which others are derived, such as the tiles of a grid. They are not shown themselves."""

    @classmethod
    def read(cls, data: bytes, box: Box) -> _Meta:
        if box.begin - box.start != 8:
            raise _damaged()
        children = list(_boxes(data, box.begin + 4, box.end))
        iprp = _only(children, b"iprp")
        inside = list(_boxes(data, iprp.begin, iprp.end))
        container = _only(inside, b"ipco")
        return cls(
            data,
            box,
            children,
            iprp,
            list(_boxes(data, container.begin, container.end)),
            container,
            [_associations(data, each) for each in inside if each.kind == b"ipma"],
            set().union(*(_sources(data, each) for each in children if each.kind == b"iref")),
        )

    def wanted_angles(self, turns: int) -> dict[int, _Angle]:
        """By item, for all pictures but the sources of others."""
        found: dict[int, _Angle] = {}
        for each in self.associations:
            for item, entries in each.items:
                kinds = [self._kind(number) for _, number in entries]
                if item in found or b"ispe" not in kinds or item in self.sources:
                    continue
                rotations = [at for at, kind in enumerate(kinds) if kind == b"irot"]
                mirrors = [at for at, kind in enumerate(kinds) if kind == b"imir"]
                place = rotations[-1] if rotations else (mirrors[0] if mirrors else len(kinds))
                # A mirror image of a picture that is turned to the right is turned to the left.
                mirrored = sum(at > place or (at == place and not rotations) for at in mirrors) % 2
                step = turns if mirrored else -turns
                if rotations:
                    number = entries[place][1]
                    now = self.data[self.properties[number - 1].begin] & 3
                    found[item] = _Angle((now + step) % 4, number, place)
                else:
                    found[item] = _Angle(step % 4, None, place)
        return found

    def changed_in_place(self, wanted: dict[int, _Angle]) -> bytes | None:
        """None where a picture has no property of its own for this."""
        angles: dict[int, int] = {}
        for each in self.associations:
            for item, entries in each.items:
                new = wanted.get(item)
                if new is not None and (
                    new.known is None or angles.setdefault(new.known, new.angle) != new.angle
                ):
                    return None
                if new is None and any(self._kind(number) == b"irot" for _, number in entries):
                    return None  # a tile or the like, which may share the property
        copy = bytearray(self.data)
        for number, angle in angles.items():
            at = self.properties[number - 1].begin
            copy[at] = copy[at] & ~3 | angle
        return bytes(copy)

    def rebuilt(self, wanted: dict[int, _Angle]) -> bytes:
        """With new properties at the end of the list, so that the numbers of the others stay."""
        data, new = self.data, sorted({each.angle for each in wanted.values()})
        number_of = {angle: len(self.properties) + place for place, angle in enumerate(new, 1)}
        for each in self.associations:
            for item, entries in each.items:
                angle = wanted.get(item)
                if angle is None:
                    continue
                entry = (True, number_of[angle.angle])
                if angle.known is None:
                    entries.insert(angle.place, entry)
                else:
                    entries[angle.place] = entry
        container = data[self.container.begin : self.container.end] + b"".join(
            _box(b"irot", bytes((angle,))) for angle in new
        )
        parts = [_box(b"ipco", container), *(each.packed() for each in self.associations)]
        iprp = _box(b"iprp", b"".join(parts))
        grown = len(iprp) - (self.iprp.end - self.iprp.start)
        rewritten = {b"iprp": iprp}
        for child in self.children:
            if child.kind == b"iloc":
                rewritten[b"iloc"] = _moved_places(data, child, self.box, grown)
        content = data[self.box.begin : self.box.begin + 4] + b"".join(
            rewritten.get(child.kind, data[child.start : child.end]) for child in self.children
        )
        return data[: self.box.start] + _box(b"meta", content) + data[self.box.end :]

    def _kind(self, number: int) -> bytes:
        if number == 0:
            return b""
        if number > len(self.properties):
            raise _damaged()
        return self.properties[number - 1].kind


def _moved_places(data: bytes, box: Box, meta: Box, by: int) -> bytes:
    """The ``iloc`` box, in which what is behind the ``meta`` box is further behind by so many bytes."""
    reader = _Numbers(data, box)
    version = reader.take(1)
    reader.take(3)
    sizes = reader.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    copy = bytearray(data[box.start : box.end])
    for _ in range(reader.take(4 if version == 2 else 2)):
        reader.take(4 if version == 2 else 2)
        method = reader.take(2) & 15 if version else 0
        elsewhere = reader.take(2)
        base_at, base = reader.at, reader.take(base_size)
        own_file = method == 0 and elsewhere == 0
        by_base = own_file and base >= meta.end
        if by_base:
            _put(copy, base_at - box.start, base_size, base + by)
        for _ in range(reader.take(2)):
            reader.take(index_size)
            offset_at, offset = reader.at, reader.take(offset_size)
            length = reader.take(length_size)
            place = base + offset
            if not own_file or by_base or place + length <= meta.start:
                continue
            if place < meta.end:
                raise _damaged()
            _put(copy, offset_at - box.start, offset_size, offset + by)
    return bytes(copy)


class _Numbers:
    """Reads numbers of different sizes, one after the other."""

    def __init__(self, data: bytes, box: Box) -> None:
        self._data = data
        self._end = box.end
        self.at = box.begin

    def take(self, size: int) -> int:
        """The next number of ``size`` bytes; 0 for none. Raises ImageError at the end of the box."""
        begin, self.at = self.at, self.at + size
        if self.at > self._end:
            raise _damaged()
        return int.from_bytes(self._data[begin : self.at])


def _put(copy: bytearray, at: int, size: int, number: int) -> None:
    if number >= 1 << 8 * size:
        raise _no_room()
    copy[at : at + size] = number.to_bytes(size)


def _associations(data: bytes, box: Box) -> _Associations:
    reader = _Numbers(data, box)
    version, wide = reader.take(1), reader.take(3) & 1 == 1
    found = _Associations(box, version, wide)
    count = reader.take(4)
    if count > _MOST_ITEMS:
        raise _damaged()
    for _ in range(count):
        item = reader.take(4 if version else 2)
        entries: list[tuple[bool, int]] = []
        for _ in range(reader.take(1)):
            entry = reader.take(2 if wide else 1)
            top = 15 if wide else 7
            entries.append((bool(entry >> top), entry & (1 << top) - 1))
        found.items.append((item, entries))
    return found


def _sources(data: bytes, box: Box) -> set[int]:
    """The items from which others are derived, in an ``iref`` box."""
    size = 4 if data[box.begin] else 2
    found: set[int] = set()
    for each in _boxes(data, box.begin + 4, box.end):
        if each.kind == b"dimg":
            reader = _Numbers(data, each)
            reader.take(size)
            found.update(reader.take(size) for _ in range(reader.take(2)))
    return found


def _boxes(data: bytes, at: int, end: int) -> Iterator[Box]:
    """Successive boxes. Raises ImageError where a size is damaged."""
    for box in box_places(data, at, end):
        if not box.begin <= box.end <= end:
            raise _damaged()
        yield box
        at = box.end
    if at < end:
        raise _damaged()


def _only(found: list[Box], kind: bytes) -> Box:
    matching = [each for each in found if each.kind == kind]
    if len(matching) != 1:
        raise _damaged()
    return matching[0]


def _box(kind: bytes, content: bytes) -> bytes:
    if len(content) + 8 >= 2**32:
        raise _no_room()
    return (len(content) + 8).to_bytes(4) + kind + content


def _damaged() -> ImageError:
    return ImageError(FailureKind.BROKEN, "The file is damaged, so it cannot be stored that it was turned.")


def _no_room() -> ImageError:
    return ImageError(FailureKind.TOO_LARGE, "The file leaves no room to store that it was turned.")
