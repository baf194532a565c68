"""Wrote ``library-v1.db`` when version 1 of the schema was released; kept to show what is in it.

    python tests/data/make_library_v1.py TARGET

Run it with the program of that version only: the saved file is what the migrations are tested against.
"""

# mypy: ignore-errors
# It runs with the program of that version, whose functions have other parameters.

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from safelight.core.errors import FailureKind
from safelight.core.photo import ImageMetadata
from safelight.store import files, marks, vectors
from safelight.store.connect import connect
from safelight.store.library import LibraryStore
from safelight.store.recovery.copying import verified_copy
from support.stored import MODEL, add_file, add_folder, add_photo, unit_vectors


def main(target: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        with LibraryStore.create_or_open(directory) as store, store.write() as db:
            folder_id = add_folder(db)
            camera = ImageMetadata(taken_at="2023-07-08T09:10:11", camera="Acme X100", latitude=54.3)
            photos = [
                add_photo(db, folder_id, "holidays/beach.jpg", metadata=camera),
                add_photo(db, folder_id, b"caf\xe9.png"),
                add_photo(db, folder_id, "copy.jpg", content="twin"),
                add_photo(db, folder_id, "gone.jpg"),
            ]
            add_photo(db, folder_id, "copies/copy.jpg", content="twin")
            gone = next(row.id for row in files.in_folder(db, folder_id) if row.path == b"gone.jpg")
            files.remove(db, [gone])
            add_file(db, folder_id, "waiting.jpg")
            failed = add_file(db, folder_id, "broken.jpg")
            files.set_failed(db, failed, FailureKind.BROKEN, "broken.jpg is cut short.", 2.0, "Pillow 13")
            model_id = vectors.register(db, MODEL, 1.0)
            vectors.put(db, model_id, photos, unit_vectors(1, len(photos)))
            marks.set_favourite(db, photos[:1], True)
            marks.set_rating(db, photos[:1], 4)
            marks.add_tag(db, photos[:1], "Sea")
        source = connect(directory / "library.db", writable=True)
        # Small pages for a small file.
        source.pragma("journal_mode", "delete")
        source.execute("PRAGMA page_size = 1024")
        source.execute("VACUUM")
        verified_copy(source, target)
        source.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
