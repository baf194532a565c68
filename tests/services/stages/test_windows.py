"""Panoramas and long screenshots are found by what is at their ends."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from safelight.core.explanation import Standing
from safelight.core.jobs import JobControl
from safelight.core.operations import AddFolder
from safelight.core.photo_units import UnitKind, WindowPosition
from safelight.core.stages import CostClass
from safelight.services.library import Library
from safelight.services.operations.runner import OperationRunner
from safelight.services.stages.windows import WindowStage
from safelight.store import files, folders, orphans, photos, spaces, stage_states, vectors
from safelight.store.recovery import health, mending
from services.conftest import Bench
from support.fake_encoder import COLOURS

SIDE = 64


def panorama(ground: str, subject: str, end: str) -> Image.Image:
    """An 8:1 strip of one colour with a square of another at one end."""
    image = Image.new("RGB", (8 * SIDE, SIDE), COLOURS[ground])
    left = 0 if end == "left" else 7 * SIDE
    image.paste(COLOURS[subject], (left, 0, left + SIDE, SIDE))
    return image


def make_windows(bench: Bench) -> None:
    assert bench.library.stages.run(JobControl(), {CostClass.BACKGROUND})
    with bench.store.read() as db:
        assert health.check(db) == []
        assert health.examine(db) == []


def test_only_elongated_pictures_are_cut_and_counted(bench: Bench) -> None:
    bench.draw("ordinary.jpg", 1)
    panorama("white", "red", "left").save(bench.root / "wide.png")
    panorama("white", "red", "left").rotate(90, expand=True).save(bench.root / "tall.png")
    bench.index()
    with bench.store.read() as db:
        model_id = vectors.model_id(db, bench.encoder.info.key)
        before = stage_states.coverage(db, WindowStage.declaration, model_id)
    assert (before.photos, before.done, before.waiting) == (2, 0, 2)
    make_windows(bench)
    with bench.store.read() as db:
        after = stage_states.coverage(db, WindowStage.declaration, model_id)
        (space,) = spaces.of_model(db, model_id or 0)
        assert space.kind is UnitKind.WINDOW
        assert spaces.count(db, space) == 30
    assert (after.photos, after.done, after.waiting) == (2, 2, 0)
    encoded = bench.encoder.images_encoded
    make_windows(bench)
    assert bench.encoder.images_encoded == encoded


@pytest.mark.parametrize(
    ("end", "spot"), [("left", WindowPosition.LEFT_END), ("right", WindowPosition.RIGHT_END)]
)
def test_a_panorama_is_found_by_its_end_and_the_window_is_named(
    bench: Bench, end: str, spot: WindowPosition
) -> None:
    panorama("white", "green", end).save(bench.root / "wide.png")
    for seed in range(12):
        bench.draw(f"{seed}.jpg", seed)
    bench.index()
    wide = bench.photo_at(bench.root / "wide.png").id
    searcher = bench.library.searcher()
    before = {hit.photo_id: hit.score for hit in searcher.search("green", 20).hits}
    make_windows(bench)
    searcher = bench.library.searcher()
    hits = searcher.search("green", 20).hits
    assert hits[0].photo_id == wide
    assert hits[0].score > before[wide] + 0.2
    assert hits[0].unit is not None
    assert hits[0].unit.spot is spot
    explained = searcher.explain(wide, "green").explanation
    assert explained.unit == hits[0].unit
    assert explained.parts[0].standing is Standing.CLEARLY
    elsewhere = searcher.explain(wide, "white").explanation.unit
    assert elsewhere is None or elsewhere.number != hits[0].unit.number


def test_what_an_explanation_looked_up_does_not_leak_into_the_next_search(bench: Bench) -> None:
    panorama("white", "green", "left").save(bench.root / "wide.png")
    bench.draw("1.jpg", 1)
    bench.index()
    make_windows(bench)
    wide = bench.photo_at(bench.root / "wide.png").id
    searcher = bench.library.searcher()
    fresh = {hit.photo_id: hit.unit for hit in searcher.search("white", 5).hits}
    searcher.explain(wide, "green")
    assert {hit.photo_id: hit.unit for hit in searcher.search("white", 5).hits} == fresh


def test_an_unreadable_panorama_fails_alone(bench: Bench) -> None:
    for name, colour in (("good.png", "red"), ("bad.png", "blue")):
        panorama("white", colour, "left").save(bench.root / name)
    bench.index()
    (bench.root / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n cut short")
    make_windows(bench)
    with bench.store.read() as db:
        model_id = vectors.model_id(db, bench.encoder.info.key)
        covered = stage_states.coverage(db, WindowStage.declaration, model_id)
    assert (covered.done, covered.failed) == (1, 1)


def test_lost_window_vectors_are_found_and_computed_again(bench: Bench) -> None:
    panorama("white", "red", "left").save(bench.root / "wide.png")
    bench.index()
    make_windows(bench)
    with bench.store.write() as db:
        (space,) = spaces.of_model(db, vectors.model_id(db, bench.encoder.info.key) or 0)
        unit = int(db.execute("SELECT min(id) FROM unit").get)
        db.execute(f"DELETE FROM {space.table} WHERE rowid = {unit}")
        found = health.examine(db)
        assert [finding.part for finding in found] == ["vectors"]
        assert "Window vectors of fake are missing or left over for 1 photos" in found[0].problem
        mending.mend(db, found)
        assert health.examine(db) == []
    make_windows(bench)
    with bench.store.read() as db:
        (space,) = spaces.of_model(db, space.model_id)
        assert spaces.count(db, space) == 15


def test_window_vectors_that_are_no_vectors_are_found(bench: Bench) -> None:
    panorama("white", "red", "left").save(bench.root / "wide.png")
    bench.index()
    make_windows(bench)
    with bench.store.write() as db:
        (space,) = spaces.of_model(db, vectors.model_id(db, bench.encoder.info.key) or 0)
        table = f"{space.table}_vector_chunks00"
        blob = bytearray(db.execute(f"SELECT vectors FROM {table}").get)
        blob[0:4] = np.float32(np.nan).tobytes()
        db.execute(f"UPDATE {table} SET vectors = ?", (bytes(blob),))
        found = health.examine(db)
        assert any("1 vectors of fake are not finite" in finding.problem for finding in found)
        mending.mend(db, found)
        assert health.examine(db) == []
    make_windows(bench)


def test_photos_that_leave_take_their_windows_with_them(bench: Bench) -> None:
    panorama("white", "red", "left").save(bench.root / "wide.png")
    bench.index()
    make_windows(bench)
    (bench.root / "wide.png").unlink()
    bench.index()
    with bench.store.write() as db:
        orphans.prune(db, 4e9)
        (space,) = spaces.of_model(db, vectors.model_id(db, bench.encoder.info.key) or 0)
        assert spaces.count(db, space) == 0
        assert health.examine(db) == []
        assert files.pending_count(db) == 0


SUBJECTS = (
    *("king penguin", "zebra", "tiger", "starfish", "peacock"),
    *("flamingo", "banjo", "Arabian camel", "pug", "guinea pig"),
)
NIGHTLY_OTHERS, OTHERS = 200, 80
TALL = 10
"""Aspect ratio of the screenshots."""


@pytest.mark.shared
@pytest.mark.model
@pytest.mark.slow
def test_real_subjects_at_one_end_are_found_by_their_words(
    tmp_path: Path, shared: Path, nightly: bool
) -> None:
    """Ten panoramas and ten screenshots among other photos. Found means: in the first ten results."""
    listing = json.loads((shared / "photos" / "captions.json").read_text(encoding="utf-8"))
    photo_of = {entry["label"]: name for name, entry in listing.items() if "label" in entry}
    root = tmp_path / "Pictures"
    root.mkdir()
    others = sorted(name for name in listing if listing[name].get("label") not in SUBJECTS)
    count = NIGHTLY_OTHERS if nightly else OTHERS
    for number, name in enumerate(others[:: len(others) // count]):
        shutil.copyfile(shared / "photos" / name, root / f"{number}.jpg")
    for number, label in enumerate(SUBJECTS):
        with Image.open(shared / "photos" / photo_of[label]) as subject:
            landscape(subject, number).save(root / f"wide-{number}.jpg")
            page(subject, number).save(root / f"page-{number}.png")
    with Library.open(tmp_path / "library", tmp_path / "models") as library:
        OperationRunner(library.store).run(AddFolder(str(root)))
        with library.store.read() as db:
            folder_ids = [folder.id for folder in folders.all_folders(db)]
        library.indexer().run(dict.fromkeys(folder_ids), JobControl(), wait_for_model=True)
        before = found(library)
        library.stages.run(JobControl(), {CostClass.BACKGROUND})
        after = found(library)
    assert min(after.values()) >= 9, (before, after)
    assert max(before.values()) < 9


def found(library: Library) -> dict[str, int]:
    """How many subjects have their own panorama and their own screenshot in the first ten results."""
    counts = dict.fromkeys(("wide", "page"), 0)
    searcher = library.searcher()
    for number, label in enumerate(SUBJECTS):
        hits = [hit.photo_id for hit in searcher.search(f"a photo of a {label.lower()}", 10).hits]
        with library.store.read() as db:
            names = {Path(file.path).stem for photo in photos.get_many(db, hits) for file in photo.files}
        for kind in counts:
            counts[kind] += f"{kind}-{number}" in names
    return counts


def landscape(subject: Image.Image, seed: int, side: int = 320) -> Image.Image:
    """An 8:1 landscape under a sky, with the subject at its left or its right end."""
    rng = np.random.default_rng(seed)
    coarse = np.empty((4, 24, 3), np.float32)
    coarse[:2] = (150, 185, 225)
    coarse[2:] = (95, 125, 60)
    coarse += rng.normal(0, 12, coarse.shape)
    ground = Image.fromarray(coarse.clip(0, 255).astype(np.uint8))
    image = ground.resize((8 * side, side), Image.Resampling.BICUBIC)
    image.paste(ImageOps.fit(subject.convert("RGB"), (side, side)), (0 if seed % 2 else 7 * side, 0))
    return image


def page(subject: Image.Image, seed: int, side: int = 320) -> Image.Image:
    """A long screenshot: lines of text, and the subject at its top or its bottom."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (side, TALL * side), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    for top in range(8, TALL * side, 16):
        at = 12
        while at < side - 60:
            length = int(rng.integers(12, 60))
            draw.rectangle((at, top, at + length, top + 7), fill=(60, 60, 60))
            at += length + 8
    image.paste(ImageOps.fit(subject.convert("RGB"), (side, side)), (0, 0 if seed % 2 else (TALL - 1) * side))
    return image
