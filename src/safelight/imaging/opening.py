"""Opening a picture: from the bytes of any format to upright pixels, still in the file's own colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from PIL import ExifTags, Image, UnidentifiedImageError

from safelight.core.errors import FailureKind, ImageError
from safelight.core.photo import ImageMetadata
from safelight.imaging import formats, raw
from safelight.imaging.deep_tiff import DeepTiffFile
from safelight.imaging.detail import Detail
from safelight.imaging.encoded import open_encoded
from safelight.imaging.faults import decoding, needs_decoder, too_many_pixels
from safelight.imaging.formats import Decoder, PhotoFormat
from safelight.imaging.iso_boxes import end_of_first_file
from safelight.imaging.jpeg_markers import check_scans
from safelight.imaging.metadata import blocks_of, read_metadata
from safelight.imaging.orientation import QUARTER_TURNS, turned
from safelight.imaging.photoshop import readable
from safelight.imaging.sniffing import sniff
from safelight.imaging.stated_colours import profile_of

MAX_PIXELS = 300_000_000

_JPEG_SCALES = (8, 4, 2)

_SEPARATE = 2
"""The planar configuration of a TIFF that stores one colour after the other."""

# Formats whose decoders turn the pixels themselves; their EXIF may still hold the orientation.
_TURNED_BY_DECODER = (formats.TIFF, formats.HEIC, formats.JXL)


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture."""

    image: Image.Image
    """Upright, in the file's own mode; smaller than ``width`` × ``height`` where it was decoded reduced."""
    width: int
    """Pixels, upright, as the file states them."""
    height: int
    format: str
    profile: bytes | None
    """The ICC profile of the colours."""
    metadata: ImageMetadata
    reduced: bool
    """Whether the decoder left detail out because it was not asked for."""


def open_picture(
    data: bytes,
    extension: str,
    detail: Detail | None,
    max_pixels: int = MAX_PIXELS,
    *,
    page: int = 0,
    developed: bool = False,
) -> Picture:
    """Decode ``data``; where ``detail`` says that less is enough, a JPEG is decoded at 1/2, 1/4 or 1/8.

    Animations give their first frame. A picture that is cut short is refused as BROKEN although part of
    it could be shown: Pillow's switch for that is one for the whole process, and a copy under way looks
    the same. Raises ImageError.
    """
    photo_format = sniff(data, extension)
    if photo_format.is_video:
        raise ImageError(FailureKind.BROKEN, "This is a video, not a picture.")
    with decoding(photo_format.name):
        _allow_pixels(max_pixels)
        if photo_format.decoder is Decoder.RAW:
            return _open_raw(data, detail, max_pixels, developed)
        return _open(data, photo_format, detail, max_pixels, page=page)


def _open(
    data: bytes,
    photo_format: PhotoFormat,
    detail: Detail | None,
    max_pixels: int,
    orientation: int | None = None,
    page: int = 0,
) -> Picture:
    """Open a picture as :func:`open_picture`; ``orientation`` replaces the one that the picture states."""
    image = open_unread(data, photo_format)
    if page:
        image.seek(page)
    size = image.size
    _check_pixels(size, max_pixels)
    if photo_format in (formats.PNG, formats.JXL):
        image.load()  # the EXIF data may follow the pixels
    exif = exif_in(image)
    metadata = read_metadata(blocks_of(image, exif, data))
    if orientation is None:
        orientation = _orientation(exif, photo_format)
    profile = profile_of(image, photo_format, data, exif)
    if page and photo_format is formats.TIFF:
        profile = _tiff_profile(image)
    if photo_format is formats.JPEG and detail is not None:
        _draft(image, detail)
    image.load()
    if photo_format is formats.PNG:
        _match_transparency(image, data)
    if photo_format is formats.HEIC:
        size = image.size  # the container may state another size than the pixels have
    reduced = image.size != size
    upright = turned(image, orientation)
    width, height = size if orientation not in QUARTER_TURNS else (size[1], size[0])
    return Picture(upright, width, height, photo_format.name, profile, metadata, reduced)


def _match_transparency(image: Image.Image, data: bytes) -> None:
    """Pillow reduces colours of 16 bits to 8, but not the colour that stands for transparency."""
    colour = image.info.get("transparency")
    if data[24] == 16 and isinstance(colour, tuple):
        image.info["transparency"] = tuple(level >> 8 for level in colour)


def upright(image: Image.Image, photo_format: PhotoFormat) -> Image.Image:
    """The current frame of a picture, turned as its metadata say."""
    return turned(image, _orientation(exif_in(image), photo_format))


def _tiff_profile(image: Image.Image) -> bytes | None:
    """The profile of the current page. Pillow keeps that of an earlier page where a page has none."""
    tags = getattr(image, "tag_v2", {})
    profile = tags.get(ExifTags.Base.InterColorProfile)
    return profile if isinstance(profile, bytes) else None


def _open_raw(data: bytes, detail: Detail | None, max_pixels: int, developed: bool) -> Picture:
    content = raw.read_raw(data, None if detail is None else detail.long, max_pixels, developed=developed)
    size = content.width, content.height
    name = formats.RAW.name
    if content.image is not None:
        return Picture(content.image, *size, name, None, content.metadata, reduced=False)
    preview = _open(content.preview, formats.JPEG, detail, max_pixels, content.preview_orientation)
    metadata = raw.merged(preview.metadata, content.metadata)
    return Picture(preview.image, *size, name, preview.profile, metadata, preview.reduced)


def read_metadata_only(data: bytes, extension: str, max_pixels: int = MAX_PIXELS) -> ImageMetadata:
    """The metadata that :func:`open_picture` finds, decoding no more than that needs. Raises ImageError."""
    photo_format = sniff(data, extension)
    with decoding(photo_format.name):
        _allow_pixels(max_pixels)
        if photo_format.decoder is Decoder.RAW:
            content = raw.read_raw(data, 0, max_pixels)
            if not content.preview:
                return content.metadata
            preview = open_unread(content.preview, formats.JPEG)
            inside = read_metadata(blocks_of(preview, exif_in(preview), content.preview))
            return raw.merged(inside, content.metadata)
        image = open_unread(data, photo_format)
        _check_pixels(image.size, max_pixels)
        if photo_format in (formats.PNG, formats.JXL):
            image.load()  # the EXIF data may follow the pixels
        return read_metadata(blocks_of(image, exif_in(image), data))


def read_size(data: bytes, extension: str, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """The width and height that :func:`open_picture` finds, decoding no more than that needs. Raises
    ImageError.
    """
    photo_format = sniff(data, extension)
    with decoding(photo_format.name):
        _allow_pixels(max_pixels)
        if photo_format.decoder is Decoder.RAW:
            content = raw.read_raw(data, 0, max_pixels)
            return content.width, content.height
        image = open_unread(data, photo_format)
        _check_pixels(image.size, max_pixels)
        if photo_format is formats.PNG and b"eXIf" in data:
            image.load()  # the EXIF data may follow the pixels
        width, height = image.size
        is_quarter_turn = _orientation(exif_in(image), photo_format) in QUARTER_TURNS
        return (height, width) if is_quarter_turn else (width, height)


def _open_with_pillow(data: bytes, photo_format: PhotoFormat) -> Image.Image:
    if photo_format is formats.PSD:
        data = readable(data)
    if photo_format is formats.JPEG:
        check_scans(data)
    if photo_format is not formats.TIFF:
        return open_encoded(data, [photo_format.plugin])
    try:
        image = open_encoded(data, [photo_format.plugin])
    except UnidentifiedImageError:
        return DeepTiffFile(BytesIO(data))
    # Pillow reads unsigned 32-bit and signed 16-bit samples as signed 32-bit ones.
    return DeepTiffFile(BytesIO(data)) if image.mode == "I" or _has_deep_planes(image) else image


def _has_deep_planes(image: Image.Image) -> bool:
    """Whether a TIFF stores each colour apart, with more than 8 bits. Pillow reads these as 8 bits."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(ExifTags.Base.BitsPerSample, ())
    return tags.get(ExifTags.Base.PlanarConfiguration) == _SEPARATE and any(
        isinstance(each, int) and each > 8 for each in (bits if isinstance(bits, tuple) else (bits,))
    )


def _open_heif(data: bytes, photo_format: PhotoFormat) -> Image.Image:
    try:
        from pi_heif import HeifImageFile
    except ImportError as error:
        raise needs_decoder(photo_format) from error
    opener: Callable[[BytesIO], Image.Image] = HeifImageFile
    return opener(BytesIO(data))


def _open_jxl(data: bytes, photo_format: PhotoFormat) -> Image.Image:
    try:
        from pylibjxl.pillow_plugin import JxlImageFile
    except ImportError as error:
        raise needs_decoder(photo_format) from error
    opener: Callable[[BytesIO], Image.Image] = JxlImageFile
    return opener(BytesIO(data))


_OPENERS: dict[Decoder, Callable[[bytes, PhotoFormat], Image.Image]] = {
    Decoder.PILLOW: _open_with_pillow,
    Decoder.HEIF: _open_heif,
    Decoder.JXL: _open_jxl,
}


def open_unread(data: bytes, photo_format: PhotoFormat) -> Image.Image:
    """The picture before its pixels are decoded, not turned upright. Raises whatever its decoder raises."""
    if photo_format in (formats.HEIC, formats.AVIF):
        # Their decoders refuse a picture that the film of a motion photo follows.
        data = data[: end_of_first_file(data)]
    return _OPENERS[photo_format.decoder](data, photo_format)


def _allow_pixels(max_pixels: int) -> None:
    """Raise Pillow's own ceiling, which refuses at twice its value, to ours.

    It stays as a second guard: some plugins meet a size only while they decode. It is only ever
    raised, so that threads with different limits cannot hinder each other.
    """
    ceiling = Image.MAX_IMAGE_PIXELS
    if ceiling is not None and 2 * ceiling < max_pixels:
        Image.MAX_IMAGE_PIXELS = -(-max_pixels // 2)


def _check_pixels(size: tuple[int, int], max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise too_many_pixels(*size)


def exif_in(image: Image.Image) -> Image.Exif:
    """The EXIF of an open picture; empty where it is damaged."""
    try:
        if image.format == formats.AVIF.plugin:
            # Pillow states there how the container turns the picture. Otherwise it looks in XMP, where an
            # orientation of AVIF does not count.
            exif = Image.Exif()
            exif.load(image.info.get("exif") or b"")
            return exif
        return image.getexif()
    except Exception:  # noqa: BLE001 - damaged metadata must not hide the picture
        return Image.Exif()


def _orientation(exif: Image.Exif, photo_format: PhotoFormat) -> int:
    stated = 1 if photo_format in _TURNED_BY_DECODER else exif.get(ExifTags.Base.Orientation)
    return stated if isinstance(stated, int) else 1


def _draft(image: Image.Image, detail: Detail) -> None:
    reduction = detail.reduction(*image.size)
    for scale in _JPEG_SCALES:
        if reduction >= scale:
            image.draft(None, (image.width // scale, image.height // scale))
            return
