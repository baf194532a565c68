"""day:today, which depends on the clock and on dates that photos have of their own."""

from __future__ import annotations

import time

from safelight.core.photo import ImageMetadata
from safelight.core.query import parse
from safelight.store import filter_ids
from safelight.store.library import LibraryStore
from support.stored import add_folder, add_photo


def test_today_is_this_day_of_any_year(store: LibraryStore) -> None:
    today = time.strftime("%m-%d")
    other = "07-01" if today != "07-01" else "07-02"
    with store.write() as db:
        folder_id = add_folder(db)
        old, _, _ = [
            add_photo(db, folder_id, name, metadata=ImageMetadata(taken_at=taken), date=date)
            for name, taken, date in (
                ("old.jpg", f"2000-{today}T10:00:00", "2020-01-01T10:00:00"),
                ("other.jpg", f"2000-{other}T10:00:00", "2020-01-01T10:00:00"),
                ("unknown.jpg", None, f"2000-{today}T10:00:00"),
            )
        ]
        assert filter_ids.matching_ids(db, parse("day:today").restrictions).tolist() == [old]
        assert filter_ids.matching_ids(db, parse(f"day:{other},today").restrictions).size == 2
