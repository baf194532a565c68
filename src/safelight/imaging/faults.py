"""Turns decoder errors into clear messages."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.formats import PhotoFormat

_DECODER_MODULES = r"(PIL|pi_heif|pylibjxl|rawpy)(\.|$)"


@contextmanager
def decoding(format_name: str, *, video: bool = False) -> Iterator[None]:
    """Turn any exception of a decoder in this block into an ImageError, and suppress its warnings.

    Decoders raise almost any exception on damaged data (OSError, SyntaxError, struct.error, KeyError and
    others), so a list of exceptions would never be complete. Put only decoder calls in the block, so that
    our own bugs are not reported as damaged pictures.

    The warnings filter is global to the process. Two threads that decode at once may leave the filter entry
    for decoder warnings behind, which is harmless.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=_DECODER_MODULES)
        try:
            yield
        except ImageError:
            raise
        except MemoryError as error:
            raise out_of_memory() from error
        except Image.DecompressionBombError as error:
            raise too_many_pixels() from error
        except Exception as error:
            raise _broken(error, format_name, video=video) from error


def out_of_memory() -> ImageError:
    return ImageError(FailureKind.OUT_OF_MEMORY, "There is not enough memory to open this file.")


def too_many_pixels(width: int = 0, height: int = 0) -> ImageError:
    """The size is omitted if only the decoder knows it."""
    if not width:
        return ImageError(
            FailureKind.TOO_LARGE,
            "This picture exceeds the size limit. Raise it in Settings (max-megapixels).",
        )
    return ImageError(
        FailureKind.TOO_LARGE,
        "This picture exceeds the size limit ({width} × {height} pixels). Raise it in Settings "
        "(max-megapixels).",
        width=width,
        height=height,
    )


def needs_decoder(photo_format: PhotoFormat) -> ImageError:
    """The error for a format whose decoder is not installed."""
    if photo_format.is_video:
        return ImageError(
            FailureKind.NEEDS_DECODER,
            "{name} videos need the extra “video”: pip install 'safelight[video]'",
            name=photo_format.name,
        )
    return ImageError(
        FailureKind.NEEDS_DECODER,
        "{name} pictures need a missing package: pip install {decoder}",
        name=photo_format.name,
        decoder=photo_format.decoder,
    )


def _broken(error: BaseException, name: str, *, video: bool) -> ImageError:
    cut_short = isinstance(error, EOFError) or "truncated" in str(error).lower()
    if video and cut_short:
        return ImageError(
            FailureKind.BROKEN,
            "The {name} video is cut short: the file ends before the video does.",
            name=name,
        )
    if video:
        return ImageError(
            FailureKind.BROKEN,
            "The {name} video is damaged, or of a variant that Safelight cannot read.",
            name=name,
        )
    if cut_short:
        return ImageError(
            FailureKind.BROKEN,
            "The {name} picture is cut short: the file ends before the picture does.",
            name=name,
        )
    return ImageError(
        FailureKind.BROKEN,
        "The {name} picture is damaged, or of a variant that Safelight cannot read.",
        name=name,
    )
