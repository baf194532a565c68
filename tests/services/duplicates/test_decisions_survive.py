"""What a person decided of two photos holds, whatever becomes of the files, the model, the rules or the rows;
and says nothing of what comes later."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, GroupAction, Verdict
from safelight.core.jobs import JobControl
from safelight.core.operations import JudgeDuplicates
from safelight.services.duplicates import comparing, pair_tasks
from safelight.services.duplicates.comparing import Comparer, model_for_comparing
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.qualities import Qualities
from safelight.services.models.model import ModelService
from safelight.services.operations.runner import OperationRunner
from safelight.services.review.trash_executor import TrashExecutor
from safelight.store import folders, orphans
from services.conftest import Bench
from support.fake_encoder import FakeEncoder
from support.pictures import encoded, scene

NOT, BOTH = Verdict.NOT_DUPLICATES, Verdict.KEEP_BOTH
Paths = tuple[Path, Path]


def draw(path: Path, width: int, comment: bytes = b"") -> Path:
    """The same picture, in a size, with something said of it in the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = scene(480, 360, seed=1).resize((width, width * 3 // 4))
    path.write_bytes(encoded(image, "JPEG", quality=90, comment=comment))
    return path


def groups(bench: Bench) -> list[DuplicateGroup]:
    with bench.store.read() as db:
        model_id = model_for_comparing(db)
    for _ in Comparer(bench.store).run(model_id, JobControl()):
        pass
    with bench.store.read() as db:
        return find_groups(db, Qualities())


def together(bench: Bench, *paths: Path) -> list[DuplicateKind]:
    """The kinds of the groups in which these all stand."""
    wanted = {str(path) for path in paths}
    return [group.kind for group in groups(bench) if wanted <= {member.path for member in group.members}]


def judge(bench: Bench, verdict: Verdict, *paths: Path) -> None:
    photo_ids = tuple(bench.photo_at(path).id for path in paths)
    OperationRunner(bench.store).run(JudgeDuplicates(photo_ids, verdict))


@pytest.fixture(params=[NOT, BOTH])
def decided(bench: Bench, request: pytest.FixtureRequest) -> Paths:
    """A picture and a smaller version of it, of which a person has decided; with others around."""
    a, b = draw(bench.root / "trip/a.jpg", 480), draw(bench.root / "trip/b.jpg", 320)
    for number in range(3, 8):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    assert together(bench, a, b) == [DuplicateKind.RESAVED]
    judge(bench, request.param, a, b)
    assert together(bench, a, b) == []
    return a, b


# --- what a decision outlives -----------------------------------------------------------------------------


def rescanned(bench: Bench, a: Path, b: Path) -> Paths:
    os.utime(a)  # and looked at again, as by a program that touches what it does not change
    bench.index()
    return a, b


def read_by_another_model(bench: Bench, a: Path, b: Path) -> Paths:
    other = FakeEncoder("other")
    bench.library.model = ModelService(lambda: other, other.input_spec, other.info.key, "other")
    bench.index()
    return a, b


def folder_renamed(bench: Bench, a: Path, b: Path) -> Paths:
    a.parent.rename(bench.root / "journey")
    bench.index()
    return bench.root / "journey" / a.name, bench.root / "journey" / b.name


def library_moved_to_another_drive(bench: Bench, a: Path, b: Path) -> Paths:
    """Copied, with new dates; the old folder leaves the library before the new one is added."""
    new = bench.root.parent / "Other drive"
    shutil.copytree(bench.root, new, copy_function=shutil.copyfile)
    with bench.store.write() as db:
        for folder in folders.all_folders(db):
            folders.remove(db, folder.id)
    shutil.rmtree(bench.root)
    bench.add_root(new)
    bench.index()
    return new / "trip" / a.name, new / "trip" / b.name


def tagged_again(bench: Bench, a: Path, b: Path) -> Paths:
    draw(a, 480, b"first tag")
    bench.index()
    return a, b


def both_tagged_twice(bench: Bench, a: Path, b: Path) -> Paths:
    for comment in (b"first tag", b"second tag"):
        draw(a, 480, comment)
        draw(b, 320, comment)
        bench.index()
    return a, b


def tagged_and_renamed_in_one_go(bench: Bench, a: Path, b: Path) -> Paths:
    a.unlink()
    new = draw(bench.root / "2020/a (tagged).jpg", 480, b"by an organising program")
    bench.index()
    return new, b


def gone_for_long_and_back(bench: Bench, a: Path, b: Path) -> Paths:
    away = bench.root.parent / "away.jpg"
    a.rename(away)
    bench.index()
    with bench.store.write() as db:
        assert orphans.prune(db, time.time() + 1) == 1
    away.rename(a)
    bench.index()
    return a, b


def its_equal_kept_in_its_place(bench: Bench, a: Path, b: Path) -> Paths:
    """A version with other metadata turns up, and is kept where the one that was judged goes."""
    version = draw(bench.root / "version of a.jpg", 480, b"exported")
    bench.index()
    kept, gone = bench.photo_at(version).files[0].id, bench.photo_at(a).files[0].id
    TrashExecutor(bench.store).trash_duplicates(
        [GroupAction("same-picture-1", (kept,), (gone,))], JobControl()
    )
    assert not a.exists()
    return version, b


Event = Callable[[Bench, Path, Path], Paths]


@pytest.mark.parametrize(
    "event",
    [
        rescanned,
        read_by_another_model,
        folder_renamed,
        library_moved_to_another_drive,
        tagged_again,
        both_tagged_twice,
        tagged_and_renamed_in_one_go,
        gone_for_long_and_back,
        its_equal_kept_in_its_place,
    ],
)
def test_a_decision_survives(bench: Bench, decided: Paths, event: Event) -> None:
    a, b = event(bench, *decided)
    assert bench.photo_at(a).id != bench.photo_at(b).id
    assert together(bench, a, b) == []


def test_a_decision_survives_other_rules_and_thresholds(
    bench: Bench, decided: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = decided
    before = sum(len(group.members) for group in groups(bench))
    monkeypatch.setattr(
        comparing, "FINGERPRINT_VERSION", comparing.FINGERPRINT_VERSION + 1
    )  # as in a later version
    monkeypatch.setattr(pair_tasks, "LOOKALIKE_COSINE", 0.3)
    assert sum(len(group.members) for group in groups(bench)) > before
    assert together(bench, a, b) == []


# --- what it says nothing of ------------------------------------------------------------------------------


def test_a_new_version_still_surfaces(bench: Bench, decided: Paths) -> None:
    a, b = decided
    new = draw(bench.root / "new.jpg", 240)
    bench.index()
    assert len(together(bench, a, new) + together(bench, b, new)) == 1
    assert together(bench, a, b) == []


def test_an_edited_picture_under_the_old_name_is_a_new_one(bench: Bench, decided: Paths) -> None:
    a, b = decided
    image = scene(480, 360, seed=1).resize((320, 240))
    image.paste((255, 255, 255), (150, 200, 170, 215))
    b.write_bytes(encoded(image, "JPEG", quality=90))
    bench.index()
    assert len(together(bench, a, b)) == 1


def test_a_version_with_other_metadata_surfaces_beside_what_it_equals(bench: Bench, decided: Paths) -> None:
    a, b = decided
    version = draw(bench.root / "version of a.jpg", 480, b"exported")
    bench.index()
    assert together(bench, a, version) == [DuplicateKind.SAME_PICTURE]
    assert together(bench, a, b) == together(bench, version, b) == []


def test_a_third_copy_is_proposed_although_two_are_kept(bench: Bench) -> None:
    a = draw(bench.root / "a.jpg", 480)
    copy = bench.root / "sub" / "a.jpg"
    copy.parent.mkdir()
    shutil.copy(a, copy)
    bench.index()
    judge(bench, BOTH, a, copy)
    assert groups(bench) == []
    third = bench.root / "third.jpg"
    shutil.copy(a, third)
    bench.index()
    assert together(bench, a, copy, third) == [DuplicateKind.IDENTICAL]
