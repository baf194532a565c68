"""Apple Photos: its library, a ``.photoslibrary`` package, or the JSON that osxphotos writes of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safelight.services.migration.record import Record
from safelight.services.migration.source import Reading
from safelight.services.migration.sources import apple_photos_json, apple_photos_library


class ApplePhotos:
    name = "apple-photos"
    program = "Apple Photos"
    what = "the library (.photoslibrary), or the JSON file that osxphotos query --json writes"

    def recognises(self, path: Path) -> bool:
        return apple_photos_library.recognises(path) or apple_photos_json.recognises(path)

    def read(self, path: Path, reading: Reading) -> Iterator[Record]:
        if path.suffix.lower() == ".json":
            return apple_photos_json.read(path, reading)
        return apple_photos_library.read(path, reading)
