"""Which of several identical files is kept, and why."""

from __future__ import annotations

import pytest

from safelight.core.duplicates import DuplicateKind
from safelight.core.photo import ImageMetadata, Photo, PhotoFile
from safelight.services.duplicates import group_of_identical


def photo(*files: tuple[str, int]) -> Photo:
    return Photo(
        7,
        1000,
        "JPEG",
        40,
        30,
        0,
        "2020-01-01T00:00:00",
        False,
        ImageMetadata(),
        False,
        0,
        tuple(PhotoFile(1, path, mtime, True, number) for number, (path, mtime) in enumerate(files)),
    )


@pytest.mark.parametrize("step", [1, -1])
def test_the_oldest_file_is_kept_whatever_the_order(step: int) -> None:
    group = group_of_identical(photo(*[("/b/new.jpg", 30), ("/a/old.jpg", 10), ("/c/mid.jpg", 20)][::step]))
    assert group.kind is DuplicateKind.IDENTICAL
    assert [member.path for member in group.members if member.keep] == ["/a/old.jpg"]
    assert group.members[0].why == "oldest file"
    assert "3 files" in group.reason
    assert group.freed == 2000


def test_of_equally_old_files_the_shortest_path_is_kept() -> None:
    group = group_of_identical(photo(("/photos/copy of a.jpg", 10), ("/photos/a.jpg", 10)))
    assert group.members[0].path == "/photos/a.jpg"
