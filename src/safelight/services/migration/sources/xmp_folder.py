"""A folder of XMP sidecars (ISO 16684-1) that are not beside the pictures, for example from a backup.

Sidecars beside the pictures of the library are read anyway. Names follow docs/sidecars.md. Faces are regions
of the Metadata Working Group or of Microsoft, which refer to the picture as it is stored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from safelight.core.description import people_of
from safelight.core.message import Message
from safelight.core.migration import LeftOut
from safelight.core.photo import FaceRegion
from safelight.core.user_paths import is_folder
from safelight.imaging.formats import is_photo_name, is_video_name
from safelight.imaging.metadata import MAX_XMP
from safelight.imaging.metadata.values import Block
from safelight.imaging.metadata.xmp import read_xmp
from safelight.services.migration.folders import files_below, has_file_below, read_bytes
from safelight.services.migration.record import Record, checked_face, placed_faces, seconds_of
from safelight.services.migration.source import Reading, SourceError

_ENDING = (".xmp",)
_NAME = re.compile(
    rb'(?:crs:RawFileName|xmpMM:PreservedFileName)\s*(?:=\s*"([^"<>]{1,255})"|>\s*([^<>]{1,255})<)'
)
"""Properties in which Camera Raw and other programs note the name of the picture."""
_EXTENSION = re.compile(rb'photoshop:SidecarForExtension\s*(?:=\s*"(\w{1,8})"|>\s*(\w{1,8})\s*<)')

_IMPOSSIBLE = frozenset(("taken_at:invalid", "gps:invalid", "rating:invalid"))
"""Notes of the reader about values that it left out."""


class XmpFolder:
    name = "xmp"
    program = "XMP sidecars"
    what = "a folder of .xmp files that are not beside the pictures"

    def recognises(self, path: Path) -> bool:
        return is_folder(path) and has_file_below(os.fspath(path), _ENDING)

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        if not is_folder(path):
            raise SourceError("{path} is not a folder; name the folder of the .xmp files.", path=path)
        for file in files_below(os.fspath(path), _ENDING, reading):
            reading.step()
            data = read_bytes(file, MAX_XMP)
            block = None if data is None else read_xmp(data)
            if data is None or block is None or any(note.startswith("xmp:") for note in block.values.notes):
                reading.problem(Message("{path} is not valid XMP.", path=file))
                continue
            values = block.values
            moment = block.original or block.digitised
            impossible = _IMPOSSIBLE.intersection(values.notes)
            if impossible:
                reading.problem(
                    Message(
                        "{path}: what is not valid is left out ({fields}).",
                        path=file,
                        fields=", ".join(sorted(note.partition(":")[0] for note in impossible)),
                    )
                )
            faces, without_place = placed_faces(_faces(block))
            yield Record(
                path=_picture(file, data),
                taken=seconds_of(moment.wall_clock) if moment else None,
                rating=values.rating or 0,
                label=values.label or "",
                title=values.title or "",
                caption=values.caption or "",
                tags=values.tags,
                people=people_of(values),
                latitude=values.latitude,
                longitude=values.longitude,
                faces=faces,
                left_out=(*without_place, *((LeftOut.VALUE,) * len(impossible))),
            )


def _faces(block: Block) -> Iterator[FaceRegion | None]:
    """The faces in the upright picture; None for those that may be elsewhere in it."""
    for region in block.values.regions:
        if region.is_face:
            yield None if block.orientation is None else checked_face(region.upright(block.orientation))


def _picture(file: str, data: bytes) -> str:
    """The picture of a sidecar; without its extension where nothing tells it."""
    folder, name = os.path.split(file)
    stem = name[:-4]
    if is_photo_name(stem) or is_video_name(os.fsencode(stem)):
        return os.path.join(folder, stem)  # IMG.CR2.xmp
    named, extension = _NAME.search(data), _EXTENSION.search(data)
    if named is not None:
        noted = (named[1] or named[2]).decode("utf-8", "replace").strip()
        if os.path.splitext(noted)[0].casefold() == stem.casefold():
            return os.path.join(folder, noted)
    if extension is not None:
        return os.path.join(folder, f"{stem}.{(extension[1] or extension[2]).decode()}")
    return os.path.join(folder, stem)
