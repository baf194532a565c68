"""The Python interface: what it finds, describes and refuses."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import safelight
from api.conftest import COLOURS, Shelf
from safelight.api import Library
from safelight.core.errors import LibraryUnavailableError, SafelightError, UsageError
from safelight.core.search import Band
from safelight.store.library import LibraryStore
from support.pictures import encoded


def names(results: safelight.api.Results) -> list[str]:
    return [Path(match.path).name for match in results]


def test_it_is_imported_from_the_package() -> None:
    assert safelight.Library is Library
    with pytest.raises(AttributeError, match="Librarian"):
        safelight.Librarian  # noqa: B018


def test_search_gives_pages_that_continue_each_other(library: Library) -> None:
    first = library.search("red", 5)
    assert names(first)[0] == "red.png"
    assert first.matches[0].band is Band.STRONG
    assert len(first) == 5
    found, cursor = list(first.matches), first.cursor
    while cursor is not None:
        page = library.search("red", 5, cursor)
        found += page.matches
        cursor = page.cursor
    assert [match.key for match in found] == [match.key for match in library.search("red", 24)]
    assert len({match.key for match in found}) == 24
    with pytest.raises(UsageError, match="cursor"):
        library.search("green", 5, first.cursor)


@pytest.mark.parametrize("cursor", ["", "x", "WzEsICJ4Il0=", "bnVsbA==", "\udcff"])
def test_a_cursor_that_is_none_is_refused(library: Library, cursor: str) -> None:
    with pytest.raises(UsageError, match="cursor"):
        library.search("red", 5, cursor)


@pytest.mark.parametrize("limit", [0, -1, 10_001])
def test_a_limit_out_of_range_is_refused(library: Library, limit: int) -> None:
    with pytest.raises(UsageError, match="10,000"):
        library.search("red", limit)


@pytest.mark.slow
def test_similar_takes_keys_paths_and_pictures(library: Library, colours: Shelf, tmp_path: Path) -> None:
    original = colours.root / "blue.png"
    key = library.photo(original).key
    assert len(key) == 40
    assert library.similar(key, 1).matches[0].path == str(original)
    assert library.similar(original, 1).matches[0].path == str(original)
    data = encoded(Image.new("RGB", (90, 60), COLOURS["blue"]), "JPEG")
    assert library.similar(data, 1).matches[0].path == str(original)
    (tmp_path / "outside.jpg").write_bytes(data)
    assert library.similar(tmp_path / "outside.jpg", 1).matches[0].path == str(original)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 broken")
    with pytest.raises(SafelightError, match=r"broken\.jpg: "):
        library.similar(tmp_path / "broken.jpg", 1)
    with pytest.raises(SafelightError, match=r"no picture .*gone\.jpg"):
        library.similar(tmp_path / "gone.jpg", 1)


def test_keys_are_those_of_all_photos_newest_first(library: Library, colours: Shelf) -> None:
    keys = library.keys()
    assert len(keys) == len(set(keys)) == library.status().photos
    dates = [photo.date for photo in library.photos(keys)]
    assert dates == sorted(dates, reverse=True)
    colours.hide(colours.root / "red.png")
    assert len(library.keys()) == len(keys) - 1


def test_a_single_photo_counts_as_a_list_of_one(library: Library, colours: Shelf) -> None:
    red = colours.root / "red.png"
    key = library.photo(red).key
    for single in (key, str(red), red):
        assert [photo.key for photo in library.photos(single)] == [key]  # type: ignore[arg-type]
        assert library.vectors(single).keys == (key,)  # type: ignore[arg-type]


def test_describe_names_what_a_photo_shows(library: Library, colours: Shelf) -> None:
    colours.tag("Sunset", colours.root / "red.png")
    described = library.describe(colours.root / "red.png")
    assert described.photo.tags == ("Sunset",)
    assert (described.photo.width, described.photo.height) == (200, 150)
    assert len(described.looks_like) == 5
    assert len(library.describe(colours.root / "green.png").captions) in (0, 3)
    assert library.tags()[0].photos == 1


def test_vectors_are_unit_rows_with_their_model(library: Library, colours: Shelf) -> None:
    found = library.vectors()
    assert found.model == "fake@00000000"
    assert found.unit == "photo"
    assert found.matrix.shape == (24, 32)
    assert found.matrix.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.matrix, axis=1), 1, atol=1e-5)
    one = library.vectors([colours.root / "red.png"])
    assert one.keys == (library.photo(colours.root / "red.png").key,)
    np.testing.assert_array_equal(one.matrix[0], found.matrix[found.keys.index(one.keys[0])])


@pytest.mark.slow
def test_pictures_are_bounded_and_have_no_metadata(library: Library, colours: Shelf) -> None:
    path = colours.root / "noise" / "3.jpg"
    with Image.open(io.BytesIO(library.picture(path, 100))) as image:
        assert (image.format, image.size) == ("JPEG", (100, 75))
        assert not image.getexif()
    with Image.open(io.BytesIO(library.picture(path))) as image:
        assert image.size == (320, 240)
    for side in (0, 5000):
        with pytest.raises(UsageError, match="4096"):
            library.picture(path, side)
    key = library.photo(path).key
    path.unlink()
    with Image.open(io.BytesIO(library.picture(key, 100))) as image:  # the thumbnail
        assert max(image.size) == 100


@pytest.mark.slow
def test_changes_since_a_revision(library: Library, colours: Shelf) -> None:
    start = library.changes()
    assert start.photos == ()
    added = colours.draw("later.jpg", 99)
    colours.index()
    colours.tag("Later", added)
    now = library.changes(start.revision)
    assert now.photos == (library.photo(added).key,)
    assert now.edits == 1
    again = library.changes(now.revision)
    assert (again.photos, again.edits, again.revision) == ((), 0, now.revision)
    with pytest.raises(UsageError, match="not a revision"):
        library.changes("yesterday")


@pytest.mark.slow
def test_albums_saved_searches_duplicates_and_status(library: Library, colours: Shelf) -> None:
    colours.put_in_album("Walls", colours.root / "red.png", colours.root / "green.png")
    colours.write(
        lambda db: db.execute("INSERT INTO saved_search (name, query, created_at) VALUES ('R', 'red', 0)")
    )
    (colours.root / "copy.png").write_bytes((colours.root / "red.png").read_bytes())
    colours.index()
    assert [(album.name, album.photos) for album in library.albums()] == [("Walls", 2)]
    assert [Path(photo.paths[0]).name for photo in library.album("walls")] == ["red.png", "green.png"]
    with pytest.raises(SafelightError, match="no album"):
        library.album("Doors")
    assert [(each.name, each.query) for each in library.saved_searches()] == [("R", "red")]
    (group,) = library.duplicates("identical")
    assert {Path(member.path).name for member in group.members} == {"copy.png", "red.png"}
    with pytest.raises(UsageError, match="kind"):
        library.duplicates("twins")
    status = library.status()
    assert (status.photos, status.files, status.searchable) == (24, 25, 24)
    assert status.folders == (str(colours.root),)


def test_edits_need_a_library_opened_for_them_and_can_be_undone(colours: Shelf) -> None:
    red = colours.root / "red.png"
    with colours.open() as reading, pytest.raises(SafelightError, match="read_only=False"):
        reading.tag([red], "Sunset")
    with colours.open(read_only=False) as library:
        step = library.tag([red], "Sunset")
        assert library.photo(red).tags == ("Sunset",)
        assert step is not None
        assert library.undo(step)
        assert not library.undo(step)
        assert library.photo(red).tags == ()
        library.rate([red], 4)
        library.set_favourite([red])
        assert (library.photo(red).rating, library.photo(red).favourite) == (4, True)
        with pytest.raises(UsageError, match="0 to 5"):
            library.rate([red], 6)


def test_it_reads_beside_a_writer(colours: Shelf) -> None:
    with LibraryStore.create_or_open(colours.directory), colours.open() as library:
        assert names(library.search("red", 1)) == ["red.png"]


def test_there_must_be_a_library(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnavailableError, match="no library"):
        Library.open(tmp_path / "nothing")
