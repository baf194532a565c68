"""The user's list of words for tags."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from safelight.core.errors import SafelightError
from safelight.core.tag_words import FILE_NAME
from safelight.store import tag_words


def test_the_list_of_the_user_replaces_the_built_in_one(tmp_path: Path) -> None:
    assert len(tag_words.listed(tmp_path)) > 100
    (tmp_path / FILE_NAME).write_text("\ufeffbanana\r\nlighthouse\r\n", encoding="utf-8")
    assert [each.name for each in tag_words.listed(tmp_path)] == ["banana", "lighthouse"]


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "huge", "broken link", "UTF-16"])
def test_what_is_no_list_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    """A library may come from somebody else."""
    place = tmp_path / FILE_NAME
    match kind:
        case "pipe":
            os.mkfifo(place)
        case "device":
            place.symlink_to("/dev/zero")
        case "folder":
            place.mkdir()
        case "huge":
            with place.open("wb") as file:
                file.truncate(10 * 2**30)
        case "broken link":
            place.symlink_to("nowhere")
        case _:
            place.write_text("banana", encoding="utf-16")
    with pytest.raises(SafelightError, match="Correct it or delete it"):
        tag_words.listed(tmp_path)
