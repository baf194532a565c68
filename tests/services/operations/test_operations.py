"""Every operation is applied in one transaction, journaled as plain JSON, and can be undone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from safelight.core import concepts as taught
from safelight.core import migration, operations, organising
from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.duplicates import Verdict
from safelight.core.errors import SafelightError, UsageError
from safelight.core.migration import ImportedAlbum
from safelight.core.operations import (
    AddTag,
    AddToAlbum,
    ArrangeAlbum,
    CompositeOperation,
    CreateAlbum,
    DeleteAlbum,
    DeleteConcept,
    DeleteSearch,
    DeleteTag,
    HideThemes,
    IgnoreFailures,
    ImportFromProgram,
    JudgeDuplicates,
    MergeConcepts,
    MergeThemes,
    MoveAlbum,
    Operation,
    OrderAlbum,
    ProtectPath,
    RefuseTag,
    RemoveFromAlbum,
    RemoveTag,
    RenameAlbum,
    RenameConcept,
    RenameSearch,
    RenameTag,
    RenameTheme,
    ResolveConflicts,
    SaveSearch,
    SetAlbumCover,
    SetCaption,
    SetFavourite,
    SetHidden,
    SetLabel,
    SetRating,
    SetStackTop,
    SetTitle,
    StackPhotos,
    TeachConcept,
    TurnPhotos,
    Undo,
    UnstackPhotos,
    describe,
)
from safelight.core.organising_rules import LABELS
from safelight.core.photo import FaceRegion
from safelight.services.operations import runner as runner_module
from safelight.services.operations.runner import OperationRunner, params_of
from safelight.store import albums, decisions, ignored_failures, journal, saved_searches, stacks, themes
from safelight.store.library import Connection, LibraryStore
from safelight.store.themes import NewPart, NewTheme, ThemesState
from support.filled_library import FilledLibrary

Make = Callable[[int], Operation[Any]]
"""An operation for each depth, so that ten in a row all change something."""


class Library:
    """Three photos, a failed file and ten saved searches."""

    def __init__(self, place: Path) -> None:
        self.filled = FilledLibrary(place)
        self.a, self.b, self.c = self.filled.add(*((f"{name}.jpg", "2024-01-01T00:00:00") for name in "abc"))
        in_themes = self.filled.add(*((f"t{n}.jpg", "2024-01-01T00:00:00") for n in range(12)))
        self.failed = [self.filled.fail(f"bad{n}.jpg", "it is damaged") for n in range(10)]
        with self.filled.store.write() as db:
            self.albums = [albums.create(db, f"album {n}", None, 5.0) for n in range(10)]
            for album in self.albums:
                albums.add_photos(db, album, [self.a, self.b])
            self.themes = _themes(db, in_themes)
            self.searches = [saved_searches.save(db, f"search {n}", "beach", 5.0) for n in range(10)]

    @property
    def store(self) -> LibraryStore:
        return self.filled.store

    def run(self, operation: Operation[Any]) -> Any:
        return OperationRunner(self.store).run(operation)

    def restart(self) -> None:
        self.filled.store.close()
        self.filled.store = LibraryStore.create_or_open(self.filled.directory)

    def state(self) -> list[object]:
        """Everything that operations change."""
        with self.store.read() as db:
            tables = (
                (
                    "SELECT photo_id, favourite, rating, hidden, label, title, caption, turns FROM mark "
                    "WHERE favourite OR rating OR hidden OR label <> '' OR title <> '' OR caption <> '' "
                    "OR turns"
                ),
                "SELECT photo_id, program, faces FROM imported_faces",
                "SELECT photo_id, name FROM photo_tag JOIN tag ON tag.id = tag_id",
                "SELECT id, name FROM tag",
                "SELECT id, date, date_is_taken, date_source, ifnull(latitude, ''), longitude FROM photo",
                "SELECT photo_id, date, latitude, longitude FROM given",
                (
                    "SELECT id, name, ifnull(parent_id, 0), ifnull(cover_id, 0), created_at, "
                    "ifnull(position, 0) FROM album"
                ),
                (
                    "SELECT album_id, row_number() OVER (PARTITION BY album_id ORDER BY position, photo_id), "
                    "photo_id FROM album_photo"
                ),
                "SELECT rowid FROM photo_text WHERE photo_text MATCH 'given OR renamed'",
                "SELECT rowid FROM caption_text WHERE caption_text MATCH 'said'",
                "SELECT id, name, query, created_at FROM saved_search",
                "SELECT id, name, hidden, is_top FROM theme_choice",
                "SELECT choice_id, part, content_hash FROM theme_example",
                "SELECT id, choice_id FROM theme WHERE choice_id IS NOT NULL",
                "SELECT file_id FROM ignored_failure",
                "SELECT path FROM protected",
                "SELECT first, second, verdict FROM decision",
                "SELECT id, name, description, created_at FROM concept",
                "SELECT concept_id, content_hash, shows FROM concept_example",
                "SELECT content_hash, tag FROM refused_tag",
                "SELECT photo_id, top_id FROM stack_photo",
            )
            return [sorted(db.execute(statement)) for statement in tables]


def _themes(db: Connection, photo_ids: list[int]) -> list[int]:
    """A theme with one photo for each of these; returns the ids of the themes."""
    one = np.ones(1, np.float32)
    new = [
        NewTheme(f"theme {n}", (NewPart(f"part {n}", one, np.array([photo], np.int64), one),))
        for n, photo in enumerate(photo_ids)
    ]
    themes.replace_all(db, new, ThemesState("test@00000000", len(new), 5.0))
    return [theme.id for theme in themes.all_themes(db)]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path)
    yield made
    made.filled.close()


def makers(library: Library) -> dict[str, Make]:
    photos = (library.a, library.b, 987_654)
    pairs = [(library.a, library.b), (library.b, library.c), (library.a, library.c)]
    verdicts = list(Verdict)
    return {
        "set_favourite": lambda n: SetFavourite(photos, n % 2 == 0),
        "set_rating": lambda n: SetRating(photos, 5 - n % 5),
        "add_tag": lambda n: AddTag(photos, f"tag {n}"),
        "remove_tag": lambda n: RemoveTag((library.c,), f"given {n}"),
        "set_label": lambda n: SetLabel(photos, LABELS[n % len(LABELS)]),
        "set_hidden": lambda n: SetHidden(photos, n % 2 == 0),
        "turn": lambda n: TurnPhotos(photos, n % 3 + 1),
        "set_title": lambda n: SetTitle(photos, f"said {n}" if n % 2 else f"{n}"),
        "set_caption": lambda n: SetCaption(photos, f"said {n}" if n % 2 else f"{n}"),
        "settle_conflicts": lambda n: ResolveConflicts(
            ((library.a, "rating", 5 - n % 5), (library.b, "title", f"said {n}"), (987_654, "label", "red"))
        ),
        "rename_tag": lambda n: RenameTag(f"given {n}", f"renamed/{n // 2}"),
        "delete_tag": lambda n: DeleteTag(f"given {n}"),
        "create_album": lambda n: CreateAlbum(f"new {n}", library.albums[n], photos),
        "rename_album": lambda n: RenameAlbum(library.albums[0], f"name {n}"),
        "move_album": lambda n: MoveAlbum(library.albums[n % 9], library.albums[9] if n < 9 else None),
        "delete_album": lambda n: DeleteAlbum(library.albums[n]),
        "add_to_album": lambda n: AddToAlbum(library.albums[n], (library.c, library.b)),
        "remove_from_album": lambda n: RemoveFromAlbum(library.albums[n], photos),
        "arrange_album": lambda n: ArrangeAlbum(library.albums[0], photos[n % 2 : n % 2 + 1]),
        "order_album": lambda n: OrderAlbum(library.albums[0], library.albums[1] if n % 2 else None),
        "set_album_cover": lambda n: SetAlbumCover(library.albums[0], photos[n % 2]),
        "save_search": lambda n: SaveSearch("Beach" if n % 2 else f"beach {n}", f"beach {n}"),
        "rename_search": lambda n: RenameSearch(library.searches[0], f"name {n}"),
        "delete_search": lambda n: DeleteSearch(library.searches[n]),
        "rename_theme": lambda n: RenameTheme(library.themes[n % 2], f"name {n}"),
        "merge_themes": lambda n: MergeThemes((library.themes[n + 1],), library.themes[0]),
        "hide_themes": lambda n: HideThemes(tuple(library.themes[n % 2 :: 2]), n // 2 % 2 == 0),
        "ignore_failures": lambda n: IgnoreFailures((library.failed[n],)),
        "judge": lambda n: JudgeDuplicates(pairs[n % 3], verdicts[n // 3 % len(verdicts)]),
        "import_from_program": lambda n: ImportFromProgram(
            "digiKam",
            values=(
                ("rating", ((library.a, 5 - n % 5), (987_654, 3))),
                ("caption", ((library.b, f"said {n}"),)),
                ("hidden", ((library.c, n % 2),)),
            ),
            tags=((f"imported/{n // 2}", (library.a, library.b)), ("given 1", photos)),
            albums=(
                ImportedAlbum(("Trips", f"{n // 2}"), (library.b, library.a)),
                ImportedAlbum((f"album {n}",), (library.c, 987_654)),
            ),
            dates=((library.a, f"19{n}0-01-01T00:00:00"), (987_654, "1990-01-01T00:00:00")),
            places=((library.a, float(n), 2.0), (library.b, 1.0, 2.0)),
            faces=(
                (library.a, (FaceRegion(f"Anna {n}", "Face", 0.1, 0.2, 0.3, 0.4),)),
                (987_654, (FaceRegion("", "Face", 0.1, 0.2, 0.3, 0.4),)),
            ),
        ),
        "stack": lambda n: StackPhotos((library.a, library.b, library.c), photos[n % 2]),
        "unstack": lambda n: UnstackPhotos(photos[n % 2 : n % 2 + 1]),
        "set_stack_top": lambda n: SetStackTop(photos[1 - n % 2]),
        "several": lambda n: CompositeOperation((SetRating(photos, 5 - n % 5), AddTag(photos, f"tag {n}"))),
        "protect": lambda n: ProtectPath(f"/photos/{n // 2}", n % 2 == 0),
        "teach_concept": lambda n: TeachConcept(
            "Bruno" if n % 2 else "bruno",
            photos[: 1 + n % 3 // 2],
            () if n % 3 else (library.c,),
            (library.c,) if n % 3 == 1 else (),
            f"dog {n}",
        ),
        "refuse_tag": lambda n: RefuseTag(photos, f"tag {n // 2}", n % 2 == 0),
        "rename_concept": lambda n: RenameConcept("bruno" if n == 0 else f"name {n - 1}", f"name {n}"),
        "merge_concepts": lambda n: MergeConcepts(f"concept {n}", "bruno"),
        "delete_concept": lambda n: DeleteConcept(f"concept {n}"),
    }


def test_albums_around_a_new_one_are_created_and_undone_with_it(library: Library) -> None:
    before = library.state()
    library.run(CreateAlbum("Oslo", library.albums[0], (library.a,), ("Tours", "North")))
    library.run(Undo())
    assert library.state() == before
    library.run(CreateAlbum("Oslo", library.albums[0], (library.a,), ("Tours", "North")))
    between = library.state()
    library.run(CreateAlbum("Bergen", library.albums[0], (), ("tours", "NORTH")))
    library.run(Undo())
    assert library.state() == between
    with pytest.raises(UsageError, match="There is an album “oslo” already"):
        library.run(CreateAlbum("oslo", library.albums[0], (), ("tours", "north")))


def test_every_journaled_operation_is_tested_here(library: Library) -> None:
    handled = {handler.operation.code for handler in runner_module._HANDLERS}
    with_folders = {"add_folder", "remove_folder", "exclude_folder", "include_folder"}
    assert handled <= {*makers(library), *with_folders}
    modules = {operations.__name__, organising.__name__, migration.__name__, taught.__name__}
    codes = [each.code for each in {*Operation.__subclasses__()} if each.__module__ in modules]
    assert handled | {"undo", "settle", "trash", "restore_files", "repair_files"} == set(codes)


@pytest.mark.parametrize(
    "code",
    [
        *("set_favourite", "set_rating", "set_label", "set_hidden", "set_title", "set_caption"),
        *("settle_conflicts", "turn"),
        *("add_tag", "remove_tag", "rename_tag", "delete_tag"),
        *("create_album", "rename_album", "move_album", "delete_album"),
        *("add_to_album", "remove_from_album", "arrange_album", "order_album", "set_album_cover"),
        *("stack", "set_stack_top", "several"),
        *("save_search", "rename_search", "rename_theme", "merge_themes", "hide_themes"),
        *("delete_search", "ignore_failures", "judge", "protect", "import_from_program"),
        *("refuse_tag", "teach_concept", "rename_concept", "merge_concepts", "delete_concept"),
    ],
)
def test_ten_deep_across_a_restart(library: Library, code: str) -> None:
    for n in range(10):
        library.run(AddTag((library.c,), f"given {n}"))
        library.run(TeachConcept(f"concept {n}", (library.a,), (library.b,)))
    if code in ("rename_concept", "merge_concepts"):
        library.run(TeachConcept("bruno", (library.b,)))
    if code == "set_stack_top":
        library.run(StackPhotos((library.a, library.b, library.c)))
    make = makers(library)[code]
    states = [library.state()]
    steps = []
    for depth in range(10):
        outcome = library.run(make(depth))
        assert outcome.step is not None, depth
        assert outcome.change
        steps.append(outcome.step)
        states.append(library.state())
        assert states[-1] != states[-2], depth
    library.restart()
    with library.store.read() as db:
        for summary in journal.steps(db)[:10]:
            assert summary.step.action == code
            said = str(describe(code, params_of(summary.step)))
            assert said != code, "the parameters of the description are missing"
            assert said not in json.dumps(summary.step.detail)
    for depth in reversed(range(10)):
        undone = library.run(Undo())
        assert (undone.undone, undone.code) == (steps[depth], code)
        assert undone.reverted > 0
        assert undone.change
        assert library.state() == states[depth], depth


def test_what_changes_nothing_is_no_step(library: Library) -> None:
    assert library.run(SetRating((library.a,), 0)).step is None
    assert library.run(SetFavourite((), True)).step is None
    assert library.run(RemoveTag((library.a,), "never given")).step is None
    assert not library.run(SetRating((987_654,), 3)).change
    assert library.run(Undo()).undone is None


def test_an_operation_that_cannot_be_applied_changes_nothing(library: Library) -> None:
    before = library.state()
    with pytest.raises(UsageError):
        library.run(SetRating((library.a,), 6))
    for name in ("  ", "/ /", "x" * 501):
        with pytest.raises(UsageError):
            library.run(AddTag((library.a,), name))
    with pytest.raises(UsageError, match="red, yellow, green, blue, purple"):
        library.run(SetLabel((library.a,), "orange"))
    with pytest.raises(SafelightError, match="There is no tag “none”"):
        library.run(RenameTag("none", "some"))
    with pytest.raises(SafelightError, match="There is no tag “none”"):
        library.run(DeleteTag("none"))
    with pytest.raises(UsageError, match="There is an album “ALBUM 1” already"):
        library.run(CreateAlbum("ALBUM 1"))
    with pytest.raises(UsageError, match="cannot contain “/”"):
        library.run(RenameAlbum(library.albums[0], "a/b"))
    with pytest.raises(UsageError, match="cannot be moved into itself"):
        library.run(MoveAlbum(library.albums[0], library.albums[0]))
    with pytest.raises(SafelightError, match="no longer exists"):
        library.run(AddToAlbum(987_654, (library.a,)))
    with pytest.raises(UsageError, match="must be one of its photos"):
        library.run(SetAlbumCover(library.albums[0], library.c))
    with pytest.raises(SafelightError, match="no longer exists"):
        library.run(RenameSearch(987_654, "x"))
    assert library.state() == before
    with library.store.read() as db:
        assert journal.steps(db) == []


def test_undo_names_kinds_and_photos(library: Library) -> None:
    changes: list[LibraryChanged] = []
    runner = OperationRunner(library.store, on_change=changes.append)
    outcome = runner.run(SetRating((library.b, library.a), 4))
    assert changes == [outcome.change]
    assert (outcome.change.kinds, outcome.change.updated) == (ChangeKind.MARKS, (library.a, library.b))
    runner.run(SetRating((library.a,), 2))
    undone = runner.run(Undo(outcome.step))
    assert undone.reverted == 1  # what was rated again since stays
    assert changes[-1].updated == (library.b,)
    assert library.state()[0] == [(library.a, 0, 2, 0, "", "", "", 0)]
    assert runner.run(Undo(outcome.step)).undone is None


def test_a_deleted_search_comes_back_beside_one_that_took_its_name(library: Library) -> None:
    step = library.run(DeleteSearch(library.searches[3])).step
    library.run(SaveSearch("SEARCH 3", "other"))
    library.run(Undo(step))
    with library.store.read() as db:
        assert saved_searches.get(db, library.searches[3]) == saved_searches.SavedSearch(
            library.searches[3], "search 3 (2)", "beach"
        )


def test_verdicts_journaled_by_older_versions_can_be_undone(library: Library) -> None:
    library.run(JudgeDuplicates((library.a, library.b), Verdict.KEEP_BOTH))
    with library.store.write() as db:
        db.execute("UPDATE journal SET detail = json_extract(detail, '$.undo')")
    assert library.run(Undo()).reverted == 1
    with library.store.read() as db:
        assert decisions.verdicts(db) == {}


def test_only_steps_that_moved_files_are_kept_for_good(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "KEPT_STEPS", 3)
    for n in range(6):
        library.run(SetRating((library.a,), n % 2 + 1))
    with library.store.read() as db:
        assert len(journal.steps(db)) == 3


def test_ignored_failures_are_listed_again_after_undo(library: Library) -> None:
    def listed() -> int:
        with library.store.read() as db:
            query = f"SELECT count(*) FROM file AS f WHERE state = 'failed' AND {ignored_failures.TOLD}"
            return int(db.execute(query).get)

    library.run(IgnoreFailures(tuple(library.failed)))
    assert listed() == 0
    assert library.run(IgnoreFailures(tuple(library.failed))).step is None
    library.run(Undo())
    assert listed() == 10


def test_stacks_are_made_joined_and_ended(library: Library) -> None:
    def now() -> dict[int, list[int]]:
        with library.store.read() as db:
            return stacks.all_stacks(db)

    a, b, c = library.a, library.b, library.c
    made = library.run(StackPhotos((a, b)))
    assert (made.change.removed, now()) == ((b,), {a: [b]})
    assert library.run(StackPhotos((c, a))).change.removed == (a,)
    assert now() == {c: [a, b]}  # with what was below a
    top = library.run(SetStackTop(b))
    assert (top.change.added, top.change.removed, now()) == ((b,), (c,), {b: [a, c]})
    assert library.run(SetStackTop(b)).step is None
    assert library.run(UnstackPhotos((a,))).change.added == (a,)
    assert now() == {b: [c]}
    assert library.run(Undo(made.step)).reverted == 0  # stacked otherwise since
    library.run(UnstackPhotos((b,)))
    assert now() == {}
    for wanted in ({b: [c]}, {b: [a, c]}, {c: [a, b]}, {a: [b]}):
        library.run(Undo())
        assert now() == wanted
    library.run(UnstackPhotos((a,)))
    for wrong in (StackPhotos((a,)), StackPhotos((c, 987_654)), StackPhotos((b, c), 987_654), SetStackTop(c)):
        with pytest.raises(SafelightError):
            library.run(wrong)


def test_several_changes_are_one_step(library: Library) -> None:
    before = library.state()
    outcome = library.run(
        CompositeOperation(
            (SetRating((library.a,), 3), SetHidden((library.b,), True), AddTag((library.c,), "x"))
        )
    )
    assert ChangeKind.MARKS | ChangeKind.TAGS in outcome.change.kinds
    assert (outcome.change.removed, outcome.change.updated) == (
        (library.b,),
        (library.a, library.b, library.c),
    )
    undone = library.run(Undo())
    assert (undone.undone, undone.reverted, library.state()) == (outcome.step, 3, before)
    with pytest.raises(UsageError):
        library.run(CompositeOperation((SetRating((library.a,), 3), SetRating((library.b,), 9))))
    assert library.state() == before  # all or nothing
    assert library.run(CompositeOperation((SetRating((library.a,), 0),))).step is None
