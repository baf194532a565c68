"""Photos are copied to a folder."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from safelight.core.description import description_of
from safelight.core.errors import FolderError, UsageError
from safelight.core.exporting import (
    SAFE_TO_SHARE,
    ExportFormat,
    ExportProgress,
    ExportRequest,
    ExportResult,
    PrivateInfo,
)
from safelight.core.jobs import JobControl
from safelight.core.message import Message
from safelight.core.operations import AddTag, SetRating, SetTitle, TurnPhotos
from safelight.core.photo import ImageMetadata
from safelight.imaging.metadata import with_sidecars
from safelight.imaging.metadata.exif_write import exif_of
from safelight.imaging.opening import open_picture, read_metadata_only
from safelight.services.operations.runner import OperationRunner
from safelight.services.organising import new_files
from safelight.services.organising.exporting import Exporter
from safelight.store import export_rows
from services.conftest import Bench
from support.pictures import encoded, heic, scene
from support.xmp_samples import DIGIKAM

HERE = ImageMetadata(latitude=48.0, longitude=2.0, camera="Acme 5", taken_at="2020-01-02T03:04:05")


def ids_of(bench: Bench, *paths: Path) -> tuple[int, ...]:
    return tuple(bench.photo_at(path).id for path in paths)


def export(
    bench: Bench,
    request: ExportRequest,
    control: JobControl | None = None,
    report: Callable[[ExportProgress], None] = lambda _: None,
) -> ExportResult:
    return Exporter(bench.store, bench.library.pool).run(request, control or JobControl(), report)


def names(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "Copies"


def test_copies_are_exact_and_keep_time_and_permissions(bench: Bench, target: Path) -> None:
    first, second = bench.draw("a.jpg", 1), bench.draw("sub/a.jpg", 2)
    first.chmod(0o640)
    os.utime(first, (1_500_000_000, 1_500_000_000))
    bench.index()
    received: list[ExportProgress] = []
    request = ExportRequest(ids_of(bench, first, second), str(target))
    result = export(bench, request, report=received.append)
    assert names(target) == ["a (2).jpg", "a.jpg"]
    assert (target / "a.jpg").read_bytes() == first.read_bytes()
    assert (target / "a (2).jpg").read_bytes() == second.read_bytes()
    status = (target / "a.jpg").stat()
    assert (stat.S_IMODE(status.st_mode), status.st_mtime) == (0o640, 1_500_000_000)
    assert (result.copied, result.failed, result.inside) == (2, (), "")
    assert result.bytes == first.stat().st_size + second.stat().st_size
    assert received == [ExportProgress(1, 2), ExportProgress(2, 2)]
    assert dict(result.files)[str(second)] == str(target / "a (2).jpg")


def test_nothing_is_ever_replaced(bench: Bench, target: Path) -> None:
    path = bench.draw("a.jpg", 1)
    (bench.root / "a.jpg.xmp").write_text(DIGIKAM)
    bench.index()
    target.mkdir()
    (target / "a.jpg").write_text("mine")
    (target / "a (2).jpg.xmp").write_text("mine too")
    (target / "a (3).jpg").symlink_to("nowhere")
    for _ in range(2):
        export(bench, ExportRequest(ids_of(bench, path), str(target)))
    assert (target / "a.jpg").read_text() == "mine"
    assert (target / "a (2).jpg.xmp").read_text() == "mine too"
    assert (target / "a (3).jpg").is_symlink()
    assert {"a (4).jpg", "a (4).jpg.xmp", "a (5).jpg", "a (5).jpg.xmp"} <= set(names(target))
    assert "a (2).jpg" not in names(target)


def test_templates_make_folders_and_numbers(bench: Bench, target: Path) -> None:
    paths = [bench.draw(f"{number}.jpg", number, exif=exif_of(HERE)) for number in range(3)]
    bench.index()
    request = ExportRequest(ids_of(bench, *reversed(paths)), str(target), "{year}/{number:3} {name}")
    assert export(bench, request).copied == 3
    assert names(target) == ["2020/001 2.jpg", "2020/002 1.jpg", "2020/003 0.jpg"]


def test_sidecars_go_along_with_what_the_library_says(bench: Bench, target: Path) -> None:
    first, second, third = (bench.draw(f"{name}.jpg", number) for number, name in enumerate("abc"))
    (bench.root / "a.xmp").write_text(DIGIKAM)
    bench.index()
    OperationRunner(bench.store).run(AddTag(ids_of(bench, first, second), "new/tag"))
    OperationRunner(bench.store).run(SetRating(ids_of(bench, second), 5))
    request = ExportRequest(ids_of(bench, first, second, third), str(target))
    assert export(bench, request).sidecars == 2
    assert names(target) == ["a.jpg", "a.xmp", "b.jpg", "b.jpg.xmp", "c.jpg"]
    stated = [
        description_of(with_sidecars(ImageMetadata(), [(target / name).read_bytes()]))
        for name in ("a.xmp", "b.jpg.xmp")
    ]
    assert set(stated[0].tags) == {"Places/France/Paris", "People/Anna", "holiday", "new/tag"}
    assert (stated[1].rating, stated[1].tags) == (5, ("new/tag",))
    assert "mwg-rs:Regions" in (target / "a.xmp").read_text()
    assert export(bench, replace(request, folder=str(target / "bare"), sidecars=False)).sidecars == 0


def test_what_is_private_stays_here(bench: Bench, target: Path) -> None:
    jpeg = bench.draw("a.jpg", 1, exif=exif_of(HERE))
    (bench.root / "a.xmp").write_text(DIGIKAM)
    phone = bench.root / "b.heic"
    phone.write_bytes(heic(scene(seed=5), exif=exif_of(HERE)))
    bench.index()
    ids = ids_of(bench, jpeg, phone)
    with bench.store.read() as db:
        known = export_rows.privacy_summary(db, ids)
    assert known.counts == {
        PrivateInfo.PLACE: 2, PrivateInfo.NAMES: 1, PrivateInfo.TEXTS: 1, PrivateInfo.CAMERA: 2,
        PrivateInfo.DATE: 2,
    }  # fmt: skip
    result = export(bench, ExportRequest(ids, str(target), withheld=SAFE_TO_SHARE))
    assert names(target) == ["a.jpg", "b.jpg"]
    assert (result.copied, result.converted, result.sidecars) == (2, 1, 0)
    for name in ("a.jpg", "b.jpg"):
        metadata = read_metadata_only((target / name).read_bytes(), "jpg")
        assert (metadata.latitude, metadata.regions, metadata.camera) == (None, (), "Acme 5")
    assert set(read_metadata_only((target / "a.jpg").read_bytes(), "jpg").tags) == {"holiday"}


def test_copies_can_be_smaller_and_in_another_format(bench: Bench, target: Path) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    request = ExportRequest(ids_of(bench, path), str(target), format=ExportFormat.WEBP, size=64)
    assert export(bench, request).copied == 1
    assert read_metadata_only((target / "a.webp").read_bytes(), "webp") is not None
    assert (target / "a.webp").stat().st_mtime == path.stat().st_mtime
    dateless = replace(request, folder=str(target / "x"), withheld=frozenset({PrivateInfo.DATE}))
    export(bench, dateless)
    assert (target / "x" / "a.webp").stat().st_mtime != path.stat().st_mtime


def test_a_shot_of_two_files_stays_together(bench: Bench, target: Path) -> None:
    original = bench.root / "IMG_1.heic"
    original.write_bytes(heic(scene(seed=3)))
    shown = bench.draw("IMG_1.jpg", 4)
    bench.index()
    photo = bench.photo_at(shown)
    assert photo.halves
    result = export(bench, ExportRequest((photo.id,), str(target)))
    assert names(target) == ["IMG_1.heic", "IMG_1.jpg"]
    assert result.copied == 1
    export(bench, ExportRequest((photo.id,), str(target / "small"), size=50))
    assert names(target / "small") == ["IMG_1.jpg"]


def test_a_file_that_cannot_be_copied_is_named_and_the_others_go_on(bench: Bench, target: Path) -> None:
    paths = [bench.draw(f"{number}.jpg", number) for number in range(4)]
    bench.index()
    ids = ids_of(bench, *paths)
    paths[1].unlink()
    paths[2].write_bytes(b"no picture any more")
    result = export(bench, ExportRequest((*ids, 987_654), str(target), size=50))
    assert names(target) == ["0.jpg", "3.jpg"]
    assert {path for path, _ in result.failed} == {str(paths[1]), str(paths[2]), "photo 987654"}
    assert all(str(reason).endswith(".") for _, reason in result.failed)


def test_names_of_copies_give_away_nothing_that_is_left_out(bench: Bench, target: Path) -> None:
    path = bench.draw("a.jpg", 1, exif=exif_of(HERE))
    (bench.root / "a.xmp").write_text(DIGIKAM)
    bench.index()
    ids = ids_of(bench, path)
    OperationRunner(bench.store).run(SetTitle(ids, "Summer with Anna"))
    OperationRunner(bench.store).run(SetRating(ids, 4))
    request = ExportRequest(ids, str(target), "{title} {date} {camera} {rating} {name}")
    export(bench, request)
    export(bench, replace(request, withheld=SAFE_TO_SHARE))
    export(bench, replace(request, withheld=frozenset(PrivateInfo)))
    assert names(target) == [  # the date is that of the sidecar
        "0 a.jpg",
        "2019-05-12 Acme 5 4 a.jpg",
        "Summer with Anna 2019-05-12 Acme 5 4 a.jpg",
        "Summer with Anna 2019-05-12 Acme 5 4 a.xmp",
    ]


@pytest.mark.parametrize("size", [None, 50])
@pytest.mark.parametrize("content", [b"", b"no XMP", b"\xff\xfe<\0"])
def test_a_damaged_sidecar_does_not_keep_a_photo_from_being_copied(
    bench: Bench, target: Path, content: bytes, size: int | None
) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    (bench.root / "a.xmp").write_bytes(content)
    result = export(bench, ExportRequest(ids_of(bench, path), str(target), size=size))
    assert result.copied == 1
    named = [(str(bench.root / "a.xmp"), Message("The file is empty."))]
    assert list(result.failed) == (named if not content and size is None else [])


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "is full"), (errno.EROFS, "cannot be written"), (errno.EIO, "cannot")],
)
def test_a_full_disk_ends_the_export_and_leaves_no_half_file(
    bench: Bench, target: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    paths = [bench.draw(f"{number}.jpg", number) for number in range(4)]
    bench.index()
    request = ExportRequest(ids_of(bench, *paths), str(target))
    finish, calls = new_files._finish, []

    def fails_at_the_third(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 3:
            raise OSError(number, os.strerror(number))
        finish(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(new_files, "_finish", fails_at_the_third)
    result = export(bench, request)
    assert message in str(result.stopped)
    assert (result.copied, result.failed) == (2, ())
    assert names(target) == ["0.jpg", "1.jpg"]


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount a small disk"
)
def test_a_disk_that_takes_only_a_part_is_called_full(tmp_path: Path) -> None:
    """The write that fills the disk takes a part without an error."""
    source, small = tmp_path / "a.bmp", tmp_path / "small"
    source.write_bytes(bytes(100_000))
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        place = new_files.TargetNames().target(small, "a", ".bmp")
        with pytest.raises(new_files.TargetUnavailableError, match="is full"):
            new_files.copy_file(os.fsencode(source), place, lambda: None)
        with pytest.raises(new_files.TargetUnavailableError, match="is full"):
            new_files.write_file(bytes(100_000), os.fsencode(source), place, keep_time=True)
        assert names(small) == []
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def test_a_copy_that_differs_is_not_kept(bench: Bench, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    finish = new_files._finish

    def damages(file: object, like: os.stat_result) -> None:
        file.seek(50)  # type: ignore[attr-defined]
        file.write(b"\0damaged")  # type: ignore[attr-defined]
        finish(file, like)  # type: ignore[arg-type]

    monkeypatch.setattr(new_files, "_finish", damages)
    result = export(bench, ExportRequest(ids_of(bench, path), str(target)))
    assert "differs from the original" in str(result.failed[0][1])
    assert names(target) == []


def test_more_than_the_disk_holds_is_refused_at_once(
    bench: Bench, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    monkeypatch.setattr(export_rows, "total_bytes", lambda *_: 10**18)
    with pytest.raises(FolderError, match="left"):
        export(bench, ExportRequest(ids_of(bench, path), str(target)))
    assert not target.exists()


@pytest.mark.parametrize("size", [None, 60])
def test_a_cancelled_export_keeps_what_is_complete(bench: Bench, target: Path, size: int | None) -> None:
    paths = [bench.draw(f"{number}.jpg", number) for number in range(12)]
    bench.index()
    control = JobControl()

    def cancel_after_three(progress: ExportProgress) -> None:
        if progress.done == 3:
            control.cancel()

    request = ExportRequest(ids_of(bench, *paths), str(target), size=size)
    result = export(bench, request, control, cancel_after_three)
    assert (result.cancelled, result.copied) == (True, 3)
    assert names(target) == ["0.jpg", "1.jpg", "2.jpg"]


def test_copies_in_the_library_are_allowed_and_reported(bench: Bench) -> None:
    path = bench.draw("a.jpg", 1)
    bench.index()
    request = ExportRequest(ids_of(bench, path), str(bench.root / "sub"), size=60)
    assert export(bench, request).inside == str(bench.root)
    bench.index()
    assert len(bench.photos()) == 2
    beside = ExportRequest(ids_of(bench, path), str(bench.root) + " too")
    assert export(bench, beside).inside == ""


@pytest.mark.parametrize(
    "change",
    [{"folder": "relative"}, {"template": "{x}"}, {"size": 3}, {"size": 10**6}, {"photo_ids": ()}],
)
def test_what_makes_no_sense_is_refused(bench: Bench, target: Path, change: dict[str, object]) -> None:
    request = replace(ExportRequest((1,), str(target)), **change)  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        export(bench, request)
    target.write_bytes(encoded(scene(), "JPEG"))
    with pytest.raises(FolderError, match="not a folder"):
        export(bench, ExportRequest((1,), str(target)))


def upright(path: Path) -> np.ndarray:
    return np.asarray(open_picture(path.read_bytes(), path.suffix[1:], None).image.convert("RGB"), np.int16)


def test_copies_are_turned_as_the_library_shows_them(bench: Bench, target: Path) -> None:
    written = {"a.jpg": "JPEG", "b.png": "PNG", "c.tif": "TIFF", "d.bmp": "BMP", "e.jpg": "JPEG"}
    paths = [bench.root / name for name in written]
    for number, path in enumerate(paths):
        path.write_bytes(encoded(scene(seed=number), written[path.name]))
    (bench.root / "a.jpg.xmp").write_text(DIGIKAM)
    bench.index()
    ids = ids_of(bench, *paths)
    OperationRunner(bench.store).run(TurnPhotos(ids[:4], 1))
    result = export(bench, ExportRequest(ids, str(target)))
    assert (result.copied, result.unturned, result.converted, result.failed) == (5, 1, 0, ())
    for path in paths[:3]:
        assert np.array_equal(upright(target / path.name), np.rot90(upright(path), -1))
        assert (target / path.name).stat().st_mtime_ns == path.stat().st_mtime_ns
    for path in paths[3:]:
        assert (target / path.name).read_bytes() == path.read_bytes()
    assert (target / "a.jpg.xmp").exists()
    plain = export(bench, ExportRequest(ids, str(target / "plain"), turned=False))
    assert plain.unturned == 0
    assert all((target / "plain" / path.name).read_bytes() == path.read_bytes() for path in paths)
    smaller = export(bench, ExportRequest(ids, str(target / "small"), size=40))
    assert (smaller.copied, smaller.unturned) == (5, 0)
    for path in paths[:4]:
        copy = upright(
            (target / "small" / path.name).with_suffix(
                ".jpg" if path.suffix in (".tif", ".bmp") else path.suffix
            )
        )
        assert copy.shape[0] == 40
        assert copy.shape[1] < 40
    with bench.store.read() as db:
        assert export_rows.privacy_summary(db, ids).turned == 4


def test_a_heif_is_turned_where_its_form_allows_it(bench: Bench, target: Path) -> None:
    still, moving = bench.root / "a.heic", bench.root / "b.avif"
    still.write_bytes(heic(scene()))
    scene().save(moving, save_all=True, append_images=[scene(seed=1)], speed=9)
    bench.index()
    ids = ids_of(bench, still, moving)
    OperationRunner(bench.store).run(TurnPhotos(ids, 1))
    result = export(bench, ExportRequest(ids, str(target)))
    assert (result.copied, result.unturned, result.failed) == (2, 1, ())
    assert np.array_equal(upright(target / "a.heic"), np.rot90(upright(still), -1))
    assert (target / "b.avif").read_bytes() == moving.read_bytes()
