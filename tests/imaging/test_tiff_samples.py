"""TIFF pictures of every kind of sample, against the values that were written."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tifffile

from safelight.core.errors import FailureKind, ImageError
from safelight.imaging.multi_frame import load_page, pages
from safelight.imaging.read import decode_photo, load_bytes
from support.format_samples import drawing

RAMP = np.linspace(0, 1, 256)[None, :, None] * np.array([1.0, 0.6, 0.3])[None, None, :] * np.ones((16, 1, 1))
"""A linear ramp of an orange, (16, 256, 3), 0 to 1."""

RGB, CMYK = 2, 5
"""Values of the tag PhotometricInterpretation."""


def tiff(samples: npt.NDArray[np.generic], photometric: int, alpha: bool = False) -> bytes:
    """An uncompressed little-endian TIFF of samples (height, width, channels)."""
    height, width, channels = samples.shape
    bits = samples.dtype.itemsize * 8
    data = samples.astype(samples.dtype.newbyteorder("<")).tobytes()
    numbers: list[tuple[int, int, list[int]]] = [
        *((256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels), (259, 3, [1])),
        *((262, 3, [photometric]), (273, 4, [0]), (277, 3, [channels]), (278, 4, [height])),
        (279, 4, [len(data)]),
        *([(338, 3, [2])] if alpha else []),
    ]
    end = 8 + 2 + 12 * len(numbers) + 4
    beyond = b"".join(
        struct.pack(f"<{len(values)}H", *values)
        for _, kind, values in numbers
        if kind == 3 and len(values) > 2
    )
    directory, at = b"", end
    for tag, kind, values in numbers:
        if tag == 273:
            field = struct.pack("<I", end + len(beyond))
        elif kind == 4:
            field = struct.pack("<I", values[0])
        elif len(values) <= 2:
            field = struct.pack(f"<{len(values)}H", *values).ljust(4, b"\0")
        else:
            field, at = struct.pack("<I", at), at + 2 * len(values)
        directory += struct.pack("<HHI", tag, kind, len(values)) + field
    return b"II*\0" + struct.pack("<IH", 8, len(numbers)) + directory + bytes(4) + beyond + data


def opaque(samples: npt.NDArray[np.generic], value: int) -> npt.NDArray[np.generic]:
    return np.concatenate([samples, np.full((*samples.shape[:2], 1), value, samples.dtype)], axis=2)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tiff((RAMP * 255).round().astype(np.uint8), RGB), id="RGB, 8 bits"),
        pytest.param(tiff((RAMP * 65535).round().astype(np.uint16), RGB), id="RGB, 16 bits"),
        pytest.param(
            tiff(opaque((RAMP * 65535).round().astype(np.uint16), 65535), RGB, alpha=True), id="RGBA, 16 bits"
        ),
        pytest.param(tiff(opaque(((1 - RAMP) * 255).round().astype(np.uint8), 0), CMYK), id="CMYK, 8 bits"),
        pytest.param(
            tiff(opaque(((1 - RAMP) * 65535).round().astype(np.uint16), 0), CMYK), id="CMYK, 16 bits"
        ),
    ],
)
def test_a_ramp_keeps_its_values_within_two_levels(data: bytes) -> None:
    pixels, _ = load_bytes(data, None)
    assert np.abs(pixels - (RAMP * 255)).max() <= 2


GREY = np.linspace(0, 1, 256)[None, :] * np.ones((16, 1))


def written(samples: npt.NDArray[Any], **options: Any) -> bytes:
    buffer = BytesIO()
    tifffile.imwrite(buffer, samples, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 64)}, {"bigtiff": True}])
def test_floats_in_colour_keep_their_values(kind: type[Any], options: dict[str, Any]) -> None:
    pixels, _ = load_bytes(written(RAMP.astype(kind), photometric="rgb", **options), None)
    assert np.abs(pixels - RAMP * 255).max() <= 2


def test_floats_in_planes_and_in_the_other_byte_order() -> None:
    planes = np.moveaxis(RAMP, 2, 0).astype(np.float32)
    pixels, _ = load_bytes(written(planes, photometric="rgb", planarconfig="separate", byteorder=">"), None)
    assert np.abs(pixels - RAMP * 255).max() <= 2


@pytest.mark.parametrize(
    "kind", [np.float16, np.float32, np.float64, np.uint16, np.uint32, np.int16, np.int32]
)
def test_grey_of_every_depth_goes_from_black_to_white(kind: type[Any]) -> None:
    white = 1 if np.dtype(kind).kind == "f" else np.iinfo(kind).max
    pixels, _ = load_bytes(written((GREY * white).astype(kind), photometric="minisblack"), None)
    assert np.abs(pixels[..., 1] - GREY * 255).max() <= 2


def test_white_may_be_0() -> None:
    inverted = written((1 - GREY).astype(np.float64), photometric="miniswhite")
    pixels, _ = load_bytes(inverted, None)
    assert np.abs(pixels[..., 0] - GREY * 255).max() <= 2


def test_values_beyond_white_and_no_numbers_are_bounded() -> None:
    samples = (RAMP * 1.4).astype(np.float32)
    samples[0, 0] = np.nan
    samples[1, 0] = -0.2
    pixels, _ = load_bytes(written(samples, photometric="rgb"), None)
    assert np.abs(pixels[2:] - np.minimum(RAMP[2:] * 1.4, 1) * 255).max() <= 2
    wide = (RAMP * 70_000).astype(np.float32)
    pixels, _ = load_bytes(written(wide, photometric="rgb"), None)
    assert np.abs(pixels - RAMP * 255).max() <= 2


@pytest.mark.parametrize(("kind", "factor"), [("unassalpha", 1.0), ("assocalpha", 0.5)])
def test_alpha_of_floats_is_shown_on_white(kind: str, factor: float) -> None:
    half = np.full((16, 256, 1), 0.5)
    samples = np.concatenate([RAMP * factor, half], axis=2).astype(np.float32)
    pixels, _ = load_bytes(written(samples, photometric="rgb", extrasamples=[kind]), None)
    assert np.abs(pixels - (RAMP * 0.5 + 0.5) * 255).max() <= 3


def test_orientation_and_metadata_of_floats_are_read() -> None:
    extra = [(274, 3, 1, 6, True), (271, 2, None, "Maker", True), (272, 2, None, "Model", True)]
    pixels, found = load_bytes(written(RAMP.astype(np.float32), photometric="rgb", extratags=extra), None)
    assert pixels.shape == (256, 16, 3)
    assert found.camera is not None
    assert "Model" in found.camera


def test_every_page_of_floats_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        for value in (0.2, 0.6):
            writer.write(np.full((30, 40, 3), value, np.float32), photometric="rgb")
    assert [page.number for page in pages(str(path))] == [0, 1]
    assert abs(load_page(str(path), 1, None)[0].mean() - 153) <= 1
    assert decode_photo(str(path), None).frames == 2


def test_too_many_pixels_are_refused_before_they_are_read() -> None:
    with pytest.raises(ImageError) as raised:
        load_bytes(written(RAMP.astype(np.float32), photometric="rgb"), None, max_pixels=1000)
    assert raised.value.kind is FailureKind.TOO_LARGE


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_a_file_of_floats_that_is_cut_short_is_refused(keep: float) -> None:
    data = written(RAMP.astype(np.float32), photometric="rgb", compression="zlib")
    with pytest.raises(ImageError):
        load_bytes(data[: int(len(data) * keep)], None)


def predicted(part: npt.NDArray[Any], columns: int) -> bytes:
    """Floats (lines, columns or fewer, samples), with the floating-point predictor and Deflate."""
    part = np.pad(part, ((0, 0), (0, columns - part.shape[1]), (0, 0)))
    lines, _, samples = part.shape
    size = part.dtype.itemsize
    numbers = np.ascontiguousarray(part.astype(part.dtype.newbyteorder(">"))).view(np.uint8)
    planes = numbers.reshape(lines, columns * samples, size).transpose(0, 2, 1).reshape(lines, -1, samples)
    return zlib.compress(np.diff(planes, axis=1, prepend=np.zeros((lines, 1, samples), np.uint8)).tobytes())


def with_predictor(parts: list[bytes], order: Any, **options: Any) -> bytes:
    """A TIFF of compressed parts. tifffile writes no tag of the predictor, so another one is renamed."""
    buffer = BytesIO()
    tag = 65_000, 3, 1, 3
    tifffile.imwrite(
        buffer,
        iter(parts),
        byteorder=order,
        photometric="rgb",
        compression=8,
        extratags=[(*tag, True)],
        **options,
    )
    return buffer.getvalue().replace(
        struct.pack(f"{order}HHI", *tag[:3]), struct.pack(f"{order}HHI", 317, 3, 1), 1
    )


@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize(("order", "tile"), [(">", None), ("<", (16, 32)), (">", (64, 64))])
@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize("samples", [3, 4])
def test_floats_with_the_floating_point_predictor(
    kind: str, order: Any, tile: tuple[int, int] | None, planes: bool, samples: int
) -> None:
    """Programs that use libtiff, such as darktable, write floats so."""
    drawn = drawing()
    opacity = np.full((*drawn.shape[:2], 1), 255, np.uint8)
    levels = drawn if samples == 3 else np.dstack((drawn, opacity))
    floats = (levels / 255).astype(kind)
    height, width, _ = floats.shape
    rows, columns = tile or (20, width)
    groups = [floats[..., n : n + 1] for n in range(samples)] if planes else [floats]
    parts = [
        predicted(np.pad(piece, ((0, rows - len(piece)), (0, 0), (0, 0))) if tile else piece, columns)
        for group in groups
        for top in range(0, height, rows)
        for left in range(0, width, columns)
        for piece in [group[top : top + rows, left : left + columns]]
    ]
    stored = np.moveaxis(floats, 2, 0) if planes else floats
    data = with_predictor(
        parts,
        order,
        shape=stored.shape,
        dtype=kind,
        planarconfig="separate" if planes else "contig",
        extrasamples=["unassalpha"] if samples == 4 else None,
        tile=tile,
        rowsperstrip=None if tile else rows,
    )
    assert np.array_equal(load_bytes(data, None, "tif")[0], drawn)


def test_a_damaged_strip_of_predicted_floats_is_refused() -> None:
    floats = (drawing() / 255).astype("f4")
    parts = [predicted(floats[:32], 96), b"no deflate"]
    data = with_predictor(parts, "<", shape=floats.shape, dtype="f4", rowsperstrip=32)
    with pytest.raises(ImageError) as refused:
        load_bytes(data, None, "tif")
    assert refused.value.kind is FailureKind.BROKEN
