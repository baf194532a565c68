"""The programs and exports that can be imported. To add one, write its module and list it here."""

from __future__ import annotations

from safelight.services.migration.source import Source
from safelight.services.migration.sources.apple_photos import ApplePhotos
from safelight.services.migration.sources.csv_table import CsvTable
from safelight.services.migration.sources.darktable import Darktable
from safelight.services.migration.sources.digikam import Digikam
from safelight.services.migration.sources.immich import Immich
from safelight.services.migration.sources.lightroom import Lightroom
from safelight.services.migration.sources.photoprism import PhotoPrism
from safelight.services.migration.sources.picasa import Picasa
from safelight.services.migration.sources.shotwell import Shotwell
from safelight.services.migration.sources.takeout import GoogleTakeout
from safelight.services.migration.sources.xmp_folder import XmpFolder

SOURCES: tuple[Source, ...] = (
    *(Lightroom(), Digikam(), Darktable(), Shotwell()),
    *(ApplePhotos(), GoogleTakeout(), Immich(), PhotoPrism(), Picasa()),
    *(XmpFolder(), CsvTable()),
)
"""The sources in the order in which they are asked whether they recognise a file or folder."""
