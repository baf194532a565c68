from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.core.photo import ImageMetadata
from safelight.store import files, marks, text
from safelight.store.library import Connection, LibraryStore
from support.stored import add_folder, add_photo


def test_words_are_found_wherever_they_stand(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db, "/home/anna/Pictures")
        photo = add_photo(
            db,
            folder_id,
            "Søren & Zoë/IMG_1234-beach.jpg",
            metadata=ImageMetadata(camera="Acme", lens="f2 Prime"),
        )
        decomposed = add_photo(db, folder_id, "cafe\u0301.jpg")
        for query in ("beach", "BEACH img", "bea", "1234", "zoe", "søren zoë", "acme prime", "pictures"):
            assert photo in text.matches(db, query, 9), query
        for query in ("jpg", "anna", "be", "beach dog", "", "   ", "&", "!?"):
            assert text.matches(db, query, 9) == [], query
        assert text.matches(db, "café", 9) == [decomposed]
        assert text.matches(db, "beach !", 9) == [photo]
        assert len(text.matches(db, "pictures", 1)) == 1
        assert text.matches(db, "pictures", 0) == []


def test_all_names_of_a_photo_go_with_it(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        photo = add_photo(db, folder_id, "one/first.jpg", content="same")
        add_photo(db, folder_id, "two/second.jpg", content="same")
        assert text.matches(db, "first", 9) == text.matches(db, "second two one", 9) == [photo]
        files.remove(db, [files.of_photo(db, photo)[0].id])
        assert text.matches(db, "first", 9) == []
        assert text.matches(db, "second", 9) == [photo]


@pytest.fixture(scope="module")
def filled() -> Iterator[Connection]:
    with (
        tempfile.TemporaryDirectory() as place,
        LibraryStore.create_or_open(Path(place) / "library") as store,
    ):
        with store.write() as db:
            add_photo(db, add_folder(db), "beach near sea.jpg")
        with store.read() as db:
            yield db


SYNTAX = st.sampled_from(
    [
        '"',
        "'",
        "*",
        "^",
        "(",
        ")",
        ":",
        "-",
        "+",
        "{",
        "}",
        ",",
        "\0",
        " ",
        "AND",
        "OR",
        "NOT",
        "NEAR(",
        "name:",
        "beach",
    ]
)


@given(
    st.text() | st.lists(SYNTAX).map("".join) | st.text(st.characters(categories=["Cs", "Cc", "Mn", "So"]))
)
def test_no_text_is_taken_for_syntax(filled: Connection, query: str) -> None:
    assert set(text.matches(filled, query, 9)) <= {1}


@given(st.lists(st.sampled_from(["beach", "near", "sea", "NEAR", "Beach,", '"sea"', "(near)"]), min_size=1))
def test_words_of_a_name_find_it_in_any_dress(filled: Connection, words: list[str]) -> None:
    assert text.matches(filled, " ".join(words), 9) == [1]


def test_bearers_of_a_word_by_field(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db, "/Holidays")
        beach = add_photo(db, folder_id, "Beach/IMG_2041.jpg")
        car = add_photo(db, folder_id, "Caribbean/beach.jpg")
        marks.add_tag(db, [car], "IMG_2041")
        assert text.photos_with_word(db, "beach", 9) == {"name": [car], "folders": [beach]}
        assert text.photos_with_word(db, "car", 9) == {}
        assert text.photos_with_word(db, "img_20", 9) == {"name": [beach], "tags": [car]}
        assert text.photos_with_word(db, "holidays", 9) == {"folders": [beach, car]}
        assert text.photos_with_word(db, "holidays", 1) == {}
        for hostile in ("", "-", '"', '" OR name : "beach', "a\0b", "\ud800", "*", "name:", "(", "NEAR(a b)"):
            assert set(text.photos_with_word(db, hostile, 9)) <= {"name", "folders"}
