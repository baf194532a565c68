"""Values in words."""

from __future__ import annotations

import os

import pytest

from safelight.core.jobs import Phase, Progress
from safelight.core.photo import ImageMetadata, Photo, PhotoFile
from safelight.ui import wording


def _photo(files: tuple[PhotoFile, ...] = ()) -> Photo:
    return Photo(
        id=7,
        size=2_400_000,
        format="JPEG",
        width=4032,
        height=3024,
        colour=0,
        date="2019-05-12T10:30:00",
        date_is_taken=True,
        metadata=ImageMetadata(),
        favourite=False,
        rating=0,
        files=files,
    )


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(Phase.IDLE), ""),
        (Progress(Phase.SCANNING), "Scanning for photos …"),
        (Progress(Phase.SCANNING, total=1200), "Scanning for photos · 1,200 found"),
        (Progress(Phase.INDEXING, 12480, 48000, rate=35.2), "12,480 of 48,000 · 35/s · about 17 min"),
        (Progress(Phase.INDEXING, 5, 10), "5 of 10"),
        (Progress(Phase.INDEXING, 1, 3, rate=0.42), "1 of 3 · 0.4/s · a few seconds"),
        (Progress(Phase.PAUSED, 5, 1000), "Paused · 5 of 1,000"),
    ],
)
def test_progress(progress: Progress, words: str) -> None:
    assert wording.progress_text(progress) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "a few seconds"),
        (42, "about 40 s"),
        (58, "about 1 min"),
        (3570, "about 1 h"),
        (7800, "about 2 h 10 min"),
        (50_000, "about 13 h"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1 byte"), (999, "999 bytes"), (2400, "2.4 kB"), (24e6, "24 MB"), (3e12, "3.0 TB")],
)
def test_file_size(size: int, words: str) -> None:
    assert wording.file_size(int(size)) == words


def test_dates() -> None:
    assert wording.date("2019-05-12T10:30:00") == "12 May 2019, 10:30"
    assert wording.date("once") == "once"
    assert wording.month("2019-05-12T10:30:00") == "May 2019"
    assert wording.month("0000-00-00T00:00:00") == "Undated"


def test_a_photo_is_opened_where_it_is_online() -> None:
    away = PhotoFile(1, "/nas/a.jpg", 0, online=False)
    here = PhotoFile(2, "/home/b.jpg", 0, online=True)
    assert wording.path_of(_photo(files=(away, here))) == "/home/b.jpg"
    assert wording.path_of(_photo(files=(away,))) == "/nas/a.jpg"
    assert wording.path_of(_photo()) is None
    assert wording.name_of(_photo(files=(away,))) == "a.jpg"
    assert wording.name_of(_photo()) == "Photo 7"


def test_names_that_are_not_utf8_can_be_shown() -> None:
    path = os.fsdecode(b"/photos/caf\xe9.jpg")
    assert wording.display_name(path) == "caf\N{REPLACEMENT CHARACTER}.jpg"
    assert wording.display_name("/") == "/"


def test_a_tooltip_is_never_mark_up() -> None:
    assert wording.tip("/photos/a & b\n(offline)") == "/photos/a & b\n(offline)"
    hostile = wording.tip("<img src='file:///etc/passwd'>\nand more")
    assert "<img" not in hostile
    assert hostile.startswith("<span")
    assert "&lt;img src=" in hostile


def test_a_path_keeps_its_order_where_names_are_written_from_right_to_left() -> None:
    hebrew = "\u05d0\u05d1"
    assert wording.display_name(f"/a/{hebrew}.jpg") == f"\u2068{hebrew}.jpg\u2069"
    path = wording.display_path(f"/a/{hebrew}/b/{hebrew}.jpg")
    assert path == f"\u2066/a/\u2068{hebrew}\u2069/b/\u2068{hebrew}.jpg\u2069\u2069"
    assert wording.display_path("/a/é/b.jpg") == "/a/é/b.jpg"


def test_a_name_does_not_reverse_what_is_behind_it() -> None:
    assert wording.display_name("/a/evil\u202egpj.exe") == "\u2068evil\u202egpj.exe\u2069"


def test_a_name_is_shown_in_one_line() -> None:
    assert wording.display_name("/a/one\ntwo.jpg") == "one\u240atwo.jpg"
    assert wording.name_over_folder("/a\nb/one\ttwo.jpg") == "one\u2409two.jpg\n/a\u240ab"
    assert wording.path_text("/a/one\ntwo.jpg") == "/a/one\ntwo.jpg"
