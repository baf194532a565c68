"""Camera RAW through rawpy (LibRaw): the camera's preview, or a demosaic at half size."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image

from safelight.core.photo import DateSource, ImageMetadata
from safelight.imaging import formats
from safelight.imaging.encoded import open_encoded
from safelight.imaging.faults import needs_decoder, too_many_pixels
from safelight.imaging.metadata import Blocks, blocks_of_tiff, clean_text, cr3_xmp, read_metadata

# LibRaw's flip values: 3 half a turn, 5 a quarter turn counter-clockwise, 6 a quarter turn clockwise.
_ORIENTATIONS = {0: 1, 3: 3, 5: 8, 6: 6}
_QUARTER_TURNS = (6, 8)

# The strongest compression in use (lossy DNG) keeps about one bit per pixel.
_MOST_PIXELS_A_BYTE = 32


@dataclass(frozen=True, slots=True)
class RawContent:
    """The content of a RAW file: ``image`` (upright, sRGB) or ``preview`` (a JPEG that may need turning)."""

    image: Image.Image | None
    preview: bytes
    preview_orientation: int
    """The preview's EXIF orientation. The value inside the JPEG is ignored."""
    width: int
    """Width of the full photo, upright."""
    height: int
    metadata: ImageMetadata


def read_raw(data: bytes, long_side: int | None, max_pixels: int, *, developed: bool = False) -> RawContent:
    """Read a RAW file. ``long_side`` is the minimum length needed; None for the full size, 0 for none.
    ``developed``: the sensor's data, demosaiced, even if the preview is long enough; at half size if that is.

    The camera's preview has the camera's colours and costs a tenth, so it is preferred if it is long enough
    or at least as long as the half-size demosaic. Raises ImageError and whatever LibRaw raises.
    """
    try:
        import rawpy
    except ImportError as error:
        raise needs_decoder(formats.RAW) from error
    with rawpy.RawPy() as raw:
        raw.open_buffer(BytesIO(data))
        sizes = raw.sizes
        width, height = sizes.width, sizes.height
        if width * height > max_pixels:
            raise too_many_pixels(width, height)
        if len(data) * _MOST_PIXELS_A_BYTE < width * height:
            # LibRaw reads past the end of a file and would return a black picture.
            raise EOFError
        metadata = merged(_own_metadata(data), _libraw_metadata(raw))
        preview, preview_size = _preview(raw, rawpy)
        orientation = preview_orientation = _ORIENTATIONS.get(sizes.flip, 1)
        if orientation in _QUARTER_TURNS:
            if (preview_size[0] > preview_size[1]) != (width > height):
                preview_orientation = 1  # a few cameras store it upright although LibRaw reports otherwise
            width, height = height, width
        half = max(width, height) // 2
        image = None
        wanted = max(width, height) if long_side is None else long_side
        if developed:
            image = _developed(raw, rawpy, preview, half_size=wanted <= half)
        elif max(preview_size) < (half if long_side is None else min(half, long_side)):
            image = _developed(raw, rawpy, preview, half_size=True)
    return RawContent(image, preview, preview_orientation, width, height, metadata)


def _developed(raw: Any, rawpy: Any, preview: bytes, *, half_size: bool) -> Image.Image | None:
    """The demosaiced picture, upright; None if that fails and there is a preview."""
    try:
        return Image.fromarray(raw.postprocess(half_size=half_size, use_camera_wb=True, output_bps=8))
    except rawpy.LibRawError:
        if not preview:
            raise
        return None


def merged(first: ImageMetadata, second: ImageMetadata) -> ImageMetadata:
    """``first``, completed with values from ``second``."""
    if first.taken_at is not None and first.taken_at != second.taken_at:
        second = dataclasses.replace(second, subsecond=None, utc_offset=None)  # of another moment
    if first.regions:
        second = dataclasses.replace(second, regions_applied_to=None)  # of other regions
    return ImageMetadata(
        *(
            getattr(second if getattr(first, each.name) in (None, ()) else first, each.name)
            for each in dataclasses.fields(ImageMetadata)
        )
    )


def _preview(raw: Any, rawpy: Any) -> tuple[bytes, tuple[int, int]]:
    """The largest embedded JPEG and its size; empty if there is none."""
    try:
        thumbnail = raw.extract_thumb()
        if thumbnail.format is rawpy.ThumbFormat.JPEG:
            with open_encoded(thumbnail.data, ("JPEG",)) as image:
                return thumbnail.data, image.size
    except (rawpy.LibRawError, OSError, ValueError):
        pass
    return b"", (0, 0)


def _own_metadata(data: bytes) -> ImageMetadata:
    """Metadata from the file's own directory, if it is structured like TIFF (CR2, NEF, ARW, DNG, ORF, RW2 …).

    Reads the directory directly, because some makers change the magic number in the header.
    """
    if data[4:8] == b"ftyp":
        return read_metadata(Blocks(xmp=cr3_xmp(data)))
    if data[:2] not in (b"II", b"MM"):
        return ImageMetadata()
    exif = Image.Exif()
    exif.endian = "<" if data[:2] == b"II" else ">"
    offset = int.from_bytes(data[4:8], "little" if data[:2] == b"II" else "big")
    try:
        exif.load_from_fp(BytesIO(data), offset)
        return read_metadata(blocks_of_tiff(exif))
    except Exception:  # noqa: BLE001 - damaged metadata must not hide the picture
        return ImageMetadata()


def _libraw_metadata(raw: Any) -> ImageMetadata:
    """Metadata found by LibRaw, for formats that Pillow cannot read (CR3, RAF)."""
    other = raw.other
    taken = other.timestamp  # the wall clock, which LibRaw converted with the local time zone
    return ImageMetadata(
        taken_at=taken.replace(microsecond=0).isoformat() if taken.year > 1980 else None,
        date_source=DateSource.METADATA if taken.year > 1980 else None,
        lens=clean_text(raw.lens.model),
        iso=round(other.iso_speed) if other.iso_speed >= 1 else None,
        aperture=round(other.aperture, 2) if other.aperture > 0.3 else None,
        exposure=other.shutter_speed if other.shutter_speed > 1e-7 else None,
        focal_length=round(other.focal_length, 2) if other.focal_length > 0.1 else None,
    )
