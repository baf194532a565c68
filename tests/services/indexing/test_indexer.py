"""Index runs over real files: what is added, moved, changed, gone, broken, away."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from safelight.core.errors import CancelledError, FailureKind
from safelight.core.jobs import JobControl, Phase
from safelight.core.photo import FolderState
from safelight.services.models.model import ModelService
from safelight.store import folders, marks, photos, stored_thumbnails, vectors
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene


def embedded(bench: Bench, encoder: FakeEncoder | None = None) -> int:
    with bench.store.read() as db:
        model = vectors.model_id(db, (encoder or bench.encoder).info.key)
        return photos.counts(db, model).embedded if model is not None else 0


def test_a_first_and_a_second_run(bench: Bench) -> None:
    for number in range(12):
        bench.draw(f"{number % 3}/{number}.jpg", number)
    report = bench.index()
    assert (report.photos, report.added, report.failed) == (12, 12, 0)
    assert embedded(bench) == 12
    assert {change for event in bench.changes for change in event.added} == {p.id for p in bench.photos()}
    assert bench.progress[-1].done == bench.progress[-1].total == 12

    encoded_before = bench.encoder.images_encoded
    again = bench.index()
    assert (again.photos, again.added, again.updated, again.moved, again.removed) == (12, 0, 0, 0, 0)
    assert bench.encoder.images_encoded == encoded_before


def test_a_renamed_folder_is_moved_and_not_read_again(bench: Bench) -> None:
    for number in range(5):
        bench.draw(f"old/{number}.jpg", number)
    bench.index()
    before = {photo.id for photo in bench.photos()}
    (bench.root / "old").rename(bench.root / "new")
    report = bench.index()
    assert (report.moved, report.added, report.removed) == (5, 0, 0)
    assert bench.encoder.images_encoded == 5
    assert {photo.id for photo in bench.photos()} == before
    assert bench.paths() == {bench.root / "new" / f"{number}.jpg" for number in range(5)}


def test_a_file_copied_elsewhere_and_deleted_is_moved_by_its_content(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    with bench.store.write() as db:
        marks.set_favourite(db, [bench.photos()[0].id], True)
    (bench.root / "sub").mkdir()
    shutil.copyfile(path, bench.root / "sub" / "b.jpg")  # another inode, another time
    path.unlink()
    report = bench.index()
    assert (report.moved, report.added, report.removed) == (1, 0, 0)
    assert bench.encoder.images_encoded == 1
    (photo,) = bench.photos()
    assert photo.favourite
    assert bench.paths() == {bench.root / "sub" / "b.jpg"}


def test_moving_between_two_roots_keeps_the_photo(bench: Bench, tmp_path: Path) -> None:
    path = bench.draw("a.jpg", 1)
    other = tmp_path / "Other"
    other.mkdir()
    bench.add_root(other)
    bench.index()
    before = bench.photos()[0].id
    path.rename(other / "a.jpg")
    assert bench.index().moved == 1
    assert [photo.id for photo in bench.photos()] == [before]


def test_copies_are_files_of_one_photo(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    shutil.copyfile(path, bench.root / "copy.jpg")
    report = bench.index()
    assert (report.photos, report.added) == (1, 2)
    assert len(bench.photos()[0].files) == 2
    path.unlink()
    report = bench.index()
    assert (report.photos, report.removed) == (1, 1)


def test_an_edited_file_is_another_photo(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    old = bench.photos()[0].id
    bench.changes.clear()
    bench.draw("a.jpg", 2)
    report = bench.index()
    assert (report.photos, report.updated, report.added) == (1, 1, 0)
    assert bench.photo_at(path).id != old
    assert any(old in change.removed for change in bench.changes)


def test_new_metadata_over_the_same_pixels_keep_what_the_person_made(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    with bench.store.write() as db:
        marks.set_favourite(db, [bench.photos()[0].id], True)
    bench.draw("a.jpg", 1, comment=b"tagged by another program")
    assert bench.index().updated == 1
    assert bench.photo_at(path).favourite


@pytest.mark.parametrize("in_two_runs", [False, True])
def test_new_metadata_under_a_new_name_keep_what_the_person_made(bench: Bench, in_two_runs: bool) -> None:
    path = bench.draw("a.jpg", 1)
    for number in range(2, 9):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    with bench.store.write() as db:
        marks.set_favourite(db, [bench.photo_at(path).id], True)
    path.unlink()
    if in_two_runs:  # as when the events come apart
        bench.index()
    new = bench.draw("2020/a renamed.jpg", 1, comment=b"tagged by another program")
    bench.index()
    assert bench.photo_at(new).favourite


def test_another_copy_with_new_metadata_inherits_nothing(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    with bench.store.write() as db:
        marks.set_favourite(db, [bench.photo_at(path).id], True)
    copy = bench.draw("b.jpg", 1, comment=b"a version")
    bench.index()
    assert not bench.photo_at(copy).favourite
    assert bench.photo_at(path).favourite


def test_a_deleted_file_goes_and_comes_back_without_a_new_vector(bench: Bench, tmp_path: Path) -> None:
    path = bench.draw("a.jpg", 1)
    bench.draw("b.jpg", 2)
    bench.index()
    gone = bench.photo_at(path).id
    path.rename(tmp_path / "kept.jpg")
    report = bench.index()
    assert (report.photos, report.removed) == (1, 1)
    assert any(gone in change.removed for change in bench.changes)
    shutil.copyfile(tmp_path / "kept.jpg", bench.root / "back.jpg")
    assert bench.index().photos == 2
    assert bench.photo_at(bench.root / "back.jpg").id == gone
    assert bench.encoder.images_encoded == 2


def test_broken_files_are_listed_once_and_retried_when_they_change(bench: Bench) -> None:
    good = bench.draw("good.jpg", 1)
    bad = bench.root / "bad.jpg"
    bad.write_bytes(encoded(scene(), "JPEG")[:300])
    (bench.root / "empty.png").touch()
    report = bench.index()
    assert (report.photos, report.added, report.failed) == (1, 1, 2)
    assert {(Path(f.path).name, f.kind) for f in bench.failures()} == {
        ("bad.jpg", FailureKind.BROKEN),
        ("empty.png", FailureKind.EMPTY),
    }
    assert all(str(failure.reason) for failure in bench.failures())
    assert bench.index().failed == 2
    assert bench.paths() == {good}
    bad.write_bytes(encoded(scene(seed=9), "JPEG"))
    report = bench.index()
    assert (report.photos, report.failed) == (2, 1)


def test_a_folder_that_is_away_loses_nothing(bench: Bench, tmp_path: Path) -> None:
    bench.draw("a.jpg", 1)
    (folder,) = _folders(bench)
    bench.index()
    bench.root.rename(tmp_path / "unplugged")
    report = bench.index()
    assert (report.photos, report.removed) == (1, 0)
    assert _folders(bench)[0].state is FolderState.OFFLINE
    bench.root.mkdir()  # an empty mount point where the disk was
    assert bench.index().photos == 1
    assert _folders(bench)[0].state is FolderState.OFFLINE
    bench.root.rmdir()
    (tmp_path / "unplugged").rename(bench.root)
    report = bench.index()
    assert (report.photos, report.added, report.moved) == (1, 0, 0)
    assert _folders(bench)[0].state is FolderState.ONLINE
    assert _folders(bench)[0].id == folder.id


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_subfolder_loses_nothing(bench: Bench) -> None:
    bench.draw("sub/a.jpg", 1)
    bench.index()
    (bench.root / "sub").chmod(0)
    try:
        assert bench.index().photos == 1
    finally:
        (bench.root / "sub").chmod(0o700)


def test_a_cancelled_run_keeps_what_it_committed_and_the_next_continues(bench: Bench) -> None:
    for number in range(40):
        bench.draw(f"{number}.jpg", number)
    control = JobControl()

    class Enough(FakeEncoder):
        def encode_images(self, batch):  # type: ignore[no-untyped-def]
            if self.images_encoded >= 8:
                control.cancel()
            return super().encode_images(batch)

    encoder = Enough()
    bench.library.model = ModelService(lambda: encoder, encoder.input_spec, encoder.info.key, "fake")
    bench.library.model.wait()
    with pytest.raises(CancelledError):
        bench.index(control=control)
    assert len(bench.photos()) < 40
    assert bench.index().photos == 40
    assert embedded(bench) == 40


def test_pausing_commits_what_is_read_and_says_so(bench: Bench) -> None:
    for number in range(30):
        bench.draw(f"{number}.jpg", number)
    control = JobControl()
    control.pause()
    seen: list[int] = []

    def received(progress: object) -> None:
        if getattr(progress, "phase", None) is Phase.PAUSED:
            seen.append(1)
            control.resume()

    indexer = bench.library.indexer(on_progress=received)
    with bench.store.read() as db:
        scope = dict.fromkeys(folder.id for folder in folders.all_folders(db))
    control.resume()
    bench.library.model.when_ready(lambda _: control.pause())
    indexer.run(scope, control, wait_for_model=True)
    assert len(bench.photos()) == 30


def test_a_model_unloaded_in_a_long_pause_is_loaded_again(bench: Bench) -> None:
    for number in range(40):
        bench.draw(f"{number}.jpg", number)
    loads: list[FakeEncoder] = []

    def load() -> FakeEncoder:
        loads.append(FakeEncoder("late"))
        return loads[-1]

    bench.index()
    model = bench.library.model = ModelService(load, bench.encoder.input_spec, "late@00000000", "late")
    model.wait()

    class PausedForLong(JobControl):
        unloaded = False

        def checkpoint(self) -> None:
            super().checkpoint()
            # Checkpoints continue while the model is loaded again, when there is none to unload.
            if not self.unloaded and loads[0].images_encoded:
                self.unloaded = True
                assert model.unload_if_idle(0.0), "as if it had not been used for twenty minutes"

    bench.index(control=PausedForLong())
    assert embedded(bench, loads[0]) == 40
    assert len(loads) == 2
    assert sum(encoder.images_encoded for encoder in loads) == 40


def test_photos_read_before_the_model_is_loaded_are_shown_and_embedded_later(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from safelight.services.indexing import pipeline

    monkeypatch.setattr(pipeline, "MAX_KEPT_INPUTS", 3)
    monkeypatch.setattr(pipeline, "COMMIT_INTERVAL_S", 0.0)
    for number in range(10):
        bench.draw(f"{number}.jpg", number)
    gate = threading.Event()
    encoder = bench.encoder

    def load() -> FakeEncoder:
        gate.wait()
        return encoder

    bench.library.model = ModelService(load, encoder.input_spec, encoder.info.key, "fake")
    shown: list[int] = []
    indexer = bench.library.indexer(
        on_change=lambda change: (shown.extend(change.added), gate.set() if len(shown) == 10 else None)[0]  # type: ignore[func-returns-value]
    )
    with bench.store.read() as db:
        scope = dict.fromkeys(folder.id for folder in folders.all_folders(db))
    indexer.run(scope, JobControl(), wait_for_model=True)
    assert len(shown) == 10
    assert embedded(bench) == 10


def test_another_model_gets_vectors_of_its_own(bench: Bench) -> None:
    for number in range(6):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    other = FakeEncoder("other")
    bench.library.model = ModelService(lambda: other, other.input_spec, other.info.key, "other")
    report = bench.index()
    assert (report.added, report.model) == (0, "other")
    assert (embedded(bench), embedded(bench, other)) == (6, 6)
    assert other.images_encoded == 6


def test_originals_are_left_as_they_are(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    path.chmod(0o444)
    before = (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode)
    bench.index()
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) == before


def test_nested_roots_list_no_file_twice(bench: Bench) -> None:
    bench.draw("sub/a.jpg", 1)
    bench.index()
    bench.add_root(bench.root / "sub")
    bench.add_root(bench.root.parent)
    report = bench.index()
    assert report.photos == 1
    assert len(bench.photos()[0].files) == 1
    assert len(_folders(bench)) == 1


def _folders(bench: Bench) -> list:  # type: ignore[type-arg]
    with bench.store.read() as db:
        return folders.all_folders(db)


def test_lost_thumbnails_are_made_again_without_new_vectors(bench: Bench) -> None:
    for number in range(5):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    ids = [photo.id for photo in bench.photos()]
    with bench.store.write() as db:
        db.execute("DELETE FROM thumbs.thumbnail")
    bench.index()
    with bench.store.read() as db:
        assert set(stored_thumbnails.get_many(db, ids)) == set(ids)
    assert bench.encoder.images_encoded == 5
