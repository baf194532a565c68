"""Wrote ``library-v2.db`` and ``library-v2.json`` with the program that had version 2 of the schema.

    python tests/data/make_library_v2.py TARGET_FOLDER

Run it with the program of that version only (commit 1de8f62): the saved files are what migrations are tested
against. The JSON file holds 40 query vectors with the photos and similarities that version 2 answered.
"""

# mypy: ignore-errors
# It runs with the program of that version, whose functions have other parameters.

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from safelight.core.duplicates import DuplicateKind
from safelight.core.errors import FailureKind
from safelight.store import files, likeness, marks, vectors, views  # type: ignore[attr-defined]
from safelight.store.connect import connect
from safelight.store.library import LibraryStore
from safelight.store.likeness import Pair, Quality
from safelight.store.recovery.copying import verified_copy
from support.stored import MODEL, add_file, add_folder, add_photo, unit_vectors

PHOTOS, QUERIES, NEAREST = 120, 40, 25


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        with LibraryStore.create_or_open(directory) as store:
            with store.write() as db:
                folder_id = add_folder(db)
                photos = [
                    add_photo(
                        db, folder_id, f"{number:03}.jpg", date=f"2024-05-{1 + number % 28:02}T07:08:09"
                    )
                    for number in range(PHOTOS)
                ]
                gone = [row.id for row in files.known(db, folder_id) if row.path in (b"118.jpg", b"119.jpg")]
                files.remove(db, gone)
                files.set_failed(
                    db,
                    add_file(db, folder_id, "broken.jpg"),
                    FailureKind.BROKEN,
                    "It is cut short.",
                    2.0,
                    "1",
                )
                model_id = vectors.register(db, MODEL, 1.0)
                vectors.put(db, model_id, photos[:110], unit_vectors(2, 110))
                likeness.put_sketches(  # type: ignore[attr-defined]
                    db, 1, [(photo, photo * 7919, 20.0) for photo in photos[:100]]
                )
                likeness.set_hashed(db, photos[:90])
                likeness.set_neighboured(db, model_id, photos[:80])
                likeness.put_pairs(db, [Pair(photos[0], photos[1], DuplicateKind.RESAVED, 0.97)])
                likeness.put_qualities(db, [(photo, Quality(12.5, 90)) for photo in photos[:10]])
                marks.set_favourite(db, photos[3:6], True)
                marks.set_rating(db, photos[:1], 4)
                marks.add_tag(db, photos[:2], "Sea")
                views.count(db, photos[115])
            queries = unit_vectors(3, QUERIES)
            with store.read() as db:
                answers = [vectors.nearest(db, model_id, query, NEAREST) for query in queries]
        saved = [
            {
                "query": query.tolist(),
                "photos": [photo for photo, _ in found],
                "cosines": [c for _, c in found],
            }
            for query, found in zip(queries, answers, strict=True)
        ]
        (target / "library-v2.json").write_text(json.dumps(saved) + os.linesep)
        source = connect(directory / "library.db", writable=True)
        # Small pages for a small file.
        source.pragma("journal_mode", "delete")
        source.execute("PRAGMA page_size = 1024")
        source.execute("VACUUM")
        verified_copy(source, target / "library-v2.db")
        source.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
