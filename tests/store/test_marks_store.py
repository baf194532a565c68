from __future__ import annotations

import pytest

from safelight.store import marks, photos, text
from safelight.store.library import LibraryStore
from support.stored import add_folder, add_photo


def test_marking_tells_what_it_changed(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        a, b = add_photo(db, folder_id, "a"), add_photo(db, folder_id, "b")
        assert marks.set_favourite(db, [b, a, 99], True) == [a, b]
        assert marks.set_favourite(db, [a, b], True) == []
        assert marks.set_rating(db, [a], 5) == [a]
        assert marks.set_favourite(db, [a], False) == [a]
        assert photos.ids(db, favourites=True) == [b]
        assert photos.get_many(db, [a])[0].rating == 5
        assert marks.set_rating(db, [b], 0) == []
        for rating in (-2, 6):
            with pytest.raises(ValueError, match="a rating is -1 to 5"):
                marks.set_rating(db, [a], rating)


def test_tags_are_searched_and_know_no_case(store: LibraryStore) -> None:
    with store.write() as db:
        folder_id = add_folder(db)
        a, b = add_photo(db, folder_id, "a"), add_photo(db, folder_id, "b")
        assert marks.add_tag(db, [a, b, 99], "Seaside") == [a, b]
        assert marks.add_tag(db, [a], "seaside") == []
        assert text.matches(db, "seaside", 9) == [a, b]
        assert marks.remove_tag(db, [a], "SEASIDE") == [a]
        assert marks.remove_tag(db, [a], "seaside") == []
        assert text.matches(db, "seaside", 9) == [b]
