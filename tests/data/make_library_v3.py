"""Wrote ``library-v3.db`` and ``library-v3.json`` with the program that had version 3 of the schema.

    python tests/data/make_library_v3.py TARGET_FOLDER

Run it with the program of that version only (commit 10fce0a): migrations are tested against the saved files.
The JSON file holds 20 query vectors with the photos and similarities of version 3, and the exported
user data.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from safelight.core.duplicates import Verdict
from safelight.core.photo import ImageMetadata
from safelight.store import albums, decisions, marks, pairs, saved_searches, tags, user_data_export, vectors
from safelight.store.connect import connect
from safelight.store.library import LibraryStore
from safelight.store.recovery.copying import verified_copy
from support.stored import MODEL, add_folder, add_photo, unit_vectors

PHOTOS, QUERIES, NEAREST = 60, 20, 15


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        with LibraryStore.create_or_open(directory) as store:
            with store.write() as db:
                folder_id = add_folder(db)
                ids = [
                    add_photo(
                        db,
                        folder_id,
                        f"{2020 + number % 3}/{number:03}.jpg",
                        date=f"2024-05-{1 + number % 28:02}T07:08:09",
                        metadata=ImageMetadata(camera="Canon EOS 80D", latitude=47.1, longitude=8.5)
                        if number % 4 == 0
                        else None,
                    )
                    for number in range(PHOTOS)
                ]
                raw = add_photo(db, folder_id, "2020/000.cr2", date="2024-05-01T07:08:09")
                db.execute("UPDATE photo SET format = 'RAW' WHERE id = ?", (raw,))
                pairs.update(db, 1000)
                model_id = vectors.register(db, MODEL, 1.0)
                vectors.put(db, model_id, ids[:50], unit_vectors(4, 50))
                marks.set_favourite(db, ids[3:6], True)
                marks.set_rating(db, ids[:1], -1)
                marks.set_rating(db, ids[1:3], 4)
                marks.set_value(db, ids[:2], "label", "green")
                marks.set_value(db, ids[7:9], "hidden", 1)
                marks.set_value(db, ids[1:3], "title", "Summer fête")
                marks.set_value(db, ids[2:4], "caption", "two\nlines")
                marks.add_tag(db, ids[1:4], "animals/dog")
                tags.create(db, "unused")
                trips = albums.create(db, "Trips", None, 1.0)
                italy = albums.create(db, "Italy", trips, 2.0)
                albums.add_photos(db, italy, [ids[2], ids[0], ids[9]])
                album = albums.get(db, italy)
                assert album is not None
                albums.update(db, replace(album, cover_id=ids[0]))
                saved_searches.save(db, "Dogs", "dog tag:animals -cat", 3.0)
                decisions.store_verdict(db, ids[10:12], Verdict.NOT_DUPLICATES, 4.0)
            queries = unit_vectors(5, QUERIES)
            with store.read() as db:
                answers = [vectors.nearest(db, model_id, query, NEAREST) for query in queries]
                exported = user_data_export.collect(db)
        del exported["exported_at"]
        saved = {
            "exported": exported,
            "answers": [
                {
                    "query": query.tolist(),
                    "photos": [photo for photo, _ in found],
                    "cosines": [c for _, c in found],
                }
                for query, found in zip(queries, answers, strict=True)
            ],
        }
        (target / "library-v3.json").write_text(json.dumps(saved) + os.linesep)
        source = connect(directory / "library.db", writable=True)
        # Small pages for a small file.
        source.pragma("journal_mode", "delete")
        source.execute("PRAGMA page_size = 1024")
        source.execute("VACUUM")
        verified_copy(source, target / "library-v3.db")
        source.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
