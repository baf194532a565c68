"""Random sequences of changes are undone: after each undo, the library is as it was before that step."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safelight.core.errors import SafelightError
from safelight.core.operations import (
    AddTag,
    AddToAlbum,
    ArrangeAlbum,
    CompositeOperation,
    CreateAlbum,
    DeleteAlbum,
    DeleteTag,
    MoveAlbum,
    Operation,
    Outcome,
    RemoveFromAlbum,
    RemoveTag,
    RenameAlbum,
    RenameTag,
    SetAlbumCover,
    SetCaption,
    SetFavourite,
    SetHidden,
    SetLabel,
    SetRating,
    SetStackTop,
    SetTitle,
    StackPhotos,
    Undo,
    UnstackPhotos,
)
from safelight.services.operations.runner import OperationRunner
from safelight.store.library import Connection, LibraryStore
from safelight.store.recovery import health
from support.filled_library import FilledLibrary

PHOTO = st.integers(1, 5)
SOME = st.lists(PHOTO, min_size=1, max_size=4).map(tuple)
TAG = st.sampled_from(("a", "a/b", "a/b/c", "d", "D", "a/é"))
ALBUM = st.integers(1, 4)
NAME = st.sampled_from(("one", "two", "three"))

single: st.SearchStrategy[Operation[Outcome]] = st.one_of(
    st.builds(SetRating, SOME, st.integers(-1, 5)),
    st.builds(SetLabel, SOME, st.sampled_from(("", "red", "blue"))),
    st.builds(SetFavourite, SOME, st.booleans()),
    st.builds(SetHidden, SOME, st.booleans()),
    st.builds(SetTitle, SOME, st.sampled_from(("", "x", "y"))),
    st.builds(SetCaption, SOME, st.sampled_from(("", "x\ny"))),
    st.builds(AddTag, SOME, TAG),
    st.builds(RemoveTag, SOME, TAG),
    st.builds(RenameTag, TAG, TAG),
    st.builds(DeleteTag, TAG),
    st.builds(CreateAlbum, NAME, st.none() | ALBUM, SOME),
    st.builds(RenameAlbum, ALBUM, NAME),
    st.builds(MoveAlbum, ALBUM, st.none() | ALBUM),
    st.builds(DeleteAlbum, ALBUM),
    st.builds(AddToAlbum, ALBUM, SOME),
    st.builds(RemoveFromAlbum, ALBUM, SOME),
    st.builds(ArrangeAlbum, ALBUM, SOME, st.none() | PHOTO),
    st.builds(SetAlbumCover, ALBUM, st.none() | PHOTO),
    st.builds(StackPhotos, SOME, st.none()),
    st.builds(UnstackPhotos, SOME),
    st.builds(SetStackTop, PHOTO),
)
change = single | st.builds(CompositeOperation, st.lists(single, min_size=1, max_size=3).map(tuple))

STATEMENTS = (
    (
        "SELECT photo_id, favourite, rating, hidden, label, title, caption FROM mark "
        "WHERE favourite OR rating OR hidden OR label <> '' OR title <> '' OR caption <> ''"
    ),
    "SELECT id, name FROM tag",
    "SELECT photo_id, tag_id FROM photo_tag",
    "SELECT id, name, parent_id, cover_id, created_at FROM album",
    # Positions may differ; the order may not.
    (
        "SELECT album_id, row_number() OVER (PARTITION BY album_id ORDER BY position, photo_id), photo_id "
        "FROM album_photo"
    ),
    "SELECT photo_id, top_id FROM stack_photo",
)


def state(db: Connection) -> list[list[str]]:
    return [sorted(map(repr, db.execute(statement))) for statement in STATEMENTS]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    filled = FilledLibrary(tmp_path_factory.mktemp("undo"))
    filled.add(*((f"{number}.jpg", "2024-01-01T00:00:00") for number in range(5)))
    filled.close()
    return filled.directory


def test_each_undo_restores_what_was_before(library: Path, nightly: bool) -> None:
    with LibraryStore.create_or_open(library) as store:
        runner = OperationRunner(store)

        def now() -> list[list[str]]:
            with store.read() as db:
                return state(db)

        @settings(
            max_examples=500 if nightly else 100,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(st.lists(change, min_size=3, max_size=14))
        def play(operations: list[Operation[Outcome]]) -> None:
            with store.write() as db:
                for table in ("journal", "mark", "photo_tag", "tag", "album_photo", "album", "stack_photo"):
                    db.execute(f"DELETE FROM {table}")
            states = [now()]
            for operation in operations:
                try:
                    outcome = runner.run(operation)
                except SafelightError:
                    assert now() == states[-1]
                    continue
                if outcome.step is None:
                    assert now() == states[-1], operation
                else:
                    states.append(now())
            with store.read() as db:
                assert health.check(db) == []
            while len(states) > 1:
                last = states.pop()
                undone = runner.run(Undo())
                assert undone.undone is not None
                assert now() == states[-1], (undone, last)
            assert runner.run(Undo()).undone is None

        play()
