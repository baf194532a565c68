"""Reads photos: the interface of this package.

Every function takes a path (bytes or text) or encoded bytes, and raises only ImageError.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from PIL import Image

from safelight.core.encoder import InputSpec, Pixels
from safelight.core.errors import ImageError
from safelight.core.photo import DateSource, DecodedPhoto, ImageMetadata
from safelight.core.region import Region
from safelight.core.stopwatch import RecordStep, record_nothing
from safelight.imaging import video
from safelight.imaging.colour import to_srgb
from safelight.imaging.detail import Detail, detail_of_input
from safelight.imaging.faults import out_of_memory
from safelight.imaging.formats import extension_of
from safelight.imaging.further_frames import further_frames
from safelight.imaging.hashes import content_hash, content_hash_of_file, perceptual_hash, pixel_hash
from safelight.imaging.jpeg_draft import sharp_beginning
from safelight.imaging.metadata import MAX_XMP, date_in_name, with_sidecars
from safelight.imaging.motion_photo import embedded_film
from safelight.imaging.opening import MAX_PIXELS, Picture, open_picture, read_metadata_only, read_size
from safelight.imaging.prepare import prepare_input
from safelight.imaging.sample import content_sample, sample_of_file
from safelight.imaging.sniffing import sniff
from safelight.imaging.source import MAX_BYTES, read_file
from safelight.imaging.thumbnail import THUMBNAIL_SIDE, encode_thumbnail, mean_colour, shrink

# Every photo is decoded to this detail, whatever the model: the pixel hash is computed from these pixels
# and must not depend on the model. Twice the thumbnail, and twice the input of common models.
_BASE = Detail(long=2 * THUMBNAIL_SIDE, short=512)


def decode_photo(
    path: bytes | str,
    input_spec: InputSpec | None,
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int = MAX_BYTES,
    record_step: RecordStep = record_nothing,
) -> DecodedPhoto:
    """Everything that indexing needs from a file, in one read.

    Without an ``input_spec``, ``model_input`` is None. ``max_pixels`` limits width × height as stated in the
    header, before any pixel is decoded. ``record_step`` is called at the end of the steps read, decode, hash,
    colours, input, thumbnail and looks (perceptual hash and mean colour).
    """
    if video.video_format(path) is not None:
        return _decode_video(path, input_spec, max_pixels)
    data = read_file(path, max_bytes)
    record_step("read")
    extension = extension_of(path)
    try:
        picture = open_picture(data, extension, _BASE, max_pixels)
        record_step("decode")
        further = further_frames(data, extension, max_pixels)
        content = content_hash(data)
        pixels = pixel_hash(picture.image, picture.width, picture.height, further.digest)
        record_step("hash")
        detail = _BASE if input_spec is None else _BASE.joined(detail_of_input(input_spec))
        if picture.reduced and not detail.met_by(*picture.image.size):
            # For a model with a large input: the thumbnail and the input still share the same pixels.
            picture = open_picture(data, extension, detail, max_pixels)
            record_step("decode")
        image = _render(picture, detail)
        record_step("colours")
        model_input = None if input_spec is None else prepare_input(image, input_spec)
        record_step("input")
        small = shrink(image, THUMBNAIL_SIDE)
        thumbnail = encode_thumbnail(small)
        record_step("thumbnail")
        decoded = DecodedPhoto(
            content_hash=content,
            sample=content_sample(data),
            pixel_hash=pixels,
            perceptual_hash=perceptual_hash(small),
            size=len(data),
            format=picture.format,
            width=picture.width,
            height=picture.height,
            colour=mean_colour(small),
            metadata=_dated(_with_film(picture.metadata, data, extension), path),
            thumbnail=thumbnail,
            model_input=model_input,
            frames=1 + further.count,
        )
        record_step("looks")
        return decoded
    except MemoryError as error:
        raise out_of_memory() from error


def _decode_video(path: bytes | str, input_spec: InputSpec | None, max_pixels: int) -> DecodedPhoto:
    """Decode a video as :func:`decode_photo`; its poster frame represents it."""
    content, _ = content_hash_of_file(path)
    detail = _BASE if input_spec is None else _BASE.joined(detail_of_input(input_spec))
    found = video.read_video(path, max_pixels, _video_side(detail))
    sample, status = sample_of_file(path)
    small = shrink(found.poster, THUMBNAIL_SIDE)
    return DecodedPhoto(
        content_hash=content,
        sample=sample,
        pixel_hash=content,  # a video equals another only byte by byte
        perceptual_hash=perceptual_hash(small),
        size=status.st_size,
        format=found.format,
        width=found.width,
        height=found.height,
        colour=mean_colour(small),
        metadata=_dated(found.metadata, path),
        thumbnail=encode_thumbnail(small),
        model_input=None if input_spec is None else prepare_input(found.poster, input_spec),
        duration=found.duration,
    )


def frame_inputs(
    path: str, spec: InputSpec, most: int, *, max_pixels: int = MAX_PIXELS
) -> tuple[list[float], Pixels, list[bytes]]:
    """At most ``most`` frames of a video that differ from each other: their times in seconds, a model's input
    for each, uint8 (n, size, size, 3), and their thumbnails as JPEG.
    """
    found = video.moments(path, most, max_pixels, _video_side(_BASE.joined(detail_of_input(spec))))
    pixels = np.stack([prepare_input(each.image, spec) for each in found])
    return [each.seconds for each in found], pixels, [encode_thumbnail(each.image) for each in found]


def _video_side(detail: Detail) -> int:
    """The long side to which frames are reduced. Frames that are narrower still are rare."""
    return max(detail.long, 2 * detail.short)


def read_metadata_of(
    path: bytes, sidecars: Sequence[bytes] = (), *, max_pixels: int = MAX_PIXELS
) -> ImageMetadata:
    """The metadata of a file overlaid with those of its XMP sidecars, the most important sidecar first.

    A sidecar that cannot be read is left out with a note. Raises ImageError for the file itself.
    """
    if video.video_format(path) is not None:
        embedded = video.read_video(path, max_pixels, THUMBNAIL_SIDE).metadata
    else:
        data, extension = read_file(path), extension_of(path)
        embedded = _with_film(read_metadata_only(data, extension, max_pixels), data, extension)
    contents, notes = read_sidecars(sidecars)
    changed_at: float | None = None
    for sidecar in sidecars:
        with contextlib.suppress(OSError):
            changed_at = max(changed_at or 0.0, os.lstat(sidecar).st_mtime)
    found = _dated(with_sidecars(embedded, contents), path)
    return replace(found, sidecars=len(sidecars), sidecar_changed_at=changed_at, notes=(*found.notes, *notes))


def _with_film(metadata: ImageMetadata, data: bytes, extension: str) -> ImageMetadata:
    """The metadata of a picture file with the length of the film that it contains, if it contains one."""
    film = embedded_film(data, sniff(data, extension))
    return metadata if film is None else replace(metadata, film=film.duration)


def read_sidecars(paths: Sequence[bytes]) -> tuple[list[bytes], tuple[str, ...]]:
    """The content of those sidecars that can be read, and notes about the others."""
    contents: list[bytes] = []
    notes: list[str] = []
    for path in paths:
        try:
            contents.append(read_file(path, MAX_XMP))
        except ImageError as error:
            notes.append(f"sidecar:{error.kind.value}")
    return contents, tuple(notes)


def _dated(metadata: ImageMetadata, path: bytes | str) -> ImageMetadata:
    """The metadata with the date in the file's name, where they have none."""
    if metadata.taken_at is not None:
        return metadata
    date = date_in_name(os.path.basename(os.fsdecode(path)))  # noqa: PTH119 - may be bytes
    if date is None or _is_future(date, path):
        return metadata
    return replace(metadata, taken_at=date, date_source=DateSource.NAME)


def _is_future(date: str, path: bytes | str) -> bool:
    """Whether a wall-clock date is over a day from now. If the clock is behind, the file's time counts."""
    latest = time.time()
    with contextlib.suppress(OSError):
        latest = max(latest, os.lstat(path).st_mtime)
    return date > (datetime.fromtimestamp(latest, UTC) + timedelta(days=1)).isoformat()


def load_image(
    path: bytes | str,
    max_side: int | None,
    seconds: float | None = None,
    *,
    developed: bool = False,
    checkered: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> tuple[Pixels, ImageMetadata]:
    """A file as upright sRGB pixels (height, width, 3) for display, with a long side of at most
    ``max_side``. Of a video it is the frame at ``seconds``, or the poster; of a RAW file it is the camera's
    preview, unless it is to be ``developed``. What is transparent is white, or ``checkered``.
    """
    if video.video_format(path) is not None:
        if seconds is not None:
            return np.asarray(video.frame_at(path, seconds, max_pixels, max_side), np.uint8), ImageMetadata()
        found = video.read_video(path, max_pixels, max_side)
        return np.asarray(found.poster, np.uint8), found.metadata
    return load_bytes(
        read_file(path),
        max_side,
        extension_of(path),
        developed=developed,
        checkered=checkered,
        max_pixels=max_pixels,
    )


def picture_size(path: str, *, max_pixels: int = MAX_PIXELS) -> tuple[int, int]:
    """The width and height in pixels of a picture or video as it is shown, upright. Raises ImageError."""
    if video.video_format(path) is not None:
        found = video.read_video(path, max_pixels, THUMBNAIL_SIDE)
        return found.width, found.height
    return read_size(read_file(path), extension_of(path), max_pixels)


def load_draft(path: str, max_side: int, *, max_pixels: int = MAX_PIXELS) -> tuple[Pixels, bool]:
    """Like :func:`load_image`, ``checkered``, but of a large progressive JPEG only the scans that make it
    sharp at ``max_side``, in half the time. Its levels are then less precise. The second value is whether
    the picture is complete.
    """
    if video.video_format(path) is not None:
        return load_image(path, max_side, max_pixels=max_pixels)[0], True
    data, extension = read_file(path), extension_of(path)
    beginning = sharp_beginning(data, max_side)
    if beginning is not None:
        with contextlib.suppress(ImageError):  # the whole file decides whether it can be read
            return load_bytes(beginning, max_side, extension, max_pixels=max_pixels)[0], False
    return load_bytes(data, max_side, extension, checkered=True, max_pixels=max_pixels)[0], True


def load_bytes(
    data: bytes,
    max_side: int | None,
    extension: str = "",
    *,
    page: int = 0,
    developed: bool = False,
    checkered: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> tuple[Pixels, ImageMetadata]:
    """Like :func:`load_image`, for an encoded picture in memory, and for any ``page`` of it.

    A pasted or dropped picture has no ``extension``.
    """
    detail = None if max_side is None else Detail(long=max_side)
    try:
        picture = open_picture(data, extension, detail, max_pixels, page=page, developed=developed)
        if max_side is not None and _can_shrink_first(picture.image):
            # Converting colours and copying take longer than all the rest where the picture is large.
            picture = replace(picture, image=shrink(picture.image, max_side))
        image = _render(picture, detail, checkered=checkered)
        if max_side is not None:
            image = shrink(image, max_side)
        return np.asarray(image, dtype=np.uint8), picture.metadata
    except MemoryError as error:
        raise out_of_memory() from error


def model_input(source: bytes | str, spec: InputSpec, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """A model's input, uint8 (size, size, 3), for a path (text) or an encoded picture (bytes)."""
    if isinstance(source, str):
        if video.video_format(source) is not None:
            side = _video_side(_BASE.joined(detail_of_input(spec)))
            return prepare_input(video.read_video(source, max_pixels, side).poster, spec)
        data, extension = read_file(source), extension_of(source)
    else:
        data, extension = source, ""
    try:
        # The same detail as in decode_photo, so that a photo used as a query has the same input.
        detail = _BASE.joined(detail_of_input(spec))
        return prepare_input(_render(open_picture(data, extension, detail, max_pixels), detail), spec)
    except MemoryError as error:
        raise out_of_memory() from error


def region_inputs(
    source: bytes | str, spec: InputSpec, regions: Sequence[Region], *, max_pixels: int = MAX_PIXELS
) -> Pixels:
    """A model's input for regions of a picture, uint8 (n, size, size, 3). Each equals :func:`model_input` of
    a picture that shows only that region. The picture is decoded once.
    """
    if isinstance(source, str):
        if video.video_format(source) is not None:
            poster = video.read_video(source, max_pixels, None).poster
            return np.stack([prepare_input(poster.crop(each.box(*poster.size)), spec) for each in regions])
        data, extension = read_file(source), extension_of(source)
    else:
        data, extension = source, ""
    least = min(min(region.width, region.height) for region in regions)
    need = detail_of_input(spec)
    detail = Detail(math.ceil(need.long / least), math.ceil(need.short / least))
    try:
        image = _render(open_picture(data, extension, detail, max_pixels), detail)
        return np.stack([prepare_input(image.crop(region.box(*image.size)), spec) for region in regions])
    except MemoryError as error:
        raise out_of_memory() from error


def _can_shrink_first(image: Image.Image) -> bool:
    """Whether a picture can be reduced before its colours are converted: others have no pixels that could be
    averaged, or have to be put on a page first.
    """
    return image.mode in ("L", "RGB", "CMYK") and not image.has_transparency_data


def _render(picture: Picture, detail: Detail | None, *, checkered: bool = False) -> Image.Image:
    reduction = 1 if detail is None else detail.reduction(*picture.image.size)
    return to_srgb(picture.image, picture.profile, reduction, checkered=checkered)
