"""The film inside a motion photo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor

from safelight.core.errors import ImageError
from safelight.imaging import formats
from safelight.imaging.motion_photo import embedded_film, read_embedded_film, read_film_frames
from safelight.imaging.read import decode_photo, read_metadata_of
from support.motion_photos import (
    container_xmp,
    google,
    in_heic,
    micro_video,
    samsung,
    with_xmp,
)
from support.pictures import encoded, heic, scene
from support.videos import write_clip

SIZE = 160, 120


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One second of video."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    return write_clip(path, [scene(*SIZE, seed=7)], size=SIZE, codec="mpeg4").read_bytes()


@pytest.fixture(scope="module")
def still() -> bytes:
    return encoded(scene(*SIZE), "JPEG")


def found_in(data: bytes) -> bytes | None:
    film = embedded_film(data, formats.JPEG)
    return None if film is None else data[film.begin : film.end]


@pytest.mark.parametrize("made", [google, micro_video, samsung])
def test_the_film_is_found_in_every_form(
    tmp_path: Path, still: bytes, film: bytes, made: Callable[[bytes, bytes], bytes]
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(made(still, film))
    assert read_embedded_film(str(path)) == film
    decoded = decode_photo(str(path), None)
    assert decoded.metadata.film == pytest.approx(1.0, abs=0.1)
    assert decoded.frames == 2
    assert read_metadata_of(bytes(path)).film == decoded.metadata.film
    path.write_bytes(still)
    assert decode_photo(str(path), None).metadata.film is None
    with pytest.raises(ImageError, match="no film"):
        read_embedded_film(str(path))


@pytest.mark.parametrize("form", ["boxed", "appended", "samsung"])
def test_the_film_of_a_heic_is_found(tmp_path: Path, film: bytes, form: str) -> None:
    path = tmp_path / "a.heic"
    picture = heic(scene(*SIZE))
    path.write_bytes(samsung(picture, film) if form == "samsung" else in_heic(picture, film, form == "boxed"))
    assert read_embedded_film(str(path)) == film
    assert decode_photo(str(path), None).metadata.film == pytest.approx(1.0, abs=0.1)


def test_a_film_that_no_metadata_mention_is_found(still: bytes, film: bytes) -> None:
    """Programs that edit metadata remove XMP, and leave what follows the picture."""
    assert found_in(still + film) == film
    assert found_in(still + bytes(100) + film + b"a trailer of the camera" * 4) == film


def test_the_film_stated_counts_among_several(still: bytes, film: bytes, tmp_path: Path) -> None:
    other = write_clip(tmp_path / "b.mp4", [scene(*SIZE)] * 2, size=SIZE, codec="mpeg4").read_bytes()
    assert found_in(with_xmp(still, container_xmp(len(film))) + other + film) == film
    assert found_in(still + other + film) == other


def test_a_file_that_calls_itself_a_still_has_no_film(still: bytes, film: bytes) -> None:
    assert found_in(with_xmp(still, container_xmp(len(film), motion=0)) + film) is None


@pytest.mark.parametrize(
    "stated",
    [0, 1, 10**9, 2**31, 2**40, -5, "x", "9" * 400, ""],
    ids=lambda value: str(value)[:12],
)
def test_wrong_places_neither_raise_nor_hide_the_film(still: bytes, film: bytes, stated: object) -> None:
    for xmp in (container_xmp(stated), container_xmp(len(film), after=stated), micro_xmp(stated)):
        assert found_in(with_xmp(still, xmp) + film) == film
        assert found_in(with_xmp(still, xmp)) is None


def micro_xmp(offset: object) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MicroVideo="1" '
        f'GCamera:MicroVideoOffset="{offset}"/></rdf:RDF></x:xmpmeta>'
    ).encode()


def test_a_place_inside_the_picture_is_no_film(still: bytes, film: bytes) -> None:
    """A film in a comment of the picture, where the stated place points, is not played."""
    with_comment = still[:2] + b"\xff\xfe" + (len(film) + 2).to_bytes(2) + film + still[2:]
    begin = with_comment.index(film)
    assert found_in(with_xmp(with_comment, b"")) is None
    stated = with_xmp(with_comment, micro_xmp(len(with_comment) - begin))
    assert found_in(stated) is None
    assert found_in(stated + film) == film


def test_what_is_no_film_is_not_one(still: bytes, film: bytes, tmp_path: Path) -> None:
    for cut in (8, 40, len(film) // 2, len(film) - 1):
        assert found_in(google(still, film[:cut])) is None
    assert found_in(still + b"\0\0\0\x18ftypmp42" + bytes(200)) is None
    assert found_in(google(still, b"\0\0\0\x18ftypmp42" + b"\xff" * 4000)) is None
    no_frames = film.replace(b"mdat", b"free")
    assert found_in(still + no_frames) is None
    only_sound = film.replace(b"vide", b"soun")
    assert found_in(still + only_sound) is None
    at = film.index(b"mvhd") + 4
    for length in (b"\0\0\0\0", b"\xff\xff\xff\xff"):  # no length; over an hour
        assert found_in(still + film[: at + 16] + length + film[at + 20 :]) is None
    endless = film[: at + 12] + bytes(4) + film[at + 16 :]  # no unit of time
    assert found_in(still + endless) is None


def test_hostile_trailers_are_contained(still: bytes, film: bytes) -> None:
    whole = samsung(still, film)
    for at in range(len(whole) - 60, len(whole)):
        for level in (0, 1, 0x7F, 0xFF):
            changed = whole[:at] + bytes((level,)) + whole[at + 1 :]
            assert found_in(changed) in (film, None)
    for length in range(0, len(whole), 97):
        assert found_in(whole[:length]) in (film, None)


def test_an_attack_on_the_xml_is_contained(still: bytes, film: bytes) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><x xmlns:GCamera="x">&d;</x>'
    for xmp in (bomb, b"<a>" * 30_000, b"\xff\xfe\0", b"<x/>"):
        if len(xmp) < 60_000:
            assert found_in(with_xmp(still, xmp) + film) == film


def test_other_formats_have_none(film: bytes) -> None:
    assert embedded_film(encoded(scene(*SIZE), "PNG") + film, formats.PNG) is None
    assert embedded_film(film, formats.HEIC) is None
    assert embedded_film(b"", formats.JPEG) is None


def test_frames_of_the_film_at_equal_distances(tmp_path: Path, still: bytes) -> None:
    colours = ("#d02020", "#20a020", "#2030d0", "#c0b020")
    shots = [Image.new("RGB", (320, 240), each) for each in colours]
    film = write_clip(tmp_path / "film.mp4", shots, rotation=90).read_bytes()
    path = tmp_path / "a.jpg"
    path.write_bytes(google(still, film))
    found = read_film_frames(str(path), 8, 160, 10**6)
    assert (found.first, found.total, found.frames.shape) == (0, 8, (8, 160, 120, 3)), "upright"
    assert sum(found.durations) == pytest.approx(4000, abs=10)
    for number, frame in enumerate(found.frames):
        wanted = np.array(ImageColor.getrgb(colours[number // 2]))
        assert np.abs(frame[80, 60].astype(int) - wanted).max() < 12, number
    with pytest.raises(ImageError):
        read_film_frames(str(path), 8, 160, 1000)
    path.write_bytes(still)
    with pytest.raises(ImageError):
        read_film_frames(str(path), 8, 160, 10**6)


def test_a_film_of_one_frame_has_one(tmp_path: Path, still: bytes) -> None:
    film = write_clip(tmp_path / "film.mp4", [Image.new("RGB", (320, 240), "#d02020")], seconds=1 / 12)
    path = tmp_path / "a.jpg"
    path.write_bytes(google(still, film.read_bytes()))
    assert read_film_frames(str(path), 8, 160, 10**6).total == 1
