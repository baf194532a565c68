"""What a person decided of two photos holds, whatever becomes of the files, the model or the rows."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from safelight.core.duplicates import Verdict
from safelight.services.journaling import Journal
from safelight.services.model import ModelService
from safelight.store import decisions, folders, photos
from services.conftest import Bench
from support.fake_encoder import FakeEncoder

NOT = Verdict.NOT_DUPLICATES


def verdict(bench: Bench, first: Path, second: Path) -> Verdict | None:
    one, two = bench.photo_at(first).id, bench.photo_at(second).id
    with bench.store.read() as db:
        return decisions.verdicts_of_photos(db).get((min(one, two), max(one, two)))


def judged(bench: Bench) -> tuple[Path, Path]:
    """Two photos of seven, which are no duplicates."""
    a, b = bench.draw("trip/a.jpg", 1), bench.draw("trip/b.jpg", 2)
    for number in range(3, 8):
        bench.draw(f"{number}.jpg", number)
    bench.index()
    Journal(bench.store).judge([bench.photo_at(a).id, bench.photo_at(b).id], NOT)
    assert verdict(bench, a, b) is NOT
    return a, b


def rescanned(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
    os.utime(a)  # and looked at again, as by a program that touches what it does not change
    bench.index()
    return a, b


def read_by_another_model(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
    other = FakeEncoder("other")
    bench.library.model = ModelService(lambda: other, other.input_spec, other.info.key, "other")
    bench.index()
    return a, b


def folder_renamed(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
    a.parent.rename(bench.root / "journey")
    bench.index()
    return bench.root / "journey" / a.name, bench.root / "journey" / b.name


def library_moved_to_another_drive(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
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


def tagged_anew(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
    bench.draw("trip/a.jpg", 1, comment=b"first tag")
    bench.index()
    return a, b


def both_tagged_anew_twice(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
    for comment in (b"first tag", b"second tag"):
        bench.draw("trip/a.jpg", 1, comment=comment)
        bench.draw("trip/b.jpg", 2, comment=comment)
        bench.index()
    return a, b


def tagged_and_renamed_in_one_go(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
    a.unlink()
    new = bench.draw("2020/a (tagged).jpg", 1, comment=b"by an organising program")
    bench.index()
    return new, b


def gone_for_long_and_back(bench: Bench, a: Path, b: Path) -> tuple[Path, Path]:
    away = bench.root.parent / "away.jpg"
    a.rename(away)
    bench.index()
    with bench.store.write() as db:
        assert photos.prune_orphans(db, time.time() + 1) == 1
    away.rename(a)
    bench.index()
    return a, b


Event = Callable[[Bench, Path, Path], tuple[Path, Path]]


@pytest.mark.parametrize(
    "event",
    [
        rescanned,
        read_by_another_model,
        folder_renamed,
        library_moved_to_another_drive,
        tagged_anew,
        both_tagged_anew_twice,
        tagged_and_renamed_in_one_go,
        gone_for_long_and_back,
    ],
)
def test_a_decision_survives(bench: Bench, event: Event) -> None:
    a, b = event(bench, *judged(bench))
    assert verdict(bench, a, b) is NOT
    with bench.store.read() as db:
        assert set(decisions.verdicts_of_photos(db).values()) == {NOT}


def test_a_decision_says_nothing_of_a_picture_that_came_later(bench: Bench) -> None:
    a, _ = judged(bench)
    new = bench.draw("new.jpg", 20)
    edited = bench.draw("trip/b.jpg", 21)  # other pixels: another picture under the old name
    bench.index()
    assert verdict(bench, a, new) is None
    assert verdict(bench, a, edited) is None


def test_a_version_with_other_metadata_is_a_new_picture_beside_the_old_one(bench: Bench) -> None:
    a, b = judged(bench)
    version = bench.draw("version of a.jpg", 1, comment=b"exported")
    bench.index()
    assert verdict(bench, a, b) is NOT
    assert verdict(bench, a, version) is None
    assert verdict(bench, version, b) is None
