"""What was organised is back after the library was deleted: from sidecars, and the rest from the export."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from safelight.core.description import Description
from safelight.core.jobs import JobControl
from safelight.core.operations import (
    AddTag,
    CreateAlbum,
    Operation,
    Outcome,
    SetAlbumCover,
    SetCaption,
    SetFavourite,
    SetHidden,
    SetLabel,
    SetRating,
    SetTitle,
    StackPhotos,
)
from safelight.core.organising_rules import LABELS, REJECTED
from safelight.services import settings
from safelight.services.indexing.decoding import DecodePool
from safelight.services.operations.runner import OperationRunner
from safelight.services.organising.sidecars import SidecarWriter
from safelight.store import albums, file_metadata, photos, stacks, user_data_export
from services.conftest import Bench, opened_bench
from support.pictures import encoded, scene

TAGS = (
    "animals/dog",
    "animals/cat",
    "Zoë & Söhne",
    'a "quoted" <tag>',
    "places/Italy/Rome",
    "x|y",
    "👩\u200d👧",
)


def organise(bench: Bench, paths: list[Path]) -> None:
    """Each photo gets something of everything, in another combination."""
    ids = {path: bench.photo_at(path).id for path in paths}
    runner = OperationRunner(bench.store)

    def give(operation: Operation[Outcome]) -> None:
        runner.run(operation)

    listed = [ids[path] for path in paths]
    for rating in range(REJECTED, 6):
        give(SetRating(tuple(listed[rating + 1 :: 7]), rating))
    for number, label in enumerate(LABELS):
        give(SetLabel(tuple(listed[number::6]), label))
    for number, tag in enumerate(TAGS):
        give(AddTag(tuple(listed[number :: number + 2]), tag))
    for number, photo in enumerate(listed):
        give(SetTitle((photo,), f"Ünï {number} & <more>" if number % 5 else "❤"))
        if number % 3:
            give(
                SetCaption(
                    (photo,), f"first {number}\nsecond\ttab “quoted” \x01" + "x" * (number % 4 * 5_000)
                )
            )
    give(SetHidden(tuple(listed[::10]), True))
    give(SetFavourite(tuple(listed[::4]), True))
    order = listed[:]
    random.Random(5).shuffle(order)
    parent: int | None = None
    for name, chosen in (("Trips", order[:5]), ("2020", order[5:]), ("Italy", order[::2])):
        parent = runner.run(CreateAlbum(name, parent, tuple(chosen))).created
        assert parent is not None
        give(SetAlbumCover(parent, chosen[-1]))
    give(StackPhotos(tuple(listed[1:4])))


def described(bench: Bench, paths: list[Path]) -> dict[str, Description]:
    with bench.store.read() as db:
        by_path = {file.path: photo.id for photo in everything(bench) for file in photo.files}
        said = file_metadata.of_photos(db, list(by_path.values()))
    return {path.name: said[by_path[str(path)]] for path in paths}


def everything(bench: Bench) -> list[Any]:
    with bench.store.read() as db:
        return photos.get_many(db, [row for (row,) in db.execute("SELECT id FROM photo")])


def arranged(bench: Bench) -> list[object]:
    """What sidecars do not hold, by content."""
    with bench.store.read() as db:
        content = {photo: value.hex() for photo, value in db.execute("SELECT id, content_hash FROM photo")}
        return [
            sorted((content[each.id], each.favourite, each.hidden) for each in everything(bench)),
            [
                (
                    each.path,
                    [content[photo] for photo in albums.photo_ids(db, each.album.id)],
                    content[each.album.cover_id or 0],
                )
                for each in albums.all_albums(db)
            ],
            {content[top]: {content[p] for p in below} for top, below in stacks.all_stacks(db).items()},
        ]


def test_everything_is_back_after_the_library_was_deleted(
    tmp_path: Path, pool: DecodePool, nightly: bool
) -> None:
    root, library = tmp_path / "Pictures", tmp_path / "library"
    count = 1000 if nightly else 24
    paths = [root / f"{number % 7}" / f"{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(scene(64, 48, seed=number), "JPEG"))
    before = {path: path.read_bytes() for path in paths}
    with opened_bench(library, root, pool) as bench:
        bench.index()
        bench.photos()
        settings.change(bench.store, "sidecars", "read-write")
        organise(bench, paths)
        written = SidecarWriter(bench.store).run(JobControl())
        assert (written.files, written.failed) == (count, [])
        wanted, placed = described(bench, paths), arranged(bench)
        with bench.store.read() as db:
            document = json.dumps(user_data_export.collect(db))
    shutil.rmtree(library)

    with opened_bench(library, root, pool) as bench:
        bench.index()
        now = described(bench, paths)
        assert [name for name, said in wanted.items() if not now[name].is_same(said)] == []
        with bench.store.write() as db:
            user_data_export.apply(db, json.loads(document))
        assert arranged(bench) == placed
        now = described(bench, paths)
        assert [name for name, said in wanted.items() if not now[name].is_same(said)] == []
        settings.change(bench.store, "sidecars", "read-write")
        assert SidecarWriter(bench.store).run(JobControl()).files == 0
    assert {path: path.read_bytes() for path in paths} == before

    exiftool = shutil.which("exiftool")
    if exiftool is None:
        pytest.skip("exiftool is not installed, so that only we have read the sidecars")
    read = subprocess.run(
        [exiftool, "-j", "-struct", "-G1", "-r", "-ext", "xmp", str(root)], check=True, capture_output=True
    )
    fields = {Path(each["SourceFile"]).name[:-4]: each for each in json.loads(read.stdout)}
    assert fields.keys() == wanted.keys()
    for name, said in wanted.items():
        assert as_read(fields[name]) == as_others_see(said), name


def as_others_see(said: Description) -> dict[str, Any]:
    """The field table: where digiKam, darktable and Lightroom look for each value."""
    leaves = [tag.rpartition("/")[2] for tag in said.tags]
    return {
        "XMP-xmp:Rating": said.rating,
        "XMP-xmp:Label": said.label.capitalize(),
        "XMP-dc:Title": said.title,
        "XMP-dc:Description": said.caption,
        "XMP-dc:Subject": sorted(leaves),
        "XMP-lr:HierarchicalSubject": sorted(tag.replace("/", "|") for tag in said.tags),
        "XMP-digiKam:TagsList": sorted(said.tags),
    }


def as_read(found: dict[str, Any]) -> dict[str, Any]:
    """What exiftool reads. It writes a list of one value as that value, and numbers as such."""
    values: dict[str, Any] = {"XMP-xmp:Rating": found.get("XMP-xmp:Rating", 0)}
    for name in ("XMP-xmp:Label", "XMP-dc:Title", "XMP-dc:Description"):
        values[name] = str(found.get(name, ""))
    for name in ("XMP-dc:Subject", "XMP-lr:HierarchicalSubject", "XMP-digiKam:TagsList"):
        items = found.get(name, [])
        values[name] = sorted(map(str, items if isinstance(items, list) else [items]))
    return values
