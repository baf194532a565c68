"""Writes EXIF for copies of photos. It contains only values that Safelight knows, and nothing unknown."""

from __future__ import annotations

from fractions import Fraction

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from safelight.core.photo import ImageMetadata

_BASE, _GPS = ExifTags.Base, ExifTags.GPS


def exif_of(metadata: ImageMetadata, orientation: int = 1) -> bytes:
    """The block as Pillow takes it, beginning with ``Exif``; empty where there is nothing to say.

    Text that is not ASCII is left to XMP, since EXIF has no encoding for it.
    """
    exif = Image.Exif()
    photo = exif.get_ifd(ExifTags.IFD.Exif)
    if orientation != 1:
        exif[_BASE.Orientation] = orientation
    texts = (
        (exif, _BASE.Model, metadata.camera),
        (photo, _BASE.LensModel, metadata.lens),
        (exif, _BASE.Artist, metadata.creator),
        (exif, _BASE.Copyright, metadata.copyright),
        (exif, _BASE.ImageDescription, metadata.caption),
    )
    for directory, tag, text in texts:
        if text and text.isascii():
            directory[tag] = text
    numbers = (
        (_BASE.FNumber, metadata.aperture),
        (_BASE.ExposureTime, metadata.exposure),
        (_BASE.FocalLength, metadata.focal_length),
    )
    for tag, value in numbers:
        if value is not None:
            photo[tag] = _rational(value)
    if metadata.iso is not None and metadata.iso < 65_535:
        photo[_BASE.ISOSpeedRatings] = metadata.iso
    if metadata.taken_at is not None:
        photo[_BASE.DateTimeOriginal] = metadata.taken_at.replace("-", ":").replace("T", " ")
        if metadata.subsecond:
            photo[_BASE.SubsecTimeOriginal] = metadata.subsecond
        if metadata.utc_offset is not None:
            hours, minutes = divmod(abs(metadata.utc_offset), 60)
            photo[_BASE.OffsetTimeOriginal] = (
                f"{'-' if metadata.utc_offset < 0 else '+'}{hours:02}:{minutes:02}"
            )
    if metadata.latitude is not None and metadata.longitude is not None:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[_GPS.GPSVersionID] = b"\2\3\0\0"
        place[_GPS.GPSLatitudeRef] = "N" if metadata.latitude >= 0 else "S"
        place[_GPS.GPSLatitude] = _degrees(metadata.latitude)
        place[_GPS.GPSLongitudeRef] = "E" if metadata.longitude >= 0 else "W"
        place[_GPS.GPSLongitude] = _degrees(metadata.longitude)
    if not exif and not photo and ExifTags.IFD.GPSInfo not in exif:
        return b""
    photo[_BASE.ExifVersion] = b"0232"
    return exif.tobytes()


def _rational(value: float) -> IFDRational:
    found = Fraction(value).limit_denominator(100_000)
    return IFDRational(found.numerator, found.denominator)


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds to a centimetre."""
    whole, rest = divmod(round(abs(value) * 36_000_000), 36_000_000)
    minutes, seconds = divmod(rest, 600_000)
    return IFDRational(whole), IFDRational(minutes), IFDRational(seconds, 10_000)
