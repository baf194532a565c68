"""Metadata of pictures: EXIF, IPTC and XMP, in the file and in sidecars, reconciled into one value."""

from safelight.imaging.metadata.blocks import Blocks, blocks_of, blocks_of_tiff, cr3_xmp
from safelight.imaging.metadata.name_dates import date_in_name
from safelight.imaging.metadata.reconcile import read_metadata, with_sidecars
from safelight.imaging.metadata.values import clean_text
from safelight.imaging.metadata.xmp import MAX_XMP

__all__ = [
    "MAX_XMP",
    "Blocks",
    "blocks_of",
    "blocks_of_tiff",
    "clean_text",
    "cr3_xmp",
    "date_in_name",
    "read_metadata",
    "with_sidecars",
]
