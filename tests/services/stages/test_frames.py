"""Videos in the library: the moment is found, shown and counted."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from safelight.core.jobs import JobControl
from safelight.core.photo_units import UnitKind
from safelight.core.stages import CostClass
from safelight.imaging import formats
from safelight.services.indexing import folder_scan
from safelight.services.stages.fingerprint import FingerprintStage
from safelight.services.stages.frames import FrameStage
from safelight.store import orphans, photos, spaces, stage_states, stored_thumbnails, vectors
from safelight.store.recovery import health
from services.conftest import Bench
from support.fake_encoder import COLOURS
from support.videos import write_clip

SIZE = 160, 120


def shots(*colours: str) -> list[Image.Image]:
    return [Image.new("RGB", SIZE, COLOURS[colour]) for colour in colours]


def watch(bench: Bench) -> None:
    assert bench.library.stages.run(JobControl(), {CostClass.BACKGROUND})
    with bench.store.read() as db:
        assert health.examine(db) == []


def test_a_clip_is_found_by_its_third_second(bench: Bench) -> None:
    path = write_clip(bench.root / "clip.mp4", shots("white", "grey", "green", "white"), size=SIZE)
    for seed in range(12):
        bench.draw(f"{seed}.jpg", seed)
    bench.index()
    watch(bench)
    clip = bench.photo_at(path)
    assert clip.duration == pytest.approx(4.0, abs=0.1)
    hit = bench.library.searcher().search("green", 20).hits[0]
    assert hit.photo_id == clip.id
    assert hit.unit is not None
    assert hit.unit.kind is UnitKind.FRAME
    assert hit.unit.seconds == pytest.approx(2.5, abs=0.1)
    explained = bench.library.searcher().explain(clip.id, "green").explanation
    assert explained.unit == hit.unit
    assert "heat map" in str(explained.notice)
    with bench.store.read() as db:
        jpeg = stored_thumbnails.frames_at(db, {clip.id: 2.5})[clip.id]
        poster = stored_thumbnails.get_many(db, [clip.id])[clip.id]
    assert jpeg != poster
    assert _colour(jpeg) == pytest.approx(COLOURS["green"], abs=12)
    pixels, _ = bench.library.pool.load(str(path), 64, hit.unit.seconds).result(60)
    assert pixels.mean((0, 1)) == pytest.approx(COLOURS["green"], abs=12)


def _colour(jpeg: bytes) -> list[float]:
    with Image.open(BytesIO(jpeg)) as image:
        return [float(each) for each in image.convert("RGB").resize((1, 1)).tobytes()]


def test_stages_count_videos_and_pictures_separately(bench: Bench) -> None:
    write_clip(bench.root / "clip.mp4", shots("red", "blue"), size=(320, 120))
    bench.draw("1.jpg", 1)
    bench.index()
    watch(bench)
    with bench.store.read() as db:
        model_id = vectors.model_id(db, bench.encoder.info.key)
        frames = stage_states.coverage(db, FrameStage.declaration, model_id)
        prints = stage_states.coverage(db, FingerprintStage.declaration, model_id)
        assert (frames.photos, frames.done) == (1, 1)
        assert (prints.photos, prints.done) == (1, 1)
        kinds = {space.kind: spaces.count(db, space) for space in spaces.of_model(db, model_id or 0)}
    assert kinds == {UnitKind.FRAME: 2}  # and no windows of an elongated video


def test_filters_know_videos_and_their_length(bench: Bench) -> None:
    short = write_clip(bench.root / "short.mp4", shots("red"), size=SIZE)
    long = write_clip(bench.root / "long.mp4", shots("red", "blue", "green"), size=SIZE)
    still = bench.draw("1.jpg", 1)
    bench.index()

    def found(query: str) -> set[str]:
        ids = [hit.photo_id for hit in bench.library.searcher().search(query, 10).hits]
        return {Path(file.path).name for photo in bench.photos() if photo.id in ids for file in photo.files}

    assert found("is:video") == {short.name, long.name}
    assert found("-is:video") == {still.name}
    assert found("duration:>2s") == {long.name}
    assert found("duration:<0:02") == {short.name}
    assert found("format:mp4") == {short.name, long.name}


def test_a_broken_video_is_listed_and_the_rest_continues(bench: Bench) -> None:
    good = write_clip(bench.root / "good.mp4", shots("red"), size=SIZE)
    bad = bench.root / "bad.mp4"
    bad.write_bytes(good.read_bytes()[:600])
    bench.index()
    assert bench.paths() == {good}
    (failure,) = bench.failures()
    assert Path(failure.path) == bad
    assert "MP4 video" in str(failure.reason)


def test_without_the_extra_videos_are_counted_and_not_failures(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clip(bench.root / "clip.mp4", shots("red"), size=SIZE)
    bench.draw("1.jpg", 1)
    monkeypatch.setattr(folder_scan, "can_read_videos", lambda: False)
    report = bench.index()
    assert (report.added, report.failed, report.skipped_videos) == (1, 0, 1)
    with bench.store.read() as db:
        assert photos.counts(db).skipped_videos == 1
    monkeypatch.undo()
    assert formats.can_read_videos()
    report = bench.index()
    assert (report.added, report.skipped_videos) == (1, 0)
    # A video that the library knows stays when the extra is removed.
    monkeypatch.setattr(folder_scan, "can_read_videos", lambda: False)
    report = bench.index()
    assert (report.photos, report.removed, report.skipped_videos) == (2, 0, 0)


def test_a_video_that_leaves_takes_its_frames_with_it(bench: Bench) -> None:
    path = write_clip(bench.root / "clip.mp4", shots("red", "blue"), size=SIZE)
    bench.index()
    watch(bench)
    path.unlink()
    bench.index()
    with bench.store.write() as db:
        orphans.prune(db, 4e9)
        assert db.execute("SELECT count(*) FROM thumbs.frame").get == 0
        assert db.execute("SELECT count(*) FROM unit").get == 0
        assert health.examine(db) == []
