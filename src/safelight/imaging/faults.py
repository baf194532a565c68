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
def decoding(format_name: str, what: str = "picture") -> Iterator[None]:
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
            raise ImageError(FailureKind.BROKEN, _describe(error, f"{format_name} {what}", what)) from error


def out_of_memory() -> ImageError:
    return ImageError(FailureKind.OUT_OF_MEMORY, "There is not enough memory to open this picture.")


def too_many_pixels(width: int = 0, height: int = 0) -> ImageError:
    """The size is omitted if only the decoder knows it."""
    size = f" ({width} × {height} pixels)" if width else ""
    return ImageError(
        FailureKind.TOO_LARGE,
        f"This picture exceeds the size limit{size}. Raise it in Settings (max-megapixels).",
    )


def needs_decoder(photo_format: PhotoFormat) -> ImageError:
    """The error for a format whose decoder is not installed."""
    if photo_format.is_video:
        return ImageError(
            FailureKind.NEEDS_DECODER,
            f"{photo_format.name} videos need the extra “video”: pip install 'safelight[video]'",
        )
    return ImageError(
        FailureKind.NEEDS_DECODER,
        f"{photo_format.name} pictures need a missing package: pip install {photo_format.decoder}",
    )


def _describe(error: BaseException, name: str, what: str) -> str:
    if isinstance(error, EOFError) or "truncated" in str(error).lower():
        return f"The {name} is cut short: the file ends before the {what} does."
    return f"The {name} is damaged, or of a variant that Safelight cannot read."
