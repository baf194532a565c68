"""Which of several identical files is kept, and why."""

from __future__ import annotations

from safelight.core.duplicates import DuplicateKind, group_of_identical


def test_the_oldest_file_is_kept_whatever_the_order() -> None:
    files = [("/b/new.jpg", 30), ("/a/old.jpg", 10), ("/c/mid.jpg", 20)]
    for order in (files, files[::-1]):
        group = group_of_identical(order)
        assert group.kind is DuplicateKind.IDENTICAL
        assert [member.path for member in group.members if member.keep] == ["/a/old.jpg"]
        assert group.members[0].why == "oldest file"
        assert "3 files" in group.reason


def test_of_equally_old_files_the_shortest_path_is_kept() -> None:
    group = group_of_identical([("/photos/copy of a.jpg", 10), ("/photos/a.jpg", 10)])
    assert group.members[0].path == "/photos/a.jpg"
