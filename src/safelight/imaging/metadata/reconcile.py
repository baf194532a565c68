"""Which value is used where EXIF, IPTC, XMP and sidecars differ.

The order follows the guidelines of the Metadata Working Group (version 2.0); docs/metadata.md explains it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from safelight.core.photo import DateSource, ImageMetadata
from safelight.imaging.metadata.blocks import Blocks
from safelight.imaging.metadata.exif import read_exif
from safelight.imaging.metadata.iptc import digest, read_iptc
from safelight.imaging.metadata.values import Block, Moment
from safelight.imaging.metadata.xmp import read_xmp

_SEPARATE = frozenset(
    (
        *("taken_at", "subsecond", "utc_offset", "date_source"),
        *("notes", "sidecars", "sidecar_changed_at", "regions_applied_to"),
    )
)
_FIELDS = tuple(each.name for each in fields(ImageMetadata) if each.name not in _SEPARATE)
_XMP_FIRST = frozenset(("rating", "label", "title", "tags", "regions", "people"))
"""Fields that EXIF holds only as a copy for programs that cannot read XMP. Otherwise EXIF comes first."""


def read_metadata(blocks: Blocks) -> ImageMetadata:
    """Metadata of a file. Never raises."""
    exif, iptc = read_exif(blocks.exif), read_iptc(blocks.iptc)
    xmp = read_xmp(blocks.xmp) if blocks.xmp else Block()
    # XMP and IPTC hold the same values, unless a program that knows only IPTC has changed it since.
    changed = blocks.iptc_digest and blocks.iptc_digest != digest(blocks.iptc)
    described = (iptc, xmp) if blocks.iptc and (changed or not blocks.xmp) else (xmp, iptc)
    values = _values([exif, *described], [*described, exif])
    return _dated(values, [exif, *described])


def with_sidecars(embedded: ImageMetadata, sidecars: Sequence[bytes]) -> ImageMetadata:
    """``embedded`` overlaid with XMP sidecars, of which the first takes precedence. Never raises."""
    if not sidecars:
        return embedded
    beside = [read_xmp(each) for each in sidecars]
    blocks = [*beside, Block(embedded)]
    values = replace(_values(blocks, blocks), sidecars=len(sidecars))
    original, digitised = (
        next((found for each in beside if (found := getattr(each, kind)) is not None), None)
        for kind in ("original", "digitised")
    )
    if original is not None and original.wall_clock != embedded.taken_at:
        return _at(values, original, DateSource.SIDECAR)
    if embedded.taken_at is not None:  # the same date is often less detailed in a sidecar
        own = Moment(embedded.taken_at, embedded.subsecond, embedded.utc_offset)
        same = [own] if original is None else [own, original]
        return _at(values, _detailed(same), embedded.date_source)
    return values if digitised is None else _at(values, digitised, DateSource.SIDECAR)


def _values(exif_first: Sequence[Block], xmp_first: Sequence[Block]) -> ImageMetadata:
    """All but the dates."""
    values = {name: _first(xmp_first if name in _XMP_FIRST else exif_first, name) for name in _FIELDS}
    notes = dict.fromkeys(note for block in exif_first for note in block.values.notes)
    applied_to = next((each.values.regions_applied_to for each in xmp_first if each.values.regions), None)
    return replace(
        ImageMetadata(**(values | _position(exif_first))), regions_applied_to=applied_to, notes=tuple(notes)
    )


def _first(blocks: Iterable[Block], name: str) -> Any:
    empty = () if name in ("tags", "regions", "people") else None
    return next((v for each in blocks if (v := getattr(each.values, name)) not in (None, ())), empty)


def _position(blocks: Iterable[Block]) -> dict[str, float | None]:
    """Latitude and longitude of the same block."""
    for block in blocks:
        if block.values.latitude is not None:
            return {"latitude": block.values.latitude, "longitude": block.values.longitude}
    return {}


def _dated(values: ImageMetadata, blocks: Sequence[Block]) -> ImageMetadata:
    """The metadata with the first date: when it was taken, otherwise digitised, otherwise changed (EXIF
    only).
    """
    known = [
        found
        for kind in ("original", "digitised", "changed")
        for each in blocks
        if (found := getattr(each, kind)) is not None
    ]
    if not known:
        return values
    # Other blocks repeat the same date with more or fewer details.
    same = [found for found in known if found.wall_clock == known[0].wall_clock]
    return _at(values, _detailed(same), DateSource.METADATA)


def _detailed(same: Sequence[Moment]) -> Moment:
    """One moment with the details that any of them has."""
    return Moment(
        same[0].wall_clock,
        next((each.subsecond for each in same if each.subsecond is not None), None),
        next((each.utc_offset for each in same if each.utc_offset is not None), None),
    )


def _at(values: ImageMetadata, moment: Moment, source: DateSource | None) -> ImageMetadata:
    return replace(
        values,
        taken_at=moment.wall_clock,
        subsecond=moment.subsecond,
        utc_offset=moment.utc_offset,
        date_source=source,
    )
