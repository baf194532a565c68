"""Which photos are grouped under which kind, and what is proposed for them and why."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, Verdict
from safelight.core.errors import CancelledError
from safelight.core.jobs import JobControl
from safelight.services.duplicates.comparing import Comparer, model_for_comparing
from safelight.services.duplicates.grouping import find_groups, identical_files
from safelight.services.duplicates.qualities import Qualities
from safelight.store import decisions, likeness
from services.conftest import Bench
from support.likenesses import captioned, cropped, next_frame, photograph


def taken(date: str, camera: str = "One") -> Image.Exif:
    made = Image.Exif()
    made[0x010F], made[0x0110] = "Acme", camera
    made.get_ifd(0x8769)[0x9003] = date
    return made


def save(
    bench: Bench, name: str, image: Image.Image, quality: int = 92, exif: Image.Exif | None = None
) -> Path:
    path = bench.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=quality, exif=exif or b"")
    return path


def compare(bench: Bench) -> int:
    """Compare what is new; how many steps that took."""
    with bench.store.read() as db:
        model_id = model_for_comparing(db)
    return len(list(Comparer(bench.store).run(model_id, JobControl())))


def groups(bench: Bench) -> list[DuplicateGroup]:
    with bench.store.read() as db:
        return find_groups(db, Qualities())


def found(bench: Bench) -> list[DuplicateGroup]:
    bench.index()
    compare(bench)
    return groups(bench)


def names(group: DuplicateGroup) -> list[str]:
    return [Path(member.path).name for member in group.members]


def by_kind(all_groups: list[DuplicateGroup]) -> dict[DuplicateKind, list[set[str]]]:
    kinds: dict[DuplicateKind, list[set[str]]] = {}
    for group in all_groups:
        kinds.setdefault(group.kind, []).append(set(names(group)))
    return kinds


def test_each_photo_is_in_its_kind_and_the_best_represents_it_in_lesser_kinds(bench: Bench) -> None:
    image = photograph(1)
    original = save(bench, "IMG_1.jpg", image, exif=taken("2020:05:01 10:00:00"))
    shutil.copy(original, bench.root / "IMG_1 (1).jpg")
    data = original.read_bytes()
    (bench.root / "commented.jpg").write_bytes(data.replace(b"\xff\xdb", b"\xff\xfe\x00\x04hi\xff\xdb", 1))
    save(bench, "small.jpg", image.resize((320, 240), Image.Resampling.LANCZOS), 60)
    save(bench, "turned.png", image.transpose(Image.Transpose.ROTATE_90))
    save(bench, "cut.jpg", cropped(image, 0.15))
    save(bench, "said.jpg", captioned(image))
    for seed in range(20, 26):
        save(bench, f"other-{seed}.jpg", photograph(seed))

    kinds = by_kind(found(bench))
    kinds.pop(DuplicateKind.LOOKALIKE, None)  # to the arithmetic encoder strangers may look alike
    best = "commented.jpg"  # a few bytes more, and equal in all else
    assert kinds == {
        DuplicateKind.IDENTICAL: [{"IMG_1.jpg", "IMG_1 (1).jpg"}],
        DuplicateKind.SAME_PICTURE: [{"IMG_1.jpg", best}],
        DuplicateKind.RESAVED: [{best, "small.jpg", "turned.png"}],
        DuplicateKind.CROP: [{best, "cut.jpg", "said.jpg"}],
    }


def test_the_keeper_comes_first_with_its_reasons_and_what_the_others_lack(bench: Bench) -> None:
    image = photograph(2)
    save(bench, "original.jpg", image, 95, exif=taken("2020:05:01 10:00:00"))
    save(bench, "sent.jpg", image.resize((320, 240), Image.Resampling.LANCZOS), 50)
    (group,) = found(bench)
    assert group.kind is DuplicateKind.RESAVED
    assert names(group) == ["original.jpg", "sent.jpg"]
    kept, going = group.members
    assert (kept.keep, going.keep) == (True, False)
    assert "more pixels" in str(kept.why)
    assert "fewer pixels" in str(going.why)
    assert "in other sizes" in str(group.reason)
    assert going.likeness > 0.8
    assert going.facts.jpeg_quality == pytest.approx(50, abs=2)
    assert kept.facts.sharpness is not None
    assert group.freed == going.facts.size


def test_a_key_lasts_and_names_the_kind(bench: Bench) -> None:
    image = photograph(3)
    save(bench, "a.jpg", image)
    save(bench, "b.jpg", image, 40)
    (before,) = found(bench)
    shutil.move(bench.root / "b.jpg", bench.root / "moved.jpg")
    (after,) = found(bench)
    assert before.key == after.key
    assert before.key.startswith("resaved-")


def test_a_burst_is_no_duplicate_however_alike(bench: Bench) -> None:
    image = photograph(4)
    save(bench, "1.jpg", image, exif=taken("2020:05:01 10:00:00"))
    save(bench, "2.jpg", next_frame(image), exif=taken("2020:05:01 10:00:01"))
    save(bench, "3.jpg", next_frame(image, 1), exif=taken("2020:05:01 10:00:02"))
    (group,) = found(bench)
    assert group.kind is DuplicateKind.BURST
    assert all(member.keep for member in group.members)
    assert group.freed == 0
    assert "Acme One within 2 seconds" in str(group.reason)


def test_two_exposures_that_look_the_same_are_not_one_picture(bench: Bench) -> None:
    """A camera on a stand: nothing moved, but two photos were taken."""
    image = photograph(5)
    save(bench, "1.jpg", image, 95, exif=taken("2020:05:01 10:00:00"))
    save(bench, "2.jpg", image, 90, exif=taken("2020:05:01 10:00:03"))
    save(bench, "much later.jpg", image, 85, exif=taken("2020:05:01 11:00:00"))
    kinds = by_kind(found(bench))
    assert DuplicateKind.RESAVED not in kinds
    assert kinds[DuplicateKind.BURST] == [{"1.jpg", "2.jpg"}]


def test_unrelated_photos_are_look_alikes_at_most(bench: Bench) -> None:
    for seed in range(30, 42):
        save(bench, f"{seed}.jpg", photograph(seed))
    assert {group.kind for group in found(bench)} <= {DuplicateKind.LOOKALIKE}


def test_a_raw_and_its_jpeg_are_one_item(bench: Bench) -> None:
    """The JPEG is beside a file that the library takes for a RAW."""
    image = photograph(6)
    save(bench, "DSC_1.jpg", image)
    raw = save(bench, "DSC_1.png", image)
    raw.rename(bench.root / "DSC_1.nef.png")
    save(bench, "elsewhere/sent.jpg", image, 50)
    bench.index()
    with bench.store.write() as db:  # no RAW can be drawn here that looks like the JPEG
        db.execute("UPDATE photo SET format = 'RAW' WHERE format = 'PNG'")
        db.execute("UPDATE file SET path = ? WHERE path = ?", (b"DSC_1.nef", b"DSC_1.nef.png"))
    compare(bench)
    (group,) = groups(bench)
    assert group.kind is DuplicateKind.RESAVED
    assert names(group) == ["DSC_1.nef", "sent.jpg"]


def photo_ids(group: DuplicateGroup) -> list[int]:
    return [member.photo_id for member in group.members]


@pytest.mark.parametrize("verdict", Verdict)
def test_what_was_decided_is_not_asked_again_and_a_new_copy_is(bench: Bench, verdict: Verdict) -> None:
    image = photograph(7)
    save(bench, "a.jpg", image)
    save(bench, "b.jpg", image, 60)
    (group,) = found(bench)
    with bench.store.write() as db:
        decisions.store_verdict(db, photo_ids(group), verdict, time.time())
    assert groups(bench) == []
    save(bench, "c.jpg", image, 40)
    (again,) = found(bench)
    assert "c.jpg" in names(again)
    assert len(names(again)) == 2


def test_kept_copies_are_proposed_again_only_when_there_are_more(bench: Bench) -> None:
    path = save(bench, "a.jpg", photograph(8))
    shutil.copy(path, bench.root / "b.jpg")
    (group,) = found(bench)
    with bench.store.write() as db:
        decisions.store_verdict(db, photo_ids(group), Verdict.KEEP_BOTH, time.time())
        assert identical_files(db) == []
    shutil.copy(path, bench.root / "c.jpg")
    (again,) = found(bench)
    assert len(again.members) == 3


def test_what_is_protected_is_never_proposed_to_go(bench: Bench) -> None:
    image = photograph(9)
    save(bench, "big.jpg", image)
    locked = save(bench, "locked/small.jpg", image.resize((320, 240), Image.Resampling.LANCZOS))
    with bench.store.write() as db:
        decisions.protect(db, os.fsencode(locked.parent), protected=True, now=1.0)
    (group,) = found(bench)
    small = next(member for member in group.members if member.path == str(locked))
    assert small.protected
    assert small.keep


def test_a_damaged_thumbnail_is_similar_to_nothing_and_stops_no_other(bench: Bench) -> None:
    image = photograph(10)
    save(bench, "a.jpg", image)
    save(bench, "b.jpg", image, 60)
    broken = save(bench, "c.jpg", image, 50)
    bench.index()
    with bench.store.write() as db:
        db.execute(
            "UPDATE thumbs.thumbnail SET jpeg = x'ffd8ff00' WHERE photo_id = ?", (bench.photo_at(broken).id,)
        )
    compare(bench)
    assert by_kind(groups(bench))[DuplicateKind.RESAVED] == [{"a.jpg", "b.jpg"}]


# --- comparing once ---------------------------------------------------------------------------------------


def test_a_photo_is_compared_once(bench: Bench) -> None:
    image = photograph(11)
    save(bench, "a.jpg", image)
    save(bench, "b.jpg", cropped(image, 0.1))
    first = found(bench)
    assert compare(bench) == 0
    assert groups(bench) == first


def test_a_new_photo_joins_its_group(bench: Bench) -> None:
    image = photograph(12)
    save(bench, "a.jpg", image)
    save(bench, "b.jpg", image, 50)
    for seed in range(50, 56):
        save(bench, f"{seed}.jpg", photograph(seed))
    assert by_kind(found(bench))[DuplicateKind.RESAVED] == [{"a.jpg", "b.jpg"}]
    save(bench, "c.jpg", image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 70)
    assert by_kind(found(bench))[DuplicateKind.RESAVED] == [{"a.jpg", "b.jpg", "c.jpg"}]


def test_what_is_gone_falls_out_and_comes_back_uncompared(bench: Bench, tmp_path: Path) -> None:
    image = photograph(13)
    save(bench, "a.jpg", image)
    path = save(bench, "b.jpg", image, 50)
    before = found(bench)
    assert len(before) == 1
    away = shutil.move(path, tmp_path / "b.jpg")
    with bench.store.read() as db:
        stored = likeness.pairs(db)
    bench.library.indexer().run({1: None}, JobControl(), confirmed=[1])
    assert groups(bench) == []
    shutil.move(away, path)
    bench.index()
    with bench.store.read() as db:
        assert likeness.pairs(db) == stored
    assert [group.key for group in groups(bench)] == [before[0].key]


def test_giving_up_keeps_what_was_found_and_the_next_run_continues(bench: Bench) -> None:
    images = [photograph(seed) for seed in range(60, 64)]
    for number, image in enumerate(images):
        save(bench, f"{number}.jpg", image)
        save(bench, f"{number}-again.jpg", image, 50)
    bench.index()
    with bench.store.read() as db:
        model_id = model_for_comparing(db)
    control = JobControl()
    with pytest.raises(CancelledError):  # noqa: PT012 (it is the going on that raises)
        for _ in Comparer(bench.store).run(model_id, control):
            control.cancel()
    compare(bench)
    assert len(groups(bench)) == 4


def test_the_progress_reaches_its_total(bench: Bench) -> None:
    for seed in range(70, 76):
        save(bench, f"{seed}.jpg", photograph(seed))
    bench.index()
    with bench.store.read() as db:
        model_id = model_for_comparing(db)
    steps = list(Comparer(bench.store).run(model_id, JobControl()))
    assert steps[-1].done == steps[-1].total == 6
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_another_model_leaves_what_pixels_proved(bench: Bench) -> None:
    image = photograph(14)
    save(bench, "a.jpg", image)
    save(bench, "b.jpg", cropped(image, 0.1))
    (group,) = found(bench)
    assert group.kind is DuplicateKind.CROP
    with bench.store.write() as db:
        model_id = model_for_comparing(db)
        assert model_id is not None
        likeness.forget_other_models(db, model_id + 1)
    assert [each.key for each in groups(bench)] == [group.key]


def test_without_vectors_hashes_still_find_what_was_saved_again(bench: Bench) -> None:
    image = photograph(15)
    save(bench, "a.jpg", image)
    save(bench, "b.jpg", image, 50)
    bench.index()
    assert list(Comparer(bench.store).run(None, JobControl()))
    (group,) = groups(bench)
    assert group.kind is DuplicateKind.RESAVED


def test_what_belongs_to_a_file_is_named_with_it(bench: Bench) -> None:
    path = save(bench, "a.jpg", photograph(16))
    (bench.root / "a.jpg.xmp").write_text("<x/>")
    (bench.root / "film.mov").write_bytes(b"film")
    (bench.root / "elsewhere").mkdir()
    copy = bench.root / "elsewhere" / "b.jpg"
    shutil.copy(path, copy)
    copy.with_suffix(".mov").write_bytes(b"film")
    (group,) = found(bench)
    companions = {member.path: member.companions for member in group.members}
    assert companions == {str(path): (f"{path}.xmp",), str(copy): (str(copy.with_suffix(".mov")),)}
