"""The colours of a picture: its ICC profile, or one made from what the file states otherwise.

Files without a profile can state their colours by numbers: code points of ITU-T H.273 in AVIF, HEIC and PNG
(the ``cICP`` chunk), gamma and chromaticities in PNG, and a name in the EXIF data of cameras (DCF 2.0).
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from safelight.imaging import formats
from safelight.imaging.formats import PhotoFormat
from safelight.imaging.iso_boxes import boxes
from safelight.imaging.matrix_profile import (
    ADOBE_RGB,
    BT2020,
    DISPLAY_P3,
    SRGB,
    Primaries,
    gamma_curve,
    grey_profile,
    matrix_profile,
    srgb_curve,
)

_PRIMARIES = {9: BT2020, 11: DISPLAY_P3._replace(white=(0.314, 0.351)), 12: DISPLAY_P3}
"""By code point. All others are close to sRGB, or unknown."""
_LINEAR, _PQ, _HLG = 8, 16, 18
_GAMMAS = {4: 2.2, 5: 2.8, _LINEAR: 1.0}
"""By code point of the transfer characteristics. Those of television count as sRGB, as in browsers."""

_REFERENCE_WHITE = 203.0
"""Candela per square metre of white paper in HDR pictures (ITU-R BT.2408)."""
_PQ_PEAK, _HLG_PEAK = 10_000.0, 1_000.0
_KNEE = 0.5
"""The linear light above which HDR is compressed, so that highlights keep detail. White paper has 0.82."""

_ADOBE_GAMMA = 563 / 256
_UNCALIBRATED, _ADOBE = 0xFFFF, 2
"""Values of EXIF's ColorSpace for spaces other than sRGB."""
_OPTIONAL_SPACE = "R03"
"""The interoperability index that stands for Adobe RGB."""


class _Coding(NamedTuple):
    """Code points of colour primaries and transfer characteristics."""

    primaries: int
    transfer: int


def profile_of(image: Image.Image, photo_format: PhotoFormat, data: bytes, exif: Image.Exif) -> bytes | None:
    """The ICC profile of an open picture; None for sRGB. ``data`` are the bytes of the file."""
    stated = image.info.get("icc_profile")
    is_grey = image.mode in ("1", "L", "LA", "I;16", "I")
    if photo_format is formats.PNG:
        return _png_profile(data, stated, is_grey=is_grey)
    if stated:
        return bytes(stated)
    if photo_format is formats.HEIC:
        coding = image.info.get("nclx_profile") or {}
        return coded_profile(
            coding.get("color_primaries", 0), coding.get("transfer_characteristics", 0), is_grey=is_grey
        )
    if photo_format is formats.AVIF and (found := _avif_coding(data)) is not None:
        return coded_profile(*found, is_grey=is_grey)
    if photo_format is formats.JPEG and image.mode == "RGB" and _is_adobe_rgb(exif):
        return _gamma_profile(ADOBE_RGB, _ADOBE_GAMMA, is_grey=False)
    return None


@functools.lru_cache(maxsize=16)
def coded_profile(primaries: int, transfer: int, *, is_grey: bool = False) -> bytes | None:
    """The profile of code points of ITU-T H.273; None for sRGB and what is shown like it.

    HDR (PQ and HLG) is shown with its mid-tones unchanged and its highlights compressed.
    """
    if transfer == _PQ:
        curve = _compressed(_pq_light())
    elif transfer == _HLG:
        curve = _compressed(_hlg_light())
    elif transfer in _GAMMAS:
        curve = gamma_curve(_GAMMAS[transfer])
    else:
        curve = srgb_curve()
        if primaries not in _PRIMARIES:
            return None
    return grey_profile(curve) if is_grey else matrix_profile(_PRIMARIES.get(primaries, SRGB), curve)


def _pq_light() -> npt.NDArray[np.float64]:
    """Light relative to white paper for equally spaced values of the perceptual quantizer (SMPTE ST 2084)."""
    values = gamma_curve(1.0)
    m1, m2 = 2610 / 16384, 2523 / 32
    c1, c2, c3 = 3424 / 4096, 2413 / 128, 2392 / 128
    root = values ** (1 / m2)
    light = (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return np.asarray(light * _PQ_PEAK / _REFERENCE_WHITE, np.float64)


def _hlg_light() -> npt.NDArray[np.float64]:
    """Light relative to white paper for equally spaced values of hybrid log-gamma (ITU-R BT.2100), on a
    display of 1,000 candela per square metre.
    """
    values = gamma_curve(1.0)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    return np.asarray(scene**1.2 * _HLG_PEAK / _REFERENCE_WHITE, np.float64)


def _compressed(light: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    room = 1 - _KNEE
    above = _KNEE + room * (1 - np.exp(-np.maximum(light - _KNEE, 0) / room))
    return np.where(light <= _KNEE, light, above)


@functools.lru_cache(maxsize=16)
def _gamma_profile(primaries: Primaries, gamma: float, *, is_grey: bool) -> bytes:
    curve = gamma_curve(gamma)
    return grey_profile(curve) if is_grey else matrix_profile(primaries, curve)


# --- PNG ---------------------------------------------------------------------------------------------------

_SRGB_GAMMA = 45_455
_MOST_CHUNKS = 1_000


def _png_profile(data: bytes, stated: bytes | None, *, is_grey: bool) -> bytes | None:
    """The chunk that counts first: cICP, iCCP (``stated``), sRGB, gAMA with cHRM (PNG, third edition)."""
    chunks = dict(_colour_chunks(data))
    coding = chunks.get(b"cICP", b"")
    if len(coding) == 4:
        return coded_profile(coding[0], coding[1], is_grey=is_grey)
    if stated:
        return bytes(stated)
    gamma = chunks.get(b"gAMA", b"")
    if b"sRGB" in chunks or len(gamma) != 4:
        return None
    number = int.from_bytes(gamma)
    # Programs that mean sRGB write this gamma; 0 and absurd values are damage.
    if abs(number - _SRGB_GAMMA) < _SRGB_GAMMA // 50 or not 10_000 <= number <= 400_000:
        return None
    primaries = SRGB
    if len(chromaticities := chunks.get(b"cHRM", b"")) == 32:
        white, red, green, blue = ((x / 1e5, y / 1e5) for x, y in struct.iter_unpack(">II", chromaticities))
        primaries = Primaries(red, green, blue, white)
    try:
        return _gamma_profile(primaries, 1e5 / number, is_grey=is_grey)
    except ValueError:  # no colour space
        return _gamma_profile(SRGB, 1e5 / number, is_grey=is_grey)


def _colour_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks before the pixels that state colours."""
    at = 8
    for _ in range(_MOST_CHUNKS):
        length, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if kind in (b"IDAT", b""):
            return
        if kind in (b"cICP", b"gAMA", b"cHRM", b"sRGB") and length <= 32:
            yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


# --- AVIF --------------------------------------------------------------------------------------------------


_EMPTY = memoryview(b"")


def _avif_coding(data: bytes) -> _Coding | None:
    """The code points of the primary picture, from its ``colr`` property (ISO/IEC 14496-12 and 23008-12)."""
    meta = next((content for kind, content in boxes(data) if kind == b"meta"), _EMPTY)[4:]
    parts = dict(boxes(meta))
    primary = int.from_bytes(parts.get(b"pitm", _EMPTY)[4:])
    properties = dict(boxes(parts.get(b"iprp", _EMPTY)))
    associated = _associated(properties.get(b"ipma", _EMPTY), primary)
    for number, (kind, content) in enumerate(boxes(properties.get(b"ipco", _EMPTY)), 1):
        if number in associated and kind == b"colr" and bytes(content[:4]) == b"nclx":
            return _Coding(int.from_bytes(content[4:6]), int.from_bytes(content[6:8]))
    return None


def _associated(ipma: memoryview, wanted: int) -> set[int]:
    """The numbers, from 1, of the properties of an item."""
    if len(ipma) < 8:
        return set()
    id_size = 4 if ipma[0] else 2
    wide = ipma[3] & 1
    at = 8
    for _ in range(min(int.from_bytes(ipma[4:8]), len(ipma))):
        item, at = int.from_bytes(ipma[at : at + id_size]), at + id_size
        if at >= len(ipma):
            return set()
        count, at = ipma[at], at + 1
        size = 2 if wide else 1
        numbers = [int.from_bytes(ipma[place : place + size]) for place in range(at, at + count * size, size)]
        if item == wanted:
            return {number & (0x7FFF if wide else 0x7F) for number in numbers}
        at += count * size
    return set()


# --- JPEG --------------------------------------------------------------------------------------------------


def _is_adobe_rgb(exif: Image.Exif) -> bool:
    """Whether the EXIF data name the optional colour space of DCF, as cameras do instead of a profile."""
    try:
        details = exif.get_ifd(ExifTags.IFD.Exif)
        index = exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex)
    except Exception:  # noqa: BLE001 - damaged metadata must not hide the picture
        return False
    if details.get(ExifTags.Base.ColorSpace) not in (_UNCALIBRATED, _ADOBE):
        return False
    if isinstance(index, bytes):
        index = index.decode("ascii", "replace")
    return isinstance(index, str) and index.rstrip("\0 ") == _OPTIONAL_SPACE
