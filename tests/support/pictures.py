"""Pictures, colour profiles and camera files drawn from nothing, for tests of all that reads photos."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from safelight.core.photo import DecodedPhoto

Decode = Callable[..., DecodedPhoto]
"""The fixture of the imaging tests that decodes bytes as a file."""

DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
"""Red, green and blue of Display P3 as XYZ under D50."""

SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))
"""The same of sRGB."""


def scene(width: int = 320, height: int = 240, seed: int = 0) -> Image.Image:
    """An RGB picture with soft and sharp parts, unlike itself in every one of its eight orientations."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(40, 216, (4, 5, 3), dtype=np.uint8))
    image = coarse.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 12, height // 10, width // 3, height // 4), fill=(220, 30, 20))
    draw.ellipse((width // 2, height // 8, width * 3 // 4, height // 2), fill=(20, 60, 200))
    draw.line((0, height - 1, width // 3, height // 2), fill=(250, 250, 245), width=max(1, height // 30))
    return image


def encoded(image: Image.Image, format_name: str, **options: object) -> bytes:
    """The image as a file's bytes."""
    buffer = BytesIO()
    image.save(buffer, format_name, **options)
    return buffer.getvalue()


def heic(image: Image.Image, **options: object) -> bytes:
    """The image as a HEIC file, written by pillow-heif: pi-heif only reads."""
    import pillow_heif

    buffer = BytesIO()
    pillow_heif.from_pillow(image).save(buffer, **options)
    return buffer.getvalue()


def jpeg_xl(image: Image.Image, *, container: bool = False) -> bytes:
    """The image as lossless JPEG XL: a bare codestream, or a container that also holds EXIF data."""
    import pylibjxl

    exif = Image.Exif().tobytes() if container else None
    return pylibjxl.encode(np.asarray(image), lossless=True, exif=exif)


def matrix_profile(primaries: Sequence[Sequence[float]], gamma: float = 2.2) -> bytes:
    """An ICC display profile (version 2.1, matrix and gamma) for the given primaries."""

    def xyz(values: Sequence[float]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"Test colours\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    description += bytes(-len(description) % 4)
    tags = [(b"desc", description), (b"wtpt", xyz((0.9642, 1.0, 0.8249)))]
    tags += [(key, xyz(value)) for key, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)]
    tags += [(key, curve) for key in (b"rTRC", b"gTRC", b"bTRC")]
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for key, value in tags:
        table += key + struct.pack(">II", start + len(body), len(value))
        body += value
    header = struct.pack(">I4sI", start + len(body), b"\0\0\0\0", 0x02100000) + b"mntrRGB XYZ "
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += b"".join(struct.pack(">i", round(value * 65536)) for value in (0.9642, 1.0, 0.8249))
    return header.ljust(128, b"\0") + table + body


Field = tuple[int, str, Sequence[int]]
"""Tag, struct code of the values (B, H, I, or r and s for rationals), values."""

_TIFF_TYPES = {"B": 1, "a": 2, "H": 3, "I": 4, "r": 5, "s": 10}


def dng(mosaic: npt.NDArray[np.uint16], *, preview: bytes = b"", orientation: int = 1) -> bytes:
    """A camera file (DNG 1.4): a 16-bit RGGB mosaic, and maybe a JPEG preview; taken 2021-02-03 04:05:06."""
    height, width = mosaic.shape
    identity = [value for row in range(3) for column in range(3) for value in (int(row == column), 1)]
    pixels = mosaic.astype("<u2").tobytes()
    exif: list[Field] = [(0x9003, "a", b"2021:02:03 04:05:06\0"), (0x829D, "r", (28, 10))]
    small: list[Field] = [(254, "I", (1,)), (259, "H", (7,)), (262, "H", (6,)), (273, "I", (0,))]
    small += [(277, "H", (3,)), (279, "I", (len(preview),))]
    if preview:
        with Image.open(BytesIO(preview)) as image:
            small += [(256, "I", (image.width,)), (257, "I", (image.height,)), (278, "I", (image.height,))]
        small.append((258, "H", (8, 8, 8)))
    main: list[Field] = [
        (254, "I", (0,)),
        (256, "I", (width,)),
        (257, "I", (height,)),
        (258, "H", (16,)),
        (259, "H", (1,)),
        (262, "H", (32803,)),
        (271, "a", b"Acme\0"),
        (272, "a", b"Acme Mirror 5\0"),
        (273, "I", (0,)),
        (274, "H", (orientation,)),
        (277, "H", (1,)),
        (278, "I", (height,)),
        (279, "I", (len(pixels),)),
        (330, "I", (0,)),
        (33421, "H", (2, 2)),
        (33422, "B", (0, 1, 1, 2)),
        (34665, "I", (0,)),
        (50706, "B", (1, 4, 0, 0)),
        (50708, "a", b"Acme Mirror 5\0"),
        (50714, "H", (0,)),
        (50717, "H", (65535,)),
        (50721, "s", identity),
        (50728, "r", (1, 1, 1, 1, 1, 1)),
        (50778, "H", (21,)),
    ]
    if not preview:
        main = [field for field in main if field[0] != 330]
    # Laid out twice: the first time to learn how long each part is.
    offsets = {"exif": 0, "small": 0, "pixels": 0, "preview": 0}
    for _ in range(2):
        _point(main, {273: offsets["pixels"], 330: offsets["small"], 34665: offsets["exif"]})
        _point(small, {273: offsets["preview"]})
        data = b"II*\0" + struct.pack("<I", 8) + _directory(main, 8)
        offsets["exif"] = len(data)
        data += _directory(exif, len(data))
        if preview:
            offsets["small"] = len(data)
            data += _directory(small, len(data))
        offsets["pixels"] = len(data)
        data += pixels
        offsets["preview"] = len(data)
        data += preview
    return data


def _point(fields: list[Field], targets: dict[int, int]) -> None:
    for index, (tag, code, _) in enumerate(fields):
        if tag in targets:
            fields[index] = (tag, code, (targets[tag],))


def _directory(fields: list[Field], start: int) -> bytes:
    entries = struct.pack("<H", len(fields))
    values = b""
    after = start + 2 + 12 * len(fields) + 4
    for tag, code, numbers in sorted(fields):
        size = {"r": "I", "s": "i", "a": "B"}.get(code, code)
        packed = struct.pack(f"<{len(numbers)}{size}", *numbers)
        count = len(numbers) // 2 if code in "rs" else len(numbers)
        if len(packed) > 4:
            packed += bytes(len(packed) % 2)
            place = struct.pack("<I", after + len(values))
            values += packed
        else:
            place = packed.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, _TIFF_TYPES[code], count) + place
    return entries + bytes(4) + values


def hamming(first: int, second: int) -> int:
    """The number of bits, 0 to 64, in which two perceptual hashes differ."""
    return ((first ^ second) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
