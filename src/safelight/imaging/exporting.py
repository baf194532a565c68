"""Makes the bytes of a copy of a picture: in another format, smaller, or without private metadata."""

from __future__ import annotations

import functools
from dataclasses import replace
from io import BytesIO

from PIL import ExifTags, Image, ImageChops, ImageCms
from PIL.PngImagePlugin import PngInfo

from safelight.core.description import with_description
from safelight.core.errors import FailureKind, ImageError
from safelight.core.exporting import QUALITY, CopySpec, ExportFormat, private_info_in, without_private_info
from safelight.core.photo import ImageMetadata, upright_regions
from safelight.imaging import formats
from safelight.imaging.colour import to_srgb
from safelight.imaging.detail import Detail
from safelight.imaging.faults import decoding, out_of_memory
from safelight.imaging.formats import extension_of
from safelight.imaging.heif_orientation import turned_heif
from safelight.imaging.jpeg_orientation import with_orientation
from safelight.imaging.metadata import with_sidecars
from safelight.imaging.metadata.exif_write import exif_of
from safelight.imaging.metadata.xmp_edit import packet_of
from safelight.imaging.neutral_profile import PROFILE_TIME, neutral_profile
from safelight.imaging.opening import (
    MAX_PIXELS,
    Picture,
    exif_in,
    open_picture,
    open_unread,
    read_metadata_only,
)
from safelight.imaging.orientation import orientation_after, turned_right
from safelight.imaging.read import read_sidecars
from safelight.imaging.rewriting import rewritten_jpeg, rewritten_png
from safelight.imaging.sniffing import sniff
from safelight.imaging.source import read_file
from safelight.imaging.thumbnail import shrink
from safelight.imaging.tiff_orientation import turned_tiff


def made_copy(
    path: bytes | str, sidecars: list[bytes], spec: CopySpec, *, max_pixels: int = MAX_PIXELS
) -> bytes:
    """The content of a copy. JPEG files keep their pixels if they need neither another format nor another
    size, and so do PNG files that are not turned. ``sidecars``: paths, the one that counts first.

    The result was read again: it shows the picture and gives away nothing that is withheld. It is empty if
    only the orientation is to be changed, and the form of the HEIC or AVIF file does not allow that. Raises
    ImageError.
    """
    data, extension = read_file(path), extension_of(path)
    photo_format = sniff(data, extension)
    if spec.format is ExportFormat.ORIGINAL:
        return _turned_original(data, extension, photo_format, spec.turns, max_pixels)
    beside, _ = read_sidecars(sidecars)
    same = {formats.JPEG: ExportFormat.JPEG, formats.PNG: ExportFormat.PNG}.get(photo_format)
    try:
        if same is spec.format and spec.size is None and not (spec.turns and photo_format is formats.PNG):
            metadata = _kept(read_metadata_only(data, extension, max_pixels), beside, spec)
            rewrite = rewritten_jpeg if photo_format is formats.JPEG else rewritten_png
            orientation = orientation_after(_orientation(data, photo_format), spec.turns)
            exif = exif_of(metadata, orientation)
            copy = rewrite(data, exif, packet_of(metadata))
            _check_same_pixels(data, copy, photo_format)
        else:
            # Twice the size, so that the last reduction is smooth.
            detail = None if spec.size is None else Detail(long=2 * spec.size)
            picture = open_picture(data, extension, detail, max_pixels)
            copy = _encoded(picture, spec, _kept(picture.metadata, beside, spec))
        _check(copy, spec, max_pixels)
    except MemoryError as error:
        raise out_of_memory() from error
    return copy


def _turned_original(
    data: bytes, extension: str, photo_format: formats.PhotoFormat, turns: int, max_pixels: int
) -> bytes:
    """A picture in which only the orientation differs; empty if the file does not allow that."""
    if photo_format is formats.JPEG:
        return _turned_jpeg(data, photo_format, turns)
    if photo_format in (formats.HEIC, formats.AVIF):
        turned = turned_heif(data, turns)
        if turned is None:
            return b""
        copy = turned
    elif photo_format is formats.TIFF:
        copy = turned_tiff(data, turns)
    else:
        raise ImageError(FailureKind.BROKEN, "The file has another format now; index it, and copy it again.")
    before = open_picture(data, extension, None, max_pixels).image
    after = open_picture(copy, extension, None, max_pixels).image
    if turned_right(before, turns).tobytes() != after.tobytes():
        raise _not_turned()
    return copy


def _turned_jpeg(data: bytes, photo_format: formats.PhotoFormat, turns: int) -> bytes:
    orientation = orientation_after(_orientation(data, photo_format), turns)
    copy = with_orientation(data, orientation)
    with decoding(photo_format.name):
        before, after = open_unread(data, photo_format), open_unread(copy, photo_format)
        same = before.mode == after.mode and before.tobytes() == after.tobytes()
    if not same or _orientation(copy, photo_format) != orientation:
        raise _not_turned()
    return copy


def _not_turned() -> ImageError:
    return ImageError(FailureKind.BROKEN, "It could not be turned without changing the picture.")


def _kept(embedded: ImageMetadata, sidecars: list[bytes], spec: CopySpec) -> ImageMetadata:
    return without_private_info(
        with_description(with_sidecars(embedded, sidecars), spec.description), spec.withheld
    )


def _encoded(picture: Picture, spec: CopySpec, metadata: ImageMetadata) -> bytes:
    transparent = spec.format is not ExportFormat.JPEG and picture.image.has_transparency_data
    image = _with_alpha(picture) if transparent else to_srgb(picture.image, picture.profile)
    if spec.size is not None:
        image = shrink(image, spec.size, smooth=True)
    image = turned_right(image, spec.turns)
    orientation, applied_to = metadata.orientation or 1, metadata.regions_applied_to
    upright = upright_regions(metadata.regions, orientation, applied_to, picture.width, picture.height)
    regions = tuple(each.turned(spec.turns) for each in upright)
    exif, xmp = exif_of(metadata), packet_of(replace(metadata, regions=regions))
    common = {"icc_profile": _srgb_profile()} | ({"exif": exif} if exif else {})
    buffer = BytesIO()
    with decoding(spec.format.value):
        match spec.format:
            case ExportFormat.PNG:
                info = PngInfo()
                info.add_itxt("XML:com.adobe.xmp", xmp.decode())
                image.save(buffer, "PNG", pnginfo=info, **common)
            case ExportFormat.WEBP:
                image.save(buffer, "WEBP", quality=QUALITY, method=4, xmp=xmp, **common)
            case _:
                sampling = 0 if min(image.size) < 1024 else 2  # colour edges show in small pictures
                image.save(
                    buffer, "JPEG", quality=QUALITY, optimize=True, subsampling=sampling, xmp=xmp, **common
                )
    return buffer.getvalue()


def _with_alpha(picture: Picture) -> Image.Image:
    """A picture in sRGB, with its transparency."""
    with_alpha = picture.image.convert("RGBA")
    image = to_srgb(with_alpha.convert("RGB"), picture.profile)
    image.putalpha(with_alpha.getchannel("A"))
    return image


@functools.cache
def _srgb_profile() -> bytes:
    """Without the time at which it is made."""
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[: PROFILE_TIME.start] + bytes(12) + made[PROFILE_TIME.stop :]


def _orientation(data: bytes, photo_format: formats.PhotoFormat) -> int:
    with decoding(photo_format.name):
        image = open_unread(data, photo_format)
        if photo_format is formats.PNG:
            image.load()
        stated = exif_in(image).get(ExifTags.Base.Orientation)
    return stated if isinstance(stated, int) and 1 <= stated <= 8 else 1


def _check_same_pixels(data: bytes, copy: bytes, photo_format: formats.PhotoFormat) -> None:
    with decoding(photo_format.name):
        before, after = open_unread(data, photo_format), open_unread(copy, photo_format)
        before.load()
        after.load()
        same_kind = (
            before.mode == after.mode
            and before.size == after.size
            and neutral_profile(before.info.get("icc_profile") or b"") == after.info.get("icc_profile")
        )
        if same_kind and not ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox():
            return
    raise ImageError(FailureKind.BROKEN, "Its metadata could not be removed without changing the picture.")


def _check(copy: bytes, spec: CopySpec, max_pixels: int) -> None:
    """Raise ImageError if a copy cannot be read, or gives away what is withheld."""
    picture = open_picture(copy, spec.format.extension[1:], Detail(long=64), max_pixels)
    left = private_info_in(picture.metadata) & spec.withheld
    if left:
        raise ImageError(
            FailureKind.BROKEN, "The copy would still give away: {left}.", left=", ".join(sorted(left))
        )
