"""Silent corruption is found in one pass, repaired from intact copies, and repairs can be taken back."""

from __future__ import annotations

import errno
import os
import random
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from safelight.core.changes import ChangeKind, LibraryChanged
from safelight.core.errors import SafelightError
from safelight.core.jobs import JobControl
from safelight.core.operations import RepairFiles, Undo, describe
from safelight.imaging.integrity import jpeg_damage
from safelight.services import repairing
from safelight.services.operations.runner import OperationRunner, params_of
from safelight.services.repairing import FOLDER, Repairer
from safelight.services.verification import Verifier, VerifyReport
from safelight.store import file_checks, files, journal, photos
from safelight.store.recovery import health
from services.conftest import Bench
from support.pictures import encoded, scene


def keeping_times(path: Path, change: Callable[[bytes], bytes]) -> bytes:
    """Change a file's bytes as a failing disk does: its times stay. Returns what it held."""
    before, status = path.read_bytes(), path.stat()
    path.write_bytes(change(before))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    return before


def flip_bit(chance: random.Random) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        place = chance.randrange(len(data))
        return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]

    return change


def zero_tail(chance: random.Random) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        kept = chance.randrange(len(data) - 2)  # the end marker at least
        return data[:kept] + bytes(len(data) - kept)

    return change


def zero_page(chance: random.Random) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        page = 512
        start = chance.randrange(max(1, len(data) // page)) * page
        changed = data[:start] + bytes(len(data[start : start + page])) + data[start + page :]
        return changed if changed != data else flip_bit(chance)(data)

    return change


def cut(chance: random.Random) -> Callable[[bytes], bytes]:
    return lambda data: data[: chance.randrange(len(data))]


def swapped(new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: new if new != data else data[::-1]


def verify(bench: Bench) -> VerifyReport:
    return Verifier(bench.store).run(JobControl())


def content(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def copied(bench: Bench) -> Bench:
    """60 pictures in “a”, a copy of each in “b”."""
    for number in range(60):
        bench.draw(f"a/{number}.jpg", number)
    shutil.copytree(bench.root / "a", bench.root / "b")
    assert bench.index().photos == 60
    return bench


def test_what_is_sound_is_found_sound(copied: Bench) -> None:
    report = verify(copied)
    assert (report.verified, report.faults, report.skipped) == (120, [], [])
    assert report.bytes == sum(len(data) for data in content(copied.root).values())


def damage(bench: Bench, cases: int, seed: int) -> dict[str, bytes]:
    """Damage files of either folder, never both copies of one picture; return what they held."""
    chance = random.Random(seed)
    numbers = chance.sample(range(60), cases)
    held: dict[str, bytes] = {}
    for case, number in enumerate(numbers):
        path = bench.root / chance.choice("ab") / f"{number}.jpg"
        kinds = [flip_bit, zero_tail, zero_page, cut]
        if case % 5 == 4:
            other = bench.root / "a" / f"{numbers[0]}.jpg"
            bytes_of_other = other.read_bytes()
            change = swapped(bytes_of_other)
        else:
            change = kinds[case % 5](chance)
        held[str(path.relative_to(bench.root))] = keeping_times(path, change)
    return held


def test_every_kind_of_damage_is_found_in_one_pass_and_repaired(copied: Bench, nightly: bool) -> None:
    """40 cases at a time of bits, tails, zeroed pages, cuts and swapped contents; nightly 520."""
    for seed in range(13 if nightly else 1):
        before = content(copied.root)
        held = damage(copied, 40, seed)
        report = verify(copied)
        assert {os.path.relpath(path, copied.root) for path, _ in report.faults} == set(held)
        with copied.store.read() as db:
            assert {f.path for f in files.failures(db)} == {path for path, _ in report.faults}
            assert photos.counts(db).failures == 40
        done = Repairer(copied.store).repair()
        assert (len(done.done), done.failed) == (40, [])
        assert content(copied.root) == before
        assert verify(copied).faults == []
        with copied.store.read() as db:
            assert files.failures(db) == []
        report_after = copied.index()
        assert (report_after.photos, report_after.added, report_after.updated) == (60, 0, 0)
    assert len(list((copied.store.directory / FOLDER).iterdir())) == 40 * (13 if nightly else 1)


def test_a_repair_is_taken_back_and_made_again(copied: Bench) -> None:
    path = copied.root / "a" / "7.jpg"
    keeping_times(path, lambda data: data[:-40] + bytes(40))
    damaged, times = path.read_bytes(), path.stat().st_mtime_ns
    verify(copied)
    ((number, _, copy),) = Repairer(copied.store).repair().done
    assert copy == str(copied.root / "b" / "7.jpg")
    assert path.stat().st_mtime_ns == times
    assert Repairer(copied.store).take_back(number) == str(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (damaged, times)
    with pytest.raises(SafelightError, match="no repair"):
        Repairer(copied.store).take_back(number)
    assert [found for found, _ in verify(copied).faults] == [str(path)]
    assert len(Repairer(copied.store).repair().done) == 1
    assert path.read_bytes() == (copied.root / "b" / "7.jpg").read_bytes()
    with copied.store.read() as db:
        assert health.check(db) == []


def test_a_repair_is_one_step_of_the_journal(copied: Bench) -> None:
    before = content(copied.root)
    held = damage(copied, 5, seed=3)
    damaged = content(copied.root)
    verify(copied)
    changes: list[LibraryChanged] = []
    runner = OperationRunner(copied.store, on_change=changes.append)
    done = runner.run(RepairFiles())
    assert len(done.repaired) == len(held) == 5
    assert content(copied.root) == before
    with copied.store.read() as db:
        (step,) = [each.step for each in journal.steps(db) if each.step.action == "repair_files"]
    assert step.id == done.step
    assert str(describe(step.action, params_of(step))) == "repaired 5 files"
    edited = copied.root / next(iter(sorted(held)))
    edited.write_bytes(b"edited since")
    undone = OperationRunner(copied.store).run(Undo())
    assert (undone.undone, undone.reverted) == (done.step, 4)
    assert [path for path, _ in undone.failed] == [str(edited)]
    assert "changed since" in str(undone.failed[0][1])
    now = content(copied.root)
    assert {name for name in held if now[name] == damaged[name]} == set(held) - {sorted(held)[0]}
    assert OperationRunner(copied.store).run(Undo(done.step)).reverted == 0
    assert changes == [LibraryChanged(ChangeKind.FAILURES)]


def test_a_repair_is_not_taken_back_over_later_work(copied: Bench) -> None:
    path = copied.root / "a" / "7.jpg"
    keeping_times(path, lambda data: data[:-40] + bytes(40))
    verify(copied)
    ((number, _, _),) = Repairer(copied.store).repair().done
    path.write_bytes(b"edited since")
    with pytest.raises(SafelightError, match="changed since"):
        Repairer(copied.store).take_back(number)
    assert path.read_bytes() == b"edited since"


def test_an_edit_during_the_repair_is_not_replaced(copied: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied.root / "a" / "7.jpg"
    keeping_times(path, lambda data: data[:-40] + bytes(40))
    verify(copied)
    make_alike = repairing._copy_attributes

    def edit_meanwhile(part: bytes, original: bytes) -> None:
        make_alike(part, original)
        path.write_bytes(b"edited just now")

    monkeypatch.setattr(repairing, "_copy_attributes", edit_meanwhile)
    done = Repairer(copied.store).repair()
    assert (done.done, [str(reason) for _, reason in done.failed]) == (
        [],
        ["it was changed while it was repaired; nothing was replaced"],
    )
    assert path.read_bytes() == b"edited just now"
    assert sorted(each.name for each in path.parent.iterdir() if each.suffix == ".part") == []


@pytest.mark.parametrize("through_link", [False, True])
def test_what_was_saved_after_the_damage_was_found_is_not_replaced(
    copied: Bench, tmp_path: Path, through_link: bool
) -> None:
    """No scan has seen the new file yet, or that its folder leads elsewhere now."""
    path = copied.root / "a" / "7.jpg"
    keeping_times(path, lambda data: data[:-40] + bytes(40))
    verify(copied)
    if through_link:
        (copied.root / "a").rename(tmp_path / "moved away")
        (tmp_path / "elsewhere").mkdir()
        (copied.root / "a").symlink_to(tmp_path / "elsewhere")
    mine = encoded(scene(seed=700), "JPEG")
    path.write_bytes(mine)
    done = Repairer(copied.store).repair()
    assert (done.done, [str(reason) for _, reason in done.failed]) == (
        [],
        ["it was changed since; it is read when its folder is indexed"],
    )
    assert path.read_bytes() == mine


def test_a_repair_that_fails_leaves_nothing_behind(copied: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a full disk: the damaged bytes had been kept in the library before the copy did not fit."""
    path = copied.root / "a" / "7.jpg"
    keeping_times(path, lambda data: data[:-40] + bytes(40))
    verify(copied)
    before = content(copied.root)

    def fail(part: bytes, original: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(repairing, "_copy_attributes", fail)
        for _ in range(3):
            assert [str(reason) for _, reason in Repairer(copied.store).repair().failed] == [
                os.strerror(errno.ENOSPC)
            ]
    assert content(copied.root) == before
    assert list((copied.store.directory / FOLDER).iterdir()) == []
    assert len(Repairer(copied.store).repair().done) == 1


def facts(path: Path) -> tuple[int, bytes]:
    return stat.S_IMODE(path.stat().st_mode), os.getxattr(path, "user.xdg.comment")


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="extended attributes of Linux")
def test_a_repaired_file_keeps_its_mode_and_attributes(bench: Bench) -> None:
    """Also in a folder that is called like the one in which damaged files are kept."""
    path, copy = bench.draw("damaged in 2019/a.jpg", 1), bench.root / "copies" / "a.jpg"
    copy.parent.mkdir()
    shutil.copyfile(path, copy)
    path.chmod(0o640)
    try:
        os.setxattr(path, "user.xdg.comment", b"mine")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    bench.index()
    keeping_times(path, lambda data: data[:-40] + bytes(40))
    verify(bench)
    ((number, _, _),) = Repairer(bench.store).repair().done
    assert path.read_bytes() == copy.read_bytes()
    assert facts(path) == (0o640, b"mine")
    Repairer(bench.store).take_back(number)
    assert path.read_bytes() != copy.read_bytes()
    assert facts(path) == (0o640, b"mine")
    (kept,) = (bench.store.directory / FOLDER).iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_without_an_intact_copy_nothing_is_replaced(copied: Bench) -> None:
    for folder in "ab":
        keeping_times(copied.root / folder / "7.jpg", lambda data: data[:-40] + bytes(40))
    after = content(copied.root)
    assert len(verify(copied).faults) == 2
    done = Repairer(copied.store).repair()
    assert done.done == []
    assert {str(reason) for _, reason in done.failed} == {"the library holds no intact copy of it"}
    assert content(copied.root) == after


def test_a_file_that_can_no_longer_be_read_is_repaired_too(copied: Bench) -> None:
    """The index met the damage first: the file is listed as broken and its photo went."""
    path = copied.root / "a" / "7.jpg"
    before = path.read_bytes()
    path.write_bytes(before[:200])
    copied.index()
    with copied.store.read() as db:
        assert [f.path for f in files.failures(db)] == [str(path)]
    assert len(Repairer(copied.store).repair().done) == 1
    assert path.read_bytes() == before
    with copied.store.read() as db:
        assert files.failures(db) == []


def test_an_edited_file_is_not_taken_for_damage(copied: Bench) -> None:
    copied.draw("a/7.jpg", 999)
    report = verify(copied)
    assert report.faults == []
    assert [path for path, _ in report.skipped] == [str(copied.root / "a" / "7.jpg")]
    assert copied.index().updated == 1


def test_a_share_of_the_library_goes_round(copied: Bench) -> None:
    """Each call takes up where the last one stopped, so that a small share reaches every file."""
    verifier = Verifier(copied.store)
    total = sum(len(data) for data in content(copied.root).values())
    assert verifier.daily_share(100, 86_400) == total
    path = copied.root / "b" / "59.jpg"
    keeping_times(path, lambda data: data[:-40] + bytes(40))
    found = [fault for _ in range(12) for fault in verifier.run(JobControl(), most_bytes=total // 10).faults]
    assert [where for where, _ in found[:1]] == [str(path)]


class JumpingClock:
    """A clock that is set back by an hour each time it is read."""

    def __init__(self) -> None:
        self._now = time.time()

    def time(self) -> float:
        self._now -= 3600.0
        return self._now


class Limited(JobControl):
    """Ends a run that goes round in a circle."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def checkpoint(self) -> None:
        self._left -= 1
        assert self._left >= 0, "files are verified again and again"
        super().checkpoint()


def test_a_clock_that_is_set_back_does_not_verify_files_again_and_again(
    copied: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with copied.store.write() as db:
        db.execute("UPDATE file_check SET verified_at = NULL")
    clock = SimpleNamespace(time=JumpingClock().time, monotonic=time.monotonic)
    with monkeypatch.context() as patch:
        patch.setattr("safelight.services.verification.time", clock)
        assert Verifier(copied.store).run(Limited(120)).verified == 120


def test_files_that_were_read_in_the_future_are_verified(copied: Bench) -> None:
    """They were indexed while the clock was ahead, and "verify" passed over them until that date came."""
    keeping_times(copied.root / "b" / "7.jpg", lambda data: data[:-40] + bytes(40))
    with copied.store.write() as db:
        db.execute("UPDATE file_check SET verified_at = ?", (time.time() + 5000 * 86_400.0,))
    report = verify(copied)
    assert report.verified == 120
    assert [path for path, _ in report.faults] == [str(copied.root / "b" / "7.jpg")]


def test_damage_from_before_is_named_by_the_picture_itself(bench: Bench) -> None:
    """A JPEG whose tail was overwritten decodes, with a grey tail, and so is indexed."""
    whole = encoded(scene(640, 480, seed=5), "JPEG", quality=95)
    assert jpeg_damage(whole) is None
    assert jpeg_damage(whole + b"appended by a phone" * 999) is None
    assert jpeg_damage(whole[: len(whole) // 2]) is not None
    assert jpeg_damage(whole[:-5000] + bytes(5000)) is not None
    assert jpeg_damage(whole[:20_000] + bytes(8192) + whole[28_192:]) is not None
    assert jpeg_damage(encoded(scene(64, 48), "PNG")) is None
    bench.root.mkdir(exist_ok=True)
    (bench.root / "grey.jpg").write_bytes(whole[:-5000] + bytes(4998) + b"\xff\xd9")
    bench.draw("good.jpg", 1)
    bench.index()
    with bench.store.read() as db:
        indexed = not any(f.path.endswith("grey.jpg") for f in files.failures(db))
    if indexed:
        assert [Path(path).name for path, _ in verify(bench).faults] == ["grey.jpg"]


def test_files_of_a_drive_that_is_away_are_left_out(copied: Bench, tmp_path: Path) -> None:
    copied.root.rename(tmp_path / "away")
    copied.index()
    report = verify(copied)
    assert (report.verified, report.faults) == (0, [])
    with copied.store.read() as db:
        assert file_checks.faulty(db) == []
