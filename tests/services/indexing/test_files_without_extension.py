"""The content decides: pictures without an extension, or with a wrong one, are in the library."""

from __future__ import annotations

from services.conftest import Bench
from support.pictures import encoded, scene
from support.videos import write_clip


def test_pictures_and_videos_without_an_extension_are_indexed_and_others_are_no_failures(
    bench: Bench,
) -> None:
    (bench.root / "IMG_0001").write_bytes(encoded(scene(seed=1), "JPEG"))
    (bench.root / "drawing").write_bytes(encoded(scene(seed=2), "PNG"))
    write_clip(bench.root / "clip.mp4", [scene(seed=3)], size=(160, 120)).rename(bench.root / "clip")
    (bench.root / "wrong.png").write_bytes(encoded(scene(seed=4), "JPEG"))
    (bench.root / "README").write_text("Nothing to see here.")
    (bench.root / "empty").touch()
    (bench.root / "table.csv").write_bytes(encoded(scene(seed=5), "JPEG"))
    report = bench.index()
    assert {path.name for path in bench.paths()} == {"IMG_0001", "drawing", "clip", "wrong.png"}
    assert {photo.format for photo in bench.photos()} == {"JPEG", "PNG", "MP4"}
    assert (report.failed, report.added) == (0, 4)
    again = bench.index()
    assert (again.added, again.removed, again.failed, again.photos) == (0, 0, 0, 4)


def test_a_file_that_becomes_a_picture_is_found_and_one_that_is_none_any_more_is_listed(bench: Bench) -> None:
    path = bench.root / "picture"
    path.write_text("being written")
    assert bench.index().photos == 0
    path.write_bytes(encoded(scene(seed=1), "JPEG"))
    assert bench.index().photos == 1
    path.write_text("spoilt")
    assert bench.index().failed == 1
