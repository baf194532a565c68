"""The record of what programs asked for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from safelight.services import program_requests
from safelight.services.program_requests import ProgramRequest, RequestRecord


def request(number: int, text: str = "dog") -> ProgramRequest:
    return ProgramRequest(float(number), "mcp", "search", text, number)


def test_the_newest_come_first_and_only_the_user_can_read_them(tmp_path: Path) -> None:
    record = RequestRecord(tmp_path)
    assert record.newest(10) == []
    for number in range(5):
        record.add(request(number))
    assert record.newest(3) == [request(4), request(3), request(2)]
    if os.name == "posix":
        assert stat.S_IMODE(record.path.stat().st_mode) == 0o600
    record.clear()
    record.clear()
    assert record.newest(3) == []


def test_older_requests_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_requests, "_MAX_BYTES", 2000)
    monkeypatch.setattr(program_requests, "_BYTES_KEPT", 1000)
    record = RequestRecord(tmp_path)
    for number in range(100):
        record.add(request(number))
    kept = record.newest(1000)
    assert kept[0] == request(99)
    assert 5 < len(kept) < 30
    assert [each.photos for each in kept] == list(range(99, 99 - len(kept), -1))
    assert record.path.stat().st_size <= 2000
    assert [path.name for path in tmp_path.iterdir()] == [record.path.name]


def test_damaged_lines_are_left_out_and_long_texts_cut(tmp_path: Path) -> None:
    record = RequestRecord(tmp_path)
    record.add(request(1))
    with record.path.open("ab") as file:
        file.write(b'\xff\n[1]\n{"at": "x"}\n' + b"[" * 100_000 + b"\n")
    record.add(request(2, "é\n" * 10_000))
    newest, oldest = record.newest(10)
    assert newest.text == "é\n" * 250
    assert oldest == request(1)


@pytest.mark.skipif(os.name != "posix", reason="needs symbolic links")
def test_a_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    record = RequestRecord(tmp_path)
    record.path.symlink_to(other)
    with pytest.raises(OSError, match=record.path.name):
        record.add(request(1))
    assert other.read_text() == "mine"
