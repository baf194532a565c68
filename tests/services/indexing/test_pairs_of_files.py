"""Pairs are one item: in the library, in searches, in counts and in the trash."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from safelight.core.operations import RemoveFolder, TrashPhotos
from safelight.core.pairs import PairKind
from safelight.services.operations.runner import OperationRunner
from safelight.store import folder_tree, folders, pairs, photos, thumbnail_info
from services.conftest import Bench
from support.pictures import dng, encoded, heic, scene
from support.trashing import undo
from support.videos import write_clip

SIZE = 160, 120


def shown(bench: Bench) -> set[str]:
    """The names of the files of the photos that the library shows."""
    with bench.store.read() as db:
        found = photos.get_many(db, photos.ids(db))
        assert photos.counts(db).photos == len(found)
        assert sum(folder.photos for folder in folders.all_folders(db)) == len(found)
    return {Path(file.path).name for photo in found for file in photo.files}


def live_photo(bench: Bench, stem: str = "IMG_0001", seed: int = 1, folder: str = "") -> None:
    place = bench.root / folder
    place.mkdir(exist_ok=True)
    (place / f"{stem}.heic").write_bytes(heic(scene(seed=seed)))
    write_clip(place / f"{stem}.mov", [scene(seed=seed + 50)], size=SIZE, codec="mpeg4")


def test_a_live_photo_is_one_item_everywhere(bench: Bench) -> None:
    live_photo(bench)
    bench.draw("other.jpg", 2)
    report = bench.index()
    assert shown(bench) == {"IMG_0001.heic", "other.jpg"}
    assert report.photos == 2
    still = bench.photo_at(bench.root / "IMG_0001.heic")
    assert len(still.halves) == 1
    with bench.store.read() as db:
        facts = thumbnail_info.read_info(db, [still.id])[still.id]
        assert facts.halves == (PairKind.LIVE,)
        (half,) = photos.get_many(db, still.halves)
        assert [Path(file.path).name for file in half.files] == ["IMG_0001.mov"]
        assert photos.recent_ids(db, 9).count(half.id) == 0
    searcher = bench.library.searcher()
    found = {hit.photo_id for hit in searcher.search("red", 20).hits}
    assert half.id not in found
    assert still.id in found
    assert {hit.photo_id for hit in searcher.search("is:half", 20).hits} == {half.id}
    assert half.id not in {hit.photo_id for hit in searcher.similar_to_photo(still.id, 20).hits}


def test_half_a_pair_and_a_pair_in_two_folders_are_photos_of_their_own(bench: Bench) -> None:
    live_photo(bench)
    (bench.root / "elsewhere").mkdir()
    (bench.root / "IMG_0001.mov").rename(bench.root / "elsewhere" / "IMG_0001.mov")
    bench.index()
    assert shown(bench) == {"IMG_0001.heic", "IMG_0001.mov"}
    # It becomes a pair when its half returns, and ends when the half goes.
    (bench.root / "elsewhere" / "IMG_0001.mov").rename(bench.root / "IMG_0001.mov")
    bench.index()
    assert shown(bench) == {"IMG_0001.heic"}
    (bench.root / "IMG_0001.heic").unlink()
    bench.index()
    assert shown(bench) == {"IMG_0001.mov"}


def test_a_half_that_is_also_alone_somewhere_is_a_photo(bench: Bench) -> None:
    live_photo(bench)
    (bench.root / "alone").mkdir()
    shutil.copyfile(bench.root / "IMG_0001.mov", bench.root / "alone" / "IMG_0001.mov")
    bench.index()
    assert shown(bench) == {"IMG_0001.heic", "IMG_0001.mov"}


def test_a_pair_in_two_copies_of_a_folder_is_one_item(bench: Bench) -> None:
    live_photo(bench, folder="a")
    shutil.copytree(bench.root / "a", bench.root / "b")
    bench.index()
    assert shown(bench) == {"IMG_0001.heic"}


def test_a_later_half_joins_and_folders_count_pairs_once(bench: Bench) -> None:
    (bench.root / "trip").mkdir()
    (bench.root / "trip" / "IMG_0009.heic").write_bytes(heic(scene(seed=9)))
    bench.index()
    with bench.store.read() as db:
        before = folder_tree.subfolders(db, 1)
    (bench.root / "trip" / "IMG_E0009.jpg").write_bytes(encoded(scene(seed=8), "JPEG"))
    bench.index()
    assert shown(bench) == {"IMG_E0009.jpg"}
    with bench.store.read() as db:
        assert folder_tree.subfolders(db, 1) == before


@pytest.mark.parametrize("both_chosen", [False, True])
def test_both_halves_go_to_the_trash_in_one_step_and_come_back(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, both_chosen: bool
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    live_photo(bench)
    bench.index()
    still = bench.photo_at(bench.root / "IMG_0001.heic")
    chosen = (still.id, *still.halves) if both_chosen else (still.id,)
    outcome = OperationRunner(bench.store).run(TrashPhotos(chosen))
    assert outcome.trashed == 2
    assert shown(bench) == set()
    assert list(bench.root.iterdir()) == []
    with bench.store.read() as db:
        assert not pairs.any_halves(db)
    undo(bench.store)
    assert {path.name for path in bench.root.iterdir()} == {"IMG_0001.heic", "IMG_0001.mov"}
    bench.index()
    assert shown(bench) == {"IMG_0001.heic"}


def test_a_pair_is_of_the_types_of_both_halves(bench: Bench) -> None:
    live_photo(bench)
    bench.draw("other.jpg", 2)
    bench.index()
    still, other = (bench.photo_at(bench.root / name) for name in ("IMG_0001.heic", "other.jpg"))
    searcher = bench.library.searcher()

    def found(query: str) -> set[int]:
        return {hit.photo_id for hit in searcher.search(query, 20).hits}

    assert found("type:heic") == found("type:mov") == {still.id}
    assert found("type:jpeg") == found("-type:mov") == {other.id}
    assert found("type:mov is:half") == set(still.halves)


def test_undoing_the_removal_of_a_folder_restores_its_pairs_at_once(bench: Bench) -> None:
    live_photo(bench)
    bench.index()
    with bench.store.read() as db:
        (folder,) = folders.all_folders(db)
    OperationRunner(bench.store).run(RemoveFolder(folder.id))
    assert shown(bench) == set()
    undo(bench.store)
    assert shown(bench) == {"IMG_0001.heic"}


def test_a_raw_and_its_jpeg_in_a_library_of_apple_photos_are_one_item(bench: Bench) -> None:
    name = "9CD04458-A18F-4F92-8361-0AE85A72FAFF"
    folder = bench.root / "Photos Library.photoslibrary" / "originals" / "9"
    folder.mkdir(parents=True)
    preview = encoded(scene(seed=4), "JPEG")
    (folder / f"{name}.jpeg").write_bytes(preview)
    (folder / f"{name}_4.dng").write_bytes(dng(np.full((64, 64), 700, np.uint16), preview=preview))
    bench.index()
    assert shown(bench) == {f"{name}_4.dng"}
    raw = bench.photo_at(folder / f"{name}_4.dng")
    with bench.store.read() as db:
        assert thumbnail_info.read_info(db, [raw.id])[raw.id].halves == (PairKind.RAW,)
        (half,) = photos.get_many(db, raw.halves)
    assert [Path(file.path).name for file in half.files] == [f"{name}.jpeg"]
