"""The image formats that Safelight reads: names, extensions and decoders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import PIL

DECODING_REVISION = 4
"""Incremented when our decoding changes so that files that failed may now succeed."""


class Decoder(StrEnum):
    """The distribution that decodes a format. Some platforms lack a build of one of them."""

    PILLOW = "pillow"
    HEIF = "pi-heif"
    JXL = "pylibjxl"
    RAW = "rawpy"
    AV = "av"
    """PyAV, for videos. An extra, since its FFmpeg is under the GPL and large."""


@dataclass(frozen=True, slots=True)
class PhotoFormat:
    """A format. ``name`` is shown to users and stored in :class:`DecodedPhoto`."""

    name: str
    extensions: tuple[str, ...]
    """Lower case, without the dot."""
    decoder: Decoder = Decoder.PILLOW
    plugin: str = ""
    """The name of Pillow's plugin or of FFmpeg's demuxer; empty for other decoders."""

    @property
    def is_video(self) -> bool:
        return self.decoder is Decoder.AV


# fmt: off
_RAW_EXTENSIONS = (
    "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "gpr", "iiq", "k25", "kdc", "mef", "mos",
    "mrw", "nef", "nrw", "orf", "ori", "pef", "raf", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
)
# fmt: on

JPEG = PhotoFormat("JPEG", ("jpg", "jpeg", "jpe", "jfif", "mpo"), plugin="JPEG")
PNG = PhotoFormat("PNG", ("png", "apng"), plugin="PNG")
WEBP = PhotoFormat("WEBP", ("webp",), plugin="WEBP")
GIF = PhotoFormat("GIF", ("gif",), plugin="GIF")
BMP = PhotoFormat("BMP", ("bmp",), plugin="BMP")
TIFF = PhotoFormat("TIFF", ("tif", "tiff"), plugin="TIFF")
AVIF = PhotoFormat("AVIF", ("avif",), plugin="AVIF")
JP2 = PhotoFormat("JP2", ("jp2", "j2k", "jpf", "jpx"), plugin="JPEG2000")
PNM = PhotoFormat("PNM", ("ppm", "pgm", "pbm", "pnm", "pfm"), plugin="PPM")
PSD = PhotoFormat("PSD", ("psd",), plugin="PSD")
HEIC = PhotoFormat("HEIC", ("heic", "heif", "hif", "heics", "heifs"), Decoder.HEIF)
JXL = PhotoFormat("JXL", ("jxl",), Decoder.JXL)
RAW = PhotoFormat("RAW", _RAW_EXTENSIONS, Decoder.RAW)

MP4 = PhotoFormat("MP4", ("mp4", "m4v", "3gp", "3g2", "mp"), Decoder.AV, "mov")
MOV = PhotoFormat("MOV", ("mov", "qt"), Decoder.AV, "mov")
MKV = PhotoFormat("MKV", ("mkv",), Decoder.AV, "matroska")
WEBM = PhotoFormat("WEBM", ("webm",), Decoder.AV, "matroska")
AVI = PhotoFormat("AVI", ("avi",), Decoder.AV, "avi")
MPEG = PhotoFormat("MPEG", ("mpg", "mpeg", "vob"), Decoder.AV, "mpeg")
MTS = PhotoFormat("MTS", ("mts", "m2ts"), Decoder.AV, "mpegts")
WMV = PhotoFormat("WMV", ("wmv", "asf"), Decoder.AV, "asf")
OGV = PhotoFormat("OGV", ("ogv",), Decoder.AV, "ogg")
FLV = PhotoFormat("FLV", ("flv",), Decoder.AV, "flv")

VIDEO_FORMATS = (MP4, MOV, MKV, WEBM, AVI, MPEG, MTS, WMV, OGV, FLV)

FORMATS = (JPEG, PNG, WEBP, GIF, BMP, TIFF, AVIF, JP2, PNM, PSD, HEIC, JXL, RAW)

_EXTENSIONS = frozenset(extension for each in FORMATS for extension in each.extensions)
_EXTENSION_BYTES = frozenset(extension.encode() for extension in _EXTENSIONS)
_VIDEO_EXTENSION_BYTES = frozenset(
    extension.encode() for each in VIDEO_FORMATS for extension in each.extensions
)


def is_photo_name(name: bytes | str) -> bool:
    """Whether a file name (without its folder) looks like a picture's. Reads no file; fast enough for scans.

    ``._name`` is rejected: on drives written by macOS it holds a file's attributes.
    """
    if isinstance(name, bytes):
        stem, dot, extension = name.rpartition(b".")
        return bool(dot) and extension.lower() in _EXTENSION_BYTES and stem[:2] != b"._" and stem != b""
    text, separator, suffix = name.rpartition(".")
    return bool(separator) and suffix.lower() in _EXTENSIONS and text[:2] != "._" and text != ""


def is_video_name(name: bytes) -> bool:
    """Whether a file name (without its folder) looks like a video's. Reads no file; fast enough for scans."""
    stem, dot, extension = name.rpartition(b".")
    return bool(dot) and extension.lower() in _VIDEO_EXTENSION_BYTES and stem[:2] != b"._" and stem != b""


def may_be_media(name: bytes) -> bool:
    """Whether a scan reads a file of this name: its extension is that of a picture or a video, or it has
    none, so that only its content can tell.
    """
    return is_photo_name(name) or is_video_name(name) or b"." not in name


def can_read_videos() -> bool:
    """Whether the extra ``video`` is installed."""
    return find_spec("av") is not None


def extensions() -> frozenset[str]:
    """All picture extensions, in lower case, without the dot."""
    return _EXTENSIONS


def extension_of(path: bytes | str) -> str:
    """The extension in lower case without the dot, or ``""``."""
    return Path(os.fsdecode(path)).suffix[1:].lower()


def decoder_versions() -> str:
    """The installed decoders and their versions, in one line.

    Stored with a failure. If it differs from the current value, the file is tried again.
    """
    parts = [f"safelight {DECODING_REVISION}", f"pillow {PIL.__version__}"]
    parts += [
        f"{decoder} {_installed_version(decoder)}" for decoder in Decoder if decoder is not Decoder.PILLOW
    ]
    return "; ".join(parts)


def _installed_version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "none"
