"""What must never be proposed in bulk: documents from one template, files with further frames, and marked or
containing pictures that another file does not replace."""

from __future__ import annotations

import os
import random
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageOps

from safelight.core.duplicates import DuplicateGroup, DuplicateKind, GroupAction
from safelight.core.jobs import JobControl
from safelight.services.duplicates.comparing import Comparer, model_for_comparing
from safelight.services.duplicates.grouping import find_groups
from safelight.services.duplicates.pair_comparison import part_detail
from safelight.services.duplicates.qualities import Qualities
from safelight.services.review.trash_executor import TrashExecutor
from safelight.store import likeness, marks
from safelight.store.likeness import Pair
from services.conftest import Bench
from support.likenesses import cropped, photograph

sys.path.insert(0, str(Path(__file__).parents[3] / "packaging"))

from bench.hard_negatives import make_hard
from bench.template_documents import documents

pytestmark = pytest.mark.slow

SAFE = (DuplicateKind.IDENTICAL, DuplicateKind.SAME_PICTURE, DuplicateKind.RESAVED)


def found(bench: Bench) -> list[DuplicateGroup]:
    bench.index()
    with bench.store.read() as db:
        model_id = model_for_comparing(db)
    for _ in Comparer(bench.store).run(model_id, JobControl()):
        pass
    with bench.store.read() as db:
        return find_groups(db, Qualities())


def names(group: DuplicateGroup) -> list[str]:
    return [Path(member.path).name for member in group.members]


def marked_names(groups: list[DuplicateGroup]) -> set[str]:
    return {Path(member.path).name for group in groups for member in group.members if not member.keep}


# --- documents ------------------------------------------------------------------------------------------


@pytest.mark.timeout(1800)
def test_documents_from_one_template_are_different_documents(bench: Bench, nightly: bool) -> None:
    seed = random.randrange(10**6) if nightly else 6
    for name, suffix, data in documents(seed, 300 if nightly else 36):
        (bench.root / f"{name}.{suffix}").write_bytes(data)
    groups = found(bench)
    assert [names(group) for group in groups if group.kind in SAFE] == [], f"seed {seed}"
    assert marked_names(groups) == set(), f"seed {seed}"


def test_a_document_that_was_saved_again_is_found(bench: Bench) -> None:
    for number, (_, suffix, data) in enumerate(documents(7, 6)):
        (bench.root / f"{number}.{suffix}").write_bytes(data)
        Image.open(BytesIO(data)).convert("RGB").save(bench.root / f"{number}-again.jpg", quality=60)
    pairs = {frozenset(names(group)) for group in found(bench) if group.kind is DuplicateKind.RESAVED}
    assert len(pairs) >= 3
    assert all(len({name[0] for name in pair}) == 1 for pair in pairs)


def scored(score: str) -> Image.Image:
    image = photograph(3).resize((1600, 1200), Image.Resampling.BICUBIC)
    ImageDraw.Draw(image).text((90, 80), score, "white", font_size=64, stroke_width=3, stroke_fill="black")
    return image


def test_a_photo_with_another_score_drawn_in_is_another_photo(bench: Bench) -> None:
    for number, score in enumerate(("2 : 1", "2 : 3", "4 : 1")):
        scored(score).save(bench.root / f"{number}.jpg", quality=92)
    groups = found(bench)
    assert [group for group in groups if group.kind in SAFE] == []
    assert marked_names(groups) == set()


def test_a_file_that_differs_in_one_place_does_not_go_even_if_it_was_proposed(bench: Bench) -> None:
    for number, score in enumerate(("2 : 1", "2 : 3")):
        scored(score).save(bench.root / f"{number}.jpg", quality=92)
    bench.index()
    with bench.store.read() as db:
        first, second = (file_id for (file_id,) in db.execute("SELECT id FROM file ORDER BY path"))
    action = GroupAction("resaved-1", (first,), (second,))
    settled = TrashExecutor(bench.store).trash_duplicates([action], JobControl())
    assert [str(reason) for _, reason in settled.spared] == [
        "it differs from the file to keep (at the top left)"
    ]


def test_a_turned_and_resized_copy_passes_the_last_check(bench: Bench) -> None:
    image = photograph(4)
    image.save(bench.root / "a.jpg", quality=95)
    image.transpose(Image.Transpose.ROTATE_90).resize((360, 480)).save(bench.root / "b.jpg", quality=60)
    (group,) = [group for group in found(bench) if group.kind is DuplicateKind.RESAVED]
    action = GroupAction(
        group.key,
        tuple(member.file_id for member in group.members if member.keep),
        tuple(member.file_id for member in group.members if not member.keep),
    )
    assert TrashExecutor(bench.store).trash_duplicates([action], JobControl(), dry_run=True).spared == []


# --- further frames ---------------------------------------------------------------------------------------


def test_files_that_agree_in_their_first_frame_only_are_look_alikes(bench: Bench) -> None:
    make_hard(
        [_saved_photo(bench, seed) for seed in range(6)],
        bench.root / "set",
        5,
        pages=0,
        multi_frame=12,
        bursts=0,
        brackets=0,
    )
    groups = found(bench)
    safe = [set(names(group)) for group in groups if group.kind in SAFE]
    # The same pages with a tag are the same pages.
    assert safe == [{"m0000-many.tif", "m0000-many-tagged.tif"}]
    assert not {name for name in marked_names(groups) if "many." in name and "m0000" not in name}


def _saved_photo(bench: Bench, seed: int) -> Path:
    path = bench.root.parent / f"source-{seed}.png"
    photograph(seed).save(path)
    return path


def test_photos_of_an_older_version_are_counted_when_they_are_in_a_group(bench: Bench) -> None:
    one, two = photograph(1), photograph(2)
    one.save(bench.root / "one.tif")
    one.save(bench.root / "many.tif", save_all=True, append_images=[two])
    bench.index()
    with bench.store.write() as db:  # as an older version left them
        db.execute("UPDATE photo SET frames = NULL, pixel_hash = x'00112233'")
    qualities = Qualities()
    with bench.store.read() as db:
        groups = find_groups(db, qualities)
    assert [group.kind for group in groups] == [DuplicateKind.LOOKALIKE]
    assert sorted(count for _, count in qualities.frames.unstored.drain()) == [-2, 1]
    assert qualities.frames.unstored.drain() == []


# --- bursts and brackets ------------------------------------------------------------------------------------


def test_exposures_of_one_second_are_not_one_picture(bench: Bench) -> None:
    sources = [_saved_photo(bench, seed) for seed in range(3)]
    make_hard(sources, bench.root / "set", 5, pages=0, multi_frame=0, bursts=3, brackets=6)
    groups = found(bench)
    assert [names(group) for group in groups if group.kind in SAFE] == []
    assert marked_names(groups) == set()


# --- crops --------------------------------------------------------------------------------------------------


def test_the_whole_is_kept_before_what_it_contains_and_marked_crops_stay(bench: Bench) -> None:
    """Six crops, three of them hearted. Before, the best by its marks was kept, and the others were marked
    for the trash, the whole among them, without being like the kept one."""
    image = photograph(9).resize((1280, 960), Image.Resampling.BICUBIC)
    image.save(bench.root / "whole.jpg", quality=92)
    for number in range(6):
        part = cropped(image, 0.3, number % 3 / 2, number // 3)
        part.save(bench.root / f"crop-{number}.jpg", quality=92)
    bench.index()
    with bench.store.write() as db:
        photos = dict(db.execute("SELECT f.path, f.photo_id FROM file AS f"))
        marks.set_favourite(db, [photos[os.fsencode(f"crop-{number}.jpg")] for number in range(3)], True)
    groups = [group for group in found(bench) if group.kind is DuplicateKind.CROP]
    assert groups
    for group in groups:
        assert names(group)[0] == "whole.jpg"
        for member in group.members[1:]:
            assert member.keep or member.likeness > 0.5, "marked without evidence against the kept file"
    assert not marked_names(groups) & {"whole.jpg", "crop-0.jpg", "crop-1.jpg", "crop-2.jpg"}
    assert marked_names(groups) & {"crop-3.jpg", "crop-4.jpg", "crop-5.jpg"}


@pytest.mark.parametrize(("alike", "is_marked"), [(0.88, False), (0.97, True)])
def test_a_part_that_differs_somewhere_is_not_proposed(bench: Bench, alike: float, is_marked: bool) -> None:
    """Without dates, another frame of a scene can pass for a large part of the first one."""
    bench.draw("a.jpg", 1)
    bench.draw("b.jpg", 2)
    bench.index()
    first, second = sorted(photo.id for photo in bench.photos())
    with bench.store.write() as db:
        detail = part_detail(0.96, of_first=True)
        likeness.put_pairs(db, [Pair(first, second, DuplicateKind.CROP, alike, detail)])
        (group,) = find_groups(db, Qualities())
    assert group.kind is DuplicateKind.CROP
    assert [member.keep for member in group.members] == [True, not is_marked]
    assert (str(group.members[1].why) == "differs from the kept file in places") is not is_marked


@pytest.mark.parametrize("mark", ["favourite", "rating", "tag", "turn"])
def test_a_marked_file_is_not_proposed_while_an_unmarked_one_could_be(bench: Bench, mark: str) -> None:
    image = photograph(5)
    image.save(bench.root / "a.png")
    image.save(bench.root / "b.jpg", quality=90)
    image.resize((400, 300)).save(bench.root / "c.jpg", quality=80)
    bench.index()
    with bench.store.write() as db:
        photos = dict(db.execute("SELECT f.path, f.photo_id FROM file AS f"))
        wanted = [photos[b"b.jpg"], photos[b"c.jpg"]]
        match mark:
            case "favourite":
                marks.set_favourite(db, wanted, True)
            case "rating":
                marks.set_rating(db, wanted, 3)
            case "turn":
                marks.turn(db, wanted, 1)
            case _:
                marks.add_tag(db, wanted, "sea")
    assert marked_names(found(bench)) <= {"a.png"}


@pytest.mark.parametrize("is_turned_file", [False, True])
def test_a_turn_that_the_kept_file_would_not_inherit_keeps_the_photo(
    bench: Bench, is_turned_file: bool
) -> None:
    image = photograph(5)
    image.save(bench.root / "a.png")
    small = image.resize((400, 300))
    (small.transpose(Image.Transpose.ROTATE_90) if is_turned_file else small).save(bench.root / "b.png")
    bench.index()
    with bench.store.write() as db:
        ids = dict(db.execute("SELECT f.path, f.photo_id FROM file AS f"))
        marks.set_favourite(db, list(ids.values()), True)
        marks.turn(db, [ids[b"b.png"]], 1)
    (group,) = [group for group in found(bench) if group.kind in SAFE]
    assert names(group) == ["a.png", "b.png"]
    assert group.members[1].keep is is_turned_file
    assert ("you turned it" in str(group.members[1].why)) is is_turned_file


def test_a_copy_with_a_sidecar_of_its_own_is_not_proposed(bench: Bench) -> None:
    image = photograph(6)
    for folder in ("keep", "go"):
        (bench.root / folder).mkdir()
    image.save(bench.root / "keep/a.jpg", quality=92)
    (bench.root / "go/a.jpg").write_bytes((bench.root / "keep/a.jpg").read_bytes())
    (bench.root / "go/a.xmp").write_bytes(b"edits")
    (group,) = [group for group in found(bench) if group.kind is DuplicateKind.IDENTICAL]
    assert marked_names([group]) == set() or "keep" in next(m.path for m in group.members if not m.keep)
    if group.members[0].path.endswith("keep/a.jpg"):
        assert str(group.members[1].why) == "its a.xmp has no equal beside the kept file"


def test_a_hard_link_is_not_proposed(bench: Bench) -> None:
    photograph(8).save(bench.root / "a.jpg", quality=92)
    os.link(bench.root / "a.jpg", bench.root / "b.jpg")
    (group,) = [group for group in found(bench) if group.kind is DuplicateKind.IDENTICAL]
    assert marked_names([group]) == set()
    assert "hard link" in str(group.members[1].why)


def test_a_mirrored_pair_of_pages_is_compared_in_its_orientation(bench: Bench) -> None:
    image = photograph(11)
    image.save(bench.root / "a.jpg", quality=92)
    ImageOps.mirror(image).save(bench.root / "b.jpg", quality=80)
    assert [group.kind for group in found(bench)] == [DuplicateKind.RESAVED]
