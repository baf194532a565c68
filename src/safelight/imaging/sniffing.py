"""Detects a picture's format from its first bytes, whatever its name."""

from __future__ import annotations

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging import formats
from safelight.imaging.formats import PhotoFormat
from safelight.imaging.source import opened

_SIGNATURES: tuple[tuple[bytes, PhotoFormat], ...] = (
    (b"\xff\xd8\xff", formats.JPEG),
    (b"\x89PNG\r\n\x1a\n", formats.PNG),
    (b"GIF87a", formats.GIF),
    (b"GIF89a", formats.GIF),
    (b"BM", formats.BMP),
    (b"8BPS", formats.PSD),
    (b"\xff\x4f\xff\x51", formats.JP2),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", formats.JP2),
    (b"\xff\x0a", formats.JXL),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", formats.JXL),
    (b"FUJIFILMCCD-RAW", formats.RAW),
    (b"IIU\x00", formats.RAW),  # Panasonic, Leica
    (b"IIRO", formats.RAW),  # Olympus
    (b"IIRS", formats.RAW),
    (b"MMOR", formats.RAW),
    (b"FOVb", formats.RAW),  # Sigma
    (b"\x00MRM", formats.RAW),  # Minolta
    (b"II\x1a\x00\x00\x00HEAPCCDR", formats.RAW),  # Canon CRW
)
_VIDEO_SIGNATURES: tuple[tuple[bytes, PhotoFormat], ...] = (
    (b"\x00\x00\x01\xba", formats.MPEG),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", formats.WMV),
    (b"OggS", formats.OGV),
    (b"FLV\x01", formats.FLV),
)
_EBML = b"\x1a\x45\xdf\xa3"
_QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
"""First boxes of QuickTime files without ``ftyp``."""
_QUICKTIME_BRAND = b"qt  "
_PACKETS = (0, 188), (4, 196)
"""Where the first two packets of an MPEG transport stream begin, without and with time codes."""

HEAD_BYTES = 1024
"""Enough of a file to tell its format."""

_TIFF_SIGNATURES = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_PNM_SIGNATURES = (b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"Pf")

# Brands of ISO base media files: ISO/IEC 23008-12 (HEIF), the AVIF specification, Canon's CR3.
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_HEIF_BRANDS = frozenset(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1")
)
_CR3_BRAND = b"crx "


def sniff(data: bytes, extension: str = "") -> PhotoFormat:
    """The format of ``data``.

    ``extension`` (lower case, no dot) only distinguishes TIFF from the many camera formats that look like
    it. Raises ImageError (BROKEN) for data in no supported format.
    """
    if data.startswith(_TIFF_SIGNATURES):
        camera = extension in formats.RAW.extensions or data[8:10] == b"CR"
        return formats.RAW if camera else formats.TIFF
    for signature, photo_format in _SIGNATURES:
        if data.startswith(signature):
            return photo_format
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return formats.WEBP
    video = _sniff_video(data)
    if video is not None:
        return video
    if data.startswith(_PNM_SIGNATURES) and data[2:3].isspace():
        return formats.PNM
    if data[4:8] == b"ftyp":
        return _sniff_base_media(data)
    raise ImageError(FailureKind.BROKEN, "This is not a picture of a kind that Safelight knows.")


def format_of_file(path: bytes | str) -> PhotoFormat | None:
    """The format of a file by its content, whatever its name; None if it is no picture or video.

    Raises ImageError for what cannot be read.
    """
    with opened(path) as (file, _):
        head = file.read(HEAD_BYTES)
    try:
        return sniff(head)
    except ImageError:
        return None


def _sniff_video(data: bytes) -> PhotoFormat | None:
    """The format of a video that is not an ISO base media file."""
    for signature, photo_format in _VIDEO_SIGNATURES:
        if data.startswith(signature):
            return photo_format
    if data.startswith(_EBML):
        return formats.WEBM if b"webm" in data[:64] else formats.MKV
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return formats.AVI
    if data[4:8] in _QUICKTIME_BOXES:
        return formats.MOV
    if any(data[first : first + 1] == data[second : second + 1] == b"G" for first, second in _PACKETS):
        return formats.MTS
    return None


def _sniff_base_media(data: bytes) -> PhotoFormat:
    end = min(int.from_bytes(data[:4]), 256)
    major = data[8:12]
    brands = {major, *(data[at : at + 4] for at in range(16, end - 3, 4))}
    if major == _CR3_BRAND:
        return formats.RAW
    if brands & _AVIF_BRANDS:
        return formats.AVIF
    if brands & _HEIF_BRANDS:
        return formats.HEIC
    return formats.MOV if major == _QUICKTIME_BRAND else formats.MP4
