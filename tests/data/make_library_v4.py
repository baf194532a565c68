"""Wrote ``library-v4.db`` and ``library-v4.json`` with the program that had version 4 of the schema.

    python tests/data/make_library_v4.py TARGET_FOLDER

Run it with the program of that version only (commit 180df435): migrations are tested against the saved files.
The JSON file holds 20 query vectors with the photos and similarities of version 4, the exported user data,
the problems with their reasons, and the undo history.
"""

# mypy: ignore-errors
# It runs with the program of that version, whose functions have other parameters.

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from safelight.core.duplicates import Verdict
from safelight.core.errors import FailureKind
from safelight.core.operations import AddTag, IgnoreFailures, SetRating
from safelight.core.photo import FaceRegion, ImageMetadata
from safelight.imaging import faults
from safelight.imaging.formats import Decoder, PhotoFormat
from safelight.services import verification
from safelight.services.indexing.disconnected import NOT_CONNECTED
from safelight.services.operations.runner import OperationRunner
from safelight.store import (
    albums,
    concepts,
    decisions,
    exclusions,
    file_checks,
    file_metadata,
    files,
    given,
    journal,
    marks,
    pairs,
    photos,
    saved_searches,
    stacks,
    tag_words,
    tags,
    text_vectors,
    theme_choices,
    themes,
    unlisted,
    user_data_export,
    vectors,
)
from safelight.store.connect import connect
from safelight.store.given import Override
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery.copying import verified_copy
from support.stored import MODEL, add_file, add_folder, add_photo, unit_vectors

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
                add_what_is_new(db, ids, model_id, italy)
                problems = add_problems(db, folder_id, ids)
            add_history(store, ids, problems)
            queries = unit_vectors(5, QUERIES)
            with store.read() as db:
                answers = [vectors.nearest(db, model_id, query, NEAREST) for query in queries]
                exported = user_data_export.collect(db)
                failed = [(each.path, each.kind, each.reason, each.when) for each in files.failures(db)]
                steps = [each.step.action for each in journal.steps(db)]
        del exported["exported_at"]
        saved = {
            "exported": exported,
            "failures": failed,
            "journal": steps,
            "answers": [
                {
                    "query": query.tolist(),
                    "photos": [photo for photo, _ in found],
                    "cosines": [c for _, c in found],
                }
                for query, found in zip(queries, answers, strict=True)
            ],
        }
        (target / "library-v4.json").write_text(json.dumps(saved) + os.linesep)
        source = connect(directory / "library.db", writable=True)
        # Small pages for a small file.
        source.pragma("journal_mode", "delete")
        source.execute("PRAGMA page_size = 1024")
        source.execute("VACUUM")
        verified_copy(source, target / "library-v4.db")
        source.close()


def add_what_is_new(db: Connection, ids: list[int], model_id: int, album_id: int) -> None:
    """What version 3 did not have."""
    marks.turn(db, ids[4:6], 1)
    albums.set_positions(db, [(album_id, 2)])
    stacks.put(db, [(ids[13], ids[12]), (ids[14], ids[12])])
    given.put(db, {ids[15]: Override("2019-08-07T06:05:04", 46.5, 7.25)})
    by_id = photos.content_hashes(db, ids)
    hashes = [by_id[photo] for photo in ids]
    bruno = concepts.create(db, "Bruno", "our dog", 5.0)
    concepts.set_example(db, bruno, hashes[1], True)
    concepts.set_example(db, bruno, hashes[30], False)
    tag_words.set_refused(db, hashes[16:18], "cat", 8.0)
    exclusions.exclude(db, b"/photos/private", 6.0)
    centres = unit_vectors(6, 2)
    parts = [
        themes.NewPart(
            name, centre, np.array(ids[first : first + 20]), np.linspace(0.9, 0.5, 20, dtype=np.float32)
        )
        for name, centre, first in zip(("beach", "snow"), centres, (0, 20), strict=True)
    ]
    themes.replace_all(
        db, [themes.NewTheme("outdoors", tuple(parts))], themes.ThemesState(MODEL.key, 40, 7.0)
    )
    top = themes.find(db, "outdoors")[0]
    theme_choices.put(db, (), [replace(theme_choices.new(db, top.id), name="Holidays")])
    text_vectors.put(db, model_id, ["animals/dog", "Summer fête"], unit_vectors(7, 2))
    faces = (
        FaceRegion("Anna", "Face", 0.1, 0.2, 0.25, 0.3),
        FaceRegion("", "Face", 0.6, 0.2, 0.2, 0.3),
        FaceRegion("Rex", "Pet", 0.4, 0.5, 0.2, 0.2),
    )
    file_metadata.merge_metadata(db, [(ids[50], ImageMetadata(regions=faces, sidecars=1))])


def add_problems(db: Connection, folder_id: int, ids: list[int]) -> list[int]:
    """Files that could not be read, folders that could not be listed, and damaged files. Returns the ids of
    the files that could not be read."""
    decoder_missing = PhotoFormat("JPEG XL", ("jxl",), Decoder.JXL)
    reasons = [
        (FailureKind.TOO_LARGE, str(faults.too_many_pixels(30_000, 20_000))),
        (FailureKind.TOO_LARGE, "The file is too large to open (1,234 MB)."),
        (FailureKind.NEEDS_DECODER, str(faults.needs_decoder(decoder_missing))),
        (FailureKind.BROKEN, "The JPEG picture is cut short: the file ends before the picture does."),
        (FailureKind.TIMED_OUT, "Reading it took longer than 60 seconds."),
        (FailureKind.UNREADABLE, "The file could not be read (Input/output error)."),
        (FailureKind.BROKEN, "An older version wrote {this} about “fête”."),
        (FailureKind.EMPTY, "The file is empty."),
    ]
    found = []
    for number, (kind, reason) in enumerate(reasons):
        file_id = add_file(db, folder_id, f"broken/{number}.jpg", 100 + number)
        files.set_failed(db, file_id, kind, reason, 20.0 + number, "Pillow 13")
        found.append(file_id)
    listed = [
        (b"locked", "This folder could not be listed (Permission denied)."),
        (b"card", NOT_CONNECTED),
    ]
    unlisted.replace(db, folder_id, b"", listed, 40.0)
    damage = "The picture was damaged before it was indexed: the end of the picture is missing."
    for number, fault in enumerate((verification.CHANGED, verification.CUT, damage)):
        file_checks.note_verified(db, files.of_photo(db, ids[20 + number])[0].id, 50.0 + number, fault)
    return found


def add_history(store: LibraryStore, ids: list[int], problems: list[int]) -> None:
    """Operations that can be undone."""
    runner = OperationRunner(store)
    runner.run(AddTag(tuple(ids[40:44]), "People/Anna"))
    runner.run(AddTag(tuple(ids[43:45]), "People/Bruno"))
    runner.run(SetRating(tuple(ids[40:42]), 5))
    runner.run(IgnoreFailures((problems[-1],)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
