"""Writes the pictures in ``tests/data/formats``: one drawing in many formats and colour codings.

    python tests/data/make_format_samples.py [TARGET_FOLDER]

The files are stored so that tests compare a decoder with pixels that are known, whatever encoders are
installed. Needs the extra ``test``, and ImageMagick (``convert``) for PSD and for CMYK with a profile.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.format_samples import drawing, on_white, srgb_to_linear, with_alpha
from support.pictures import DISPLAY_P3, encoded, heic, jpeg_xl, matrix_profile

ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
"""Red, green and blue of Adobe RGB (1998) as XYZ under D50."""

ORIENTATION = 0x0112


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "formats"
    target.mkdir(parents=True, exist_ok=True)
    for name, data in samples().items():
        (target / name).write_bytes(data)


def samples() -> dict[str, bytes]:
    """The content of every sample, by file name."""
    image, clear = Image.fromarray(drawing()), Image.fromarray(with_alpha())
    grey = image.convert("L")
    found = {
        "plain.jpg": encoded(image, "JPEG", quality=97, subsampling=0),
        "progressive.jpg": encoded(image, "JPEG", quality=97, subsampling=0, progressive=True),
        "grey.jpg": encoded(grey, "JPEG", quality=97),
        "cmyk.jpg": encoded(_naive_cmyk(image), "JPEG", quality=97),
        "plain.png": encoded(image, "PNG"),
        "deep.png": _deep_png(grey),
        "alpha.png": encoded(clear, "PNG"),
        "palette.png": encoded(clear.quantize(64, Image.Quantize.FASTOCTREE), "PNG"),
        "plain.gif": encoded(image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE), "GIF"),
        "plain.bmp": encoded(image, "BMP"),
        "plain.ppm": encoded(image, "PPM"),
        "lossless.webp": encoded(image, "WEBP", lossless=True),
        "lossy.webp": encoded(image, "WEBP", quality=97),
        "alpha.webp": encoded(clear, "WEBP", lossless=True),
        "plain.tif": encoded(image, "TIFF", compression="tiff_lzw"),
        "cmyk.tif": encoded(_naive_cmyk(image), "TIFF", compression="tiff_lzw"),
        "float.tif": encoded(_floats(grey), "TIFF", compression="tiff_adobe_deflate"),
        "lab.tif": encoded(_lab(image), "TIFF", compression="tiff_lzw"),
        "plain.jp2": encoded(image, "JPEG2000"),
        "plain.heic": heic(image, quality=95, chroma=444),
        "alpha.heic": heic(clear, quality=95, chroma=444),
        "grey.heic": heic(grey, quality=95),
        "turned.heic": heic(
            image.transpose(Image.Transpose.ROTATE_90), quality=95, chroma=444, exif=_turned(6)
        ),
        "plain.avif": encoded(image, "AVIF", quality=95, subsampling="4:4:4"),
        "alpha.avif": encoded(clear, "AVIF", quality=95, subsampling="4:4:4"),
        "limited.avif": encoded(image, "AVIF", quality=95, subsampling="4:4:4", range="limited"),
        "grey_limited.avif": encoded(grey, "AVIF", quality=95, subsampling="4:0:0", range="limited"),
        "ten_bits.avif": _ten_bits(drawing()),
        "plain.jxl": jpeg_xl(image),
        "alpha.jxl": jpeg_xl(clear),
    }  # fmt: skip
    for orientation, turn in _TURNS.items():
        stored = image if turn is None else image.transpose(turn)
        found[f"orientation_{orientation}.jpg"] = encoded(
            stored, "JPEG", quality=97, subsampling=0, exif=_turned(orientation)
        )
    for name, primaries in (("p3", DISPLAY_P3), ("adobe_rgb", ADOBE_RGB)):
        profile = matrix_profile(primaries)
        inside = _in_profile(image, profile)
        found[f"{name}.png"] = encoded(inside, "PNG", icc_profile=profile)
        found[f"{name}.jpg"] = encoded(inside, "JPEG", quality=97, subsampling=0, icc_profile=profile)
        found[f"{name}.webp"] = encoded(inside, "WEBP", lossless=True, icc_profile=profile)
        found[f"{name}.tif"] = encoded(inside, "TIFF", compression="tiff_lzw", icc_profile=profile)
        found[f"{name}.heic"] = heic(inside, quality=95, chroma=444, icc_profile=profile)
        found[f"{name}.avif"] = encoded(inside, "AVIF", quality=95, subsampling="4:4:4", icc_profile=profile)
    found["plain.psd"] = _converted(encoded(image, "PNG"), "psd")
    found["alpha_over_white.psd"] = _converted(
        encoded(Image.fromarray(on_white()), "PNG"), "psd", "-compress", "RLE"
    )
    return found


_TURNS: dict[int, Image.Transpose | None] = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How the upright drawing is stored so that the EXIF orientation makes it upright again."""


def _turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif.tobytes()


def _naive_cmyk(image: Image.Image) -> Image.Image:
    """Without a profile, CMYK means the RGB colours (1 - C)(1 - K)."""
    return image.convert("CMYK")


def _lab(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    return transform.apply(image)


def _in_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """The same colours as numbers of another colour space, calculated without a colour engine."""
    rows = np.frombuffer(profile, np.uint8)  # the matrix is stated in the profile itself
    matrix = np.stack([_tag(bytes(rows), key) for key in (b"rXYZ", b"gXYZ", b"bXYZ")], axis=1)
    srgb = np.array(((0.4361, 0.3851, 0.1431), (0.2225, 0.7169, 0.0606), (0.0139, 0.0971, 0.7139)))
    linear = srgb_to_linear(np.asarray(image)) @ srgb.T @ np.linalg.inv(matrix).T
    encoded_values = np.clip(linear, 0, 1) ** (1 / 2.19921875) * 255
    return Image.fromarray(np.round(encoded_values).astype(np.uint8))


def _tag(profile: bytes, key: bytes) -> npt.NDArray[np.float64]:
    count = int.from_bytes(profile[128:132], "big")
    for number in range(count):
        entry = profile[132 + 12 * number : 144 + 12 * number]
        if entry[:4] == key:
            start = int.from_bytes(entry[4:8], "big") + 8
            return np.frombuffer(profile[start : start + 12], ">i4") / 65536
    raise KeyError(key)


def _floats(grey: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(grey, np.float32) / 255)


def _deep_png(grey: Image.Image) -> bytes:
    values = np.asarray(grey, np.uint16) * 257
    return encoded(Image.fromarray(values), "PNG")


def _ten_bits(pixels: npt.NDArray[np.uint8]) -> bytes:
    """AVIF with 10 bits, 4:2:0, limited range and the matrix of BT.709, written by FFmpeg."""
    import av

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ten.avif"
        with av.open(str(path), "w", format="avif") as container:
            stream = container.add_stream("libsvtav1", rate=Fraction(1))
            stream.height, stream.width = pixels.shape[:2]
            stream.pix_fmt = "yuv420p10le"
            stream.options = {"crf": "4", "preset": "6", "svtav1-params": "avif=1"}
            stream.codec_context.colorspace = 1
            stream.codec_context.color_range = 1
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame = frame.reformat(format="yuv420p10le", dst_colorspace="ITU709", dst_color_range="MPEG")
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                container.mux(packet)
        return path.read_bytes()


def _converted(data: bytes, extension: str, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.png", Path(folder) / f"target.{extension}"
        source.write_bytes(data)
        subprocess.run(["convert", str(source), *options, str(target)], check=True)
        return target.read_bytes()


if __name__ == "__main__":
    main()
