"""Comparing two files by every pixel they hold, for the moment before one of them is moved to the trash."""

from __future__ import annotations

import hashlib
from io import BytesIO

from safelight.imaging import formats
from safelight.imaging.faults import decoding, needs_decoder, out_of_memory
from safelight.imaging.formats import Decoder, extension_of
from safelight.imaging.further_frames import further_frames
from safelight.imaging.hashes import DIGEST_SIZE, pixel_hash
from safelight.imaging.opening import MAX_PIXELS, open_picture
from safelight.imaging.sniffing import sniff
from safelight.imaging.source import read_file


def full_pixel_hash(path: bytes | str, max_pixels: int = MAX_PIXELS) -> bytes:
    """BLAKE2b-160 of all frames of a file at their full size; of a RAW file, of the sensor's values.

    Indexing decodes large JPEGs reduced and looks at the preview of a RAW, where damage to the fine detail
    does not show. Raises ImageError.
    """
    data, extension = read_file(path), extension_of(path)
    try:
        if sniff(data, extension).decoder is Decoder.RAW:
            return _sensor_hash(data)
        picture = open_picture(data, extension, None, max_pixels)
        further = further_frames(data, extension, max_pixels)
        return pixel_hash(picture.image, picture.width, picture.height, further.digest)
    except MemoryError as error:
        raise out_of_memory() from error


def _sensor_hash(data: bytes) -> bytes:
    try:
        import rawpy
    except ImportError as error:
        raise needs_decoder(formats.RAW) from error
    with decoding(formats.RAW.name), rawpy.RawPy() as raw:
        raw.open_buffer(BytesIO(data))
        values = raw.raw_image
        digest = hashlib.blake2b(
            f"RAW {values.shape} {values.dtype} {raw.sizes.flip}\n".encode(), digest_size=DIGEST_SIZE
        )
        for row in values:
            digest.update(row.tobytes())
        return digest.digest()
