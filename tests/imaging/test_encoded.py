"""Pictures are opened in one place, with named formats only."""

from __future__ import annotations

import ast
import struct
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

import safelight
from safelight.imaging.encoded import ALLOWED, open_encoded, open_thumbnail
from safelight.imaging.features import features
from safelight.imaging.fingerprint import fingerprint
from safelight.imaging.frames import frame
from safelight.imaging.quality import sharpness
from safelight.imaging.thumbnail import decode_thumbnail
from support.pictures import encoded, scene

PACKAGE = Path(safelight.__file__).parent

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 40\n%%EndComments\n(stolen) print showpage\n%%EOF\n"


def opening_calls(source: str) -> list[str]:
    """Calls that make Pillow (or Qt) choose a decoder by the content."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("Image.open", "PIL.Image.open", "Image.core.open", "image_open"):
                found.append(name)
            if name.endswith(("loadFromData", "QImage.fromData")) and len(node.args) < 2:
                found.append(name)
            if name.split(".")[-1] == "QImageReader":
                found.append(name)
        if isinstance(node, ast.ImportFrom) and node.module == "PIL.Image":
            found.append("from PIL.Image import …")
    return found


@pytest.mark.slow
def test_only_one_module_opens_pictures() -> None:
    sources = sorted(PACKAGE.rglob("*.py"))
    assert len(sources) > 100
    for path in sources:
        calls = opening_calls(path.read_text(encoding="utf-8"))
        expected = ["Image.open"] if path.name == "encoded.py" else []
        assert calls == expected, f"{path}: use safelight.imaging.encoded.open_encoded"


@pytest.mark.parametrize(
    "source",
    ["Image.open(x)", "PIL.Image.open(x, formats=['JPEG'])", "pixmap.loadFromData(x)", "QImageReader(x)"],
)
def test_the_search_for_calls_finds_them(source: str) -> None:
    assert opening_calls(source)


def test_no_plugin_outside_the_list_is_used() -> None:
    assert "EPS" not in ALLOWED
    for formats in ((), ("EPS",), ("JPEG", "EPS"), ("WMF",)):
        with pytest.raises(ValueError, match="not among"):
            open_encoded(EPS, formats)
    with pytest.raises(OSError, match="cannot identify"):
        open_encoded(EPS, sorted(ALLOWED))


@pytest.mark.parametrize("read", [fingerprint, frame, features, sharpness, decode_thumbnail, open_thumbnail])
def test_a_thumbnail_from_a_stranger_is_a_jpeg_or_nothing(
    read: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A foreign ``thumbs.db`` started Ghostscript: an EPS file was opened as a thumbnail."""
    started = tmp_path / "started"
    ghostscript = tmp_path / "gs"
    ghostscript.write_text(f"#!/bin/sh\ntouch {started}\nexit 1\n")
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert callable(read)
    for content in (EPS, encoded(scene(), "PNG"), encoded(scene(), "TIFF"), b"", b"\xff\xd8\xff"):
        with pytest.raises((OSError, ValueError, SyntaxError)):
            read(content)
    assert not started.exists()


def test_a_thumbnail_that_states_an_enormous_size_is_refused() -> None:
    buffer = BytesIO()
    Image.new("L", (16, 16)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    start = data.index(b"\xff\xc0")
    for width, height in ((5000, 5000), (65535, 65535)):
        data[start + 5 : start + 9] = struct.pack(">HH", height, width)
        with pytest.raises(ValueError, match="too large for a thumbnail"):
            open_thumbnail(bytes(data))
