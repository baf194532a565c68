"""Files are forgotten in bulk only when a person says so."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from safelight.core.changes import RemovalsHeld, RemovalsSettled
from safelight.core.jobs import JobControl
from safelight.core.operations import RemoveFolder
from safelight.core.photo import FolderState
from safelight.services.indexing.guard import RemovalGuard
from safelight.services.indexing.indexer import Indexer
from safelight.services.indexing.live import Listener
from safelight.services.operations.runner import OperationRunner
from safelight.store import files, folders, journal, removals
from safelight.store.journal import Action, NewJournalFile
from safelight.store.recovery import health
from services.conftest import Bench
from support.waiting import wait_until


@pytest.fixture
def hundred(bench: Bench) -> Bench:
    """Pictures 0 to 99, ten to a folder."""
    for number in range(100):
        bench.draw(f"{number // 10}/{number}.jpg", number)
    assert bench.index().added == 100
    return bench


def scan(bench: Bench, confirmed: tuple[int, ...] = ()) -> tuple[int, list[RemovalsHeld]]:
    """(files forgotten, questions) of one look at everything."""
    held: list[RemovalsHeld] = []
    indexer = bench.library.indexer(on_held=held.append)
    with bench.store.read() as db:
        scope = [folder.id for folder in folders.all_folders(db)]
    report = indexer.run(dict.fromkeys(scope), JobControl(), wait_for_model=True, confirmed=confirmed)
    with bench.store.read() as db:
        assert health.check(db) == []
    return report.removed, held


def delete(bench: Bench, *tens: int) -> None:
    for ten in tens:
        shutil.rmtree(bench.root / str(ten))


def test_up_to_a_fifth_goes_without_a_question(hundred: Bench) -> None:
    delete(hundred, 0, 1)
    assert scan(hundred) == (20, [])
    assert len(hundred.photos()) == 80


def test_more_than_a_fifth_is_kept_until_it_is_confirmed(hundred: Bench) -> None:
    delete(hundred, 0, 1)
    (hundred.root / "2/20.jpg").unlink()
    removed, (question,) = scan(hundred)
    assert (removed, question.missing, question.known) == (0, 21, 100)
    assert question.path == str(hundred.root)
    assert len(hundred.photos()) == 100
    with hundred.store.read() as db:
        assert removals.waiting(db) == [(question.folder_id, 21)]
    assert scan(hundred)[1] == [question]  # and it is asked again at the next start
    assert scan(hundred, confirmed=(question.folder_id,)) == (21, [])
    assert len(hundred.photos()) == 79
    with hundred.store.read() as db:
        assert removals.waiting(db) == []


@pytest.mark.parametrize("noted", [True, False])
def test_what_goes_to_the_trash_meanwhile_is_not_asked_about(hundred: Bench, noted: bool) -> None:
    """A scan saw files missing that this program itself had moved, or was just moving."""
    with hundred.store.read() as db:
        folder = folders.all_folders(db)[0]
        rows = [row for row in files.in_folder(db, folder.id) if row.path < b"5"]
    delete(hundred, 0, 1, 2, 3, 4)
    with hundred.store.write() as db:
        if noted:
            files.remove(db, [row.id for row in rows])
        else:
            step = journal.begin(db, Action.TRASH, {}, 1.0)
            journal.record_moves(
                db,
                step,
                [
                    NewJournalFile(path, b"hash", row.stat, row.photo_id, None)
                    for row, path in files.with_absolute_paths(db, [row.id for row in rows])
                ],
            )
    assert len(rows) == 50
    guard = RemovalGuard(hundred.store)
    assert guard.removable(rows, [folder.id], ()) == ([], [])


def test_few_files_are_never_asked_about(bench: Bench) -> None:
    for number in range(19):
        bench.draw(f"in/{number}.jpg", number)
    assert bench.index().added == 19
    shutil.rmtree(bench.root / "in")
    assert scan(bench) == (19, [])


def test_kept_photos_are_asked_about_again_only_when_more_go(hundred: Bench) -> None:
    delete(hundred, 0, 1, 2)
    ((question,), _) = (scan(hundred)[1], None)
    with hundred.store.write() as db:
        removals.keep(db, question.folder_id)
    assert scan(hundred) == (0, [])
    assert len(hundred.photos()) == 100
    (hundred.root / "3/30.jpg").unlink()
    assert scan(hundred)[1][0].missing == 31


def test_what_comes_back_needs_no_answer_any_more(hundred: Bench, tmp_path: Path) -> None:
    for ten in range(5):
        shutil.move(hundred.root / str(ten), tmp_path / f"away {ten}")
    assert scan(hundred)[1][0].missing == 50
    for ten in range(5):
        shutil.move(tmp_path / f"away {ten}", hundred.root / str(ten))
    assert scan(hundred) == (0, [])
    with hundred.store.read() as db:
        assert removals.waiting(db) == []
    assert hundred.encoder.images_encoded == 100


def test_moved_files_are_not_gone(hundred: Bench) -> None:
    for ten in range(10):
        (hundred.root / str(ten)).rename(hundred.root / f"renamed {ten}")
    assert scan(hundred) == (0, [])


def test_a_folder_deleted_file_by_file_counts_as_one_removal(hundred: Bench) -> None:
    held: list[RemovalsHeld] = []
    indexer = hundred.library.indexer(on_held=held.append)
    with hundred.store.read() as db:
        (folder,) = folders.all_folders(db)
    removed = 0
    for ten in range(10):
        delete(hundred, ten)
        scope = {folder.id: frozenset([str(ten).encode()])}
        removed += indexer.run(scope, JobControl(), wait_for_model=True).removed
    assert removed == 20  # pieces of ten are too small for a question each, but they add up
    assert held[-1].missing == 80
    assert len(hundred.photos()) == 80


def test_files_that_come_back_do_not_count_as_removed(hundred: Bench, tmp_path: Path) -> None:
    """As where folders are renamed during scans, which miss files and find them again."""
    held: list[RemovalsHeld] = []
    indexer = hundred.library.indexer(on_held=held.append)
    with hundred.store.read() as db:
        (folder,) = folders.all_folders(db)

    def scan_part(path: str) -> int:
        scope = {folder.id: frozenset([path.encode()])}
        return indexer.run(scope, JobControl(), wait_for_model=True).removed

    for ten in range(6):
        (hundred.root / str(ten)).rename(tmp_path / "away")
        assert scan_part(str(ten)) == 10
        (tmp_path / "away").rename(hundred.root / f"back {ten}")
        assert scan_part(f"back {ten}") == 0
    delete(hundred, 7)
    assert scan_part("7") == 10
    assert held == []
    delete(hundred, 8, 9)  # 10 and 20 are too many together
    assert scan_part("8") == 10
    assert scan_part("9") == 0
    assert [question.missing for question in held] == [10]


def test_files_known_under_two_names_are_not_asked_about(hundred: Bench) -> None:
    """A scan met each file before and after a rename, so the library has both names until the next scan."""
    known = []
    for ten in range(6):
        old, new = hundred.root / str(ten), hundred.root / f"new {ten}"
        old.rename(new)
        known.append((old, new))
        for file in list(new.iterdir()):
            (hundred.root / str(ten)).mkdir(exist_ok=True)
            (hundred.root / str(ten) / file.name).hardlink_to(file)
    assert scan(hundred) == (0, [])
    for old, _ in known:
        shutil.rmtree(old)
    assert scan(hundred) == (60, [])
    assert len(hundred.photos()) == 100


def test_a_bulk_of_deletions_seen_by_the_watcher_is_asked_about(hundred: Bench) -> None:
    held: list[RemovalsHeld] = []
    hundred.library.model.wait()
    live = hundred.library.live(Listener(lambda _: None, hundred.changes.append, lambda _: None, held.append))
    live.start()
    try:
        assert live.wait_until_idle(30)
        delete(hundred, *range(5))
        wait_until(lambda: bool(held) and held[-1].missing >= 30, "the question")
        assert len(hundred.photos()) >= 80
        live.confirm_removals(held[-1].folder_id)
        wait_until(lambda: len(hundred.photos()) == 50, "the files to be forgotten")
    finally:
        live.close()


def test_an_emptied_mount_point_is_offline_and_asks_nothing(hundred: Bench, tmp_path: Path) -> None:
    hundred.root.rename(tmp_path / "unmounted")
    hundred.root.mkdir()
    assert scan(hundred) == (0, [])
    with hundred.store.read() as db:
        assert folders.all_folders(db)[0].state is FolderState.OFFLINE
    assert len(hundred.photos()) == 100


def test_another_disk_in_the_place_of_a_root_is_asked_about(hundred: Bench, tmp_path: Path) -> None:
    hundred.root.rename(tmp_path / "unmounted")
    hundred.draw("other.jpg", 200)
    removed, (question,) = scan(hundred)
    assert (removed, question.missing) == (0, 100)
    assert len(hundred.photos()) == 101


class Questions:
    """An indexer and what it asks, for scans of parts of a folder as after events."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.told: list[RemovalsHeld | RemovalsSettled] = []
        self.indexer: Indexer = bench.library.indexer(on_held=self.told.append, on_settled=self.told.append)
        with bench.store.read() as db:
            (self.folder,) = folders.all_folders(db)

    def scan(self, *paths: str) -> None:
        """Scan these parts, or everything."""
        scope = frozenset(os.fsencode(path) for path in paths) or None
        self.indexer.run({self.folder.id: scope}, JobControl(), wait_for_model=True)
        with self._bench.store.read() as db:
            assert health.check(db) == []

    def waiting(self) -> list[int]:
        with self._bench.store.read() as db:
            return [missing for _, missing in removals.waiting(db)]

    def since(self) -> list[int | None]:
        """What was told since the last call: numbers of missing files, None for a settled question."""
        said = [each.missing if isinstance(each, RemovalsHeld) else None for each in self.told]
        self.told.clear()
        return said


def test_a_question_follows_files_that_come_back_one_folder_at_a_time(hundred: Bench, tmp_path: Path) -> None:
    asked = Questions(hundred)
    for ten in range(5):
        shutil.move(hundred.root / str(ten), tmp_path / f"away {ten}")
    asked.scan("0", "1", "2", "3", "4")
    assert (asked.since(), asked.waiting()) == ([50], [50])
    for ten in range(5):
        shutil.move(tmp_path / f"away {ten}", hundred.root / str(ten))
        asked.scan(str(ten))
        left = 40 - 10 * ten
        assert (asked.since(), asked.waiting()) == ([left or None], [left] if left else [])
        assert len(hundred.photos()) == 100
    assert hundred.encoder.images_encoded == 100


def test_a_question_is_settled_when_the_files_are_found_under_other_names(
    hundred: Bench, tmp_path: Path
) -> None:
    """Copied back from a backup to another folder: other inodes, and not in the scan that missed them."""
    asked = Questions(hundred)
    for ten in range(3):
        shutil.move(hundred.root / str(ten), tmp_path / f"away {ten}")
    asked.scan()
    assert asked.since() == [30]
    for ten in range(3):
        shutil.copytree(tmp_path / f"away {ten}", hundred.root / f"restored {ten}")
    asked.scan("restored 0", "restored 1", "restored 2")
    assert (asked.since(), asked.waiting()) == ([None], [])
    assert len(hundred.photos()) == 100
    asked.scan()
    assert asked.since() == []
    assert {len(photo.files) for photo in hundred.photos()} == {1}


def test_nothing_is_forgotten_while_a_question_waits(hundred: Bench, tmp_path: Path) -> None:
    """Most of a drive's files came back: the rest is below the limit, but the user has not answered."""
    asked = Questions(hundred)
    for ten in range(5):
        shutil.move(hundred.root / str(ten), tmp_path / f"away {ten}")
    asked.scan()
    for ten in range(1, 5):
        shutil.move(tmp_path / f"away {ten}", hundred.root / str(ten))
    asked.scan()
    assert (asked.since(), asked.waiting()) == ([50, 10], [10])
    (hundred.root / "9/90.jpg").unlink()
    asked.scan("9")
    assert (asked.since(), asked.waiting()) == ([11], [11])
    assert len(hundred.photos()) == 100
    asked.indexer.run({asked.folder.id: None}, JobControl(), confirmed=(asked.folder.id,))
    assert (asked.since(), asked.waiting()) == ([None], [])
    assert len(hundred.photos()) == 89


def test_a_question_of_an_earlier_session_is_settled_by_the_first_scan(
    hundred: Bench, tmp_path: Path
) -> None:
    hundred.root.joinpath("0").rename(tmp_path / "away")
    with hundred.store.write() as db:
        removals.hold(db, folders.all_folders(db)[0].id, 40, 1.0)
    (tmp_path / "away").rename(hundred.root / "0")
    asked = Questions(hundred)
    asked.scan()
    assert (asked.since(), asked.waiting()) == ([None], [])


@pytest.mark.parametrize("answer", ["kept", "folder removed"])
def test_a_question_answered_elsewhere_is_settled(hundred: Bench, answer: str) -> None:
    settled: list[RemovalsSettled] = []
    listener = Listener(lambda _: None, lambda _: None, lambda _: None, settled=settled.append)
    folder_id = Questions(hundred).folder.id
    with hundred.store.write() as db:
        removals.hold(db, folder_id, 40, 1.0)
    delete(hundred, 0, 1, 2, 3)
    hundred.library.model.wait()
    live = hundred.library.live(listener)
    live.start()
    try:
        assert live.wait_until_idle(30)
        assert settled == []
        if answer == "kept":
            live.keep_missing(folder_id)
        else:
            live.between_runs(lambda: OperationRunner(hundred.store).run(RemoveFolder(folder_id)))
        wait_until(lambda: settled == [RemovalsSettled(folder_id)], "the end of the question")
    finally:
        live.close()
