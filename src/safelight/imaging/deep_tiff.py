"""TIFF files with samples that Pillow cannot read: floats in colour, doubles, 32-bit and signed integers."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.colour import scale_to_bytes
from safelight.imaging.float_predictor import read_floats
from safelight.imaging.orientation import QUARTER_TURNS, turned

_ORIENTATION, _PROFILE = 274, 34675
_MIN_IS_WHITE = 0
_PHOTOMETRICS = frozenset((_MIN_IS_WHITE, 1, 2))  # black is 0, RGB
"""Values of PhotometricInterpretation."""
_AXES = frozenset(("YX", "YXS", "SYX"))
_PREMULTIPLIED, _STRAIGHT = 1, 2
"""Values of ExtraSamples for an alpha channel."""


class DeepTiffFile(ImageFile.ImageFile):
    """An image of 8 bits per sample, scaled from deeper samples when its pixels are loaded.

    As Pillow does for other TIFF files, it is turned upright, and further pages are reached with ``seek``.
    """

    format = "TIFF"
    format_description = "TIFF with deep samples"

    def _open(self) -> None:
        from tifffile import TiffFile  # only for these files

        # What it logs about damaged files is in the error that it raises.
        log = logging.getLogger("tifffile")
        log.addHandler(logging.NullHandler())
        log.propagate = False
        assert self.fp is not None
        self._tiff: Any = TiffFile(self.fp)
        self.n_frames = len(self._tiff.pages)
        self.is_animated = self.n_frames > 1
        self._at = -1
        self._is_loaded = False
        self.seek(0)

    def seek(self, frame: int) -> None:
        if frame == self._at:
            return
        if not 0 <= frame < self.n_frames:
            raise EOFError("no more pages")
        self._at = frame
        self._is_loaded = False
        page = self._page
        if page.photometric not in _PHOTOMETRICS or page.axes not in _AXES:
            raise SyntaxError("not a kind of TIFF that can be shown")
        size = page.imagewidth, page.imagelength
        self._size = size if self._orientation not in QUARTER_TURNS else (size[1], size[0])
        self._mode = ("RGBA" if self._alpha else "RGB") if self._is_coloured else "LA" if self._alpha else "L"
        self.tile = []
        profile = page.tags.get(_PROFILE)
        self.info = {} if profile is None else {"icc_profile": bytes(profile.value)}

    def tell(self) -> int:
        return self._at

    def load(self) -> Any:
        if not self._is_loaded:
            self.im = self._decoded().im
            self._is_loaded = True
        return Image.Image.load(self)

    def getexif(self) -> Image.Exif:
        exif = Image.Exif()
        exif.endian = self._tiff.byteorder
        exif.bigtiff = self._tiff.is_bigtiff
        handle = self._tiff.filehandle
        handle.seek(0)
        exif.load_from_fp(BytesIO(handle.read()), self._page.offset)
        return exif

    @property
    def _page(self) -> Any:
        return self._tiff.pages[self._at]

    @property
    def _orientation(self) -> int:
        tag = self._page.tags.get(_ORIENTATION)
        return tag.value if tag is not None and isinstance(tag.value, int) else 1

    @property
    def _is_coloured(self) -> bool:
        return int(self._page.samplesperpixel) >= 3

    @property
    def _alpha(self) -> int:
        """The kind of the alpha channel, or 0."""
        kinds = [int(kind) for kind in self._page.extrasamples]
        return kinds[0] if kinds and kinds[0] in (_PREMULTIPLIED, _STRAIGHT) else 0

    def _decoded(self) -> Image.Image:
        page = self._page
        try:
            floats = read_floats(page)
            samples: npt.NDArray[Any] = page.asarray() if floats is None else floats
        except ValueError as error:
            if "imagecodecs" in str(error):
                raise ImageError(
                    FailureKind.NEEDS_DECODER,
                    "This TIFF picture needs a missing package: pip install imagecodecs.",
                ) from error
            raise
        if page.axes == "SYX":
            samples = np.moveaxis(samples, 0, 2)
        elif page.axes == "YX":
            samples = samples[..., None]
        count = 3 if self._is_coloured else 1
        colours = samples[..., :count]
        parts = [colours]
        if self._alpha:
            alpha = samples[..., count : count + 1]
            parts.append(alpha)
            if self._alpha == _PREMULTIPLIED and alpha.dtype.kind == "f":
                parts[0] = np.divide(colours, alpha, out=np.zeros_like(colours), where=alpha > 0)
        levels = [scale_to_bytes(part) for part in parts]
        if page.photometric == _MIN_IS_WHITE:
            levels[0] = 255 - levels[0]
        pixels = np.concatenate(levels, axis=2)
        return turned(Image.fromarray(pixels if pixels.shape[2] > 1 else pixels[..., 0]), self._orientation)
