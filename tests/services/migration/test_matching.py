"""How photos of another program are recognised."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.migration import MatchMethod
from safelight.services.migration.digests import DIGIKAM, OWN
from safelight.services.migration.matching import Match, Matched, Matcher, Unmatched
from safelight.services.migration.paths import deduced, parts_of, without_end
from safelight.services.migration.record import Digest, Record, seconds_of
from safelight.store.known_files import KnownFile

NOON = "2019-05-12T12:00:00"


def known(photo: int, path: str, size: int = 100, taken: str | None = NOON) -> KnownFile:
    return KnownFile(photo, os.fsencode(path), size, taken, 40, 30, online=True)


def matched(files: list[KnownFile], *records: Record) -> list[Match]:
    return Matcher(files, lambda _: None).match(records).matches


def one(files: list[KnownFile], record: Record) -> Match:
    return matched(files, record)[0]


@pytest.mark.parametrize(
    ("record", "way"),
    [
        (Record("/pics/a/1.jpg"), MatchMethod.PATH),
        (Record("/PICS/A/1.JPG"), MatchMethod.PATH),
        (Record("C:\\old\\a\\1.jpg"), MatchMethod.PATH),
        (Record("/other/renamed.jpg", size=100, taken=seconds_of(NOON)), MatchMethod.FACTS),
        (Record("1.jpg", size=100), MatchMethod.PATH),
        (Record("/other/1.jpg", taken=seconds_of(NOON)), MatchMethod.PATH),
        (Record("x/9.jpg", taken=seconds_of(NOON), width=30, height=40), MatchMethod.FACTS),
    ],
)
def test_enough_in_common_is_recognised(record: Record, way: MatchMethod) -> None:
    found = one([known(1, "/pics/a/1.jpg"), known(2, "/pics/a/2.jpg", 101, "2020-01-01T00:00:00")], record)
    assert isinstance(found, Matched)
    assert (found.photo_id, found.way) == (1, way)


@pytest.mark.parametrize(
    "record",
    [
        Record("/other/1.jpg"),
        Record("/other/x.jpg", size=100),
        Record("/other/x.jpg", taken=seconds_of(NOON)),
        Record("/other/1.jpg", size=99),
        Record("/other/b/7.jpg", size=100, taken=seconds_of("2001-01-01T00:00:00")),
        Record(""),
        Record("///"),
    ],
)
def test_too_little_in_common_is_not(record: Record) -> None:
    assert one([known(1, "/pics/a/1.jpg")], record) == Unmatched()


def test_the_time_of_another_zone_is_the_same_time() -> None:
    files = [known(1, "/pics/1.jpg")]
    noon = seconds_of(NOON) or 0
    for hours in (-14, -3.5, 0, 5.75, 14):
        record = Record("/x/1.jpg", taken=round(noon - hours * 3600), taken_in_utc=True)
        assert isinstance(one(files, record), Matched), hours
    for seconds in (100, 15 * 3600):
        record = Record("/x/1.jpg", taken=noon + seconds, taken_in_utc=True)
        assert isinstance(one(files, record), Unmatched), seconds


def test_what_may_be_several_photos_is_ambiguous() -> None:
    files = [known(1, "/pics/a/1.jpg"), known(2, "/pics/b/1.jpg")]
    assert one(files, Record("/x/1.jpg", 100)) == Unmatched(("/pics/a/1.jpg", "/pics/b/1.jpg"))
    # The other one has been found, so it can only be this one.
    both = matched(files, Record("/x/1.jpg", 100), Record("/old/a/1.jpg", 100))
    assert [each.photo_id if isinstance(each, Matched) else None for each in both] == [2, 1]


def test_names_that_repeat_in_other_folders_do_not_deceive() -> None:
    """Two cameras count from 1. Only one of the folders is in the library."""
    files = [known(n, f"/pics/Canon/IMG_{n:04}.JPG", 1000 + n, f"2019-05-12T12:{n:02}:00") for n in range(50)]
    nikon = [Record(f"/cards/Nikon/IMG_{n:04}.JPG", 5000 + n) for n in range(50)]
    assert all(isinstance(each, Unmatched) for each in matched(files, *nikon))
    unknown = [Record(f"/cards/Nikon/IMG_{n:04}.JPG") for n in range(50)]
    assert all(isinstance(each, Unmatched) for each in matched(files, *unknown))


def test_names_that_differ_only_in_case(tmp_path: Path) -> None:
    files = [known(1, "/pics/a.jpg", 1), known(2, "/pics/A.JPG", 2)]
    found = matched(files, Record("/pics/A.JPG"), Record("/pics/a.jpg"))
    assert [each.photo_id if isinstance(each, Matched) else None for each in found] == [2, 1]


def test_content_is_compared_where_sizes_are_equal(tmp_path: Path) -> None:
    files = []
    for number, content in enumerate((b"a" * 300_000, b"b" * 300_000, b"c" * 10)):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        files.append(known(number, os.fspath(path), len(content), None))
    ends = hashlib.md5(b"b" * 102_400 + b"b" * 102_400).hexdigest()
    found = matched(
        files,
        Record("/x/p.jpg", 300_000, digests=(Digest(DIGIKAM, ends),)),
        Record("/x/q.jpg", digests=(Digest("sha256", hashlib.sha256(b"c" * 10).hexdigest()),)),
        Record("/x/r.jpg", 300_000, digests=(Digest("md5", "nonsense"), Digest("sha1", "00"))),
    )
    assert found == [Matched(1, MatchMethod.CONTENT), Matched(2, MatchMethod.CONTENT), Unmatched()]


def test_the_own_hash_of_an_exported_file_is_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "export.jpg"
    path.write_bytes(b"content")
    own = hashlib.blake2b(b"content", digest_size=20).digest()
    matcher = Matcher([known(7, "/pics/x.jpg", 7)], lambda digest: 7 if digest == own else None)
    found = matcher.match(
        [Record("y", local=os.fspath(path)), Record("z", digests=(Digest(OWN, own.hex()),))]
    )
    assert found.matches == [Matched(7, MatchMethod.CONTENT)] * 2
    (tmp_path / "link.jpg").symlink_to(path)
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("link.jpg", "pipe.jpg", "missing.jpg", "\0"):
        record = Record("y", local=os.fspath(tmp_path / name))
        assert matcher.match([record]).matches == [Unmatched()], name


def test_the_longest_common_end_decides_the_mapping() -> None:
    library = [parts_of(f"/mnt/pics/{year}/trip/{n}.jpg") for year in (2018, 2019) for n in range(3)]
    records = []
    for year in (2018, 2019):
        for n in range(3):
            path = parts_of(f"D:\\Photos\\{year}\\trip\\{n}.jpg")
            records.append((path, [each for each in library if each[-1] == path[-1]]))
    best = deduced(records)[0]
    assert (best.source, best.target, best.votes, best.depth) == (("d:", "photos"), ("mnt", "pics"), 6, 3)


@given(st.text(max_size=30), st.integers(0, 5))
def test_any_text_is_a_path(path: str, count: int) -> None:
    parts = parts_of(path)
    assert all(part and "/" not in part for part in parts)
    assert path.startswith(without_end(path, count))
