"""The examples of docs/search-language.md, as they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from safelight.core.flags import FLAG_KEYS, FLAGS
from safelight.core.photo import ImageMetadata
from safelight.core.query import Filter, parse
from safelight.core.query.values import KEYS
from safelight.store import filter_ids, marks
from safelight.store.library import LibraryStore
from support.stored import add_folder, add_photo

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "search-language.md").read_text("utf-8")


def examples(kind: str) -> list[tuple[str, str]]:
    """(query, text after the arrow) of all blocks of a kind."""
    blocks = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [
        (query.rstrip(), result.strip()) for query, _, result in (line.partition(" ->") for line in lines)
    ]


def table(after: str) -> list[list[str]]:
    """The rows of the table that follows the paragraph with these words."""
    rows = re.findall(
        r"^\|(.*)\|$",
        PAGE[PAGE.index(after) :].split("\n\n")[0 if after.startswith("<") else 1],
        re.MULTILINE,
    )
    return [[cell.strip() for cell in row.split("|")] for row in rows[2:]]


@pytest.mark.parametrize(("query", "understood"), examples("examples"))
def test_what_is_understood(query: str, understood: str) -> None:
    parts = parse(query).parts
    assert "; ".join(f"{type(part).__name__.lower()} {part.text()}" for part in parts) == understood


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LibraryStore]:
    """The library that the page describes."""
    with LibraryStore.create_or_open(tmp_path_factory.mktemp("page") / "library") as store:
        with store.write() as db:
            root = add_folder(db, "/home/me/Pictures")
            for name, folder, day, camera, pixels, rating, tags in table("In a library of these photos"):
                metadata = ImageMetadata(taken_at=f"{day}T12:00:00", camera=camera or None)
                photo = add_photo(db, root, f"{folder}/{name}", metadata=metadata)
                width, height = pixels.split(" × ")
                extension = name.rpartition(".")[2]
                db.execute(
                    "UPDATE photo SET width = ?, height = ?, format = ? WHERE id = ?",
                    (int(width), int(height), {"jpg": "JPEG", "cr2": "RAW"}.get(extension, "PNG"), photo),
                )
                marks.set_rating(db, [photo], int(rating))
                for tag in filter(None, tags.split(", ")):
                    marks.add_tag(db, [photo], tag)
        yield store


@pytest.mark.parametrize(("query", "names"), examples("finds"))
def test_what_is_found(library: LibraryStore, query: str, names: str) -> None:
    asked = parse(query)
    with library.read() as db:
        found = filter_ids.matching_ids_newest_first(db, asked.restrictions).tolist()
        name_of = {
            photo: path.rpartition("/")[2]
            for photo, path in db.execute("SELECT photo_id, path_text FROM file")
        }
    assert [name_of[photo] for photo in found] == names.split()
    assert not asked.ranks


def test_the_page_has_examples_and_names_every_filter() -> None:
    assert len(examples("examples")) >= 20
    assert len(examples("finds")) >= 15
    for key in (*(f"{key}:" for key in KEYS - FLAG_KEYS.keys()), *(flag.name for flag in FLAGS)):
        assert f"`{key}" in PAGE or f" `{key}" in PAGE, key


def test_every_filter_of_the_table_is_one() -> None:
    quoted = [text for row in table("<!-- begin fields -->") for text in re.findall(r"`([^`]+)`", row[0])]
    assert len(quoted) >= 30
    for text in quoted:
        (part,) = parse(text).parts
        assert isinstance(part, Filter), text
